"""How functions without source, names and constants are spelled in a program: so that no text that
a user chose ends early or means anything else."""

from __future__ import annotations

import builtins
import functools
import keyword
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType
from typing import Any

import numpy as np

from autograd_nn.program.calls import numpy_name
from autograd_nn.program.values import Value

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
    {"np", "numpy", "scipy", "step", "make", "kept", "file", "_", *dir(builtins), *keyword.kwlist}
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


# ------------------------------------------------------------------ names


class Names:
    """A readable Python identifier for every Value, each used once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self.functions: set[str] = set()
        self._names: dict[Value, str] = {}
        self._numbers: dict[str, int] = {}  # by stem, the last that was given

    def __getitem__(self, value: Value) -> str:
        if value not in self._names:
            self._names[value] = self.new(value.name)
        return self._names[value]

    def __contains__(self, value: Value) -> bool:
        return value in self._names

    def call(self, value: Value, name: str) -> None:
        """Call a Value by this name, which is free."""
        self._names[value] = name
        self.taken.add(name)

    def new(self, wish: str) -> str:
        """An unused identifier like ``wish``: "dense_1/kernel" gives dense_1_kernel.

        What has the name of a function is its result: sigmoid_out. Words of Python get a `_`.
        """
        name = spelled(wish)
        if name in self.functions:
            name = f"{name}_out"
        return identifier(name, self.taken, self._numbers)


def identifier(text: str, taken: set[str], numbers: dict[str, int] | None = None) -> str:
    """A readable name in Python for any text, unlike those in ``taken``, to which it is added.

    Names that a program itself uses are avoided: keywords, built-in functions, `np`.

    Parameters   numbers: by name, the last number that one like it got

    >>> identifier("dense_1/kernel", set()), identifier("σ′", set()), identifier("sum", {"sum_"})
    ('dense_1_kernel', 'sigma_prime', 'sum_2')
    """
    name = spelled(text)
    if name in RESERVED:
        name += "_"
    stem = name.rstrip("_")
    numbers = {} if numbers is None else numbers
    while name in taken or name in RESERVED:
        numbers[stem] = numbers.get(stem, 1) + 1
        name = f"{stem}_{numbers[stem]}"
    taken.add(name)
    return name


@functools.lru_cache(maxsize=1024)
def spelled(text: str) -> str:
    """The characters of any text as a name in Python: "dense_1/kernel" gives dense_1_kernel."""
    words = re.sub(r"[^\x00-\x7f]", _spelled, unicodedata.normalize("NFKD", text))
    name = re.sub(r"[^0-9A-Za-z_]+", "_", words).strip("_")[:60]
    if not name or name[0].isdigit():
        name = f"value_{name}".rstrip("_")
    return name


def _spelled(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.combining(character):
        return ""
    return f" {unicodedata.name(character, '').rpartition('LETTER ')[2].lower()} "


# ------------------------------------------------------------------ constants


def literal(value: Any) -> str | None:
    """A constant as text; None for what is no constant, or has no text but its own."""
    if type(value) in (bool, int, str, bytes, type(None)):
        return repr(value)
    if value is Ellipsis:
        return "..."
    if type(value) is float:
        if math.isfinite(value):
            return repr(value)
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    if type(value) is complex:
        return f"complex({literal(value.real)}, {literal(value.imag)})"
    if type(value) is slice:
        parts = literal((value.start, value.stop, value.step))
        return None if parts is None else f"slice{parts}"
    if type(value) is tuple:
        texts = []
        for part in value:
            text = literal(part)
            if text is None:
                return None
            texts.append(text)
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
    if isinstance(value, np.dtype) and value.kind in "biufc":
        return f"np.dtype({(value.name if value.isnative else value.str)!r})"
    if isinstance(value, (np.bool_, np.integer, np.floating)) and value.itemsize <= 8:
        return f"np.{value.dtype.type.__name__}({element(value)})"
    if isinstance(value, type) and issubclass(value, (bool, int, float, complex, np.generic)):
        name: str = getattr(value, "__name__", "")
        return name if getattr(builtins, name, None) is value else numpy_name(value)
    return None


def element(item: Any) -> str:
    """One element of an array, with as few digits as give it back."""
    if isinstance(item, np.floating) and np.isfinite(item):
        short = str(item)
        if type(item)(float(short)) == item:
            return short
    return str(literal(item.item()))


def array_literal(array: np.ndarray[Any, Any]) -> str:
    """An array of numbers as a NumPy expression, exact."""
    kind = f"np.{array.dtype.name}" if array.dtype.kind in "fiu" else repr(array.dtype.name)
    if not array.size:
        return f"np.empty({array.shape}, {kind})"
    if array.ndim and is_uniform(array):
        value = array.flat[0]
        shape = array.size if array.ndim == 1 else array.shape
        if value == 1:
            return f"np.ones({shape}, {kind})"
        return f"np.full({shape}, {element(value)}, {kind})"
    return f"np.array({_nested(array)}, {kind})"


def is_uniform(array: np.ndarray[Any, Any]) -> bool:
    """Whether all elements are one number; 0 and -0 are two."""
    first = array.flat[0]
    return bool((array == first).all() and (np.signbit(array) == np.signbit(first)).all())


def _nested(items: Any) -> str:
    if isinstance(items, np.ndarray) and items.ndim:
        return f"[{', '.join(_nested(item) for item in items)}]"
    return element(items)


def told(text: str) -> str:
    """Any text as part of one line of a comment or a docstring, which it cannot end."""
    # A docstring with half of a surrogate pair is no longer compiled from Python 3.13 on.
    text = text.encode("utf-8", "backslashreplace").decode()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in escaped)
