"""Checks of arguments: what was expected, what came, and the way out, in one sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion

_Function = TypeVar("_Function", bound=Callable[..., Any])


def checked_keywords(function: _Function) -> _Function:
    """Answer a misspelt keyword with the nearest name instead of Python's bare refusal."""
    code = function.__code__  # `inspect` would double the time of importing this library
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    makes = function.__name__ == "__init__"

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        for key in keywords:
            if key not in parameters:
                # Of a class without an `__init__` of its own it is the class that was called.
                called = type(args[0]).__name__ if makes else function.__qualname__
                names = [*_made_with(type(args[0])), *parameters] if makes else parameters
                if makes and key in names and code.co_flags & _TAKES_MORE:
                    continue
                raise ArgumentTypeError(
                    f"{called}() has no argument `{key}`."
                    f"{suggestion(key, [name for name in names if name != 'self'])}"
                )
        return function(*args, **keywords)

    return cast(_Function, call)


# Of `inspect`: a function with **keywords.
_TAKES_MORE = 0x08


def _made_with(kind: type) -> list[str]:
    """The names of the arguments that objects of a class are made with, its own first."""
    names: list[str] = []
    for owner in kind.__mro__:
        making = vars(owner).get("__init__")
        code = getattr(getattr(making, "__wrapped__", making), "__code__", None)
        if code is not None:
            names += code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if not code.co_flags & _TAKES_MORE:
                break  # what is above gets what this one gives it
    return names


def positive_integer(name: str, value: object, minimum: int = 1) -> int:
    """Return ``value`` as an int of at least ``minimum``, or say what was expected."""
    kind = "a positive integer" if minimum == 1 else f"an integer of at least {minimum}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        way_out = ""
        if isinstance(value, float) and value.is_integer():
            way_out = f" Write {int(value)}, or int({value})."
        elif isinstance(value, str) and value.strip().isdigit():
            way_out = f" Write {int(value)} without quotes."
        raise ArgumentTypeError(
            f"`{name}` must be {kind}, got {value!r} of type {type(value).__name__}.{way_out}"
        )
    if value < minimum:
        raise ArgumentError(f"`{name}` must be {kind}, got {value!r}.")
    return int(value)


def integer(name: str, value: object) -> int:
    """Return ``value`` as an int, or say what was expected."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ArgumentTypeError(
            f"`{name}` must be an integer, got {value!r} of type {type(value).__name__}."
        )
    return int(value)


def true_or_false(name: str, value: object) -> bool:
    """Return ``value`` as a bool, or say what was expected."""
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentTypeError(
            f"`{name}` must be True or False, got {value!r} of type {type(value).__name__}."
        )
    return bool(value)


def number_within(
    name: str,
    value: object,
    low: float,
    high: float,
    *,
    low_open: bool = False,
    high_open: bool = False,
) -> float:
    """Return ``value`` as a float of the interval, or say what was expected."""
    interval = f"{'(' if low_open else '['}{low:g}, {high:g}{')' if high_open else ']'}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise ArgumentTypeError(
            f"`{name}` must be a number of {interval}, got {value!r} "
            f"of type {type(value).__name__}."
        )
    inside = (low < value if low_open else low <= value) and (
        value < high if high_open else value <= high
    )
    if not inside:
        raise ArgumentError(f"`{name}` must be a number of {interval}, got {value!r}.")
    return float(value)
