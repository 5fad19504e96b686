"""What the layers that normalize their inputs share: a scale gamma and an offset beta, learnt."""

from __future__ import annotations

from typing import Any

from autograd_nn import initializers, ops
from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape


class ScaledAndShifted(Layer):
    """A layer that normalizes, then scales by ``gamma`` and adds ``beta``; see its subclasses."""

    gamma: Tensor | None
    beta: Tensor | None
    gamma_initializer: Any
    beta_initializer: Any

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        initializers_of: dict[str, Any],
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.epsilon = number_within("epsilon", epsilon, 0, 1)
        self.center = true_or_false("center", center)
        self.scale = true_or_false("scale", scale)
        for name, initializer in initializers_of.items():
            setattr(self, f"{name}_initializer", initializers.get(initializer))
        self._initialized = tuple(initializers_of)

    def add_scale_and_offset(self, shape: Shape) -> None:
        """Make ``gamma`` and ``beta``, where they are wanted."""
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(shape, self.gamma_initializer, "gamma")
        if self.center:
            self.beta = self.add_weight(shape, self.beta_initializer, "beta")

    def inverse_deviation(self, variance: Any) -> Any:
        """1 / √(variance + epsilon)."""
        return 1 / ops.sqrt(variance + self.epsilon)

    def scaled(self, x: Any, shape: tuple[int, ...]) -> Any:
        """gamma · x, gamma as an array of ``shape``; x where there is no gamma."""
        return x if self.gamma is None else x * _shaped(self.gamma, shape)

    def shifted(self, x: Any, shape: tuple[int, ...]) -> Any:
        """x + beta, beta as an array of ``shape``; x where there is no beta."""
        return x if self.beta is None else x + _shaped(self.beta, shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        made = {
            f"{name}_initializer": initializers.serialize(getattr(self, f"{name}_initializer"))
            for name in self._initialized
        }
        settings = {"epsilon": self.epsilon, "center": self.center, "scale": self.scale}
        return {**super().get_config(), **settings, **made}


def _shaped(weight: Tensor, shape: tuple[int, ...]) -> Any:
    """A weight along the last axes broadcasts as it is; others need axes of length 1."""
    is_last = shape[len(shape) - weight.ndim :] == weight.shape
    return weight if is_last else weight.reshape(shape)
