"""LayerNormalization and RMSNormalization: every sample normalized by itself."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.axes_of_inputs import axes_as_built, axes_of, broadcast_shape, checked_axes
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.scaled_and_shifted import ScaledAndShifted


@final
class LayerNormalization(ScaledAndShifted):
    """Normalize each sample along its features, then scale and shift every feature.

    Formula      y = gamma · (x − mean) / √(variance + epsilon) + beta,
                 mean and variance of each sample along ``axis``
    Shapes       as the inputs; gamma and beta have the lengths of ``axis``
    Parameters   axis: of the features, −1 or a tuple of axes
                 epsilon: what keeps the root away from 0
                 center, scale: whether there is a beta, a gamma
                 beta_initializer, gamma_initializer: a name, an initializer or an array
                 beta_regularizer, … gamma_constraint: see Dense
                 the rest: see Layer
    Source       J. L. Ba et al., Layer Normalization, arXiv 1607.06450, 2016
    Example      1 and 3 have mean 2 and variance 1: (1 − 2) / √(1 + 0) = −1

    >>> import numpy as np
    >>> LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0]])).tolist()
    [[-1.0, 1.0]]
    """

    @checked_keywords
    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **keywords,
        )
        self.axis = checked_axes(axis)

    def build(self, input_shape: Shape) -> None:
        """Make ``gamma`` and ``beta``, a number for each feature."""
        kept = axes_of(self, self.axis, input_shape)
        self.add_scale_and_offset(tuple(input_shape[axis] for axis in kept))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        kept = axes_as_built(self, self.axis, inputs.shape)
        mean = ops.mean(inputs, axis=kept, keepdims=True)
        centred = inputs - mean
        variance = ops.mean(ops.square(centred), axis=kept, keepdims=True)
        shape = broadcast_shape(inputs.shape, kept)
        return self.shifted(self.scaled(centred * self.inverse_deviation(variance), shape), shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "axis": list(self.axis)}


@final
class RMSNormalization(Layer):
    """Divide each sample by its root mean square, then scale every feature.

    Formula      y = scale · x / √(mean of x² + epsilon), the mean of each sample along ``axis``
    Shapes       as the inputs; scale has the lengths of ``axis``
    Parameters   axis: of the features, −1 or a tuple of axes
                 epsilon: what keeps the root away from 0
                 the rest: see Layer
    Source       B. Zhang and R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019
    Example      √((1² + 7²) / 2) = 5

    >>> import numpy as np
    >>> [f"{y:.1f}" for y in RMSNormalization(epsilon=0.0)(np.array([[1.0, 7.0]])).data[0]]
    ['0.2', '1.4']
    """

    scale: Tensor
    supports_masking = True

    @checked_keywords
    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-6,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.axis = checked_axes(axis)
        self.epsilon = number_within("epsilon", epsilon, 0, 1)

    def build(self, input_shape: Shape) -> None:
        """Make ``scale``, a number for each feature."""
        kept = axes_of(self, self.axis, input_shape)
        self.scale = self.add_weight(tuple(input_shape[a] for a in kept), "ones", "scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        kept = axes_as_built(self, self.axis, inputs.shape)
        squares = ops.mean(ops.square(inputs), axis=kept, keepdims=True)
        scale = self.scale
        shape = broadcast_shape(inputs.shape, kept)
        if shape[len(shape) - scale.ndim :] != scale.shape:
            scale = scale.reshape(shape)
        return inputs * (1 / ops.sqrt(squares + self.epsilon)) * scale

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "axis": list(self.axis), "epsilon": self.epsilon}
