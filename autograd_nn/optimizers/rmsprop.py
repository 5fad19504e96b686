"""Steps of a size that depends on how large the last gradients were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


@final
class RMSprop(Optimizer):
    """Gradient descent that divides by a running root mean square of each element's gradient.

    Formula          velocity = rho * velocity + (1 - rho) * gradient**2
                     step = learning_rate * gradient / sqrt(velocity + epsilon)
                     parameter = parameter - step

                 centered=True divides by the standard deviation instead

                     average = rho * average + (1 - rho) * gradient
                     step = learning_rate * gradient / sqrt(velocity - average**2 + epsilon)

                 and momentum above 0 adds up the steps

                     momentum_step = momentum * momentum_step + step
                     parameter = parameter - momentum_step

                 velocity, average and momentum_step are 0 at first
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 rho: 0 to below 1, the part of the running means that is kept, default 0.9
                 momentum: 0 to 1, default 0
                 epsilon: inside the root, keeps the division finite, default 1e-7
                 centered: whether the mean is taken off, default False
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       G. Hinton, Neural Networks for Machine Learning, lecture 6e, 2012
    Example      gradient 10: w = 10 − 0.1·10/√(0.1·10² + 1e-7) = 9.683772…

    >>> from autograd_nn import Tensor
    >>> w = Tensor(10.0)
    >>> RMSprop(learning_rate=0.1).apply_gradients([(10.0, w)])
    >>> print(f"{w.item():.6f}")
    9.683772
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = number_within("rho", rho, 0, 1, high_open=True)
        self.momentum = number_within("momentum", momentum, 0, 1)
        self.epsilon = number_within("epsilon", epsilon, 0, math.inf, high_open=True)
        self.centered = true_or_false("centered", centered)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        # In place on arrays just made, which saves half the time for 784 × 256 weights.
        rho = self.rho
        velocity = gradient * gradient
        velocity *= 1 - rho
        velocity += rho * state.get("velocity", 0.0)
        after = {"velocity": velocity}
        if self.centered:
            average = rho * state.get("average_gradient", 0.0) + (1 - rho) * gradient
            after["average_gradient"] = average
            # A variance; rounding alone can bring it below 0, and the root would be NaN.
            root = np.maximum(velocity - average * average, 0.0) + self.epsilon
        else:
            root = velocity + self.epsilon
        change = gradient * -self._learning_rate
        change /= np.sqrt(root)
        if self.momentum > 0:
            change += self.momentum * state.get("momentum", 0.0)
            after["momentum"] = change
            return parameter + change, after
        change += parameter
        return change, after

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
