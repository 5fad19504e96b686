"""Elements taken out, put in and added at places that arrays say, as loops."""

from __future__ import annotations

from collections.abc import Callable
from operator import getitem
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.indexing import ARRAY, filled
from autograd_nn.jit.loops import Where, index, opened
from autograd_nn.program import Instruction, Value


class Indexing(NamedTuple):
    """What stands in the brackets of x[...], axis by axis of x.

    ``axes`` has for every axis of x a whole number; or where a slice begins, its step, and the axis
    of the result; or the array that says the places. Of the result the arrays, broadcast, have the
    axes ``together``, and those of slices and of None lie around them. ``shape`` is that of the
    result, ``counted`` of the arrays.
    """

    axes: tuple[Any, ...]
    together: range
    shape: tuple[int, ...]

    @property
    def counted(self) -> tuple[int, ...]:
        """The shape that the arrays are broadcast to."""
        return self.shape[self.together.start : self.together.stop]


def indexing(key: tuple[Any, ...], shape: tuple[int, ...]) -> Indexing:
    """What a key means for an array of a shape, as NumPy says; its arrays are of integers."""
    has_arrays = any(type(k) is Value for k in key)
    # Three dots stand between others also where they are for no axis.
    places = [place for place, k in enumerate(key) if type(k) in (int, Value) and has_arrays]
    is_apart = has_arrays and places[-1] - places[0] >= len(places)
    taken = sum(k is not None and k is not ... for k in key)
    rest = [slice(None)] * (len(shape) - taken)
    at = key.index(...) if ... in key else len(key)
    key = (*key[:at], *rest, *key[at + 1 :])
    first_place = next((place for place, k in enumerate(key) if type(k) in (int, Value)), -1)
    counted = np.broadcast_shapes(*(k.shape for k in key if type(k) is Value))
    axes: list[Any] = []
    result: list[int] = list(counted) if is_apart else []
    first = 0
    for place, k in enumerate(key):
        length = 1 if k is None else shape[len(axes)]
        if has_arrays and not is_apart and place == first_place:
            first = len(result)
            result += counted
        if type(k) is Value:
            axes.append(k)
        elif type(k) is int:
            axes.append(k % length)
        else:
            if k is not None:
                start, stop, step = k.indices(length)
                axes.append((start, step, len(result)))
                length = len(range(start, stop, step))
            result.append(length)
    return Indexing(tuple(axes), range(first, first + len(counted)), tuple(result))


class Brackets(NamedTuple):
    """What a step does with x[key]: it takes, or sets or adds values in a copy of x or in zeros."""

    does: str  # "take", "set" or "add"
    x: Any  # None for zeros
    values: Any
    key: tuple[Any, ...]


def brackets_of(step: Instruction) -> Brackets | None:
    """Those of a step; None where it has none."""
    function, inputs, key = step.function, step.inputs, step.attributes.get("key", ARRAY)
    if function is getitem:
        x, key = inputs
        return Brackets("take", x, None, key if type(key) is tuple else (key,))
    if type(function) is not Operation or function.is_own or function.name not in _BRACKETS:
        return None
    x, values, arrays = _BRACKETS[function.name](*inputs)
    key = filled(key, arrays)
    does = {"getitem": "take", "set_at": "set"}.get(function.name, "add")
    return Brackets(does, x, values, key if isinstance(key, tuple) else (key,))


_BRACKETS: dict[str, Callable[..., Any]] = {
    "getitem": lambda x, *arrays: (x, None, arrays),
    "scatter": lambda values, *arrays: (None, values, arrays),
    "set_at": lambda x, values, *arrays: (x, values, arrays),
    "add_at": lambda x, values, *arrays: (x, values, arrays),
}


def written(
    step: Instruction,
    place: Callable[[Value], Where],
    number: Callable[[Any, Any], str],
    new: Callable[[str], str],
) -> list[str]:
    """The loops of a step, whose output is by rows.

    Parameters   number: a value that is the same everywhere, as text of a dtype
                 new: a name that nothing has
    """
    found, does, shape = (step.attributes[key] for key in ("indexing", "does", "shape"))
    x, values, mask = step.inputs[:3]
    counters = [new("i") for _ in found.shape]
    names = [new("at") for _ in found.axes]
    output = place(step.output)
    if does == "take":
        return _loops(found, place(x), shape, output, place, counters, names, "{1} = {0}", mask)
    base, start, _ = output
    counter = new("i")
    first = "0"
    if type(x) is Value:
        of, begin, _ = place(x)
        first = f"{of}[{index(begin, [(counter, 1)])}]"
    lines = [f"for {counter} in range({step.output.size}):"]
    lines.append(f"    {base}[{index(start, [(counter, 1)])}] = {first}")
    sign = "+=" if does == "add" else "="
    if type(values) is Value and values.kind == "array":
        text, other = f"{{0}} {sign} {{1}}", place(values)
    else:
        text, other = (
            f"{{0}} {sign} {number(values, step.output.dtype)}",
            (base, 0, (0,) * len(found.shape)),
        )
    return lines + _loops(found, output, shape, other, place, counters, names, text, mask)


def _loops(
    found: Indexing,
    x: Where,
    lengths: tuple[int, ...],
    other: Where,
    place: Callable[[Value], Where],
    counters: list[str],
    names: list[str],
    text: str,
    mask: Any,
) -> list[str]:
    """Loops over the places, with ``text`` of the element of x there and that of the other array.

    Parameters   lengths: the shape of x
                 other: an array of the shape of the result
                 counters, names: for the axes of the result, and for those of x
                 mask: None, or of the places those that are meant
    """
    written: list[str] = []
    loops = list(zip(counters, found.shape, strict=True))
    together = slice(found.together.start, found.together.stop)
    around = loops[: together.start] + loops[together.stop :]
    indent = opened(written, [(c, n) for c, n in loops[together] if n != 1])
    if mask is not None:
        of_mask, begin, steps = place(mask)
        own = counters[found.together.stop - len(mask.shape) : found.together.stop]
        at_mask = [(c, s) for c, s, n in zip(own, steps, mask.shape, strict=True) if n != 1]
        written.append(f"{indent}if {of_mask}[{index(begin, at_mask)}]:")
        indent += "    "
    (base, start, strides), at = x, []
    for k, stride, length, name in zip(found.axes, strides, lengths, names, strict=True):
        if type(k) is int:
            start += k * stride
        elif type(k) is tuple:
            begin, step, axis = k
            start += begin * stride
            if found.shape[axis] != 1:
                at.append((counters[axis], step * stride))
        else:
            array, first, of = place(k)
            own = counters[found.together.stop - len(k.shape) : found.together.stop]
            term = index(
                first, [(c, s) for c, s, n in zip(own, of, k.shape, strict=True) if n != 1]
            )
            written += [
                f"{indent}{name} = int64({array}[{term}])",
                f"{indent}if {name} < 0:",
                f"{indent}    {name} += {length}",
                f"{indent}if {name} < 0 or {name} >= {length}:",
                f'{indent}    raise IndexError("An index is out of bounds for an axis of '
                f'{length} elements.")',
            ]
            at.append((name, stride))
    indent = opened(written, [(c, n) for c, n in around if n != 1], indent)
    array, first, of = other
    own_at = [(c, s) for c, s, n in zip(counters, of, found.shape, strict=True) if n != 1]
    written.append(
        indent + text.format(f"{base}[{index(start, at)}]", f"{array}[{index(first, own_at)}]")
    )
    return written
