"""How functions without source, constants and names are spelled in a program."""

from __future__ import annotations

import builtins
import functools
import keyword
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from types import BuiltinFunctionType
from typing import Any, Literal

from autograd_nn.program.calls import numpy_name


@dataclass(frozen=True)
class Spelling:
    """How a call of a function is written: with a sign, as an item, or with a name.

    >>> import numpy as np
    >>> expression(operator.add)
    Spelling(kind='infix', text='+')
    >>> expression(np.add.reduce)
    Spelling(kind='call', text='np.add.reduce')
    """

    kind: Literal["infix", "prefix", "item", "call"]
    text: str

    def written(self, *arguments: str) -> str:
        """A call with these texts, in which compound arguments already have their parentheses."""
        if self.kind == "infix":
            left, right = arguments
            return f"{left} {self.text} {right}"
        if self.kind == "prefix":
            return f"{self.text}{arguments[0]}"
        if self.kind == "item":
            return f"{arguments[0]}[{arguments[1]}]"
        return f"{self.text}({', '.join(arguments)})"


INFIX: dict[Callable[..., Any], str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/",
    operator.floordiv: "//", operator.mod: "%", operator.pow: "**", operator.matmul: "@",
    operator.and_: "&", operator.or_: "|", operator.xor: "^",
    operator.lshift: "<<", operator.rshift: ">>",
    operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
    operator.eq: "==", operator.ne: "!=",
}  # fmt: skip
PREFIX: dict[Callable[..., Any], str] = {
    operator.neg: "-", operator.pos: "+", operator.invert: "~", operator.inv: "~",
}  # fmt: skip

_OPERATORS: dict[Callable[..., Any], Spelling] = {
    **{function: Spelling("infix", sign) for function, sign in INFIX.items()},
    **{function: Spelling("prefix", sign) for function, sign in PREFIX.items()},
    operator.getitem: Spelling("item", "[]"),
    operator.abs: Spelling("call", "abs"),
}

# Through these a text could reach names that were not looked at when it was copied.
REACHING_OUT = {
    *("__import__", "breakpoint", "compile", "delattr", "dir", "eval", "exec", "globals", "help"),
    *("input", "locals", "open", "setattr", "super", "vars"),
}
RESERVED = frozenset(
    {"np", "numpy", "step", "make", "kept", "file", "_", *dir(builtins), *keyword.kwlist}
)
"""What a program names itself, and the words of Python."""


def expression(function: Any) -> Spelling | None:
    """How a call of ``function`` is written, where that needs no source of its own; else None."""
    if type(function) is BuiltinFunctionType and function in _OPERATORS:
        return _OPERATORS[function]
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        return None
    if getattr(builtins, name, None) is function:
        return None if name in REACHING_OUT else Spelling("call", name)
    dotted = numpy_name(function)
    return None if dotted is None else Spelling("call", dotted)


def identifier(text: str, taken: set[str]) -> str:
    """A readable name in Python for any text, unlike those in ``taken``, to which it is added.

    Names that a program itself uses are avoided: keywords, built-in functions, `np`.

    >>> identifier("dense_1/kernel", set()), identifier("σ′", set()), identifier("sum", {"sum_"})
    ('dense_1_kernel', 'sigma_prime', 'sum_2')
    """
    name = spelled(text)
    if name in RESERVED:
        name += "_"
    stem, count = name, 1
    while name in taken or name in RESERVED:
        count += 1
        name = f"{stem.rstrip('_')}_{count}"
    taken.add(name)
    return name


@functools.lru_cache(maxsize=1024)
def spelled(text: str) -> str:
    """The characters of any text as a name in Python: "dense_1/kernel" gives dense_1_kernel."""
    words = unicodedata.normalize("NFKD", text)
    words = "".join(c if c.isascii() else _spelled(c) for c in words)
    name = re.sub(r"[^0-9A-Za-z_]+", "_", words).strip("_")[:60]
    if not name or name[0].isdigit():
        name = f"value_{name}".rstrip("_")
    return name


def usable(name: str) -> bool:
    """Whether a program can have this name for something of its own."""
    return name.isidentifier() and name.isascii() and name not in RESERVED


def _spelled(character: str) -> str:
    if unicodedata.combining(character):
        return ""
    return f" {unicodedata.name(character, '').rpartition('LETTER ')[2].lower()} "
