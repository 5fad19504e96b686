"""Adam's step, with Nesterov's look ahead."""

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
class Nadam(Optimizer):
    """Adam with Nesterov's momentum: the step is that of the momentum as it will be next.

    Formula          u(t) = beta_1 * (1 - 0.96**t / 2), and U = u(1) · … · u(step)
                     momentum = momentum + (gradient - momentum) * (1 - beta_1)
                     velocity = velocity + (gradient**2 - velocity) * (1 - beta_2)
                     ahead = u(step + 1) * momentum / (1 - U * u(step + 1))
                             + (1 - u(step)) * gradient / (1 - U)
                     root = sqrt(velocity / (1 - beta_2**step))
                     parameter = parameter - learning_rate * ahead / (root + epsilon)

                 momentum and velocity are 0 at first; step counts from 1
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 beta_1: 0 to below 1, the part of the momentum that is kept, default 0.9
                 beta_2: 0 to below 1, the part of the velocity that is kept, default 0.999
                 epsilon: keeps the division finite, default 1e-7
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Dozat 2016, Incorporating Nesterov momentum into Adam
    Example      u(1) = 0.468, u(2) = 0.48528, gradient 1: ahead = 0.0485…/0.7729… + 0.532/0.532,
                 w = 1 − 0.1·1.062787…

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> Nadam(learning_rate=0.1).apply_gradients([(1.0, w)])
    >>> print(f"{w.item():.6f}")
    0.893721
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
        now, then = self._kept(step), self._kept(step + 1)
        # 1 - U, which begins as 0 does, one for every element: a state has the parameter's shape.
        missing = closer(state.get("missing", 0.0), gradient * 0 + 1, 1 - now)
        ahead = then * momentum / (1 - (1 - missing) * then) + (1 - now) * gradient / missing
        share = share_seen(self.beta_2, step, gradient.dtype)
        root = np.sqrt(velocity / share.astype(gradient.dtype)) + self.epsilon
        after = {"momentum": momentum, "velocity": velocity, "missing": missing}
        return parameter - self._learning_rate * ahead / root, after

    def _kept(self, step: Any) -> Any:
        """How much of the momentum counts in a step: half at first, later all of beta_1."""
        return self.beta_1 * (1 - 0.5 * 0.96**step)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
