"""What a value is, as plain values that a file can hold: two that differ are told apart."""

from __future__ import annotations

import functools
import hashlib
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

_AT_ONCE = 2**24  # bytes, so that a memory map larger than memory can be gone through


def contents_of(value: Any) -> Any:
    """Plain values as they are, arrays and functions by what they hold, other objects by class."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): contents_of(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > 100:
            return _of_array(np.asarray(value))
        return [contents_of(part) for part in value]
    if isinstance(value, np.ndarray):
        return _of_array(value)
    if isinstance(value, types.FunctionType):
        return _of_function(value)
    if isinstance(value, functools.partial):
        return [contents_of(part) for part in (value.func, value.args, value.keywords)]
    if is_by_name(value):
        return f"{value.__module__}.{value.__qualname__}"
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):  # a frame
        return [kind, [str(name) for name in value.columns], _of_array(value.to_numpy())]
    if hasattr(value, "__array__"):
        return [kind, _of_array(np.asarray(value))]
    return kind


def is_by_name(value: Any) -> bool:
    """Whether it is a class or a function that stands in a module by its name."""
    return hasattr(value, "__qualname__") and "<" not in value.__qualname__


def _of_array(array: np.ndarray) -> list[Any]:
    found = hashlib.sha256()
    if array.dtype.hasobject:
        found.update(repr(array.tolist()).encode())
    elif array.ndim == 0:
        found.update(array.tobytes())
    else:
        rows = max(1, _AT_ONCE // max(1, array.itemsize * int(np.prod(array.shape[1:]))))
        for start in range(0, len(array), rows):
            found.update(np.ascontiguousarray(array[start : start + rows]).tobytes())
    return [array.dtype.str, list(array.shape), found.hexdigest()]


def _of_function(function: types.FunctionType) -> list[Any]:
    """Its name, and its code with the values that are given to it where it is defined."""
    found = hashlib.sha256()
    _add_code(found, function.__code__)
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    given = [function.__defaults__, function.__kwdefaults__, cells]
    return [function.__qualname__, found.hexdigest(), contents_of(given)]


def _add_code(found: Any, code: types.CodeType) -> None:
    found.update(code.co_code)
    found.update(repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _add_code(found, constant)
        else:
            found.update(repr(constant).encode())
