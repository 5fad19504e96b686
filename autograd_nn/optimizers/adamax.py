"""Adam with the largest gradient in the place of their running mean square."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.optimizers.moments import closer, share_seen
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


@final
class Adamax(Optimizer):
    """Adam's relative that divides by the largest gradient that there was, less and less of it.

    Formula          momentum = momentum + (gradient - momentum) * (1 - beta_1)
                     norm = max(beta_2 * norm, |gradient|)
                     rate = learning_rate / (1 - beta_1**step)
                     parameter = parameter - rate * momentum / (norm + epsilon)

                 momentum and norm are 0 at first; step counts from 1
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 beta_1: 0 to below 1, the part of the momentum that is kept, default 0.9
                 beta_2: 0 to below 1, the part of the norm that is kept, default 0.999
                 epsilon: keeps the division finite, default 1e-7
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Kingma and Ba 2015 (arXiv:1412.6980), section 7.1
    Example      The first step has the size of the learning rate, whatever the gradient

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> Adamax(learning_rate=0.1).apply_gradients([(7.0, w)])
    >>> print(f"{w.item():.6f}")
    0.900000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = number_within("beta_1", beta_1, 0, 1, high_open=True)
        self.beta_2 = number_within("beta_2", beta_2, 0, 1, high_open=True)
        self.epsilon = number_within("epsilon", epsilon, 0, math.inf, high_open=True)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        momentum = closer(state.get("momentum", 0.0), gradient, 1 - self.beta_1)
        norm = np.maximum(self.beta_2 * state.get("norm", 0.0), np.abs(gradient))
        rate = self._learning_rate / share_seen(self.beta_1, step, gradient.dtype)
        change = momentum * rate.astype(gradient.dtype) / (norm + self.epsilon)
        return parameter - change, {"momentum": momentum, "norm": norm}

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
