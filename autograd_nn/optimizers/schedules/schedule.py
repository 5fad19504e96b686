"""What a schedule is: a learning rate for every step."""

from __future__ import annotations

import abc
import functools
import inspect
import math
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.names import made_with, parameters_of


class LearningRateSchedule(abc.ABC):
    """A learning rate for every step. Subclass it and write ``__call__``.

    Example      A rate of 0.1/(step + 1): 0.1 at first, then 0.05

    >>> class Harmonic(LearningRateSchedule):
    ...     def __init__(self, start):
    ...         self.start = start
    ...     def __call__(self, step):
    ...         return self.start / (step + 1)
    >>> from autograd_nn import Tensor
    >>> from autograd_nn.optimizers import SGD
    >>> w, optimizer = Tensor(1.0), SGD(Harmonic(0.1))
    >>> optimizer.apply_gradients([(1.0, w)])
    >>> print(w.item(), optimizer.learning_rate)
    0.9 0.05
    """

    # What a saved program holds; None where it is given the rates.
    _formula: Any = None

    @abc.abstractmethod
    def __call__(self, step: int) -> Any:
        """The learning rate, at least 0, of the step before which ``step`` steps were made."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule: what is kept under the name of each.

        Raises       StateError where there is nothing under such a name
        """
        try:
            return {name: getattr(self, name) for name in _signature(type(self))}
        except AttributeError as error:
            raise StateError(
                f"{type(self).__name__} has no attribute {error.name!r}, which is an argument of "
                f"its __init__: write self.{error.name} = … there, or a get_config of its own."
            ) from error

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A schedule from what ``get_config`` gave."""
        return made_with(cls, config)

    def __repr__(self) -> str:
        shown = [
            f"{name}={value!r}"
            for name, argument in _signature(type(self)).items()
            if repr(value := getattr(self, name, argument.default)) != repr(argument.default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


@functools.lru_cache(maxsize=64)
def _signature(kind: type[LearningRateSchedule]) -> Mapping[str, inspect.Parameter]:
    return parameters_of(kind)


class Decay(LearningRateSchedule):
    """What the schedules of this library have in common: a formula of the step and the arguments.

    The formula stands by itself, without `self`, so that a saved program can hold it.
    """

    name: str | None

    @staticmethod
    @abc.abstractmethod
    def _formula(step: Any, **arguments: Any) -> Any:
        """The rate after so many steps, for the arguments of ``get_config`` but the name."""

    def __call__(self, step: int) -> float:
        """The learning rate after so many steps."""
        if type(step) is not int or step < 0:
            number_within("step", step, 0, math.inf, high_open=True)
        return float(type(self)._formula(step, **self._arguments()))

    def _arguments(self) -> dict[str, Any]:
        """Those of the formula, behind the step."""
        config = self.get_config()
        del config["name"]
        return config


def rate_at(schedule: LearningRateSchedule, step: int) -> float:
    """What a schedule gives, if a learning rate can be that.

    Raises       ArgumentError, ArgumentTypeError naming the schedule and the step
    """
    rate = schedule(step)
    if type(rate) is float and 0 <= rate < math.inf:
        return rate
    return as_rate(f"{schedule!r}({step})", rate)


def as_rate(name: str, value: Any) -> float:
    """A number that a learning rate can be; one number in an array or a Tensor is one, too."""
    if isinstance(value, (np.ndarray, Tensor)) and value.ndim == 0:
        value = value.item()
    return number_within(name, value, 0, math.inf, high_open=True)


# ---------------------------------------------------------------------- arguments


def number(name: str, value: object) -> float:
    """A finite number, at least 0."""
    return number_within(name, value, 0, math.inf, high_open=True)


def steps(name: str, value: object, low_open: bool = True) -> float:
    """A number of steps; an integer stays one."""
    number = number_within(name, value, 0, math.inf, low_open=low_open, high_open=True)
    return int(number) if isinstance(value, (int, np.integer)) else number


def numbers(name: str, given: object) -> list[float]:
    """A list of finite numbers, each at least 0; integers stay what they are."""
    if isinstance(given, (str, Mapping, set)) or not isinstance(given, Iterable):
        raise ArgumentTypeError(
            f"`{name}` must be a list of numbers, got {given!r} of type {type(given).__name__}."
        )
    return [steps(f"{name}[{i}]", item, low_open=False) for i, item in enumerate(given)]


def name_of(value: object) -> str | None:
    """A name or none."""
    if value is not None and not isinstance(value, str):
        raise ArgumentTypeError(f"`name` must be a string, got {value!r}.")
    return value
