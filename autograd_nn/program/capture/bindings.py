"""What a function has from around it, by which names, and whether they mean that yet.

What arrays and Tensors hold is read at every call. But a name may come to mean another one: a
variable of a closure, a global, an attribute, a place in a list or a dict; and so in functions and
objects that the function uses. All of these are looked up again. Plain numbers are not: they are
constants.
"""

from __future__ import annotations

import collections
import functools
import operator
import sys
from types import (
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.source.syntax_trees import with_nested

# Where a name is looked up, the name, and what it meant; of a list and a dict, None and all items.
Binding = tuple[Any, Any, Any]


def bindings(f: Any, args: tuple[Any, ...]) -> list[Binding]:
    """The names by which ``f`` reaches arrays, Tensors and functions that are not given to it."""
    names = {"__call__"}
    while True:
        around = _Reached(names)
        around.walk([f, *args])
        if around.names == names:
            return list(around.found.values())
        # A function that was met names attributes of objects that were passed by before.
        names = around.names


class _Reached:
    """What can be reached from a function by these names of attributes."""

    def __init__(self, names: set[str]) -> None:
        self.names = set(names)
        self.found: dict[tuple[int, Any], Binding] = {}
        self._known = names
        self._seen: dict[int, Any] = {}  # kept alive, so that the ids stay theirs
        self._waiting: list[Any] = []

    def walk(self, roots: list[Any]) -> None:
        self._waiting = roots[::-1]
        while self._waiting:
            value = self._waiting.pop()
            if id(value) in self._seen or not _leads_on(value):
                continue
            self._seen[id(value)] = value
            if isinstance(value, FunctionType):
                self._function(value)
            elif isinstance(value, _ITEMS):
                self._items(value)
            elif isinstance(value, ModuleType):
                self._attributes(vars(value), self._known)
            elif isinstance(value, type):
                self._class(value)
            else:
                self._object(value)

    def _function(self, f: FunctionType) -> None:
        names = _names(f.__code__)
        self.names |= names
        self._attributes(f.__globals__, names)
        for cell in f.__closure__ or ():
            self._bind(cell, "", _in_cell(cell))
        self._waiting += [f.__defaults__ or (), f.__kwdefaults__ or ()]

    def _items(self, items: Any) -> None:
        values = list(items.values() if isinstance(items, dict) else items)
        if not isinstance(items, (tuple, frozenset)) and (
            not values or any(map(_is_bound, values))
        ):
            self.found[id(items), None] = (items, None, items.copy())
        self._waiting += values

    def _attributes(self, space: dict[str, Any], names: set[str]) -> None:
        for name in names & space.keys():
            self._bind(space, name, space[name])

    def _class(self, kind: type) -> None:
        for part in kind.__mro__:
            if not is_of_others(part):
                for name in self._known & vars(part).keys():
                    attribute = vars(part)[name]
                    if _is_method(attribute):
                        self._waiting.append(attribute)
                    else:
                        self._bind(vars(part), name, attribute)

    def _object(self, value: Any) -> None:
        if isinstance(value, _WRAPPERS):
            parts = ("__func__", "__self__", "func", "args", "keywords", "fget")
            self._waiting += [getattr(value, part, None) for part in parts]
        kind, own = type(value), getattr(value, "__dict__", None)
        if isinstance(own, dict):
            # The code of layers is not looked through: any of their attributes may be used.
            self._attributes(own, set(own) if _is_layer(kind) else self._known)
            self._waiting.append(own.get("__wrapped__"))
        if is_of_others(kind):
            return
        self._waiting.append(kind)
        for part in kind.__mro__:
            for name in self._known & vars(part).keys():
                attribute = vars(part)[name]
                if isinstance(attribute, MemberDescriptorType):  # of __slots__
                    self._bind(value, name, getattr(value, name, None))
                elif isinstance(own, dict) and name not in own and _is_data(attribute):
                    self.found[id(own), name] = (own, name, None)

    def _bind(self, space: Any, name: str, value: Any) -> None:
        if _is_bound(value):
            self.found[id(space), name] = (space, name, value)
            self._waiting.append(value)


def are_same(known: list[Binding]) -> bool:
    """Whether every name means what it meant."""
    for space, name, value in known:
        if name is None:
            if not _has_items(space, value):
                return False
        elif type(space) is CellType:
            if _in_cell(space) is not value:
                return False
        elif type(space) is dict or isinstance(space, (dict, MappingProxyType)):
            if space.get(name) is not value:
                return False
        elif getattr(space, name, None) is not value:
            return False
    return True


def _has_items(items: Any, kept: Any) -> bool:
    if not kept:  # what came into it matters where arrays may be reached by it
        return not any(map(_is_bound, items.values() if isinstance(items, dict) else items))
    if len(items) != len(kept) or not all(map(operator.is_, items, kept)):
        return False
    return not isinstance(items, dict) or all(map(operator.is_, items.values(), kept.values()))


_ITEMS = (list, tuple, dict, set, frozenset, collections.deque)
_WRAPPERS = (MethodType, functools.partial, property, classmethod, staticmethod)
_PLAIN = (str, bytes, int, float, complex, type(None), np.generic, np.dtype, Operation)


def _is_method(attribute: Any) -> bool:
    return isinstance(attribute, (FunctionType, *_WRAPPERS))


def _is_data(attribute: Any) -> bool:
    return _is_bound(attribute) and not _is_method(attribute)


def _is_bound(value: Any) -> bool:
    """Whether it matters that a name means another one."""
    return isinstance(value, (np.ndarray, Tensor)) or _leads_on(value)


def _leads_on(value: Any) -> bool:
    """Whether it may hold or use arrays."""
    if isinstance(value, (*_PLAIN, np.ndarray, Tensor)):
        return False
    if isinstance(value, (FunctionType, ModuleType, type)):
        return not is_of_others(value)
    if isinstance(value, (tuple, frozenset)):
        return any(map(_is_bound, value))
    if isinstance(value, (*_ITEMS, *_WRAPPERS, SimpleNamespace)):
        return True
    if "__wrapped__" in (getattr(value, "__dict__", None) or ()):  # such as a compiled function
        return True
    return _is_layer(type(value)) or not is_of_others(type(value))


def _is_layer(kind: type) -> bool:
    return callable(getattr(kind, "call", None)) and any(
        part.__module__.startswith("autograd_nn.") for part in kind.__mro__
    )


def is_of_others(value: Any) -> bool:
    """Whether a module, class or function is not of the user's own program."""
    name = value.__name__ if isinstance(value, ModuleType) else value.__module__
    return _is_installed(str(name).partition(".")[0])


@functools.cache
def _is_installed(package: str) -> bool:
    """Whether it is this library, belongs to Python, or was installed."""
    if package == "__main__":
        return False
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return (
        package == "autograd_nn"
        or package in sys.stdlib_module_names
        or "site-packages" in file
        or "dist-packages" in file
    )


def _in_cell(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty yet
        return None


def _names(code: CodeType) -> set[str]:
    """The globals and attributes that code names, also inside of functions in it."""
    return {name for part in with_nested(code) for name in part.co_names}
