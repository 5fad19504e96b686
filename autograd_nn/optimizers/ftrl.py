"""Follow the regularized leader: sparse parameters."""

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
class Ftrl(Optimizer):
    """Parameters are computed anew in each step, from sums; L1 makes many of them exactly 0.

    Formula          shrunk = gradient + 2 * l2_shrinkage_regularization_strength * parameter
                     after = squares + gradient**2
                     slope = (after**-p - squares**-p) / learning_rate
                     linear = linear + shrunk - slope * parameter
                     quadratic = after**-p / learning_rate
                                 + 2 * l2_regularization_strength + beta / learning_rate
                     parameter = (clip(linear, -l1, l1) - linear) / quadratic
                     squares = after

                 p is learning_rate_power, l1 is l1_regularization_strength; linear is 0 and squares
                 is initial_accumulator_value at first
    Parameters   learning_rate: at least 0, or a schedule; default 0.001. At 0 nothing changes, the
                 sums neither: no step leads there
                 learning_rate_power: at most 0, default -0.5; 0 for a fixed rate
                 initial_accumulator_value: at least 0, default 0.1
                 l1_regularization_strength, l2_regularization_strength,
                 l2_shrinkage_regularization_strength, beta: at least 0, default 0
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       McMahan et al. 2013, Ad click prediction: a view from the trenches
    Example      From 0, gradient 3: after = 9, linear = 3, w = −3/(√9/0.1) = −0.1

    >>> from autograd_nn import Tensor
    >>> w = Tensor(0.0)
    >>> Ftrl(0.1, initial_accumulator_value=0.0).apply_gradients([(3.0, w)])
    >>> print(f"{w.item():.6f}")
    -0.100000
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.learning_rate_power = number_within(
            "learning_rate_power", learning_rate_power, -math.inf, 0, low_open=True
        )
        self.initial_accumulator_value = _at_least_0(
            "initial_accumulator_value", initial_accumulator_value
        )
        self.l1_regularization_strength = _at_least_0(
            "l1_regularization_strength", l1_regularization_strength
        )
        self.l2_regularization_strength = _at_least_0(
            "l2_regularization_strength", l2_regularization_strength
        )
        self.l2_shrinkage_regularization_strength = _at_least_0(
            "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength
        )
        self.beta = _at_least_0("beta", beta)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        # A rate of 0 is a dry run. Nothing is divided by it.
        is_dry, power = self._learning_rate == 0, -self.learning_rate_power
        rate = self._learning_rate + is_dry
        l1 = self.l1_regularization_strength
        shrunk = gradient + 2 * self.l2_shrinkage_regularization_strength * parameter
        # What came to the initial value: a state begins as zeros.
        squares = state.get("squares", 0.0)
        after = squares + gradient * gradient
        high = (after + self.initial_accumulator_value) ** power
        low = (squares + gradient * 0 + self.initial_accumulator_value) ** power
        before = state.get("linear", 0.0)
        linear = before + shrunk - (high - low) / rate * parameter
        quadratic = high / rate + (2 * self.l2_regularization_strength + self.beta / rate)
        moved = (np.minimum(np.maximum(linear, -l1), l1) - linear) / quadratic
        kept = {
            "squares": _either(is_dry, squares, after),
            "linear": _either(is_dry, before, linear),
        }
        return _either(is_dry, parameter, moved), kept

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }


def _at_least_0(name: str, value: object) -> float:
    return number_within(name, value, 0, math.inf, high_open=True)


def _either(first: Any, one: Any, other: Any) -> Any:
    """``np.where``, of which a number stays one."""
    found = np.where(first, one, other)
    return found if found.ndim else found[()]
