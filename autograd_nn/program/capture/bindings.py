"""Which arrays and Tensors a function has from around it, and whether they are those yet.

What they hold is read at every call. But a name may come to mean another array: a variable of a
closure, a global, an attribute of an object that the function names.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor

# Where a name is looked up, the name, and what it meant.
Binding = tuple[Any, str, Any]


def bindings(f: Any, args: tuple[Any, ...]) -> list[Binding]:
    """The names by which ``f`` reaches arrays and Tensors that are not given to it."""
    code = getattr(f, "__code__", None)
    if not isinstance(code, CodeType):
        return []
    names = _names(code)
    found: list[Binding] = [(cell, "", _in_cell(cell)) for cell in f.__closure__ or ()]
    found += [(f.__globals__, name, f.__globals__[name]) for name in names & f.__globals__.keys()]
    owners = [*args, *(value for _, _, value in found)]
    for owner in owners:
        own = None if isinstance(owner, _NO_OWNERS) else getattr(owner, "__dict__", None)
        if isinstance(own, dict):
            found += [(own, name, own[name]) for name in names & own.keys()]
    return [binding for binding in found if isinstance(binding[2], (np.ndarray, Tensor))]


_NO_OWNERS = (ModuleType, FunctionType, type, np.ndarray, Tensor)


def are_same(known: list[Binding]) -> bool:
    """Whether every name means what it meant."""
    for space, name, value in known:
        now = _in_cell(space) if type(space) is CellType else space.get(name)
        if now is not value:
            return False
    return True


def _in_cell(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty yet
        return None


def _names(code: CodeType) -> set[str]:
    """The globals and attributes that code names, also inside of functions in it."""
    return {name for part in _parts(code) for name in part.co_names}


def _parts(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)
