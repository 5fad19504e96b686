"""Constants and texts as Python reads them: exactly, and so that nothing in them ends early."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from autograd_nn.program.calls import numpy_name


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
        texts = [literal(part) for part in value]
        inner = ", ".join(text for text in texts if text is not None)
        return None if None in texts else f"({inner},)" if len(texts) == 1 else f"({inner})"
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
