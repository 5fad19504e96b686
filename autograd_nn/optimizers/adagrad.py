"""Steps that become shorter along what was steep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


@final
class Adagrad(Optimizer):
    """Every element is divided by the root of the sum of all its squared gradients.

    Formula          squares = squares + gradient**2
                     root = sqrt(initial_accumulator_value + squares + epsilon)
                     parameter = parameter - learning_rate * gradient / root

                 squares is 0 at first
    Parameters   learning_rate: at least 0, or a schedule; default 0.001, which is small here
                 initial_accumulator_value: at least 0, what the sum begins with, default 0.1
                 epsilon: keeps the division finite, default 1e-7
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Duchi, Hazan and Singer 2011
    Example      gradients 3 and 4: w = 1 − 0.1·3/√9 = 0.9, then 0.9 − 0.1·4/√(9 + 16) = 0.82

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> optimizer = Adagrad(0.1, initial_accumulator_value=0.0, epsilon=0.0)
    >>> for gradient in (3.0, 4.0):
    ...     optimizer.apply_gradients([(gradient, w)])
    >>> print(f"{w.item():.6f}")
    0.820000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = number_within(
            "initial_accumulator_value", initial_accumulator_value, 0, math.inf, high_open=True
        )
        self.epsilon = number_within("epsilon", epsilon, 0, math.inf, high_open=True)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        squares = state.get("squares", 0.0) + gradient * gradient
        root = np.sqrt(squares + (self.initial_accumulator_value + self.epsilon))
        return parameter - self._learning_rate * gradient / root, {"squares": squares}

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
