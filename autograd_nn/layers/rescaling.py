"""Rescaling: another unit for every number, such as 0 … 1 in place of 0 … 255."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.ops import add, multiply


@final
class Rescaling(Layer):
    """Multiply by a number and add one: ``Rescaling(1 / 255)`` for pictures.

    Formula      a = x · scale + offset
    Shapes       as the inputs
    Parameters   scale, offset: a number, or one for each feature
                 name, trainable and the like: see Layer
    Example      From 0 … 255 to −1 … 1

    >>> Rescaling(1 / 127.5, offset=-1)([[0.0, 255.0]]).tolist()
    [[-1.0, 1.0]]
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, scale: Any, offset: Any = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale, self.offset = scale, offset

    @property
    def scale(self) -> Any:
        """What inputs are multiplied by. It can be set at any time."""
        return self._scale

    @scale.setter
    def scale(self, value: Any) -> None:
        self._scale = _numbers("scale", value)

    @property
    def offset(self) -> Any:
        """What is added then. It can be set at any time."""
        return self._offset

    @offset.setter
    def offset(self, value: Any) -> None:
        self._offset = _numbers("offset", value)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        scaled = multiply(inputs, self._scale.astype(inputs.dtype))
        if not self._offset.any():
            return scaled
        return add(scaled, self._offset.astype(inputs.dtype))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        numbers = {"scale": self.scale.tolist(), "offset": self.offset.tolist()}
        return {**super().get_config(), **numbers}


def _numbers(name: str, value: Any) -> Any:
    array = np.array(as_array(value, name), np.float64)
    array.flags.writeable = False  # a program that was made reads these numbers once
    return array
