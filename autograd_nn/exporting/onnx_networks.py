"""Convolution, pooling and recurrence, as nodes of ONNX, which has channels in front."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import part
from autograd_nn.engine.transforms.own_rules import stopped
from autograd_nn.exporting.onnx_arrays import ARRAYS, _part, refused
from autograd_nn.exporting.onnx_elements import ELEMENTS, as_value
from autograd_nn.exporting.onnx_writer import OnnxValue, OnnxWriter
from autograd_nn.exporting.recorded_steps import RecordedStep

# ---------------------------------------------------------------------- windows


def _in_front(w: OnnxWriter, out: RecordedStep, x: OnnxValue, n: int) -> OnnxValue:
    """(N, *S, C) as (N, C, *S)."""
    if x.ndim != n + 2:
        raise refused(out, f"there must be {n + 2} axes, and there are {x.ndim}")
    return w.transposed(x, [0, n + 1, *range(1, n + 1)])


def _behind(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    """(N, C, *S) as (N, *S, C)."""
    found = w.transposed(x, [0, *range(2, x.ndim), 1])
    return found._replace(shape=out.shape)


def _pads(padding: Any) -> dict[str, Any]:
    if padding is None:
        return {}
    return {"pads": [int(p) for side in zip(*padding, strict=True) for p in side]}


def _how(n: int, strides: Any, dilation: Any) -> dict[str, Any]:
    return {"strides": list(strides or (1,) * n), "dilations": list(dilation or (1,) * n)}


def _convolution(
    w: OnnxWriter,
    out: RecordedStep,
    x: OnnxValue,
    kernel: OnnxValue,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> OnnxValue:
    n = kernel.ndim - 2
    inputs = [_in_front(w, out, x, n), w.transposed(kernel, [n + 1, n, *range(n)])]
    how = {**_how(n, strides, dilation), **_pads(padding), "group": int(groups)}
    made = w.node("Conv", inputs, [None] * (n + 2), out.dtype, **how)
    return _behind(w, out, made)


def _convolution_input(
    w: OnnxWriter,
    out: RecordedStep,
    g: OnnxValue,
    kernel: OnnxValue,
    shape: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> OnnxValue:
    n = kernel.ndim - 2
    inputs = [_in_front(w, out, g, n), w.transposed(kernel, [n + 1, n, *range(n)])]
    how = _how(n, strides, dilation)
    cut, added = [], []
    sides = zip(shape, padding or ((0, 0),) * n, g.shape[1:-1], kernel.shape[:n], strict=True)
    for axis, (length, (before, behind), steps, k) in enumerate(sides):
        if type(length) is not int or type(steps) is not int:
            raise refused(out, "the lengths of the axes are not fixed")
        reached = how["strides"][axis] * (steps - 1) + how["dilations"][axis] * (k - 1) + 1
        # What no window reaches is zero.
        missing = before + length + behind - reached
        cut.append((before, max(behind - missing, 0)))
        added.append(max(missing - behind, 0))
    how |= {**_pads(cut), "group": int(groups)}
    made = w.node("ConvTranspose", inputs, [None] * (n + 2), out.dtype, **how)
    if any(added):
        widths = w.integers([0] * (n + 2) + [0, 0, *added])
        made = w.node("Pad", [made, widths], made.shape, out.dtype)
    return _behind(w, out, made)


def _pooling(kind: str) -> Any:
    def rule(
        w: OnnxWriter,
        out: RecordedStep,
        x: OnnxValue,
        size: Any,
        strides: Any = None,
        padding: Any = None,
    ) -> OnnxValue:
        how = {"kernel_shape": list(size), "strides": list(strides or size), **_pads(padding)}
        front = _in_front(w, out, x, len(size))
        return _behind(w, out, w.node(kind, [front], [None] * x.ndim, out.dtype, **how))

    return rule


# ---------------------------------------------------------------------- sequences


def _sorted_gates(w: OnnxWriter, x: OnnxValue, order: list[int]) -> OnnxValue:
    """A weight (…, gates · U) with its gates in another order, as (1, gates · U, …)."""
    units = x.shape[-1] // len(order)
    places = np.concatenate([np.arange(gate * units, (gate + 1) * units) for gate in order])
    rows = w.transposed(x, range(x.ndim)[::-1])
    rows = w.node("Gather", [rows, w.constant(places, "gates")], rows.shape, x.dtype, axis=0)
    return w.node("Unsqueeze", [rows, w.integers([0])], (1, *rows.shape), x.dtype)


def _over_sequence(kind: str, order: list[int], **attributes: Any) -> Any:
    """Results: all outputs (N, T, U), and each state (N, U) after the last step."""

    def rule(
        w: OnnxWriter,
        out: RecordedStep,
        x: OnnxValue,
        kernel: OnnxValue,
        recurrent_kernel: OnnxValue,
        bias: Any,
        *states: Any,
    ) -> tuple[OnnxValue, ...]:
        units, dtype = recurrent_kernel.shape[0], x.dtype
        samples, steps = x.shape[:2]
        weights = [_sorted_gates(w, one, order) for one in (kernel, recurrent_kernel)]
        first = [
            w.node(
                "Unsqueeze", [as_value(w, h, dtype), w.integers([0])], (1, samples, units), dtype
            )
            for h in states
            if h is not None  # as the mask is
        ]
        both = "" if bias is None else _both_biases(w, bias, order)
        results = [
            ((steps, 1, samples, units), dtype),
            *(((1, samples, units), dtype) for _ in first),
        ]
        inputs = [w.transposed(x, [1, 0, 2]), *weights, both, "", *first]
        every, *last = w.nodes_of(kind, inputs, results, hidden_size=units, **attributes)
        outputs = w.node("Squeeze", [every, w.integers([1])], (steps, samples, units), dtype)
        squeezed = (w.node("Squeeze", [h, w.integers([0])], (samples, units), dtype) for h in last)
        return w.transposed(outputs, [1, 0, 2]), *squeezed

    return rule


def _both_biases(w: OnnxWriter, bias: OnnxValue, order: list[int]) -> OnnxValue:
    """That of the inputs and that of the state, one after the other, (1, 2 · gates · U)."""
    length = bias.shape[-1]
    if bias.ndim == 1:  # of an LSTM, which has none for the state
        other = w.constant(np.zeros((1, length), bias.dtype))
        return w.node("Concat", [_sorted_gates(w, bias, order), other], (1, 2 * length),
                      bias.dtype, axis=1)  # fmt: skip
    columns = _sorted_gates(w, bias, order)
    rows = w.transposed(columns, [0, 2, 1])
    return w.reshaped(rows, [1, 2 * length])


NETWORKS = {
    ops.convolution: _convolution,
    ops.convolution_input: _convolution_input,
    ops.max_pooling: _pooling("MaxPool"),
    ops.average_pooling: _pooling("AveragePool"),
    # The gates are i, f, c, o here and i, o, f, c there; z, r, c in both.
    ops.lstm: _over_sequence("LSTM", [0, 3, 1, 2]),
    ops.gru: _over_sequence("GRU", [0, 1, 2], linear_before_reset=1),
}

# With a mask a sequence is written step by step.
_UNMASKED = {ops.lstm: 6, ops.gru: 5}

OPERATIONS = {**ELEMENTS, **ARRAYS, **NETWORKS, part: _part, stopped: ELEMENTS[ops.copy]}
"""How every operation is written: rule(writer, step, *inputs, **attributes)."""


def knows(operation: Any, inputs: tuple[Any, ...]) -> bool:
    """Whether an operation with these inputs is written as it is."""
    mask = inputs[_UNMASKED[operation] :] if operation in _UNMASKED else ()
    return operation in OPERATIONS and all(x is None for x in mask)
