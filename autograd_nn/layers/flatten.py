"""Flatten: pictures become rows of numbers."""

from __future__ import annotations

import math
from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ShapeError
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.windows import one_of
from autograd_nn.ops import reshape, transpose


@final
class Flatten(Layer):
    """Lay all axes but the first out as one.

    Shapes       (N, H, W) → (N, H·W) · (N,) → (N, 1)
    Parameters   data_format: "channels_last" (default) or "channels_first", (N, C, H, W): the
                 channels are then put last before, so that a row is the same for both
                 the rest: see Layer
    Example      Two rows of two become one of four

    >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]]]).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """

    @checked_keywords
    def __init__(self, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        formats = ("channels_last", "channels_first")
        self.data_format = one_of("data_format", data_format or formats[0], formats)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """One row of numbers for each sample."""
        shape = inputs.shape
        if not shape:
            raise ShapeError(
                f"Layer {self.name!r} takes a batch, got a 0-d input, a scalar of shape ()."
            )
        if len(shape) == 2:
            return inputs
        if self.data_format == "channels_first" and len(shape) > 2:
            inputs = transpose(inputs, axes=(0, *range(2, len(shape)), 1))
        # Not -1, which is undefined for a batch of no samples.
        return reshape(inputs, shape=(shape[0], math.prod(shape[1:])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, the product of the other lengths)."""
        lengths = [length for length in input_shape[1:] if length is not None]
        if len(lengths) < len(input_shape) - 1:
            raise ShapeError(
                f"Layer {self.name!r} needs every length but the number of samples, "
                f"got {tuple(input_shape)}."
            )
        return (input_shape[0], math.prod(lengths))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "data_format": self.data_format}
