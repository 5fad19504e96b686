"""Instructions as text: how values are called, and how a call is written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from operator import getitem
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.program.calls import RESHAPE, Method, T, label
from autograd_nn.program.refusals import NoSource
from autograd_nn.program.source.spelling import (
    INFIX,
    PREFIX,
    Names,
    array_literal,
    identifier,
    literal,
)
from autograd_nn.program.values import BACKWARD, FORWARD, UPDATE, Instruction, Value

INLINE = 16
"""Constants of up to so many elements are written into the text, larger ones are arguments."""

TITLES = {FORWARD: "forward", BACKWARD: "backward", UPDATE: "update"}
WIDTH = 100

# How tightly an operator binds its operands; what needs no brackets anywhere is an ATOM.
ATOM, _UNARY = 9, 7
_LEVELS = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 1),
    "|": 2,
    "^": 3,
    "&": 4,
    "+": 5,
    "-": 5,
    **dict.fromkeys(("*", "/", "//", "%", "@"), 6),
    "**": 8,
}


class Expression(str):
    """The text of a value that is written where it is used, and how tightly it binds.

    ``arguments`` are the parts of a call by the name of a function.
    """

    __slots__ = ("arguments", "level")

    arguments: list[str]
    level: int

    def __new__(cls, text: str, level: int, arguments: Iterable[str] = ()) -> Expression:
        made = super().__new__(cls, text)
        made.level = level
        made.arguments = list(arguments)
        return made


def operand(item: Any, names: Any) -> str:
    """How an operand is written."""
    if type(item) is Value:
        text: str = names[item]  # an Expression where it is written here
        return text
    if isinstance(item, (tuple, list)):
        inside = ", ".join(operand(part, names) for part in item)
        if isinstance(item, list):
            return f"[{inside}]"
        return f"({inside},)" if len(item) == 1 else f"({inside})"
    if isinstance(item, np.dtype) and item == np.dtype(item.type) and item.kind in "fiub":
        return f"np.{item.name}"
    found = literal(item)
    assert found is not None  # a trace gives everything else as a constant
    return found


def index_text(key: Any, names: Any) -> str:
    """How an index is written between brackets."""
    if isinstance(key, tuple):
        return ", ".join(index_text(part, names) for part in key) + ("," * (len(key) == 1)) or "()"
    if isinstance(key, slice):
        start, stop, step = (
            "" if part is None else operand(part, names) for part in (key.start, key.stop, key.step)
        )
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return operand(key, names)


def called(step: Instruction, names: Any, functions: Mapping[Any, str]) -> Expression:
    """The expression that a step computes.

    Parameters   functions: by operation, the function in the head of the program that it is
    """
    function, inputs = step.function, step.inputs
    if function is getitem:
        owner = _bracketed(operand(inputs[0], names), ATOM)
        return Expression(f"{owner}[{index_text(inputs[1], names)}]", ATOM)
    words = [operand(item, names) for item in inputs]
    if function is T:
        return Expression(f"{_bracketed(words[0], ATOM)}.T", ATOM)
    if function in INFIX:
        sign = INFIX[function]
        level = _LEVELS[sign]
        left = _bracketed(words[0], level if 2 <= level <= 6 else level + 1)
        right = _bracketed(words[1], level + 1, signed=level == 6)
        return Expression(f"{left} {sign} {right}", level)
    if function in PREFIX:
        return Expression(f"{PREFIX[function]}{_bracketed(words[0], _UNARY + 1)}", _UNARY)
    options = [f"{key}={operand(item, names)}" for key, item in step.attributes.items()]
    if type(function) is Method:
        if function is RESHAPE and len(inputs) == 2 and type(inputs[1]) is tuple and inputs[1]:
            words[1:] = [operand(item, names) for item in inputs[1]]
        given = ", ".join([*words[1:], *options])
        return Expression(f"{_bracketed(words[0], ATOM)}.{function.name}({given})", ATOM)
    name, arguments = functions.get(function) or label(function), [*words, *options]
    return Expression(f"{name}({', '.join(arguments)})", ATOM, arguments)


def _bracketed(text: str, least: int, signed: bool = True) -> str:
    """With brackets where it binds less than ``least``, or has a sign that would stand inside."""
    is_negative = text[0] == "-"
    level = text.level if type(text) is Expression else _UNARY if is_negative else ATOM
    return f"({text})" if level < least or (is_negative and not signed) else text


class Heads(NamedTuple):
    """The functions that a program calls, which stand before it."""

    texts: list[str]
    names: dict[Operation, str]
    given: dict[str, Operation]  # those without source, which the text is run with


def heads(steps: Iterable[Instruction], names: Names) -> Heads:
    """The functions that go into the head of a program, and what they are called there."""
    called: dict[Operation, str] = {}
    given: dict[str, Operation] = {}
    operations: dict[Operation, None] = {}
    for step in steps:
        if type(step.function) is Operation:
            operations[step.function] = None
    if not operations:
        return Heads([], called, given)
    from autograd_nn.program.source.functions import Head  # most programs need none

    head = Head(names.taken)
    for operation in operations:
        try:
            called[operation] = head.copy(operation.value, operation.name)
        except NoSource:
            name = called[operation] = identifier(operation.name, head.taken)
            given[name] = operation
            head.texts.append(f"# {name} is given to this program: there is no source of it.")
    names.taken |= head.taken
    names.functions |= set(called.values())
    return Heads(head.texts, called, given)


def imports(text: str) -> list[str]:
    """What a program imports: NumPy, and SciPy where one of its functions is called by name."""
    uses_scipy = "scipy.special." in text and any(
        isinstance(node, ast.Name) and node.id == "scipy" for node in ast.walk(ast.parse(text))
    )
    return ["import numpy as np", *(["import scipy.special"] if uses_scipy else [])]


PROGRAM = "<program>"
"""What Python takes for the file of a program."""


def executed(text: str, heads: Heads) -> dict[str, Any]:
    """The names that a program defines, run with the functions that it is given."""
    namespace: dict[str, Any] = {}
    for name, operation in heads.given.items():
        namespace[name] = operation.value
    exec(compile(text, PROGRAM, "exec"), namespace)
    return namespace


def constant(value: Value) -> str:
    """The content of a constant that is written into the text."""
    data = value.data
    return array_literal(data) if isinstance(data, np.ndarray) else str(literal(data))


def is_inline(value: Value) -> bool:
    """Whether a constant is written into the text."""
    data = value.data
    if isinstance(data, np.generic):
        return True
    return (
        isinstance(data, np.ndarray)
        and data.dtype.kind in "biuf"  # what else it holds may have a text of its own
        and (data.size <= INLINE or bool(data.ndim == 1 and (data == 1).all()))
    )


def shape_comment(value: Value) -> str:
    """What stands behind a line: the shape, or that it is a number."""
    if value.kind == "tuple":
        return f"{value.shape[0]} results"
    return str(value.shape) if value.kind == "array" else "a number"


def signature(
    start: str, arguments: Sequence[str], room: int = WIDTH - 8, brackets: str = "()"
) -> list[str]:
    """The lines of a call or of a definition without its colon, broken where they are too long."""
    line = f"{start}{brackets[0]}{', '.join(arguments)}{brackets[1]}"
    if len(line) < room:
        return [line]
    space = " " * (len(start) - len(start.lstrip()))
    inside = [f"{space}   "]
    for argument in arguments:
        if len(inside[-1]) + len(argument) + 2 > WIDTH - 4:
            inside.append(f"{space}   ")
        inside[-1] += f" {argument},"
    return [f"{start}{brackets[0]}", *inside, f"{space}{brackets[1]}"]


def aligned(lines: Sequence[tuple[str, str]], room: int = WIDTH) -> list[str]:
    """Lines with their comments in one column, except behind the longest."""
    column = 0
    for text, comment in lines:
        if comment and "\n" not in text and len(text) <= 0.76 * room:
            column = max(column, len(text))
    found: list[str] = []
    for text, comment in lines:
        width = column if "\n" not in text and column + len(comment) + 4 <= room else 0
        found += (f"{text.ljust(width)}  # {comment}" if comment else text).split("\n")
    return found
