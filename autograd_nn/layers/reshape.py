"""Reshape: the numbers of a sample in another shape."""

from __future__ import annotations

import math
from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape


@final
class Reshape(Layer):
    """Give every sample another shape; its numbers stay in their order.

    Shapes       (N, …) → (N, *target_shape)
    Parameters   target_shape: lengths without the number of samples; one of them may be −1, which
                 is what is left
                 name, trainable and the like: see Layer
    Raises       ShapeError where the numbers of a sample do not fill the shape
    Example      Six numbers become two rows of three

    >>> Reshape((2, 3))([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]).tolist()
    [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]
    """

    @checked_keywords
    def __init__(self, target_shape: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(target_shape, (tuple, list)) or not all(
            isinstance(n, int) and not isinstance(n, bool) for n in target_shape
        ):
            way_out = f" Write ({target_shape},)." if isinstance(target_shape, int) else ""
            raise ArgumentTypeError(
                f"`target_shape` must be a tuple of lengths, got {target_shape!r}.{way_out}"
            )
        if target_shape.count(-1) > 1 or any(n < -1 for n in target_shape):
            raise ArgumentError(
                f"`target_shape` holds lengths, and −1 at most once, got {target_shape!r}."
            )
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Every sample in ``target_shape``."""
        # Not -1, which is undefined for a batch of no samples.
        return ops.reshape(inputs, shape=(inputs.shape[0], *self._lengths(inputs.shape)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, *target_shape)."""
        return (input_shape[0], *self._lengths(input_shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "target_shape": list(self.target_shape)}

    def _lengths(self, shape: Shape) -> tuple[int | None, ...]:
        """The shape of one sample, with a number in place of −1 (None where it is not known)."""
        target = self.target_shape
        known = math.prod(n for n in target if n != -1)
        lengths = [n for n in shape[1:] if n is not None]
        if len(lengths) < len(shape) - 1:
            return tuple(None if n == -1 else n for n in target)
        size = math.prod(lengths)
        if size != known if -1 not in target else (size % known if known else size):
            raise ShapeError(
                f"Layer {self.name!r} gives samples the shape {target}, got samples of shape "
                f"{tuple(shape[1:])}: their {size} numbers do not fill it."
            )
        return tuple(size // max(known, 1) if n == -1 else n for n in target)
