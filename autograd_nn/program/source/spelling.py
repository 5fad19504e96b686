"""How functions without source, constants and names are spelled in a program."""

from __future__ import annotations

import builtins
import functools
import keyword
import operator
import re
import unicodedata
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any

from autograd_nn.program.calls import numpy_name

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

# Through these a text could reach names that were not looked at when it was copied.
REACHING_OUT = {
    *("__import__", "breakpoint", "compile", "delattr", "dir", "eval", "exec", "globals", "help"),
    *("input", "locals", "open", "setattr", "super", "vars"),
}
RESERVED = frozenset(
    {"np", "numpy", "step", "make", "kept", "file", "_", *dir(builtins), *keyword.kwlist}
)
"""What a program names itself, and the words of Python."""


def spelled_name(function: Any) -> str | None:
    """The name by which a program calls a function of NumPy or of Python; None where it has none.

    >>> import numpy as np
    >>> spelled_name(np.add.reduce), spelled_name(operator.abs), spelled_name(operator.add)
    ('np.add.reduce', 'abs', None)
    """
    if function is operator.abs:
        return "abs"
    name = getattr(function, "__name__", None)
    if isinstance(name, str) and getattr(builtins, name, None) is function:
        return None if name in REACHING_OUT else name
    return numpy_name(function)


def sign_definition(function: Any, name: str) -> str | None:
    """A function that does what a sign of Python does; None for any other function."""
    if type(function) is not BuiltinFunctionType:  # an object of the user's may equal anything
        return None
    if function in INFIX:
        return f"def {name}(x, y):\n    return x {INFIX[function]} y"
    if function in PREFIX:
        return f"def {name}(x):\n    return {PREFIX[function]}x"
    return f"def {name}(x, key):\n    return x[key]" if function is operator.getitem else None


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
