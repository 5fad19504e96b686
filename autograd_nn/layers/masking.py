"""Masking: steps that only fill up a sequence are left out of account."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.masks import used


@final
class Masking(Layer):
    """Say of every step of a sequence whether it is there; the layers after it leave out others.

    A step is not there where all of its features are ``mask_value``. Layers that go from step to
    step, such as LSTM, skip it; the loss and the metrics do not count it.

    Formula      a = x where any feature ≠ mask_value, else 0
    Shapes       x (N, T, I) → (N, T, I), with a mask (N, T)
    Parameters   mask_value: default 0
                 name, trainable and the like: see Layer
    Example      The second step is not there

    >>> import numpy as np
    >>> from autograd_nn.layers.masks import mask_of
    >>> steps = Masking(-1.0)(np.array([[[5.0, 0.0], [-1.0, -1.0]]]))
    >>> steps.tolist(), mask_of(steps).tolist()
    ([[[5.0, 0.0], [0.0, 0.0]]], [[True, False]])
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, mask_value: float = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        if isinstance(mask_value, bool) or not isinstance(mask_value, (int, float, np.number)):
            raise ArgumentTypeError(f"`mask_value` must be a number, got {mask_value!r}.")
        self.mask_value = float(mask_value)
        used.now = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above; the mask goes with what comes out."""
        if inputs.ndim < 2:
            raise ShapeError(
                f"Layer {self.name!r} takes a batch of sequences, shape (samples, steps, "
                f"features), got shape {inputs.shape}."
            )
        is_there = np.any(inputs != self.mask_value, axis=-1, keepdims=True)
        return np.where(is_there, inputs, np.asarray(0, inputs.dtype))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Of every step whether any feature is another than ``mask_value``."""
        return np.any(inputs != self.mask_value, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "mask_value": self.mask_value}
