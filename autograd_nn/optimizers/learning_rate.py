"""The learning rate of an optimizer: a number that can be read and set in Keras's ways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from autograd_nn.optimizers.optimizer import Optimizer


@final
class LearningRate(float):
    """The size of the next step, as ``optimizer.learning_rate`` gives it.

    Example      Keras's two ways to make it smaller

    >>> from autograd_nn.optimizers import SGD
    >>> optimizer = SGD(0.5)
    >>> optimizer.learning_rate.assign(optimizer.learning_rate / 2)
    >>> optimizer.learning_rate = optimizer.learning_rate.numpy() / 2
    >>> optimizer.learning_rate
    0.125
    """

    __slots__ = ("_optimizer",)
    _optimizer: Optimizer

    def __new__(cls, rate: float, optimizer: Optimizer) -> LearningRate:
        made = float.__new__(cls, rate)
        made._optimizer = optimizer
        return made

    def assign(self, value: Any) -> None:
        """Set it, as ``optimizer.learning_rate = value`` does."""
        self._optimizer.learning_rate = value

    def numpy(self) -> Any:
        """A NumPy number."""
        return np.float64(self)

    # Computed with as the plain number: a NumPy number on the right then makes a NumPy number.

    def __add__(self, other: Any) -> Any:
        return float(self) + other

    def __sub__(self, other: Any) -> Any:
        return float(self) - other

    def __mul__(self, other: Any) -> Any:
        return float(self) * other

    def __truediv__(self, other: Any) -> Any:
        return float(self) / other

    def __pow__(self, other: Any) -> Any:  # type: ignore[override]
        return float(self) ** other

    def __reduce__(self) -> Any:
        # A copy is what it was then, and has no optimizer to set.
        return float, (float(self),)


def as_rate(value: object) -> float:
    """A learning rate that is a number, or what is wrong with it."""
    if isinstance(value, type) and issubclass(value, LearningRateSchedule):
        raise ArgumentTypeError(
            f"`learning_rate` must be a number or a schedule, got the class {value.__name__}. "
            f"Write {value.__name__}(…)."
        )
    if callable(value):
        raise ArgumentTypeError(
            "`learning_rate` must be a number of [0, inf) or a schedule, got "
            f"{value!r} of type {type(value).__name__}. For a function of the step make a subclass "
            "of optimizers.schedules.LearningRateSchedule with a method __call__(self, step)."
        )
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    return number_within("learning_rate", value, 0, math.inf, high_open=True)
