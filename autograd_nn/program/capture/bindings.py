"""What a function has from around it, by which names, and whether they mean that yet.

What arrays and Tensors hold is read at every call. But a name may come to mean another one, another
function or another number: a variable of a closure, a global, an attribute, a place in a list or a
dict; and so in functions and objects that the function uses, and every setting of a layer. All of
these are looked up again.
"""

from __future__ import annotations

import collections
import dis
import functools
import operator
import sys
from types import (
    CellType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import is_installed
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.source.syntax_trees import with_nested

# Where a name is looked up, the name, and what it meant; of a list and a dict, None and all items;
# of a layer, ... and all attributes. Names of a class are looked up in itself alone.
Binding = tuple[Any, Any, Any]


def bindings(f: Any, args: tuple[Any, ...]) -> list[Binding]:
    """The names by which ``f`` reaches what is not given to it, and what they mean now."""
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
        variables, attributes = _names(f.__code__)
        self.names |= attributes
        if not str(f.__globals__.get("__name__")).startswith("autograd_nn."):
            self._attributes(f.__globals__, variables)
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            self._bind(cell, name, _in_cell(cell))
        self._waiting += [f.__defaults__ or (), f.__kwdefaults__ or ()]

    def _items(self, items: Any) -> None:
        if not isinstance(items, (tuple, frozenset)):
            kept = dict(items) if isinstance(items, dict) else list(items)
            self.found[id(items), None] = (items, None, kept)
        self._waiting += items.values() if isinstance(items, dict) else items

    def _attributes(self, space: dict[str, Any], names: set[str]) -> None:
        for name in names & space.keys():
            self._bind(space, name, space[name])

    def _class(self, kind: type) -> None:
        # A name that one class of several has may come to stand in another one.
        names = {name for part in kind.__mro__ for name in self._known & vars(part).keys()}
        for part in kind.__mro__:
            if not is_of_others(part):
                for name in names:
                    self._bind(part, name, vars(part).get(name))

    def _object(self, value: Any) -> None:
        if isinstance(value, _WRAPPERS):
            parts = ("__func__", "__self__", "func", "args", "keywords", "fget")
            self._waiting += [getattr(value, part, None) for part in parts]
        kind, own = type(value), getattr(value, "__dict__", None)
        if isinstance(own, dict):
            if _is_of_the_library(kind):
                # The code of layers is not looked through: any of their attributes may be used.
                kept = {name: x for name, x in own.items() if not _is_note(name)}
                self.found[id(own), ...] = (own, ..., kept)
                self._waiting += kept.values()
            else:
                self._attributes(own, self._known)
                self._waiting.append(own.get("__wrapped__"))
        if is_of_others(kind):
            return
        self._waiting.append(kind)
        for part in kind.__mro__:
            for name in self._known & vars(part).keys():
                attribute = vars(part)[name]
                if isinstance(attribute, MemberDescriptorType):  # of __slots__
                    self._bind(value, name, getattr(value, name, None))
                elif isinstance(own, dict) and name not in own:
                    self.found[id(own), name] = (own, name, None)

    def _bind(self, space: Any, name: str, value: Any) -> None:
        if not isinstance(value, ModuleType) or _leads_on(value):
            self.found[id(space), name] = (space, name, value)
            self._waiting.append(value)


def are_same(known: list[Binding]) -> bool:
    """Whether every name means what it meant."""
    for space, name, value in known:
        # At every call: most names stand in a dict or a closure, and mean the same object.
        if type(space) is dict and type(name) is str:
            if space.get(name) is value:
                continue
        elif type(space) is CellType and _in_cell(space) is value:
            continue
        if not _is_as_it_was((space, name, value)):
            return False
    return True


def without_counted(known: list[Binding], other: list[Binding]) -> list[Binding]:
    """Those without the numbers that a run changed itself, such as a count of its calls.

    Parameters   known, other: what was found before the run, and after it, in either order
    """
    others = {(id(space), name): value for space, name, value in other}
    found: list[Binding] = []
    for space, name, value in known:
        elsewhere: Any = others.get((id(space), name), value)
        if name is ...:
            value = {k: x for k, x in value.items() if not _is_counted(x, elsewhere.get(k, x))}
        elif name is None:
            if not _has_items(value, elsewhere) and not _holds_a_state(value):
                continue
        elif _is_counted(value, elsewhere):
            continue
        found.append((space, name, value))
    return found


def what_changed(known: list[Binding]) -> str:
    """The first name that means another thing, empty where all are as they were."""
    for space, name, value in known:
        if not _is_as_it_was((space, name, value)):
            if name is None:
                return f"what is in a {type(space).__name__}"
            if name is ...:
                name = next(key for key, x in value.items() if not _is_same(space.get(key), x))
            return f"`{name}`"
    return ""


def _is_counted(value: Any, other: Any) -> bool:
    return isinstance(value, _NUMBERS) and not _is_same(value, other)


def _holds_a_state(items: Any) -> bool:
    """Whether arrays may be reached by it, which may be what the next call begins with."""
    values = items.values() if isinstance(items, dict) else items
    return any(isinstance(x, (np.ndarray, Tensor)) or _leads_on(x) for x in values)


def _is_as_it_was(known: Binding) -> bool:
    space, name, value = known
    if name is None:
        return _has_items(space, value)
    if name is ...:
        now = map(space.get, value)
        return all(map(operator.is_, now, value.values())) or _are_equal(space, value)
    if type(space) is CellType:
        return _is_same(_in_cell(space), value)
    if isinstance(space, type):
        return _is_same(space.__dict__.get(name), value)
    if isinstance(space, dict):
        return _is_same(space.get(name), value)
    return _is_same(getattr(space, name, None), value)


def _has_items(items: Any, kept: Any) -> bool:
    if len(items) != len(kept):
        return False
    if isinstance(items, dict):
        return items.keys() == kept.keys() and _are_equal(items, kept)
    return all(map(operator.is_, items, kept)) or all(map(_is_same, items, kept))


def _are_equal(items: dict[Any, Any], kept: dict[Any, Any]) -> bool:
    return all(map(_is_same, map(items.get, kept), kept.values()))


def _is_same(one: Any, other: Any) -> bool:
    """Whether it is the same object, or an equal number or text, which has no life of its own."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if kind is tuple:
        return len(one) == len(other) and all(map(_is_same, one, other))
    # 0.0 and -0.0 are equal, and not the same.
    return isinstance(one, _EQUAL) and bool(one == other) and repr(one) == repr(other)


_ITEMS = (list, tuple, dict, set, frozenset, collections.deque)
_WRAPPERS = (MethodType, functools.partial, property, classmethod, staticmethod)
_NUMBERS = (int, float, complex, np.number)
_EQUAL = (*_NUMBERS, str, bytes, np.generic, np.dtype)
_PLAIN = (*_EQUAL, type(None), Operation)

# What layers and models note of calls and of training, and compute nothing with; the initializers
# of weights that are made.
_NOTES = frozenset(
    [
        *("history", "stop_training", "_has_told_defaults", "_training"),
        *("_calls", "_input", "_input_shape", "_linked", "_shapes"),
    ]
)


def _is_note(name: str) -> bool:
    return name in _NOTES or name.endswith("_initializer")


def _leads_on(value: Any) -> bool:
    """Whether it may hold or use something that a name may come to mean."""
    if isinstance(value, (*_PLAIN, np.ndarray, Tensor)):
        return False
    if isinstance(value, (FunctionType, ModuleType, type)):
        return not is_of_others(value)
    if isinstance(value, (*_ITEMS, *_WRAPPERS, SimpleNamespace)):
        return True
    if "__wrapped__" in (getattr(value, "__dict__", None) or ()):  # such as a compiled function
        return True
    return _is_of_the_library(type(value)) or not is_of_others(type(value))


def _is_of_the_library(kind: type) -> bool:
    """Whether its objects are called as a layer, a loss, a regularizer: their settings decide."""
    return "__call__" in dir(kind) and any(
        part.__module__.startswith("autograd_nn.") for part in kind.__mro__
    )


def is_of_others(value: Any) -> bool:
    """Whether a module, class or function is not of the user's own program."""
    name = value.__name__ if isinstance(value, ModuleType) else value.__module__
    return _is_from_elsewhere(str(name).partition(".")[0])


@functools.cache
def _is_from_elsewhere(package: str) -> bool:
    """Whether it is this library, belongs to Python, or was installed."""
    if package == "__main__":
        return False
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return package == "autograd_nn" or package in sys.stdlib_module_names or is_installed(file)


def _in_cell(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty yet
        return None


@functools.lru_cache(256)
def _names(code: CodeType) -> tuple[set[str], set[str]]:
    """The globals, and the attributes, that code names, also inside of functions in it."""
    variables: set[str] = set()
    names: set[str] = set()
    for part in with_nested(code):
        names.update(part.co_names)
        variables.update(
            step.argval
            for step in dis.get_instructions(part)
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        )
    return variables, names
