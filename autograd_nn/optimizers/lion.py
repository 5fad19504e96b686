"""Steps of one size, in the direction of a running mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


@final
class Lion(Optimizer):
    """Only the sign of a mean counts: every element moves by the learning rate, up or down.

    Formula          direction = sign(beta_1 * momentum + (1 - beta_1) * gradient)
                     parameter = parameter - learning_rate * direction
                     momentum = beta_2 * momentum + (1 - beta_2) * gradient

                 momentum is 0 at first
    Parameters   learning_rate: at least 0, or a schedule; default 0.001. It wants a third to a
                 tenth of what Adam wants
                 beta_1: above 0 to 1, the momentum's part in the direction, default 0.9
                 beta_2: 0 to below 1, the part of the momentum that is kept, default 0.99
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Chen et al. 2023 (arXiv:2302.06675)
    Example      w = 1 − 0.1·sign(0.1·7) = 0.9

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> Lion(learning_rate=0.1).apply_gradients([(7.0, w)])
    >>> print(f"{w.item():.6f}")
    0.900000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = number_within("beta_1", beta_1, 0, 1, low_open=True)
        self.beta_2 = number_within("beta_2", beta_2, 0, 1, high_open=True)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        before = state.get("momentum", 0.0)
        direction = np.sign(self.beta_1 * before + (1 - self.beta_1) * gradient)
        momentum = self.beta_2 * before + (1 - self.beta_2) * gradient
        return parameter - self._learning_rate * direction, {"momentum": momentum}

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
