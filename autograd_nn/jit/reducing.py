"""How many numbers become one: with what it begins, how one more is taken in, in what dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.jit.compiled_form import refused
from autograd_nn.jit.elements import number
from autograd_nn.norms import global_norm_factor
from autograd_nn.program import Function, Instruction, Value

FOLDS: dict[Function, tuple[Any, str]] = {
    np.add.reduce: (0, "added({0}, {1})"),
    np.multiply.reduce: (1, "multiplied({0}, {1})"),
    np.maximum.reduce: (-np.inf, "({1} if ({1} >= {0}) | ({1} != {1}) else {0})"),
    np.minimum.reduce: (np.inf, "({1} if ({1} <= {0}) | ({1} != {1}) else {0})"),
    np.logical_or.reduce: (0, "({0} | {1})"),
    np.logical_and.reduce: (1, "({0} & {1})"),
}
OF_EXTREMA: dict[Function, str] = {np.maximum.reduce: "larger", np.minimum.reduce: "smaller"}
_WIDE: frozenset[Function] = frozenset({np.add.reduce, np.multiply.reduce})
# Only these may be computed in another order, which vectors need for a sum; and only the larger and
# the smaller of two do not ask for NaN, which who calls them does.
_IN_ANY_ORDER, _WITHOUT_NAN = '{"contract", "reassoc"}', '{"nnan", "nsz"}'
HELPERS = {
    "added": f"""
@njit(fastmath={_IN_ANY_ORDER})
def added(a, b):
    return a + b
""",
    "multiplied": f"""
@njit(fastmath={_IN_ANY_ORDER})
def multiplied(a, b):
    return a * b
""",
    "larger": f"""
@njit(fastmath={_WITHOUT_NAN})
def larger(a, b):
    return b if b > a else a
""",
    "smaller": f"""
@njit(fastmath={_WITHOUT_NAN})
def smaller(a, b):
    return b if b < a else a
""",
    "longer": f"""
@njit(fastmath={_IN_ANY_ORDER})
def longer(length, array):
    total = length * length
    for x in array:
        total += float64(x) * float64(x)
    if (total > 1e-200) & (total < np.inf):
        return np.sqrt(total)
    unit = length
    for x in array:
        unit = abs(float64(x)) if (abs(x) > unit) | (x != x) else unit
    if not (unit > 0) & (unit < np.inf):
        return unit
    total = (length / unit) ** 2
    for x in array:
        total += (x / unit) ** 2
    return unit * np.sqrt(total)
""",
}


def fold(step: Instruction, dtype: np.dtype[Any]) -> tuple[str, str]:
    """With what a reduction starts, and how it takes in one number more."""
    initial, text = FOLDS[step.function]
    if not np.isfinite(initial) and step.output.dtype.kind != "f":
        raise refused(step, "of whole numbers")
    return number(initial, dtype), text


def wide(step: Instruction) -> np.dtype[Any]:
    """Sums are added up in float64: in float32 many lose digits."""
    is_wide = step.output.dtype.kind == "f" and step.function in _WIDE
    return np.dtype(np.float64) if is_wide else step.output.dtype


def scaled_down(
    step: Instruction,
    place: Callable[[Value], tuple[str, int, Any]],
    name: str,
) -> list[str]:
    """The lines for what arrays are scaled down by that are longer than a limit."""
    limit = step.attributes["limit"]
    length = "0.0"
    for value in step.inputs:
        base, start, _ = place(value)
        length = f"longer({length}, {base}[{start}:{start + value.size}])"
    factor = f"{limit!r} / {name} if {name} > {limit!r} else 1.0"
    if step.function is global_norm_factor:
        factor = f"np.nan if not {name} < np.inf else {factor}"
    return [f"{name} = {length}", f"{name} = {factor}"]
