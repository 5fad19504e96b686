"""Parts of arrays, and arrays with parts: views, indices and what they give back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.engine.operations.indexing import add_at, filled
from autograd_nn.javascript.script_calls import (
    NoForm,
    ScriptCall,
    counted_axis,
    element_by_element,
    kind_of,
    option,
    packed_strides,
    reshaped,
    shape_of,
    size_of,
)
from autograd_nn.program import Instruction, Value


def _seen(shape: tuple[int, ...], function: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Shape, strides and offset, in elements, of what a function shows of an array."""
    counted = np.arange(math.prod(shape), dtype=np.int64).reshape(shape)
    shown = np.asarray(function(counted))
    strides = tuple(step // counted.itemsize for step in shown.strides)
    return shown.shape, strides, int(shown.flat[0]) if shown.size else 0


def viewed(x: Any, function: Any) -> ScriptCall:
    before = shape_of(x)
    shape, strides, offset = _seen(before, function)
    size = math.prod(shape)
    if size == size_of(x) and offset == 0 and strides == packed_strides(shape, strides):
        return ScriptCall("reshape", (x,), (shape,), shape)
    axes = _order(before, shape, strides) if offset == 0 else None
    if axes is not None:
        return ScriptCall("transpose", (x,), (axes,), shape)
    return ScriptCall("view", (x,), (shape, strides, offset), shape)


def _order(
    before: tuple[int, ...], shape: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The axes in their new order, where a view is merely that."""
    if len(before) != len(shape) or len(set(strides)) < len(strides):
        return None
    packed = list(packed_strides(before, (0,) * len(before)))
    if any(step not in packed for step in strides):
        return None
    axes = tuple(packed.index(step) for step in strides)
    return axes if tuple(before[axis] for axis in axes) == shape else None


def is_plain_key(key: Any) -> bool:
    """Whether a key holds numbers, slices, None and `...` alone."""
    keys = key if isinstance(key, tuple) else (key,)
    return all(
        isinstance(k, (int, np.integer, slice, type(None), type(...))) and not isinstance(k, bool)
        for k in keys
    )


def places_of(key: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...], int]:
    """An index that holds arrays as places along one axis: those, the shape in which to see the
    array, and that axis."""
    keys = [*key] if isinstance(key, tuple) else [key]
    if all(type(k) is not Value or k.role == "constant" for k in keys):
        known = tuple(k.data if type(k) is Value else k for k in keys)
        if all(type(k) is not np.ndarray or k.dtype != object for k in known):
            flat = np.arange(math.prod(shape)).reshape(shape)[known]
            return flat, (math.prod(shape),), 0
    arrays = [place for place, k in enumerate(keys) if not is_plain_key(k)]
    first, last = arrays[0], arrays[-1]
    around = [*keys[:first], *keys[last + 1 :]]
    if any(k != slice(None) for k in around) or last - first != len(arrays) - 1:
        raise NoForm("with arrays and other indices together.")
    if any(kind_of(keys[place]) == "b" for place in arrays):
        raise NoForm("with a mask, which chooses another number of elements from call to call.")
    lengths = shape[first : last + 1]
    found: Any = None
    together = np.broadcast_shapes(*(shape_of(keys[place]) for place in arrays))
    for k, length in zip(keys[first : last + 1], lengths, strict=True):
        if len(arrays) > 1:  # counted through the axes, so from their beginning
            k = ScriptCall("countedAll", (k,), (length,), shape_of(k))
        if found is None:
            found = k
        else:
            found = element_by_element("add", element_by_element("multiply", found, length), k)
    if shape_of(found) != together:
        found = ScriptCall("broadcastTo", (found,), (together,), together)
    return found, (*shape[:first], math.prod(lengths), *shape[last + 1 :]), first


def put_at(g: Any, key: Any, shape: tuple[int, ...]) -> ScriptCall:
    """Zeros with g added at a key."""
    if is_plain_key(key):
        seen, strides, offset = _seen(shape, lambda x: x[key])
        if shape_of(g) != seen:
            g = ScriptCall("broadcastTo", (g,), (seen,), seen)
        return ScriptCall("unview", (g,), (shape, strides, offset), shape)
    places, whole, axis = places_of(key, shape)
    seen = (*whole[:axis], *shape_of(places), *whole[axis + 1 :])
    if size_of(g) != math.prod(seen):
        raise NoForm("of a value that is repeated.")
    made = ScriptCall("untake", (reshaped(g, seen), places), (axis, whole), whole)
    return reshaped(made, shape)


def put_together(parts: Any, keys: Any, shape: tuple[int, ...]) -> ScriptCall:
    total: Any = None
    for x, key in zip(parts, keys, strict=True):
        one = put_at(x, key, tuple(shape))
        total = one if total is None else element_by_element("add", total, one)
    return total


def changed(step: Instruction) -> ScriptCall:
    """An array with values set or added at a key."""
    x, v, *arrays = step.inputs
    key = filled(step.attributes.get("key", "array"), tuple(arrays))
    shape = shape_of(x)
    put = put_at(v, key, shape)
    if step.function is add_at:
        return element_by_element("add", x, put)
    known = key if isinstance(key, tuple) else (key,)
    known = tuple(k.data if type(k) is Value and k.role == "constant" else k for k in known)
    if any(type(k) is Value for k in known):
        raise NoForm("at places that are computed.")
    counted = np.zeros(shape)
    np.add.at(counted, known, 1)
    if counted.max(initial=0) > 1:
        raise NoForm("at one place more than once.")
    return element_by_element("where", counted, put, x)


def padded(step: Instruction) -> ScriptCall:
    x, widths = step.inputs[0], option(step, 1, "pad_width", None)
    if option(step, 2, "mode", "constant") != "constant":
        raise NoForm("but for constants.")
    before = shape_of(x)
    pairs = np.broadcast_to(np.asarray(widths), (len(before), 2))
    key = tuple(slice(int(b), int(b) + n) for (b, _), n in zip(pairs, before, strict=True))
    shape = step.output.shape
    made = put_at(x, key, shape)
    fill = step.attributes.get("constant_values", 0)
    if np.ndim(fill) or type(fill) is Value:
        raise NoForm("with several constants.")
    if fill == 0:
        return made
    around = np.full(shape, float(fill))
    around[key] = 0
    return element_by_element("add", made, around)


def concatenated(parts: Any, axis: Any) -> ScriptCall:
    shape = [*shape_of(parts[0])]
    axis = counted_axis(axis, len(shape))
    shape[axis] = sum(shape_of(x)[axis] for x in parts)
    return ScriptCall("concatenate", (tuple(parts),), (axis,), tuple(shape))


def stacked(parts: Any, axis: Any) -> ScriptCall:
    shape = [*shape_of(parts[0])]
    axis = counted_axis(axis, len(shape) + 1)
    shape.insert(axis, 1)
    return concatenated([reshaped(x, tuple(shape)) for x in parts], axis)
