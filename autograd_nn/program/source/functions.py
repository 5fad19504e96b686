"""How a function gets into a program: by its sign, by NumPy's name, or with its own source."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.refusals import NoSource
from autograd_nn.program.source.spelling import (
    REACHING_OUT,
    identifier,
    literal,
    sign_definition,
    spelled_name,
)
from autograd_nn.program.source.syntax_trees import label, not_copied, syntax_tree, with_nested


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
            return self.name(function, name, None, set())
        except NoSource:
            self.texts, self.taken, self._names = before
            self._unfinished.clear()
            raise

    def name(self, thing: Any, wish: str, user: Any, inside: set[str]) -> str:
        """The name of a thing that ``user`` knows as ``wish``, defined where it is not yet.

        Parameters   inside: names that mean something of its own to the user
        """
        if isinstance(thing, Operation):
            return self.name(thing.value, thing.name if user else wish, user, inside)
        constant = literal(thing)
        key = id(thing) if constant is None else (wish.rpartition(".")[2], constant)
        known = self._names.get(key)
        if known is not None and known not in inside:
            return known
        if known is not None and known in self._unfinished:
            raise _ambiguous(user, wish)
        name = identifier(wish if user is None else wish.rpartition(".")[2], self.taken | inside)
        self.taken.add(name)
        if known is not None:
            self.texts.append(f"{name} = {known}")
            return name
        self._names[key] = name
        self._kept.append(thing)
        self._unfinished.add(name)
        self.texts.append(self._definition(thing, constant, name, wish, user))
        self._unfinished.discard(name)
        return name

    def _definition(self, thing: Any, constant: str | None, name: str, wish: str, user: Any) -> str:
        written = constant or spelled_name(thing)
        if written is not None:
            return f"{name} = {written}"
        sign = sign_definition(thing, name)
        if sign is not None:
            return sign
        if not isinstance(thing, FunctionType):
            raise _refused(thing, wish, user)
        return ast.unparse(self._copied(thing, name))

    def _copied(self, function: FunctionType, name: str) -> ast.AST:
        tree = syntax_tree(function)
        tree.name, arguments = name, tree.args
        arguments.defaults, arguments.kw_defaults = [], [None] * len(arguments.kwonlyargs)
        _Copying(self, function).visit(tree)
        # The defaults are those that it got when it was made.
        values, code = function.__defaults__ or (), function.__code__
        names = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
        given = {**dict(zip(names, values, strict=True)), **(function.__kwdefaults__ or {})}
        texts = {name: self._default(name, value, function) for name, value in given.items()}
        arguments.defaults = [texts[name] for name in names]
        arguments.kw_defaults = [texts.get(x.arg) for x in arguments.kwonlyargs]
        return tree

    def _default(self, argument: str, value: Any, user: FunctionType) -> ast.expr:
        text = literal(value)
        if text is None:
            text = self.name(value, getattr(value, "__name__", argument), user, set())
            if text in self._unfinished:
                raise _ambiguous(user, text)
        return _expression(text)


class _Copying(ast.NodeTransformer):
    """Gives names from outside as the program has them, and takes annotations away."""

    def __init__(self, head: Head, function: FunctionType) -> None:
        self.head = head
        self.function = function
        self.inside: set[str] = set()  # the names that it binds
        self.outside = set(function.__code__.co_freevars)  # those that it reads and does not bind
        self.known = set(self.outside)  # all of these, and attributes
        for code in with_nested(function.__code__):
            self.inside.update(code.co_varnames, code.co_cellvars)
            self.known.update(code.co_names, code.co_varnames, code.co_cellvars)
            self.outside.update(
                step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"
            )

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        made = ast.Assign([node.target], node.value)
        return self.generic_visit(ast.copy_location(made, node))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._from_outside(node, [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        attributes, owner = [node], node.value
        while isinstance(owner, ast.Attribute):
            attributes.insert(0, owner)
            owner = owner.value
        for attribute in attributes:
            self._check_private(attribute.attr)
        if isinstance(owner, ast.Name):
            return self._from_outside(owner, attributes)
        return self.generic_visit(node)

    def _from_outside(self, name: ast.Name, attributes: list[ast.Attribute]) -> ast.AST:
        """A name with the attributes asked of it, the name and members of modules replaced."""
        self._check_private(name.id)
        whole = attributes[-1] if attributes else name
        if name.id not in self.outside:
            return whole
        if not all(isinstance(attribute.ctx, ast.Load) for attribute in attributes):
            raise _changes_outside(self.function)
        text, rest = self._reached(name.id, [attribute.attr for attribute in attributes])
        if (text != name.id or len(rest) < len(attributes)) and (
            {name.id, text.partition(".")[0]} & self.inside
        ):
            raise _ambiguous(self.function, name.id)
        return _expression(".".join([text, *rest]))

    def _reached(self, dotted: str, rest: list[str]) -> tuple[str, list[str]]:
        """What a program calls a name or a member of a module, and what is asked of that."""
        function = self.function
        thing = _value_of(function, dotted)
        if getattr(builtins, dotted, rest) is thing and dotted not in REACHING_OUT:
            return dotted, rest
        while isinstance(thing, ModuleType):
            path = _numpy_path(thing)
            if path is not None:
                member = ".".join([path, *rest])
                if f"{member}.".startswith("np.random."):
                    raise _refused(np.random, member, function)
                return path, rest
            if not rest or not hasattr(thing, rest[0]):
                raise _refused(thing, dotted, function)
            dotted, thing, rest = f"{dotted}.{rest[0]}", getattr(thing, rest[0]), rest[1:]
        if rest and isinstance(thing, (FunctionType, Operation)):
            raise _refused(thing, f"{dotted}.{rest[0]}", function)
        return self.head.name(thing, dotted, function, self.inside), rest

    # What would not mean the same in a program that imports NumPy only:

    def _check_private(self, name: str) -> None:
        if name.startswith("__") and name not in self.known:
            raise not_copied(
                self.function,
                f"it uses the name `{name}`, which Python changes inside of a class. Let it begin "
                "with one underscore.",
            )

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.AST:
        raise not_copied(
            self.function,
            f"it imports (`{ast.unparse(node)}`). Import at the head of its module: what it uses "
            "of NumPy or of own functions is then found there.",
        )

    visit_ImportFrom = visit_Import

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        raise not_copied(
            self.function, f"it defines the class {node.name!r}. Write it with functions only."
        )

    def visit_Global(self, node: ast.Global) -> ast.AST:
        raise _changes_outside(self.function)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        if self.outside.intersection(node.names):
            raise _changes_outside(self.function)
        return node


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _value_of(function: FunctionType, name: str) -> Any:
    """What a name from outside means to a function, at this moment."""
    free = function.__code__.co_freevars
    try:
        if name in free:
            return (function.__closure__ or ())[free.index(name)].cell_contents
        return {**vars(builtins), **function.__globals__}[name]
    except (KeyError, ValueError):
        reason = f"it uses `{name}`, which is not defined (yet). Define it before."
        raise not_copied(function, reason) from None


def _numpy_path(module: ModuleType) -> str | None:
    """How a module of NumPy is reached from `np`; None for other modules."""
    first, *parts = module.__name__.split(".")
    found: Any = np
    for part in parts:
        found = getattr(found, part, None)
    return ".".join(["np", *parts]) if first == "numpy" and found is module else None


def _ambiguous(function: Any, name: str) -> NoSource:
    return not_copied(
        function,
        f"the name `{name}` means something of its own in it and something from outside. Use two "
        "names.",
    )


def _changes_outside(function: FunctionType) -> NoSource:
    return not_copied(
        function,
        "it changes a variable outside of itself (`global` or `nonlocal`). Return the new value "
        "instead.",
    )


def _refused(thing: Any, name: str, user: Any) -> NoSource:
    what, advice = _obstacle(thing)
    if user is None or user is thing:
        return NoSource(f"{label(thing)} cannot be copied into a program: it is {what}. {advice}")
    return not_copied(user, f"it uses `{name}`, {what}. {advice}")


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
