"""What the layers that normalize their inputs share: a scale gamma and an offset beta, learnt."""

from __future__ import annotations

from typing import Any

from autograd_nn import initializers, ops
from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of


class ScaledAndShifted(Layer):
    """A layer that normalizes, then scales by ``gamma`` and adds ``beta``; see its subclasses."""

    gamma: Tensor | None
    beta: Tensor | None
    supports_masking = True

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Any,
        gamma_initializer: Any,
        beta_regularizer: Any,
        gamma_regularizer: Any,
        beta_constraint: Any,
        gamma_constraint: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.epsilon = number_within("epsilon", epsilon, 0, 1)
        self.center = true_or_false("center", center)
        self.scale = true_or_false("scale", scale)
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = as_regularizer(beta_regularizer)
        self.gamma_regularizer = as_regularizer(gamma_regularizer)
        self.beta_constraint = as_constraint(beta_constraint)
        self.gamma_constraint = as_constraint(gamma_constraint)

    def add_scale_and_offset(self, shape: Shape) -> None:
        """Make ``gamma`` and ``beta``, where they are wanted."""
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                "gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                "beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

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
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            **rules_of(self, "beta", "gamma"),
        }


def _shaped(weight: Tensor, shape: tuple[int, ...]) -> Any:
    """A weight along the last axes broadcasts as it is; others need axes of length 1."""
    is_last = shape[len(shape) - weight.ndim :] == weight.shape
    return weight if is_last else weight.reshape(shape)
