"""Steps in place of others that have no compiled form of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.einsum import spelled_out
from autograd_nn.engine.operations.indexing import ARRAY, set_at
from autograd_nn.engine.operations.indexing import getitem as of_elements
from autograd_nn.engine.operations.positions import first_places
from autograd_nn.engine.operations.remainders import exponent
from autograd_nn.jit.bracketed import brackets_of
from autograd_nn.jit.compiled_form import argument, refused, shape_of
from autograd_nn.program import ASTYPE, METHODS, RESHAPE, Function, Instruction, Instructions, Value

Steps = list[Instruction]


def in_simpler_steps(steps: Instructions) -> Instructions:
    """The same results by steps of which there are forms, where that takes no more."""
    found: Steps = []
    several: dict[Value, Instruction] = {}  # what gives several results, of which one is taken
    for step in steps.steps:
        whole = several.get(step.inputs[0]) if step.function is getitem else None
        if whole is not None:
            operation = _OF_SEVERAL[whole.function][step.inputs[1]]
            if operation is None:
                raise refused(whole)
            step = Instruction(operation, whole.inputs[:1], {}, step.output, step.phase, step.scope)
        if step.function in _OF_SEVERAL:
            several[step.output] = step
        else:
            form = _OF_OPERATIONS.get(_name(step)) or _SIMPLER.get(step.function)
            found += (form(step) if form is not None else None) or [step]
    return steps.rewritten(found, lambda value: value)


def _name(step: Instruction) -> str:
    function = step.function
    return function.name if type(function) is Operation and not function.is_own else ""


def _made(step: Instruction, *calls: tuple[Any, ...], output: Value | None = None) -> Steps:
    """Calls one after the other, of which the last gives what the step gives, or ``output``.

    Each is a function, its inputs, its attributes, and of its result the shape and dtype; of the
    inputs ``...`` is the result of the call before.
    """
    found: Steps = []
    for function, inputs, attributes, shape, dtype in calls:
        inputs = tuple(found[-1].output if x is ... else x for x in inputs)
        result = output or step.output
        if len(found) < len(calls) - 1:
            result = Value(result.name, shape, np.dtype(dtype), "array" if shape else "scalar")
        found.append(Instruction(function, inputs, attributes, result, step.phase, step.scope))
    return found


def _clip(step: Instruction) -> Steps:
    x, output = step.inputs[0], step.output
    low, high = argument(step, 1, "min"), argument(step, 2, "max")
    low, high = argument(step, 1, "a_min", low), argument(step, 2, "a_max", high)
    ends = [(f, end) for f, end in ((np.maximum, low), (np.minimum, high)) if end is not None]
    calls: list[Any] = [(f, (..., end), {}, output.shape, output.dtype) for f, end in ends]
    if not calls:
        return _made(step, (np.positive, (x,), {}, output.shape, output.dtype))
    calls[0] = (calls[0][0], (x, ends[0][1]), *calls[0][2:])
    return _made(step, *calls)


def _round(step: Instruction) -> Steps:
    x, output = step.inputs[0], step.output
    decimals = argument(step, 1, "decimals", 0)
    rest: Any = ({}, output.shape, output.dtype)
    if output.dtype.kind != "f":
        return _made(step, (np.positive, (x,), *rest))
    if decimals == 0:
        return _made(step, (np.rint, (x,), *rest))
    scale = 10.0 ** abs(decimals)
    there, back = (np.multiply, np.divide) if decimals > 0 else (np.divide, np.multiply)
    return _made(
        step, (there, (x, scale), *rest), (np.rint, (...,), *rest), (back, (..., scale), *rest)
    )


def _of_truths(reduce: Function) -> Callable[[Instruction], Steps | None]:
    """A reduction of what is not 0."""

    def form(step: Instruction) -> Steps | None:
        x, attributes = step.inputs[0], step.attributes
        is_canonical = step.function is reduce and "axis" in attributes
        if is_canonical and x.dtype == bool:
            return None
        axis = argument(step, 1, "axis", 0 if step.function is reduce else None)
        how = {"axis": axis, "keepdims": attributes.get("keepdims", False)}
        last = reduce, (...,), how, (), bool
        if x.dtype == bool:
            return _made(step, (reduce, (x,), *last[2:]))
        return _made(step, (np.not_equal, (x, 0), {}, x.shape, bool), last)

    return form


def _mean(step: Instruction) -> Steps:
    x, output = step.inputs[0], step.output
    how = {"axis": argument(step, 1, "axis"), "keepdims": step.attributes.get("keepdims", False)}
    rest = output.shape, output.dtype
    number = x.size // max(output.size, 1)
    return _made(step, (np.add.reduce, (x,), how, *rest), (np.divide, (..., number), {}, *rest))


def _quantile_places(step: Instruction) -> Steps:
    """q · (n − 1) for each row, of which NaN may not count."""
    x, output, how = step.inputs[0], step.output, step.attributes
    q, rows = how["q"], x.shape[:-1]
    if type(q) is not Value and not how["nan"]:  # then they depend on the shape alone
        places = step.function.value(np.zeros(x.shape), **how)  # type: ignore[attr-defined]
        known = Value(output.name, output.shape, output.dtype, output.kind, "constant", places)
        return _made(step, (np.positive, (known,), {}, output.shape, output.dtype))
    if how["method"] != "linear":
        raise refused(step, f"with method={how['method']!r}")
    calls: list[Any] = []
    last: Any = float(x.shape[-1] - 1)
    if how["nan"]:
        calls.append((np.equal, (x, x), {}, x.shape, bool))
        calls.append((np.add.reduce, (...,), {"axis": -1}, rows, np.int64))
        calls.append((np.subtract, (..., 1), {}, rows, np.int64))
        calls.append((np.maximum, (..., 0), {}, rows, np.int64))
        calls.append((ASTYPE, (..., np.float64), {}, rows, np.float64))
        last = ...
    if type(q) is not Value or q.kind != "array" or not q.shape:
        return _made(step, *calls, (np.multiply, (last, q), {}, output.shape, output.dtype))
    shape = q.shape + (1,) * len(rows)
    turned = Value(q.name, shape, q.dtype, "array")
    seen = Instruction(RESHAPE, (q, shape), {}, turned, step.phase, step.scope)
    calls.append((np.multiply, (last, turned), {}, output.shape, output.dtype))
    return [seen, *_made(step, *calls)]


def _indexed(step: Instruction) -> Steps | None:
    """x[True] as x[None]."""
    x, key = step.inputs
    if type(key) not in (bool, np.bool_) or not key or type(x) is not Value:
        return None
    return _made(step, (RESHAPE, (x, (1, *x.shape)), {}, (), x.dtype))


def _taken(step: Instruction) -> Steps:
    """x.take(places, axis) as x[…, places, …]."""
    x, places = step.inputs[:2]
    axis = argument(step, 2, "axis")
    if argument(step, 4, "mode", "raise") != "raise" or type(places) is not Value:
        return [step]
    rest = step.output.shape, step.output.dtype
    if axis is None:
        flat: Any = (RESHAPE, (x, (x.size,)), {}, (x.size,), x.dtype)
        return _made(step, flat, (getitem, (..., places), {}, *rest))
    key = (*[slice(None)] * (axis % len(x.shape)), places)
    return _made(step, (getitem, (x, key), {}, *rest))


def _einsum(step: Instruction) -> Steps | None:
    """A sum of products of two operands as a product of matrices, which BLAS computes."""
    subscripts, *operands = step.inputs
    if "..." in subscripts:
        samples = tuple(np.broadcast_to(0, x.shape) for x in operands)
        spelled = spelled_out(subscripts, samples)
        step = Instruction(np.einsum, (spelled, *operands), {}, step.output, step.phase, step.scope)
        return _einsum(step) or [step]
    names, _, result = subscripts.partition("->")
    dtype = step.output.dtype
    if len(operands) != 2 or any(shape_of(x) == () or x.dtype != dtype for x in operands):
        return None
    a, b = names.split(",")
    many = [k for k in result if k in a and k in b]
    left = [k for k in result if k in a and k not in b]
    right = [k for k in result if k in b and k not in a]
    inner = [k for k in a if k in b and k not in result]
    is_product = len({*a}) == len(a) and len({*b}) == len(b) and {*a, *b} == {*result, *inner}
    if not is_product or not inner:
        return None
    sizes = dict(zip(a + b, operands[0].shape + operands[1].shape, strict=True))
    lead = (math.prod(sizes[k] for k in many),) if many else ()
    m, n, between = (math.prod(sizes[k] for k in letters) for letters in (left, right, inner))

    def ordered(x: Value, own: str, letters: list[str], shape: tuple[int, ...]) -> Steps:
        axes, turned = tuple(own.index(k) for k in letters), tuple(sizes[k] for k in letters)
        calls: list[Any] = [
            (np.transpose, (x, axes), {}, turned, dtype),
            (RESHAPE, (..., shape), {}, shape, dtype),
        ]
        return _made(step, *calls, output=Value(x.name, shape, dtype, "array"))

    steps = ordered(operands[0], a, many + left + inner, (*lead, m, between))
    steps += ordered(operands[1], b, many + inner + right, (*lead, between, n))
    factors = steps[1].output, steps[3].output
    order = many + left + right
    shape = tuple(sizes[k] for k in order)
    calls: list[Any] = [(np.matmul, factors, {}, (*lead, m, n), dtype)]
    calls.append((RESHAPE, (..., shape), {}, shape, dtype))
    if order != list(result):
        axes = tuple(order.index(k) for k in result)
        calls.append((np.transpose, (..., axes), {}, step.output.shape, dtype))
    return steps + _made(step, *calls)


def _set_where(step: Instruction) -> Steps | None:
    """One value in place of all that a mask chooses."""
    _, x, value, key = brackets_of(step)  # type: ignore[misc]
    is_one = type(value) is not Value or value.kind != "array"
    mask = key[0]
    if len(key) > 1 or type(mask) is not Value or mask.dtype != bool or not is_one:
        return None
    if mask.kind != "array":
        return None
    shape = mask.shape + (1,) * (len(x.shape) - len(mask.shape))
    output = step.output
    seen: Any = (RESHAPE, (mask, shape), {}, shape, bool)
    return _made(step, seen, (np.where, (..., value, x), {}, output.shape, output.dtype))


def _places(step: Instruction) -> Steps:
    """Numbers counted through an array, taken at places."""
    how, output = step.attributes, step.output
    counted = _constant(np.arange(math.prod(how["shape"])).reshape(how["shape"]))
    call = (of_elements, (counted, *step.inputs), {"key": how["key"]}, output.shape, output.dtype)
    return _made(step, call)


def _survivors(step: Instruction) -> Steps:
    """Which of the numbers put at places are there still."""
    key, shape = {"key": step.attributes.get("key", ARRAY)}, step.output.shape
    own = _constant(np.arange(math.prod(shape)).reshape(shape))
    before = _constant(np.full(step.attributes["shape"], -1))
    return _made(
        step,
        (set_at, (before, own, *step.inputs), key, before.shape, own.dtype),
        (of_elements, (..., *step.inputs), key, shape, own.dtype),
        (np.equal, (..., own), {}, shape, bool),
    )


def _constant(array: Any) -> Value:
    return Value("number", array.shape, array.dtype, "array", "constant", array)


_any, _all = _of_truths(np.logical_or.reduce), _of_truths(np.logical_and.reduce)
_count = _of_truths(np.add.reduce)

_OF_SEVERAL: dict[Function, Any] = {np.frexp: (None, exponent), np.unique: (None, first_places)}

_OF_OPERATIONS: dict[str, Callable[[Instruction], Steps | None]] = {
    "places": _places,
    "set_at": _set_where,
    "survivors": _survivors,
    "quantile_places": _quantile_places,
}

_SIMPLER: dict[Function, Callable[[Instruction], Steps | None]] = {
    getitem: _indexed,
    np.clip: _clip,
    METHODS["clip"]: _clip,
    np.round: _round,
    METHODS["round"]: _round,
    np.mean: _mean,
    METHODS["mean"]: _mean,
    np.any: _any,
    METHODS["any"]: _any,
    np.logical_or.reduce: _any,
    np.all: _all,
    METHODS["all"]: _all,
    np.logical_and.reduce: _all,
    np.count_nonzero: _count,
    np.take: _taken,
    METHODS["take"]: _taken,
    np.einsum: _einsum,
}
