"""How a call is written: the sign of an operator, the name of a NumPy function."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

SIGNS: dict[Callable[..., Any], str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/",
    operator.floordiv: "//", operator.mod: "%", operator.pow: "**", operator.matmul: "@",
    operator.and_: "&", operator.or_: "|", operator.xor: "^",
    operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
    operator.eq: "==", operator.ne: "!=",
    operator.neg: "negative", operator.abs: "abs", operator.invert: "invert",
    operator.getitem: "[]",
}  # fmt: skip


def written(function: Any) -> str | None:
    """How a call of ``function`` is written; None where it has no name that NumPy alone knows."""
    try:
        if function in SIGNS:
            return SIGNS[function]
    except TypeError:  # not hashable
        return None
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"np.{owner.__name__}.{name}" if written(owner) else None
    for where, prefix in ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft")):
        if getattr(where, name, None) is function:
            return f"{prefix}.{name}"
    return None
