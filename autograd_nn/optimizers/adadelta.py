"""Steps as long as the last ones were."""

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
class Adadelta(Optimizer):
    """The length of a step follows that of the steps before; none has to be chosen.

    Formula          squares = rho * squares + (1 - rho) * gradient**2
                     change = -gradient * sqrt(changes + epsilon) / sqrt(squares + epsilon)
                     changes = rho * changes + (1 - rho) * change**2
                     parameter = parameter + learning_rate * change

                 squares and changes are 0 at first
    Parameters   learning_rate: at least 0, or a schedule; default 0.001. The paper has 1
                 rho: 0 to below 1, the part of the running means that is kept, default 0.95
                 epsilon: inside both roots; the first steps are as long as its root, default 1e-7
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Zeiler 2012 (arXiv:1212.5701)
    Example      gradient 2: squares = 0.5·4 = 2, w = 1 − 2·√7/√(2 + 7) = 1 − 1.763834…

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> Adadelta(1.0, rho=0.5, epsilon=7.0).apply_gradients([(2.0, w)])
    >>> print(f"{w.item():.6f}")
    -0.763834
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = number_within("rho", rho, 0, 1, high_open=True)
        self.epsilon = number_within("epsilon", epsilon, 0, math.inf, high_open=True)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        rho, before = self.rho, state.get("changes", 0.0)
        squares = rho * state.get("squares", 0.0) + (1 - rho) * (gradient * gradient)
        ratio = np.sqrt(before + self.epsilon) / np.sqrt(squares + self.epsilon)
        change = gradient * -ratio
        changes = rho * before + (1 - rho) * (change * change)
        after = {"squares": squares, "changes": changes}
        return parameter + self._learning_rate * change, after

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
