"""Calls in place of others that have no compiled form of their own, written as NumPy and traced."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.einsum import spelled_out
from autograd_nn.engine.operations.indexing import ARRAY, filled, set_at
from autograd_nn.engine.operations.indexing import getitem as of_elements
from autograd_nn.engine.operations.positions import first_places
from autograd_nn.engine.operations.remainders import exponent
from autograd_nn.jit.compiled_form import refused
from autograd_nn.program import METHODS, Function, Instruction, Instructions, Trace, Traced, Value

Form = Callable[..., Any]
"""Takes a step, then its inputs and attributes, traced; NotImplemented where the step may stay."""


def in_simpler_steps(steps: Instructions) -> Instructions:
    """The same results by steps of which there are forms, where that takes no more."""
    found: list[Instruction] = []
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
            found += [step] if form is None else _traced(step, form)
    return steps.rewritten(found, lambda value: value)


def _name(step: Instruction) -> str:
    function = step.function
    return function.name if type(function) is Operation and not function.is_own else ""


def _traced(step: Instruction, form: Form) -> list[Instruction]:
    """The steps of a form, the last of which gives what the step gives."""
    trace = Trace()
    trace.phase, trace.scope = step.phase, step.scope
    known = {x: Traced(trace, x, _sample(x)) for x in step.read() if x.kind in _OF_NUMBERS}
    traced = step.replaced(known)
    try:
        arguments = inspect.signature(form).bind(step, *traced.inputs, **traced.attributes)
    except TypeError:
        raise refused(step, "with such arguments") from None
    with np.errstate(all="ignore"):
        made = form(*arguments.args, **arguments.kwargs)
    if made is NotImplemented:
        return [step]
    *others, last = trace.steps
    rest = step.output, step.phase, step.scope
    return [*others, Instruction(last.function, last.inputs, last.attributes, *rest)]


_OF_NUMBERS = ("array", "scalar", "number")


def _sample(value: Value) -> Any:
    zero = value.dtype.type(0)
    if value.kind == "array":
        return np.broadcast_to(zero, value.shape)
    return zero if value.kind == "scalar" else zero.item()


def _is_traced(item: Any) -> bool:
    return type(item) is Traced


def _trace_of(arrays: tuple[Any, ...]) -> Trace:
    trace: Trace = next(filter(_is_traced, arrays)).trace
    return trace


def _clip(
    _: Instruction, x: Any, low: Any = None, high: Any = None, *,
    a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None,
) -> Any:  # fmt: skip
    for function, ends in ((np.maximum, (low, a_min, min)), (np.minimum, (high, a_max, max))):
        for end in ends:
            x = x if end is None else function(x, end)
    return x if x.trace.steps else np.positive(x)


def _round(step: Instruction, x: Any, decimals: int = 0) -> Any:
    if x.dtype.kind != "f":
        if decimals < 0:
            raise refused(step, "of whole numbers")
        return np.positive(x)
    if decimals == 0:
        return np.rint(x)
    scale = 10.0 ** abs(decimals)
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def _of_truths(reduce: Any) -> Form:
    """A reduction of what is not 0."""

    def form(
        step: Instruction, x: Any, axis: Any = ..., dtype: Any = None, *, keepdims: bool = False
    ) -> Any:
        if step.function is reduce and x.dtype == bool and axis is not ...:
            return NotImplemented
        if axis is ...:
            axis = 0 if step.function is reduce else None
        truths = x if x.dtype == bool else np.not_equal(x, 0)
        return reduce(truths, axis=axis, keepdims=keepdims)

    return form


def _mean(
    step: Instruction, x: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False
) -> Any:
    x = x if x.dtype == step.output.dtype else x.astype(step.output.dtype)
    number = x.size // max(step.output.size, 1)
    how: Any = {"axis": axis, "keepdims": keepdims}
    return np.add.reduce(x, **how) / number


def _quantile_places(step: Instruction, x: Any, *, q: Any, nan: bool, method: str) -> Any:
    """q · (n − 1) for each row, of which NaN may not count."""
    if not _is_traced(q) and not nan:  # then they depend on the shape alone
        places = step.function.value(np.zeros(x.shape), q=q, nan=nan, method=method)  # type: ignore[attr-defined]
        return np.positive(x.trace.constant(places))
    if method != "linear":
        raise refused(step, f"with method={method!r}")
    last: Any = float(x.shape[-1] - 1)
    if nan:
        numbers = np.add.reduce(np.equal(x, x), axis=-1)
        last = np.maximum(numbers - 1, 0).astype(np.float64)
    if _is_traced(q) and q.shape:
        q = q.reshape(q.shape + (1,) * (x.ndim - 1))
    return last * q


def _indexed(_: Instruction, x: Any, key: Any) -> Any:
    """x[True] as x[None]."""
    if type(key) not in (bool, np.bool_) or not key or not _is_traced(x):
        return NotImplemented
    return x.reshape((1, *x.shape))


def _taken(
    _: Instruction, x: Any, places: Any, axis: Any = None, out: None = None, mode: str = "raise"
) -> Any:
    """x.take(places, axis) as x[…, places, …]."""
    if mode != "raise" or not _is_traced(places):
        return NotImplemented
    if axis is None:
        return x.reshape((x.size,))[places]
    return x[(*[slice(None)] * (axis % x.ndim), places)]


def _einsum(step: Instruction, subscripts: str, *operands: Any, optimize: Any = None) -> Any:
    """A sum of products of two operands as a product of matrices, which BLAS computes."""
    if "..." in subscripts:
        samples = tuple(np.broadcast_to(0, x.shape) for x in operands)
        spelled = spelled_out(subscripts, samples)
        made = _einsum(step, spelled, *operands)
        if made is NotImplemented:
            known = _sample(step.output)
            made = _trace_of(operands).call(np.einsum, (spelled, *operands), known=known)
        return made
    names, _, result = subscripts.partition("->")
    dtype = step.output.dtype
    if len(operands) != 2 or any(np.shape(x) == () or x.dtype != dtype for x in operands):
        return NotImplemented
    a, b = names.split(",")
    many = [k for k in result if k in a and k in b]
    left = [k for k in result if k in a and k not in b]
    right = [k for k in result if k in b and k not in a]
    inner = [k for k in a if k in b and k not in result]
    is_product = len({*a}) == len(a) and len({*b}) == len(b) and {*a, *b} == {*result, *inner}
    if not is_product or not inner:
        return NotImplemented
    sizes = dict(zip(a + b, operands[0].shape + operands[1].shape, strict=True))
    lead = (math.prod(sizes[k] for k in many),) if many else ()
    m, n, between = (math.prod(sizes[k] for k in letters) for letters in (left, right, inner))

    def ordered(x: Any, own: str, letters: list[str], shape: tuple[int, ...]) -> Any:
        return np.transpose(x, tuple(own.index(k) for k in letters)).reshape(shape)

    rows = ordered(operands[0], a, many + left + inner, (*lead, m, between))
    columns = ordered(operands[1], b, many + inner + right, (*lead, between, n))
    order = many + left + right
    known = np.broadcast_to(dtype.type(0), (*lead, m, n))  # of large ones not computed
    product = rows.trace.call(np.matmul, (rows, columns), known=known)
    product = product.reshape(tuple(sizes[k] for k in order))
    return ordered(product, "".join(order), list(result), step.output.shape)


def _set_where(_: Instruction, x: Any, value: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    """One value in place of all that a mask chooses."""
    mask = filled(key, arrays)
    mask = mask[0] if type(mask) is tuple and len(mask) == 1 else mask
    if not _is_traced(mask) or mask.dtype != bool or mask.value.kind != "array":
        return NotImplemented
    if _is_traced(value) and value.value.kind == "array":
        return NotImplemented
    return np.where(mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim)), value, x)


def _places(step: Instruction, *arrays: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Numbers counted through an array, taken at places."""
    trace = _trace_of(arrays)
    counted = trace.constant(np.arange(math.prod(shape)).reshape(shape))
    known = np.zeros(step.output.shape, int)
    return trace.call(of_elements, (counted, *arrays), {"key": key}, known=known)


def _survivors(step: Instruction, *arrays: Any, key: Any = ARRAY, shape: Any) -> Any:
    """Which of the numbers put at places are there still."""
    trace, there = _trace_of(arrays), step.output.shape
    own = trace.constant(np.arange(math.prod(there)).reshape(there))
    before = trace.constant(np.full(shape, -1))
    how = {"key": key}
    after = trace.call(set_at, (before, own, *arrays), how, known=before.now)
    return np.equal(trace.call(of_elements, (after, *arrays), how, known=own.now), own)


_any, _all = _of_truths(np.logical_or.reduce), _of_truths(np.logical_and.reduce)
_count = _of_truths(np.add.reduce)

_OF_SEVERAL: dict[Function, Any] = {np.frexp: (None, exponent), np.unique: (None, first_places)}

_OF_OPERATIONS: dict[str, Form] = {
    "places": _places,
    "set_at": _set_where,
    "survivors": _survivors,
    "quantile_places": _quantile_places,
}

_SIMPLER: dict[Function, Form] = {
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
