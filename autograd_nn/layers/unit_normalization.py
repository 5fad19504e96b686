"""UnitNormalization: vectors of length 1."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.layers.axes_of_inputs import axes_of, checked_axes
from autograd_nn.layers.layer import Layer, Shape

# Of zeros, which have no direction, zeros are made.
_SMALLEST = 1e-12


@final
class UnitNormalization(Layer):
    """Divide each sample by its length, so that the new length is 1.

    Formula      y = x / √max(Σ x², 1e-12), the sum of each sample along ``axis``
    Shapes       as the inputs
    Parameters   axis: −1 or a tuple of axes
                 the rest: see Layer
    Example      √(3² + 4²) = 5

    >>> import numpy as np
    >>> [f"{y:.1f}" for y in UnitNormalization()(np.array([[3.0, 4.0]])).data[0]]
    ['0.6', '0.8']
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = checked_axes(axis)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        along = axes_of(self, self.axis, inputs.shape)
        squares = ops.sum(ops.square(inputs), axis=along, keepdims=True)
        return inputs * (1 / ops.sqrt(ops.maximum(squares, _SMALLEST)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "axis": list(self.axis)}
