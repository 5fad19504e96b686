"""The learning rate of an optimizer: a number that can be read and set in Keras's ways."""

from __future__ import annotations

import math
import operator
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

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return getattr(ufunc, method)(*_plain(inputs), **keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return function(*_plain(args), **keywords)

    def __reduce__(self) -> Any:
        # A copy is what it was then, and has no optimizer to set.
        return float, (float(self),)


# Computed with as the plain number: NumPy takes no subclass for a number without a dtype, and
# arrays in float32 would become float64.


def _operator(function: Any) -> Any:
    return lambda self, other: function(float(self), other)


def _reflected(function: Any) -> Any:
    return lambda self, other: function(other, float(self))


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(LearningRate, f"__{_name}__", _operator(getattr(operator, _name)))
    setattr(LearningRate, f"__r{_name}__", _reflected(getattr(operator, _name)))


def _plain(inputs: tuple[Any, ...]) -> list[Any]:
    return [float(item) if type(item) is LearningRate else item for item in inputs]


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


class Factors(dict[Any, Any]):
    """−learning_rate by dtype, as an array of one number: NumPy takes it faster than a float."""

    def __init__(self, rate: Any) -> None:
        super().__init__()
        self._rate = rate

    def __missing__(self, dtype: Any) -> Any:
        factor = -self._rate
        if type(factor) is float:  # else a program is made, in which it can change
            factor = self[dtype] = np.array(factor, dtype)
        return factor
