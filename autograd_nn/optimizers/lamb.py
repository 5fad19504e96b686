"""Adam for large batches: a step is as long as the parameter is large."""

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
class Lamb(Optimizer):
    """Adam's step, made as long as a share of the parameter's own norm.

    Formula          momentum = momentum + (gradient - momentum) * (1 - beta_1)
                     velocity = velocity + (gradient**2 - velocity) * (1 - beta_2)
                     root = sqrt(velocity / (1 - beta_2**step)) + epsilon
                     change = momentum / (1 - beta_1**step) / root
                     parameter = parameter - learning_rate * change * |parameter| / |change|

                 momentum and velocity are 0 at first; the quotient of the norms of a whole
                 parameter is 1 where one of them is 0; step counts from 1
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 beta_1: 0 to below 1, the part of the momentum that is kept, default 0.9
                 beta_2: 0 to below 1, the part of the velocity that is kept, default 0.999
                 epsilon: keeps the division finite, default 1e-7
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       You et al. 2020 (arXiv:1904.00962)
    Example      The step of a vector of norm 5 has the length 0.1·5, along (1, 1): 0.353553…

    >>> from autograd_nn import Tensor
    >>> w = Tensor([3.0, 4.0])
    >>> Lamb(learning_rate=0.1).apply_gradients([([7.0, 9.0], w)])
    >>> print(w.numpy().round(6).tolist())
    [2.646447, 3.646447]
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
        velocity = closer(state.get("velocity", 0.0), gradient * gradient, 1 - self.beta_2)
        dtype = gradient.dtype
        share_1 = share_seen(self.beta_1, step, dtype).astype(dtype)
        share_2 = share_seen(self.beta_2, step, dtype).astype(dtype)
        change = momentum / share_1 / (np.sqrt(velocity / share_2) + self.epsilon)
        length, own = np.sqrt(np.sum(change * change)), np.sqrt(np.sum(parameter * parameter))
        known = (length > 0) & (own > 0)
        ratio = np.where(known, own / np.where(known, length, 1), 1)[()]
        after = {"momentum": momentum, "velocity": velocity}
        return parameter - ratio.astype(dtype) * self._learning_rate * change, after

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
