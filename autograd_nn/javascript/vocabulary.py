"""From a step of a program, a call of NumPy, to calls of the functions in arrays.js."""

from __future__ import annotations

import math
import operator
import string
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.cumulative import recurrence
from autograd_nn.engine.operations.indexing import add_at, filled, getitem, scatter, set_at
from autograd_nn.engine.operations.table_rows import add_rows, embed
from autograd_nn.javascript.elementwise import KERNELS
from autograd_nn.program import (
    AS_REDUCTION,
    DOT,
    METHODS,
    UFUNCS,
    Instruction,
    T,
    Value,
    join,
    label,
    placed,
)


class Call(NamedTuple):
    """A function of JavaScript, what it is given, and the shape of its result.

    Among ``operands`` are Values, numbers, arrays that never change, and other calls; ``settings``
    are plain: shapes, axes, strides.
    """

    name: str
    operands: tuple[Any, ...]
    settings: tuple[Any, ...]
    shape: tuple[int, ...]


_REDUCED = {
    np.add.reduce: "sum",
    np.multiply.reduce: "prod",
    np.maximum.reduce: "max",
    np.minimum.reduce: "min",
}
_ACCUMULATED = {
    np.add.accumulate: "cumsum",
    np.cumsum: "cumsum",
    METHODS["cumsum"]: "cumsum",
    np.multiply.accumulate: "cumprod",
    np.cumprod: "cumprod",
}
_VIEWS = {
    T, np.swapaxes, np.transpose, np.moveaxis, np.squeeze, np.expand_dims, np.reshape,
    np.broadcast_to, np.lib.stride_tricks.sliding_window_view,
    *(METHODS[name] for name in ("reshape", "swapaxes", "transpose", "squeeze", "ravel", "flatten")),
}  # fmt: skip
_LOGICAL = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert}


class Unwritable(ArgumentError):
    """What a program calls has no form in JavaScript."""


class Vocabulary:
    """Which calls of JavaScript the steps of a program are.

    Parameters   split: by a Value that is several arrays, the step that made it
    """

    def __init__(self) -> None:
        self._several: dict[Value, Instruction] = {}

    def calls(self, step: Instruction) -> Call | None:
        """The call that gives what the step gives; None where its results are taken one by one.

        Raises       Unwritable, by the name of the function
        """
        if step.function is np.split:
            self._several[step.output] = step
            return None
        try:
            made = self._called(step)
        except _Other as error:
            raise Unwritable(_refusal(step, str(error))) from None
        if made.shape != step.output.shape:
            raise AssertionError(f"{label(step.function)}: {made.shape}, not {step.output.shape}")
        return made

    def _called(self, step: Instruction) -> Call:
        function = UFUNCS.get(step.function, step.function)
        inputs, options = step.inputs, step.attributes
        if function in KERNELS:
            return _elementwise(function, step)
        if function in AS_REDUCTION or function in _REDUCED:
            return _reduction(step)
        if function in _ACCUMULATED:
            return _accumulated(step)
        if function in (METHODS["mean"], np.mean):
            return _mean(step)
        if function in (DOT, operator.matmul, np.dot, np.matmul):
            return _product(*inputs[:2], step.output.shape)
        if function is np.tensordot:
            return _tensordot(inputs[0], inputs[1], _option(step, 2, "axes", 2))
        if function is np.einsum:
            return _einsum(inputs[0], inputs[1:])
        if function in _VIEWS:
            return _view(inputs[0], lambda x: function(x, *inputs[1:], **options))
        if function is operator.getitem or function is getitem:
            return self._taken(step)
        if function is np.concatenate:
            return _concatenated(inputs[0], _option(step, 1, "axis", 0))
        if function is np.stack:
            return _stacked(inputs[0], _option(step, 1, "axis", 0))
        if function is join:
            return _concatenated([_reshaped(x, (_size(x),)) for x in inputs], 0)
        if function is np.full:
            return Call("broadcastTo", (inputs[1],), (step.output.shape,), step.output.shape)
        if function is np.pad:
            return _padded(step)
        if function is np.take_along_axis:
            axis = _axis(_option(step, 2, "axis", -1), len(_shape(inputs[0])))
            return Call("takeAlongAxis", inputs[:2], (axis,), step.output.shape)
        if function is METHODS["clip"]:
            return _elementwise(np.clip, Instruction(np.clip, inputs, options, step.output))
        if function is METHODS["copy"] or getattr(function, "name", None) == "copy":
            return Call("copy", inputs[:1], (), step.output.shape)
        if function is METHODS["astype"]:
            return _converted(step)
        if function is placed:
            return _placed(*inputs)
        if function is scatter:
            key = filled(options.get("key", "array"), inputs[1:])
            return _put(inputs[0], key, tuple(options["shape"]))
        if function in (add_at, set_at):
            return _changed(step)
        if function is embed:
            return Call("take", inputs, (0,), step.output.shape)
        if function is add_rows:
            return Call("untake", inputs[:2], (0, step.output.shape), step.output.shape)
        if function is recurrence:
            axis = _axis(options["axis"], len(step.output.shape))
            return Call("recurrence", inputs, (axis,), step.output.shape)
        raise _Other("")

    def _taken(self, step: Instruction) -> Call:
        source, key = step.inputs[0], step.inputs[1] if len(step.inputs) > 1 else "array"
        if step.function is getitem:
            key = filled(step.attributes.get("key", "array"), step.inputs[1:])
        if source in self._several:
            made = self._several[source]
            parts, axis = made.inputs[1], _option(made, 2, "axis", 0)
            return _view(made.inputs[0], lambda x: np.split(x, parts, axis)[key])
        if source.kind == "tuple":
            raise _Other("it gives several arrays.")
        if _is_plain(key):
            return _view(source, lambda x: x[key])
        places, shape, axis = _places(key, _shape(source))
        flat = _reshaped(source, shape)
        made = (*shape[:axis], *_shape(places), *shape[axis + 1 :])
        return _reshaped(Call("take", (flat, places), (axis,), made), step.output.shape)


class _Other(Exception):
    """What stands behind the name of what cannot be written, or nothing."""


def _refusal(step: Instruction, reason: str) -> str:
    function = step.function
    name = label(function)
    if type(function) is Operation and function.is_own:
        return (
            f"The program calls {name}, an operation of your own, which has no form in JavaScript. "
            "Compose it of NumPy's functions, so that its value and its rules can be written down "
            "call by call."
        )
    told = f": {reason}" if reason else "."
    return f"The program calls {name}, which has no form in JavaScript{told}"


# ------------------------------------------------------------------ what operands are


def _shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape) if type(x) in (Value, Call) else np.shape(x)


def _size(x: Any) -> int:
    return math.prod(_shape(x))


def _kind(x: Any) -> str:
    return x.dtype.kind if type(x) is Value else np.asarray(x).dtype.kind


def _axis(axis: Any, ndim: int) -> int:
    return int(axis) % ndim


def _option(step: Instruction, place: int, name: str, default: Any) -> Any:
    """An argument, by its place or by its name."""
    if len(step.inputs) > place:
        return step.inputs[place]
    return step.attributes.get(name, default)


def _only(options: Mapping[str, Any], *names: str) -> None:
    """Refuse what a function is told beside these, unless it is nothing."""
    for name, item in options.items():
        if name not in names and item is not None:
            raise _Other(f"with {name}=.")


# ------------------------------------------------------------------ element by element


def _elementwise(function: Any, step: Instruction) -> Call:
    if function in _LOGICAL and any(_kind(x) != "b" for x in step.inputs):
        raise _Other("of the bits of whole numbers.")
    inputs = step.inputs
    if function is np.clip:
        low, high = _option(step, 1, "min", None), _option(step, 2, "max", None)
        inputs = (inputs[0], -math.inf if low is None else low, math.inf if high is None else high)
    else:
        _only(step.attributes)
    if function in (np.zeros_like, np.ones_like):
        inputs = inputs[:1]
    return Call(KERNELS[function][0], inputs, (), step.output.shape)


def _converted(step: Instruction) -> Call:
    x = step.inputs[0]
    kind = np.dtype(_option(step, 1, "dtype", float)).kind
    if kind == "b":
        return Call("notEqual", (x, 0), (), step.output.shape)
    if kind in "iu" and _kind(x) == "f":
        return Call("trunc", (x,), (), step.output.shape)
    return Call("copy", (x,), (), step.output.shape)


# ------------------------------------------------------------------ along axes


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(_axis(a, ndim) for a in (axis if isinstance(axis, tuple) else (axis,)))


def _sum(x: Any, axes: tuple[int, ...], keepdims: bool = False, name: str = "sum") -> Call:
    shape = _shape(x)
    kept = tuple(
        1 if axis in axes else length
        for axis, length in enumerate(shape)
        if keepdims or axis not in axes
    )
    return Call(name, (x,), (axes, keepdims), kept)


def _reduction(step: Instruction) -> Call:
    by_method = step.function in AS_REDUCTION
    function = AS_REDUCTION.get(step.function, step.function)
    _only(step.attributes, "axis", "keepdims", "dtype")
    axis = _option(step, 1, "axis", None if by_method else 0)
    x = step.inputs[0]
    keepdims = bool(step.attributes.get("keepdims", False))
    return _sum(x, _axes(axis, len(_shape(x))), keepdims, _REDUCED[function])


def _mean(step: Instruction) -> Call:
    _only(step.attributes, "axis", "keepdims", "dtype")
    x = step.inputs[0]
    axes = _axes(_option(step, 1, "axis", None), len(_shape(x)))
    total = _sum(x, axes, bool(step.attributes.get("keepdims", False)))
    count = math.prod(_shape(x)[axis] for axis in axes)
    return Call("divide", (total, count), (), total.shape)


def _accumulated(step: Instruction) -> Call:
    x, name = step.inputs[0], _ACCUMULATED[step.function]
    _only(step.attributes, "axis", "dtype")
    of_ufunc = step.function in (np.add.accumulate, np.multiply.accumulate)
    axis = _option(step, 1, "axis", 0 if of_ufunc else None)
    if axis is None:
        x, axis = _reshaped(x, (_size(x),)), 0
    return Call(name, (x,), (_axis(axis, len(_shape(x))),), _shape(x))


# ------------------------------------------------------------------ the same numbers elsewhere


def _reshaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if _shape(x) == shape else Call("reshape", (x,), (shape,), shape)


def _seen(shape: tuple[int, ...], function: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Shape, strides and offset, in elements, of what a function shows of an array."""
    counted = np.arange(math.prod(shape), dtype=np.int64).reshape(shape)
    shown = np.asarray(function(counted))
    strides = tuple(step // counted.itemsize for step in shown.strides)
    return shown.shape, strides, int(shown.flat[0]) if shown.size else 0


def _view(x: Any, function: Any) -> Call:
    before = _shape(x)
    shape, strides, offset = _seen(before, function)
    size = math.prod(shape)
    if size == _size(x) and offset == 0 and strides == _packed(shape, strides):
        return Call("reshape", (x,), (shape,), shape)
    axes = _order(before, shape, strides) if offset == 0 else None
    if axes is not None:
        return Call("transpose", (x,), (axes,), shape)
    return Call("view", (x,), (shape, strides, offset), shape)


def _packed(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array without gaps; of an axis of one element they say nothing."""
    found, step = [], 1
    for length, given in zip(reversed(shape), reversed(strides), strict=True):
        found.append(given if length == 1 else step)
        step *= length
    return tuple(reversed(found))


def _order(
    before: tuple[int, ...], shape: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The axes in their new order, where a view is merely that."""
    if len(before) != len(shape) or len(set(strides)) < len(strides):
        return None
    packed = list(_packed(before, (0,) * len(before)))
    if any(step not in packed for step in strides):
        return None
    axes = tuple(packed.index(step) for step in strides)
    return axes if tuple(before[axis] for axis in axes) == shape else None


def _is_plain(key: Any) -> bool:
    """Whether a key holds numbers, slices, None and `...` alone."""
    keys = key if isinstance(key, tuple) else (key,)
    return all(
        isinstance(k, (int, np.integer, slice, type(None), type(...))) and not isinstance(k, bool)
        for k in keys
    )


def _places(key: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...], int]:
    """An index that holds arrays as places along one axis: those, the shape in which to see the
    array, and that axis."""
    keys = [*key] if isinstance(key, tuple) else [key]
    if all(type(k) is not Value or k.role == "constant" for k in keys):
        known = tuple(k.data if type(k) is Value else k for k in keys)
        if all(type(k) is not np.ndarray or k.dtype != object for k in known):
            flat = np.arange(math.prod(shape)).reshape(shape)[known]
            return flat, (math.prod(shape),), 0
    arrays = [place for place, k in enumerate(keys) if not _is_plain(k)]
    first, last = arrays[0], arrays[-1]
    around = [*keys[:first], *keys[last + 1 :]]
    if any(k != slice(None) for k in around) or last - first != len(arrays) - 1:
        raise _Other("with arrays and other indices together.")
    if any(_kind(keys[place]) == "b" for place in arrays):
        raise _Other("with a mask, which chooses another number of elements from call to call.")
    lengths = shape[first : last + 1]
    found: Any = None
    together = np.broadcast_shapes(*(_shape(keys[place]) for place in arrays))
    for k, length in zip(keys[first : last + 1], lengths, strict=True):
        if len(arrays) > 1:  # counted through the axes, so from their beginning
            from_the_end = Call("less", (k, 0), (), _shape(k))
            k = Call(
                "where", (from_the_end, Call("add", (k, length), (), _shape(k)), k), (), _shape(k)
            )
        if found is None:
            found = k
        else:
            line = Call("multiply", (found, length), (), _shape(found))
            found = Call("add", (line, k), (), np.broadcast_shapes(_shape(line), _shape(k)))
    if _shape(found) != together:
        found = Call("broadcastTo", (found,), (together,), together)
    return found, (*shape[:first], math.prod(lengths), *shape[last + 1 :]), first


def _put(g: Any, key: Any, shape: tuple[int, ...]) -> Call:
    """Zeros with g added at a key."""
    if _is_plain(key):
        seen, strides, offset = _seen(shape, lambda x: x[key])
        if _shape(g) != seen:
            g = Call("broadcastTo", (g,), (seen,), seen)
        return Call("unview", (g,), (shape, strides, offset), shape)
    places, whole, axis = _places(key, shape)
    seen = (*whole[:axis], *_shape(places), *whole[axis + 1 :])
    if _size(g) != math.prod(seen):
        raise _Other("of a value that is repeated.")
    made = Call("untake", (_reshaped(g, seen), places), (axis, whole), whole)
    return _reshaped(made, shape)


def _placed(parts: Any, keys: Any, shape: tuple[int, ...]) -> Call:
    total: Any = None
    for x, key in zip(parts, keys, strict=True):
        one = _put(x, key, tuple(shape))
        total = one if total is None else Call("add", (total, one), (), tuple(shape))
    return total


def _changed(step: Instruction) -> Call:
    """An array with values set or added at a key."""
    x, v, *arrays = step.inputs
    key = filled(step.attributes.get("key", "array"), tuple(arrays))
    shape = _shape(x)
    put = _put(v, key, shape)
    if step.function is add_at:
        return Call("add", (x, put), (), shape)
    known = key if isinstance(key, tuple) else (key,)
    known = tuple(k.data if type(k) is Value and k.role == "constant" else k for k in known)
    if any(type(k) is Value for k in known):
        raise _Other("at places that are computed.")
    counted = np.zeros(shape)
    np.add.at(counted, known, 1)
    if counted.max(initial=0) > 1:
        raise _Other("at one place more than once.")
    return Call("where", (counted, put, x), (), shape)


def _padded(step: Instruction) -> Call:
    x, widths = step.inputs[0], _option(step, 1, "pad_width", None)
    if _option(step, 2, "mode", "constant") != "constant":
        raise _Other("but for constants.")
    before = _shape(x)
    pairs = np.broadcast_to(np.asarray(widths), (len(before), 2))
    key = tuple(slice(int(b), int(b) + n) for (b, _), n in zip(pairs, before, strict=True))
    shape = step.output.shape
    made = _put(x, key, shape)
    fill = step.attributes.get("constant_values", 0)
    if np.ndim(fill) or type(fill) is Value:
        raise _Other("with several constants.")
    if fill == 0:
        return made
    around = np.full(shape, float(fill))
    around[key] = 0
    return Call("add", (made, around), (), shape)


def _concatenated(parts: Any, axis: Any) -> Call:
    shape = [*_shape(parts[0])]
    axis = _axis(axis, len(shape))
    shape[axis] = sum(_shape(x)[axis] for x in parts)
    return Call("concatenate", (tuple(parts),), (axis,), tuple(shape))


def _stacked(parts: Any, axis: Any) -> Call:
    shape = [*_shape(parts[0])]
    axis = _axis(axis, len(shape) + 1)
    shape.insert(axis, 1)
    return _concatenated([_reshaped(x, tuple(shape)) for x in parts], axis)


# ------------------------------------------------------------------ products


def _product(x: Any, y: Any, shape: tuple[int, ...]) -> Call:
    """`x @ y`, also of vectors; of numbers their product."""
    a, b = _shape(x), _shape(y)
    if not a or not b:
        return Call("multiply", (x, y), (), shape)
    if len(a) == 1:
        x = _reshaped(x, (1, *a))
    if len(b) == 1:
        y = _reshaped(y, (*b, 1))
    a, b = _shape(x), _shape(y)
    made = (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
    return _reshaped(Call("matmul", (x, y), (), made), shape)


def _turned(x: Any, axes: tuple[int, ...]) -> Any:
    if axes == tuple(range(len(axes))):
        return x
    return Call("transpose", (x,), (axes,), tuple(_shape(x)[axis] for axis in axes))


def _tensordot(x: Any, y: Any, axes: Any) -> Call:
    a, b = _shape(x), _shape(y)
    if isinstance(axes, int):
        axes = (range(len(a) - axes, len(a)), range(axes))
    ours, theirs = (_axes(tuple(part), len(s)) for part, s in zip(axes, (a, b), strict=True))
    left = tuple(axis for axis in range(len(a)) if axis not in ours)
    right = tuple(axis for axis in range(len(b)) if axis not in theirs)
    inner = math.prod(a[axis] for axis in ours)
    before, behind = tuple(a[axis] for axis in left), tuple(b[axis] for axis in right)
    x = _reshaped(_turned(x, left + ours), (math.prod(before), inner))
    y = _reshaped(_turned(y, theirs + right), (inner, math.prod(behind)))
    made = Call("matmul", (x, y), (), (math.prod(before), math.prod(behind)))
    return _reshaped(made, before + behind)


def _einsum(text: str, operands: tuple[Any, ...]) -> Call:
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
        found = _sum(found, extra)
        have = "".join(name for name in have if name in result)
    found = _turned(found, tuple(have.index(name) for name in result))
    return found if type(found) is Call else Call("copy", (found,), (), _shape(found))


def _spelled_out(
    labels: list[str], result: str, operands: tuple[Any, ...]
) -> tuple[list[str], str]:
    """Letters in place of `...`, the same for axes that lie at the same place from the end."""
    spare = "".join(x for x in string.ascii_letters if x not in "".join([*labels, result]))
    ranks = [
        len(_shape(x)) - len(text) + 3 if "..." in text else 0
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
    shape = _shape(x)
    strides = _packed(shape, (0,) * len(shape))
    lengths = tuple(shape[names.index(name)] for name in once)
    steps = tuple(sum(s for s, n in zip(strides, names, strict=True) if n == name) for name in once)
    return Call("view", (x,), (lengths, steps, 0), lengths), once


def _contracted(x: Any, a: str, y: Any, b: str, later: str) -> tuple[Any, str]:
    for_x = tuple(axis for axis, name in enumerate(a) if name not in b + later)
    if for_x:
        x, a = _sum(x, for_x), "".join(name for name in a if name in b + later)
    for_y = tuple(axis for axis, name in enumerate(b) if name not in a + later)
    if for_y:
        y, b = _sum(y, for_y), "".join(name for name in b if name in a + later)
    batch = [name for name in a if name in b and name in later]
    inner = [name for name in a if name in b and name not in later]
    left = [name for name in a if name not in b]
    right = [name for name in b if name not in a]
    length = dict(zip(a, _shape(x), strict=True)) | dict(zip(b, _shape(y), strict=True))

    def lengths(names: list[str]) -> tuple[int, ...]:
        return tuple(length[name] for name in names)

    x = _turned(x, tuple(a.index(name) for name in [*batch, *left, *inner]))
    y = _turned(y, tuple(b.index(name) for name in [*batch, *inner, *right]))
    m, k, n = (math.prod(lengths(names)) for names in (left, inner, right))
    x = _reshaped(x, (*lengths(batch), m, k))
    y = _reshaped(y, (*lengths(batch), k, n))
    made = Call("matmul", (x, y), (), (*lengths(batch), m, n))
    names = [*batch, *left, *right]
    return _reshaped(made, lengths(names)), "".join(names)
