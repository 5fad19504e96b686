"""What a value is, as plain values that a file can hold: two that differ are told apart.

The same value gives the same in every process.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

_AT_ONCE = 2**24  # bytes, so that a memory map larger than memory can be gone through
_DEEPEST = 12


def contents_of(value: Any, above: tuple[int, ...] = ()) -> Any:
    """Plain values as they are; arrays, functions and objects by what they hold.

    Parameters   above: the objects that hold this one, which are not gone into again
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return _of_array(value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if id(value) in above or len(above) > _DEEPEST:
        return kind
    inner = functools.partial(contents_of, above=(*above, id(value)))
    if isinstance(value, Mapping):
        return {str(name): inner(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return _of_numbers(value) or [inner(part) for part in value]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(inner(part)) for part in value)
    if isinstance(value, types.FunctionType):
        cells = [_held(cell) for cell in value.__closure__ or ()]
        given = inner([value.__defaults__, value.__kwdefaults__, cells, _settings_of(value)])
        return [value.__qualname__, _of_code(value.__code__), given]
    if isinstance(value, types.MethodType):
        return [inner(value.__func__), inner(value.__self__)]
    if isinstance(value, functools.partial):
        return [inner(part) for part in (value.func, value.args, value.keywords)]
    if is_by_name(value):
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "__dask_tokenize__"):  # an array that nobody has computed yet
        return [kind, repr(value.__dask_tokenize__())]
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):  # a frame
        return [kind, [str(name) for name in value.columns], _of_array(value.to_numpy())]
    if hasattr(value, "__array__"):
        return [kind, _of_array(np.asarray(value))]
    return [kind, inner(vars(value))] if hasattr(value, "__dict__") else kind


def is_by_name(value: Any) -> bool:
    """Whether it is a class or a function that stands in a module by its name."""
    return hasattr(value, "__qualname__") and "<" not in value.__qualname__


def _of_numbers(values: Any) -> list[Any] | None:
    """Of a long list of numbers what is said of an array; None of others."""
    if len(values) < 100:
        return None
    try:
        array = np.asarray(values)
    except ValueError:
        return None
    return None if array.dtype.hasobject else _of_array(array)


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


def _settings_of(function: types.FunctionType) -> dict[str, Any]:
    """The plain values of its module that a function reads and does not set."""
    codes, names, own = [function.__code__], set[str](), set[str]()
    for code in codes:
        codes += [value for value in code.co_consts if isinstance(value, types.CodeType)]
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                names.add(step.argval)
            elif step.opname == "STORE_GLOBAL":
                own.add(step.argval)
    found = {name: function.__globals__.get(name) for name in sorted(names - own)}
    return {name: x for name, x in found.items() if isinstance(x, (bool, int, float, str, tuple))}


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "nothing yet"


def _of_code(code: types.CodeType) -> str:
    written = [code.co_code.hex(), repr(code.co_names), *map(_of_constant, code.co_consts)]
    return hashlib.sha256("\n".join(written).encode()).hexdigest()


def _of_constant(value: Any) -> str:
    if isinstance(value, types.CodeType):
        return _of_code(value)
    if isinstance(value, frozenset):  # whose order is another in each process
        return repr(sorted(map(_of_constant, value)))
    if isinstance(value, tuple):
        return repr([*map(_of_constant, value)])
    return repr(value)
