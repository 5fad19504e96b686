"""What a weight is made to be after every step of the optimizer.

A constraint is a function of the new weight that gives the weight in its place. A layer takes them
as ``kernel_constraint=MaxNorm(3)``; they are applied in ``fit``, in programs, and by
``optimizer.step`` and ``apply_gradients`` in a loop of your own.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Mapping
from typing import Any, Self, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.names import arguments_of, as_config, by_name, configured, made_with

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

_EPSILON = 1e-7  # as in Keras: of a column of zeros the quotient of norms is 0


class Constraint(abc.ABC):
    """A rule that a weight obeys. Subclass it and write ``__call__``, and ``get_config``.

    A function of an array serves as well. One of your own is run as it is written after every step,
    unless it says ``replayable``.

    Example      The mean of a weight stays 0

    >>> import numpy as np
    >>> class Centred(Constraint):
    ...     def __call__(self, w):
    ...         return w - w.mean()
    >>> Centred()(np.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """

    @abc.abstractmethod
    def __call__(self, w: Any) -> Any:
        """The weight as it may be, of the same shape and dtype."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal constraint, as plain Python values."""
        return arguments_of(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new constraint from what ``get_config`` gave."""
        return made_with(cls, config)

    def __repr__(self) -> str:
        return configured(self)


@final
class MaxNorm(Constraint):
    """Shrink what comes into a unit where its norm is too large.

    Formula      w · min(‖w‖, max_value) / ‖w‖, the norms along ``axis``
    Parameters   max_value: at least 0, default 2
                 axis: along which the norms are taken; 0, the default, has one for every unit of a
                 Dense layer, (0, 1, 2) one for every filter of a Conv2D
    Example      The column (3, 4) has the norm 5

    >>> import numpy as np
    >>> MaxNorm(2.5)(np.array([[3.0], [4.0]])).round(6).tolist()
    [[1.5], [2.0]]
    """

    @checked_keywords
    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = _size("max_value", max_value)
        self.axis = _axis(axis)

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        return w * (np.minimum(norms, self.max_value) / (_EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal constraint, as plain Python values."""
        return {"max_value": self.max_value, "axis": self.axis}


@final
class NonNeg(Constraint):
    """No weight below 0.

    Formula      w where w ≥ 0, else 0
    Example

    >>> import numpy as np
    >>> NonNeg()(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return np.maximum(w, 0)


@final
class UnitNorm(Constraint):
    """The norm of what comes into a unit is 1.

    Formula      w / ‖w‖, the norms along ``axis``
    Parameters   axis: along which the norms are taken, default 0
    Example      The column (3, 4) has the norm 5

    >>> import numpy as np
    >>> UnitNorm()(np.array([[3.0], [4.0]])).round(6).tolist()
    [[0.6], [0.8]]
    """

    @checked_keywords
    def __init__(self, axis: Any = 0) -> None:
        self.axis = _axis(axis)

    def __call__(self, w: Any) -> Any:
        return w / (_EPSILON + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal constraint, as plain Python values."""
        return {"axis": self.axis}


@final
class MinMaxNorm(Constraint):
    """The norm of what comes into a unit lies between two bounds.

    Formula      w · (rate · clip(‖w‖, min_value, max_value) + (1 − rate) · ‖w‖) / ‖w‖
    Parameters   min_value, max_value: at least 0, default 0 and 1
                 rate: 0 to 1, which part of the way is gone with every step, default 1
                 axis: along which the norms are taken, default 0
    Example      Half of the way from 5 to 1 is 3

    >>> import numpy as np
    >>> MinMaxNorm(rate=0.5)(np.array([[3.0], [4.0]])).round(6).tolist()
    [[1.8], [2.4]]
    """

    @checked_keywords
    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Any = 0,
    ) -> None:
        self.min_value = _size("min_value", min_value)
        self.max_value = _size("max_value", max_value)
        if self.min_value > self.max_value:
            raise ArgumentError(
                f"`min_value` {min_value!r} is larger than `max_value` {max_value!r}."
            )
        self.rate = number_within("rate", rate, 0, 1)
        self.axis = _axis(axis)

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = self.rate * np.minimum(np.maximum(norms, self.min_value), self.max_value)
        wanted = wanted + (1 - self.rate) * norms
        return w * (wanted / (_EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal constraint, as plain Python values."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


# Keras's other names.
max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_BY_NAME: dict[str, type[Any]] = {
    **dict.fromkeys(("MaxNorm", "max_norm", "maxnorm"), MaxNorm),
    **dict.fromkeys(("MinMaxNorm", "min_max_norm"), MinMaxNorm),
    **dict.fromkeys(("NonNeg", "non_neg", "nonneg"), NonNeg),
    **dict.fromkeys(("UnitNorm", "unit_norm", "unitnorm"), UnitNorm),
}


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """The constraint that ``identifier`` stands for, None for none.

    Parameters   identifier: a name such as "non_neg", a constraint or its class, what ``serialize``
                 gave, or a function of an array
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("max_norm")
    MaxNorm()
    """
    return by_name(identifier, "constraint", _BY_NAME, MaxNorm)


def serialize(constraint: Any) -> dict[str, Any]:
    """Name and arguments of a constraint, which ``get`` reads."""
    return as_config(constraint, Constraint)


deserialize = get


def _norms(w: Any, axis: Any) -> Any:
    return np.sqrt(np.sum(np.square(w), axis=axis, keepdims=True))


def _size(name: str, value: Any) -> float:
    return number_within(name, value, 0, math.inf, high_open=True)


def _axis(value: Any) -> Any:
    """An axis or several, as whole numbers."""
    axes = value if isinstance(value, (tuple, list)) else (value,)
    for axis in axes:
        if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
            raise ArgumentTypeError(f"`axis` must be an integer or several, got {value!r}.")
    return tuple(map(int, axes)) if isinstance(value, (tuple, list)) else int(value)
