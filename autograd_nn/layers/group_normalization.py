"""GroupNormalization: channels normalized in groups, for each sample by itself."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.layers.axes_of_inputs import axes_as_built, axes_of, broadcast_shape, checked_axes
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.scaled_and_shifted import ScaledAndShifted


@final
class GroupNormalization(ScaledAndShifted):
    """Normalize each sample within groups of channels, then scale and shift every channel.

    Formula      y = gamma · (x − mean) / √(variance + epsilon) + beta,
                 mean and variance of each sample over a group of channels and all other axes
    Shapes       as the inputs (N, …, C); gamma and beta (C,)
    Parameters   groups: how many; it divides the number of channels. −1: a group for each channel
                 axis: of the channels
                 epsilon: what keeps the root away from 0
                 center, scale: whether there is a beta, a gamma
                 beta_initializer, gamma_initializer: a name, an initializer or an array
                 beta_regularizer, … gamma_constraint: see Dense
                 the rest: see Layer
    Source       Y. Wu and K. He, Group Normalization, ECCV 2018
    Example      1 and 3 are one group, 10 and 30 the other

    >>> import numpy as np
    >>> layer = GroupNormalization(groups=2, epsilon=0.0)
    >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]])).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    @checked_keywords
    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        self.groups = groups if groups == -1 else positive_integer("groups", groups)
        (self.axis,) = checked_axes(axis)

    def build(self, input_shape: Shape) -> None:
        """Make ``gamma`` and ``beta``, a number for each channel."""
        (axis,) = axes_of(self, (self.axis,), input_shape)
        if axis == 0:
            raise ArgumentError(
                f"Layer {self.name!r} has the channels along axis 0, the one of the samples."
            )
        channels = input_shape[axis]
        assert channels is not None
        if channels % self._groups_of(channels):
            raise ShapeError(
                f"Layer {self.name!r} puts channels into {self.groups} groups, and {channels} "
                f"channels (inputs of shape {input_shape}) cannot be divided so. Choose a divisor "
                "of the number of channels, or -1 for a group for each."
            )
        self.add_scale_and_offset((channels,))

    def _groups_of(self, channels: int) -> int:
        return channels if self.groups == -1 else self.groups

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        shape = inputs.shape
        (axis,) = axes_as_built(self, (self.axis,), shape)
        groups = self._groups_of(shape[axis])
        split = (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])
        parts = ops.reshape(inputs, shape=split)
        within = tuple(a for a in range(1, len(split)) if a != axis)
        mean = ops.mean(parts, axis=within, keepdims=True)
        centred = parts - mean
        variance = ops.mean(ops.square(centred), axis=within, keepdims=True)
        whole = ops.reshape(centred * self.inverse_deviation(variance), shape=shape)
        by_channel = broadcast_shape(shape, (axis,))
        return self.shifted(self.scaled(whole, by_channel), by_channel)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}
