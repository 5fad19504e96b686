"""RMSprop's sizes along a running mean of the gradients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.optimizers.moments import closer, share_seen
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


class Adam(Optimizer):
    """Running means of the gradient and of its square; the step is one over the root of the other.

    Formula          momentum = momentum + (gradient - momentum) * (1 - beta_1)
                     velocity = velocity + (gradient**2 - velocity) * (1 - beta_2)
                     rate = learning_rate * sqrt(1 - beta_2**step) / (1 - beta_1**step)
                     parameter = parameter - rate * momentum / (sqrt(velocity) + epsilon)

                 momentum and velocity are 0 at first, which `rate` corrects; step counts from 1.
                 With amsgrad=True the largest velocity so far stands under the root
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 beta_1: 0 to below 1, the part of the momentum that is kept, default 0.9
                 beta_2: 0 to below 1, the part of the velocity that is kept, default 0.999
                 epsilon: outside the root, keeps the division finite, default 1e-7
                 amsgrad: default False
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Kingma and Ba 2015 (arXiv:1412.6980), epsilon as in the line before their
                 section 2.1; amsgrad: Reddi, Kale and Kumar 2018
    Example      The first step has the size of the learning rate, whatever the gradient:
                 w = 1 − 0.1·√0.001/0.1 · 0.1·7 / (√(0.001·7²) + 1e-7) = 0.9000000…

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> Adam(learning_rate=0.1).apply_gradients([(7.0, w)])
    >>> print(f"{w.item():.6f}")
    0.900000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = number_within("beta_1", beta_1, 0, 1, high_open=True)
        self.beta_2 = number_within("beta_2", beta_2, 0, 1, high_open=True)
        self.epsilon = number_within("epsilon", epsilon, 0, math.inf, high_open=True)
        self.amsgrad = true_or_false("amsgrad", amsgrad)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        momentum = closer(state.get("momentum", 0.0), gradient, 1 - self.beta_1)
        velocity = closer(state.get("velocity", 0.0), gradient * gradient, 1 - self.beta_2)
        after = {"momentum": momentum, "velocity": velocity}
        if self.amsgrad:
            velocity = np.maximum(state.get("velocity_hat", 0.0), velocity)
            after["velocity_hat"] = velocity
        root = np.sqrt(velocity)
        root += self.epsilon
        share_1 = share_seen(self.beta_1, step, gradient.dtype)
        share_2 = share_seen(self.beta_2, step, gradient.dtype)
        rate = self._learning_rate * share_2**0.5 / share_1
        change = momentum * (-rate).astype(gradient.dtype)
        change /= root
        change += parameter
        return change, after

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


@final
class AdamW(Adam):
    """Adam with weight decay, which no mean is taken of: every step pulls parameters towards 0.

    Formula          parameter = parameter - parameter * weight_decay * learning_rate

                 and then Adam's step. That is Adam(weight_decay=…) with another default
    Parameters   weight_decay: at least 0, default 0.004
                 the others: see Adam
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Loshchilov and Hutter 2019 (arXiv:1711.05101)
    Example      w = 1 − 1·0.5·0.1 = 0.95, then a step of the size of the learning rate

    >>> from autograd_nn import Tensor
    >>> w = Tensor(1.0)
    >>> AdamW(learning_rate=0.1, weight_decay=0.5).apply_gradients([(7.0, w)])
    >>> print(f"{w.item():.6f}")
    0.850000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ArgumentTypeError("`weight_decay` of AdamW must be a number: Adam goes without.")
        options["weight_decay"] = weight_decay
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, **options)
