"""The learning rate of an optimizer: a number that can be read and set in Keras's ways."""

from __future__ import annotations

import operator
from typing import Any, Self, final

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.optimizers.schedules import LearningRateSchedule
from autograd_nn.optimizers.schedules.schedule import as_rate, rate_at


class HasLearningRate:
    """What an optimizer has to do with its learning rate: a number, or a schedule."""

    _iterations: int
    _schedule: LearningRateSchedule | None
    # A number, also where a schedule says it: that of the step which is made.
    _learning_rate: Any
    _factors: Factors

    @property
    def learning_rate(self) -> Any:
        """The size of the next step, at least 0; it can be set, to a schedule too, at any time.

        Returns      a float, which besides has Keras's ``assign(value)`` and ``numpy()``
        Raises       ArgumentTypeError where a number is to take the place of a schedule
        """
        if self._schedule is not None:
            return LearningRate(rate_at(self._schedule, self._iterations), self)
        rate = self._learning_rate
        return LearningRate(rate, self) if type(rate) is float else rate  # a value of a program

    @learning_rate.setter
    def learning_rate(self, value: float | LearningRateSchedule) -> None:
        if isinstance(value, LearningRateSchedule):
            self._learning_rate = rate_at(value, self._iterations)
            self._schedule = value
        else:
            rate = _constant_rate(value)
            if self._schedule is not None:
                raise ArgumentTypeError(
                    f"`learning_rate` is {self._schedule!r}, which says the rate of every step: "
                    f"it cannot be set to {value!r}. Set another schedule, or make the optimizer "
                    f"with a number, {type(self).__name__}(learning_rate=…), which can be set."
                )
            self._learning_rate = rate
        self._factors = Factors(self._learning_rate)

    def _at_rate(self, rate: Any, iterations: Any = None) -> Self:
        """A copy with this rate and no schedule, to look at: it shares the state.

        Parameters   iterations: what the copy says it has made, None for as many as this one
        """
        import copy  # looks for a module of Jython first, which takes as long as ten of ours

        made = copy.copy(self)
        made._schedule, made._learning_rate, made._factors = None, rate, Factors(rate)
        if iterations is not None:
            made._iterations = iterations
        return made

    @property
    def lr(self) -> float:
        """Not a name here: setting it would change nothing, without a word."""
        raise AttributeError(f"{type(self).__name__} has no `lr`: use `learning_rate`.")

    @lr.setter
    def lr(self, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} has no `lr`: set `learning_rate`.")


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
    _optimizer: HasLearningRate

    def __new__(cls, rate: float, optimizer: HasLearningRate) -> LearningRate:
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


def _constant_rate(value: object) -> float:
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
    return as_rate("learning_rate", value)


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
