"""Products of matrices, and what comes down to them: tensordot and einsum."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from autograd_nn.javascript.script_calls import (
    ScriptCall,
    counted_axes,
    packed_strides,
    reshaped,
    shape_of,
    summed,
    turned,
)
from autograd_nn.program import Value


def product(x: Any, y: Any, shape: tuple[int, ...]) -> ScriptCall:
    """`x @ y`, also of vectors; of numbers their product."""
    a, b = shape_of(x), shape_of(y)
    if not a or not b:
        return ScriptCall("multiply", (x, y), (), shape)
    if len(a) == 1 and len(b) == 2 and _is_of_ones(x):
        return summed(y, (0,))
    if len(a) == 1:
        x = reshaped(x, (1, *a))
    if len(b) == 1:
        y = reshaped(y, (*b, 1))
    a, b = shape_of(x), shape_of(y)
    made = (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
    return reshaped(ScriptCall("matmul", (x, y), (), made), shape)


def _is_of_ones(x: Any) -> bool:
    data = x.data if type(x) is Value and x.role == "constant" else x
    return isinstance(data, np.ndarray) and bool((data == 1).all())


def tensordot(x: Any, y: Any, axes: Any) -> ScriptCall:
    a, b = shape_of(x), shape_of(y)
    if isinstance(axes, int):
        axes = (range(len(a) - axes, len(a)), range(axes))
    ours, theirs = (counted_axes(tuple(part), len(s)) for part, s in zip(axes, (a, b), strict=True))
    left = tuple(axis for axis in range(len(a)) if axis not in ours)
    right = tuple(axis for axis in range(len(b)) if axis not in theirs)
    inner = math.prod(a[axis] for axis in ours)
    before, behind = tuple(a[axis] for axis in left), tuple(b[axis] for axis in right)
    x = reshaped(turned(x, left + ours), (math.prod(before), inner))
    y = reshaped(turned(y, theirs + right), (inner, math.prod(behind)))
    made = ScriptCall("matmul", (x, y), (), (math.prod(before), math.prod(behind)))
    return reshaped(made, before + behind)


def einsum(text: str, operands: tuple[Any, ...]) -> ScriptCall:
    """Operand by operand: a matrix product over what neither the result nor the rest has."""
    given, _, result = text.replace(" ", "").partition("->")
    labels = given.split(",")
    if "->" not in text:
        result = "".join(sorted(x for x in set(given) - {","} if given.count(x) == 1))
    labels, result = _spelled_out(labels, result, operands)
    found, have = _diagonal(operands[0], labels[0])
    for place, x in enumerate(operands[1:], 1):
        x, own = _diagonal(x, labels[place])
        later = result + "".join(labels[place + 1 :])
        found, have = _contracted(found, have, x, own, later)
    extra = tuple(axis for axis, name in enumerate(have) if name not in result)
    if extra:
        found = summed(found, extra)
        have = "".join(name for name in have if name in result)
    found = turned(found, tuple(have.index(name) for name in result))
    return found if type(found) is ScriptCall else ScriptCall("copy", (found,), (), shape_of(found))


def _spelled_out(
    labels: list[str], result: str, operands: tuple[Any, ...]
) -> tuple[list[str], str]:
    """Letters in place of `...`, the same for axes that lie at the same place from the end."""
    spare = "".join(x for x in string.ascii_letters if x not in "".join([*labels, result]))
    ranks = [
        len(shape_of(x)) - len(text) + 3 if "..." in text else 0
        for text, x in zip(labels, operands, strict=True)
    ]
    axes = spare[: max(ranks, default=0)]
    found = [
        text.replace("...", axes[len(axes) - rank :])
        for text, rank in zip(labels, ranks, strict=True)
    ]
    return found, result.replace("...", axes)


def _diagonal(x: Any, names: str) -> tuple[Any, str]:
    """Axes of one name as one axis."""
    once = "".join(dict.fromkeys(names))
    if once == names:
        return x, names
    shape = shape_of(x)
    strides = packed_strides(shape, (0,) * len(shape))
    lengths = tuple(shape[names.index(name)] for name in once)
    steps = tuple(sum(s for s, n in zip(strides, names, strict=True) if n == name) for name in once)
    return ScriptCall("view", (x,), (lengths, steps, 0), lengths), once


def _contracted(x: Any, a: str, y: Any, b: str, later: str) -> tuple[Any, str]:
    for_x = tuple(axis for axis, name in enumerate(a) if name not in b + later)
    if for_x:
        x, a = summed(x, for_x), "".join(name for name in a if name in b + later)
    for_y = tuple(axis for axis, name in enumerate(b) if name not in a + later)
    if for_y:
        y, b = summed(y, for_y), "".join(name for name in b if name in a + later)
    batch = [name for name in a if name in b and name in later]
    inner = [name for name in a if name in b and name not in later]
    left = [name for name in a if name not in b]
    right = [name for name in b if name not in a]
    length = dict(zip(a, shape_of(x), strict=True)) | dict(zip(b, shape_of(y), strict=True))

    def lengths(names: list[str]) -> tuple[int, ...]:
        return tuple(length[name] for name in names)

    x = turned(x, tuple(a.index(name) for name in [*batch, *left, *inner]))
    y = turned(y, tuple(b.index(name) for name in [*batch, *inner, *right]))
    m, k, n = (math.prod(lengths(names)) for names in (left, inner, right))
    x = reshaped(x, (*lengths(batch), m, k))
    y = reshaped(y, (*lengths(batch), k, n))
    made = ScriptCall("matmul", (x, y), (), (*lengths(batch), m, n))
    names = [*batch, *left, *right]
    return reshaped(made, lengths(names)), "".join(names)
