"""BatchNormalization: features with mean 0 and variance 1 in every batch."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import initializers, ops
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.axes_of_inputs import axes_as_built, axes_of, broadcast_shape, checked_axes
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.masks import fitting
from autograd_nn.layers.scaled_and_shifted import ScaledAndShifted


@final
class BatchNormalization(ScaledAndShifted):
    """Normalize each feature over the batch, then scale and shift it.

    In training the mean and the variance are those of the batch, and moving averages of them are
    kept; otherwise, and where the layer is not ``trainable``, the averages are taken.

    Formula      y = gamma · (x − mean) / √(variance + epsilon) + beta; in training
                 moving ← momentum · moving + (1 − momentum) · that of the batch
    Shapes       as the inputs (N, …, C); gamma, beta and the averages (C,)
    Gradient     the mean and the variance of a batch depend on every sample in it, and so does
                 each gradient
    Parameters   axis: of the features
                 momentum: how slowly the averages move, 0 to 1
                 epsilon: what keeps the root away from 0
                 center, scale: whether there is a beta, a gamma
                 beta_initializer, gamma_initializer, moving_mean_initializer,
                 moving_variance_initializer: a name, an initializer or an array
                 beta_regularizer, … gamma_constraint: see Dense
                 the rest: see Layer
    Source       S. Ioffe and C. Szegedy, Batch Normalization, ICML 2015
    Example      1 and 3 have mean 2 and variance 1: (1 − 2) / √(1 + 0) = −1

    >>> import numpy as np
    >>> layer = BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> layer(np.array([[1.0], [3.0]]), training=True).tolist()
    [[-1.0], [1.0]]
    >>> layer.moving_mean.tolist()
    [1.0]
    """

    moving_mean: Tensor
    moving_variance: Tensor

    @checked_keywords
    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
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
        (self.axis,) = checked_axes(axis)
        self.momentum = number_within("momentum", momentum, 0, 1)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Shape) -> None:
        """Make ``gamma``, ``beta`` and the two averages, a number for each feature."""
        (axis,) = axes_of(self, (self.axis,), input_shape)
        shape = (input_shape[axis],)
        self.add_scale_and_offset(shape)
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self.moving_mean = self.add_weight(shape, mean, "moving_mean", trainable=False)
        self.moving_variance = self.add_weight(shape, variance, "moving_variance", trainable=False)

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The formula above.

        Parameters   mask: (N, …), what counts in the mean and the variance of a batch
        """
        (axis,) = axes_as_built(self, (self.axis,), inputs.shape)
        shape = broadcast_shape(inputs.shape, (axis,))
        if not training or not self.trainable:
            mean, variance = (
                ops.reshape(w, shape=shape) for w in (self.moving_mean, self.moving_variance)
            )
            return self._applied(inputs - mean, variance, shape)
        others = tuple(a for a in range(inputs.ndim) if a != axis)
        if mask is not None:
            mask = fitting(self, mask, inputs.shape[: np.ndim(mask)])
        average = _average(inputs, mask, others)
        mean = average(inputs)
        centred = inputs - mean
        variance = average(ops.square(centred))
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance)
        return self._applied(centred, variance, shape)

    def _applied(self, centred: Any, variance: Any, shape: tuple[int, ...]) -> Any:
        # One factor for each feature, before all samples are multiplied by it.
        factor = self.scaled(self.inverse_deviation(variance), shape)
        return self.shifted(centred * factor, shape)

    def _move(self, average: Tensor, batch: Any) -> None:
        batch = ops.reshape(batch, shape=average.shape)
        average.assign(average * self.momentum + batch * (1 - self.momentum))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
        }


def _average(inputs: Any, mask: Any, axes: tuple[int, ...]) -> Any:
    """The function that takes the mean of arrays like the inputs, of what the mask leaves."""
    if mask is None:
        return lambda x: ops.mean(x, axis=axes, keepdims=True)
    kept = mask.reshape((*mask.shape, *(1,) * (inputs.ndim - mask.ndim))).astype(inputs.dtype)
    kept = np.broadcast_to(kept, inputs.shape)
    count = np.sum(kept, axis=axes, keepdims=True) + 1e-7  # also where nothing is left, as in Keras
    return lambda x: ops.sum(x * kept, axis=axes, keepdims=True) / count
