"""Operations on whole arrays, as nodes of ONNX: their axes, their elements, sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.errors import ExportError
from autograd_nn.exporting.indices import keys_of, widths_around, written_out
from autograd_nn.exporting.onnx_elements import as_value, common_dtype
from autograd_nn.exporting.onnx_writer import OnnxValue, OnnxWriter
from autograd_nn.exporting.recorded_model import Size
from autograd_nn.exporting.recorded_steps import RecordedStep, named

# As far as an index can go.
_FAR = 2**63 - 1


def refused(out: RecordedStep, why: str) -> ExportError:
    """The error for an operation that is known in other forms only."""
    return ExportError(f"{named(out.operation, out.scope)} cannot be written: {why}.")


# ---------------------------------------------------------------------- axes


def _reshape(w: OnnxWriter, out: RecordedStep, x: Any, **_: Any) -> OnnxValue:
    return w.reshaped(as_value(w, x, out.dtype), out.shape)


def _transpose(w: OnnxWriter, out: RecordedStep, x: OnnxValue, axes: Any = None) -> OnnxValue:
    return w.transposed(x, range(x.ndim)[::-1] if axes is None else axes)


def _broadcast_to(w: OnnxWriter, out: RecordedStep, x: Any, shape: Any) -> OnnxValue:
    x = as_value(w, x, out.dtype)
    return w.node("Expand", [x, w.integers(shape)], out.shape, out.dtype)


def _concatenate(w: OnnxWriter, out: RecordedStep, *arrays: Any, axis: int = 0) -> OnnxValue:
    parts = [as_value(w, x, out.dtype) for x in arrays]
    return w.node("Concat", parts, out.shape, out.dtype, axis=int(axis))


def _stack(w: OnnxWriter, out: RecordedStep, *arrays: Any, axis: int = 0) -> OnnxValue:
    parts = []
    for x in arrays:
        shape = [None] * len(out.shape)
        x = as_value(w, x, out.dtype)
        parts.append(w.node("Unsqueeze", [x, w.integers([axis])], shape, out.dtype))
    return w.node("Concat", parts, out.shape, out.dtype, axis=int(axis))


def _split(
    w: OnnxWriter, out: RecordedStep, x: OnnxValue, indices_or_sections: Any, axis: int = 0
) -> tuple[OnnxValue, ...]:
    whole = x.shape[axis]
    if type(whole) is not int:
        raise refused(out, "the length of the axis that is split is not fixed")
    if np.ndim(indices_or_sections):
        ends = [min(int(n), whole) for n in indices_or_sections]
        lengths = np.diff([0, *ends, whole]).tolist()
    else:
        lengths = [whole // int(indices_or_sections)] * int(indices_or_sections)
    axis = int(axis) % x.ndim
    results = [((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype) for n in lengths]
    return tuple(w.nodes_of("Split", [x, w.integers(lengths)], results, axis=axis))


def _part(
    w: OnnxWriter, out: RecordedStep, results: tuple[OnnxValue, ...], index: int
) -> OnnxValue:
    return results[index]


# ---------------------------------------------------------------------- elements


def _getitem(
    w: OnnxWriter, out: RecordedStep, x: OnnxValue, *arrays: Any, key: Any = "array"
) -> OnnxValue:
    keys = written_out(keys_of(key, arrays), x.ndim)
    chosen = [k for k in keys if hasattr(k, "shape") and not isinstance(k, np.generic)]
    numbers = [k for k in keys if isinstance(k, (int, np.integer))]
    if len(chosen) > 1 or (chosen and numbers) or any(k.dtype.kind not in "iu" for k in chosen):
        raise refused(out, "an index has one array of whole numbers, or slices and numbers")
    x = _sliced(w, x, [k for k in keys if k is not None])
    new, at = [], 0
    for k in keys:
        if k is None:
            new.append(at)
        at += np.ndim(k) if hasattr(k, "shape") else not isinstance(k, (int, np.integer))
    axis = 0
    for k in keys:
        if isinstance(k, slice):
            axis += 1
        elif k is not None:
            shape = [None] * (x.ndim - 1 + (k.ndim if type(k) is OnnxValue else np.ndim(k)))
            where = as_value(w, k, np.int64)
            x = w.node("Gather", [x, where], shape, out.dtype, axis=axis)
            axis += where.ndim
    if new:
        x = w.node("Unsqueeze", [x, w.integers(new)], out.shape, out.dtype)
    return x._replace(shape=out.shape)


def _sliced(w: OnnxWriter, x: OnnxValue, keys: list[Any]) -> OnnxValue:
    """With the slices among the keys applied, one for each axis."""
    found = [(axis, k) for axis, k in enumerate(keys) if isinstance(k, slice) and k != slice(None)]
    if not found:
        return x
    axes, starts, stops, steps = [], [], [], []
    for axis, k in found:
        step = 1 if k.step is None else k.step
        forward = type(step) is Size or step > 0
        axes.append(axis)
        steps.append(step)
        starts.append((0 if forward else _FAR) if k.start is None else k.start)
        stops.append((_FAR if forward else -_FAR) if k.stop is None else k.stop)
    lists = [w.integers(numbers) for numbers in (starts, stops, axes, steps)]
    return w.node("Slice", [x, *lists], [None] * x.ndim, x.dtype)


def _scatter(
    w: OnnxWriter, out: RecordedStep, x: OnnxValue, *arrays: Any, key: Any, shape: Any
) -> OnnxValue:
    """Zeros around a block."""
    widths = widths_around(key, arrays, shape)
    if widths is None:
        raise refused(out, "what is put in must be one block")
    before, behind = zip(*widths, strict=True)
    return w.node("Pad", [x, w.integers([*before, *behind])], out.shape, out.dtype)


def _embed(w: OnnxWriter, out: RecordedStep, table: OnnxValue, indices: Any) -> OnnxValue:
    rows = as_value(w, indices, np.int64)
    return w.node("Gather", [table, rows], out.shape, out.dtype, axis=0)


# ---------------------------------------------------------------------- sums and products


def _reduced(kind: str, dtype: Any = None) -> Any:
    """A reduction; of the elements as ``dtype``, those of the result where it is None."""

    def rule(
        w: OnnxWriter, out: RecordedStep, x: Any, axis: Any = None, keepdims: bool = False
    ) -> OnnxValue:
        between = out.dtype if dtype is None else dtype
        x = as_value(w, x, between)
        axes = [] if axis is None else [w.integers(np.ravel(axis).tolist())]
        made = w.node(kind, [x, *axes], out.shape, between, keepdims=int(keepdims))
        return w.cast(made, out.dtype)

    return rule


def _truths(kind: str) -> Any:
    """How many are true; the smallest and the largest say whether all are, or any."""

    def rule(
        w: OnnxWriter, out: RecordedStep, x: Any, axis: Any = None, keepdims: bool = False
    ) -> OnnxValue:
        x = as_value(w, as_value(w, x, bool), np.int64)
        return _reduced(kind, np.int64)(w, out, x, axis, keepdims)

    return rule


def _place_of(kind: str) -> Any:
    def rule(
        w: OnnxWriter, out: RecordedStep, x: OnnxValue, axis: Any = None, keepdims: bool = False
    ) -> OnnxValue:
        if axis is None:
            x, axis = w.reshaped(x, [-1]), 0
        how = {"axis": int(axis), "keepdims": int(keepdims)}
        return w.node(kind, [x], out.shape, np.int64, **how)

    return rule


def _cumsum(w: OnnxWriter, out: RecordedStep, x: OnnxValue, axis: int) -> OnnxValue:
    return w.node("CumSum", [x, w.constant(np.int64(axis))], out.shape, out.dtype)


def _along(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: OnnxValue, axis: Any = -1) -> OnnxValue:
        if np.ndim(axis):
            return _along_several(w, out, x, axis, kind)
        return w.node(kind, [x], out.shape, out.dtype, axis=int(axis))

    return rule


def _along_several(
    w: OnnxWriter, out: RecordedStep, x: OnnxValue, axis: Any, kind: str
) -> OnnxValue:
    """e^x / Σ e^x, or its logarithm, over several axes."""
    axes = w.integers(axis)
    one = [None] * x.ndim
    largest = w.node("ReduceMax", [x, axes], one, out.dtype)
    shifted = w.node("Sub", [x, largest], out.shape, out.dtype)
    e = w.node("Exp", [shifted], out.shape, out.dtype)
    total = w.node("ReduceSum", [e, axes], one, out.dtype)
    if kind == "Softmax":
        return w.node("Div", [e, total], out.shape, out.dtype)
    return w.node("Sub", [shifted, w.node("Log", [total], one, out.dtype)], out.shape, out.dtype)


def _matmul(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    operands = [as_value(w, operand, common_dtype(x, y)) for operand in (x, y)]
    return w.node("MatMul", operands, out.shape, out.dtype)


def _einsum(
    w: OnnxWriter, out: RecordedStep, *inputs: Any, subscripts: str, optimize: Any = None
) -> OnnxValue:
    operands = [as_value(w, x, out.dtype) for x in inputs]
    return w.node("Einsum", operands, out.shape, out.dtype, equation=subscripts)


ARRAYS = {
    ops.reshape: _reshape,
    ops.squeeze: _reshape,
    ops.expand_dims: _reshape,
    ops.transpose: _transpose,
    ops.broadcast_to: _broadcast_to,
    ops.concatenate: _concatenate,
    ops.stack: _stack,
    ops.split: _split,
    ops.getitem: _getitem,
    ops.scatter: _scatter,
    ops.embed: _embed,
    ops.sum: _reduced("ReduceSum"),
    ops.mean: _reduced("ReduceMean"),
    ops.max: _reduced("ReduceMax"),
    ops.min: _reduced("ReduceMin"),
    ops.prod: _reduced("ReduceProd"),
    ops.any: _truths("ReduceMax"),
    ops.all: _truths("ReduceMin"),
    ops.count_nonzero: _truths("ReduceSum"),
    ops.argmax: _place_of("ArgMax"),
    ops.argmin: _place_of("ArgMin"),
    ops.cumsum: _cumsum,
    ops.softmax: _along("Softmax"),
    ops.log_softmax: _along("LogSoftmax"),
    ops.matmul: _matmul,
    ops.einsum: _einsum,
}
"""How each is written: rule(writer, step, *inputs, **attributes) gives the value, or several."""
