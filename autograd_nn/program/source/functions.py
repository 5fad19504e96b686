"""How a function gets into a program: by its sign, by NumPy's name, or with its own source."""

from __future__ import annotations

import ast
import builtins
import functools
import warnings
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.refusals import NoSource
from autograd_nn.program.source.literals import literal
from autograd_nn.program.source.rewriting import changes_outside, source_of
from autograd_nn.program.source.spelling import (
    REACHING_OUT,
    expression,
    identifier,
    usable,
)
from autograd_nn.program.source.syntax_trees import label


def definitions(function: Callable[..., Any], name: str) -> list[str]:
    """Definitions of functions and constants, in order; the last one makes ``name`` the function.

    They need nothing but ``np``.

    Raises       NoSource when something that the function uses cannot be written down
    """
    head = Head()
    if head.copy(function, name) != name:
        raise ArgumentError(
            f"{name!r} cannot be the name of a function in a program: it must be an ASCII name "
            "that is no keyword and no built-in function. Make one with identifier(text, set())."
        )
    return head.texts


@functools.lru_cache(maxsize=256)
def has_source(operation: Operation) -> bool:
    """Whether the value function of an operation can be written into a program."""
    try:
        Head().copy(operation.value, operation.name)
    except NoSource:
        return False
    return True


class Head:
    """The head of a program: functions and constants, each once, in an order that works.

    Parameters   taken: names that the program needs for something else
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self.taken = set(taken)
        self._names: dict[Any, str] = {}
        self._kept: list[Any] = []  # so that no id in `_names` is given to another object
        self._unfinished: set[str] = set()

    def copy(self, function: Callable[..., Any], name: str) -> str:
        """Take in a function with all that it needs; the name by which it is called from now on.

        Raises       NoSource when that is not possible; then nothing is taken in
        """
        before = (list(self.texts), set(self.taken), dict(self._names))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of Python came when the file was read first
                return self._name(function, name, None, set())
        except NoSource:
            self.texts, self.taken, self._names = before
            self._unfinished.clear()
            raise

    def _name(self, thing: Any, wish: str, user: Any, inside: set[str]) -> str:
        """The name of a thing that ``user`` knows as ``wish``, defined where it is not yet."""
        if isinstance(thing, Operation):
            return self._name(thing.value, thing.name if user else wish, user, inside)
        constant = literal(thing)
        key = id(thing) if constant is None else (wish.rpartition(".")[2], constant)
        known = self._names.get(key)
        if known is not None and known not in inside:
            return known
        if known is not None and known in self._unfinished:
            raise _ambiguous(user, wish)
        name = self._new_name(wish, inside, user)
        if known is not None:
            self.texts.append(f"{name} = {known}")
            return name
        self._names[key] = name
        self._kept.append(thing)
        self._unfinished.add(name)
        self.texts.append(self._definition(thing, constant, name, wish, user))
        self._unfinished.discard(name)
        return name

    def _new_name(self, wish: str, inside: set[str], user: Any) -> str:
        """The name wished for, of a helper without its leading underscore, or one like it."""
        avoided = self.taken | inside
        last = wish.rpartition(".")[2]
        public = last.strip("_")
        wishes = [wish] if user is None else [public] if public in self.taken else [public, last]
        for name in wishes:
            if usable(name) and name not in avoided:
                break
        else:
            name = identifier(last if user else wish, avoided)
        self.taken.add(name)
        return name

    def _definition(self, thing: Any, constant: str | None, name: str, wish: str, user: Any) -> str:
        if constant is not None:
            return f"{name} = {constant}"
        written = expression(thing)
        if written is None:
            if not isinstance(thing, FunctionType):
                raise _refused(thing, wish, user)
            return self._copied(thing, name)
        if written.kind == "call":
            return f"{name} = {written.text}"
        arguments = {"infix": ("x", "y"), "prefix": ("x",), "item": ("x", "key")}[written.kind]
        return f"def {name}({', '.join(arguments)}):\n    return {written.written(*arguments)}"

    def _copied(self, function: FunctionType, name: str) -> str:
        source = source_of(function)
        replaced: list[tuple[ast.expr, str]] = []
        for name_read, attributes in source.names:
            place, text = self._in_place(function, source.inside, name_read, attributes)
            if place is not name_read or text != name_read.id:
                if {name_read.id, text.partition(".")[0]} & source.inside:
                    raise _ambiguous(function, name_read.id)
                replaced.append((place, text))
        code, given = function.__code__, function.__defaults__ or ()
        behind = code.co_varnames[code.co_argcount - len(given) : code.co_argcount]
        defaults = [self._default(function, *pair) for pair in zip(behind, given, strict=True)]
        keyword_defaults = {
            key: self._default(function, key, value)
            for key, value in (function.__kwdefaults__ or {}).items()
        }
        return source.written(name, replaced, defaults, keyword_defaults)

    def _default(self, function: FunctionType, argument: str, value: Any) -> str:
        constant = literal(value)
        if constant is not None:
            return constant
        name = self._name(value, getattr(value, "__name__", argument), function, set())
        if name in self._unfinished:
            raise _ambiguous(function, name)
        return name

    def _in_place(
        self,
        function: FunctionType,
        inside: set[str],
        name: ast.Name,
        attributes: list[ast.Attribute],
    ) -> tuple[ast.expr, str]:
        """What is written for a name, and in the place of what: the name, or a module's member."""
        place: ast.Name | ast.Attribute = name
        thing, dotted, rest = _value_of(function, name.id), name.id, list(attributes)
        if getattr(builtins, dotted, rest) is thing and dotted not in REACHING_OUT:
            return name, dotted
        if not all(isinstance(attribute.ctx, ast.Load) for attribute in attributes):
            raise changes_outside(function)
        while isinstance(thing, ModuleType):
            path = _numpy_path(thing)
            if path is not None:
                member = ".".join([path, *(attribute.attr for attribute in rest)])
                if f"{member}.".startswith("np.random."):
                    raise _refused(np.random, member, function)
                return place, path
            if not rest or not hasattr(thing, rest[0].attr):
                raise _refused(thing, dotted, function)
            place = rest.pop(0)
            thing = getattr(thing, place.attr)
            dotted = f"{dotted}.{place.attr}"
        if rest and isinstance(thing, (FunctionType, Operation)):
            raise _refused(thing, f"{dotted}.{rest[0].attr}", function)
        return place, self._name(thing, dotted, function, inside)


def _value_of(function: FunctionType, name: str) -> Any:
    """What a name from outside means to a function, at this moment."""
    free = function.__code__.co_freevars
    try:
        if name in free:
            return (function.__closure__ or ())[free.index(name)].cell_contents
        return {**vars(builtins), **function.__globals__}[name]
    except (KeyError, ValueError):
        raise NoSource(
            f"The function {label(function)} cannot be copied into a program: it uses `{name}`, "
            "which is not defined (yet). Define it before."
        ) from None


def _numpy_path(module: ModuleType) -> str | None:
    """How a module of NumPy is reached from `np`; None for other modules."""
    first, *parts = module.__name__.split(".")
    found: Any = np
    for part in parts:
        found = getattr(found, part, None)
    return ".".join(["np", *parts]) if first == "numpy" and found is module else None


def _ambiguous(function: Any, name: str) -> NoSource:
    return NoSource(
        f"The function {label(function)} cannot be copied into a program: the name `{name}` means "
        "something of its own in it and something from outside. Use two names."
    )


def _refused(thing: Any, name: str, user: Any) -> NoSource:
    what, advice = _obstacle(thing)
    if user is None or user is thing:
        return NoSource(f"{label(thing)} cannot be copied into a program: it is {what}. {advice}")
    return NoSource(
        f"The function {label(user)} cannot be copied into a program: it uses `{name}`, {what}. "
        f"{advice}"
    )


def _obstacle(thing: Any) -> tuple[str, str]:
    """What a thing is that cannot be copied, and what to do instead."""
    kind = type(thing).__name__
    origin = getattr(thing, "__module__", None) or type(thing).__module__
    if isinstance(thing, ModuleType):
        origin = thing.__name__
    if str(origin).startswith("numpy.random"):
        return "which draws random numbers", "Draw them outside, and give them as an input."
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return "an error class", "Raise a built-in error, or check where the function is called."
    if isinstance(thing, type):
        return "a class", "Write it with functions and NumPy only."
    if isinstance(thing, ModuleType):
        return "a module", "Use a function of it by name."
    if isinstance(thing, (Tensor, np.ndarray)):
        article = "a Tensor" if isinstance(thing, Tensor) else "an array"
        return article, "Give it to the operation as an input."
    if isinstance(thing, (list, dict, set)):
        return f"a {kind}, which can change", "Make it a tuple, or give it as a keyword argument."
    if isinstance(thing, (FunctionType, Operation)):
        return "an attribute of a function", "Only calls of functions can be copied."
    if isinstance(thing, BuiltinFunctionType):
        known = hasattr(np, thing.__name__)
        instead = f"Use np.{thing.__name__}" if known else "Write it with NumPy"
        return "a function without source in Python", f"{instead} instead."
    if isinstance(thing, MethodType):
        return "a method of an object", "Use a function that takes all it needs as arguments."
    return f"an object of type {kind}", "Use functions and numbers, or give it as an argument."
