"""The layout of small dense layers: activations by feature, (units, N) in place of (N, units).

[kernel; bias]ᵀ @ [xᵀ; 1] reads activations with a row of ones below, which is never written again,
and what lies above it is in one piece: the activation function writes straight into it. A column
of ones would have to be written around.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from autograd_nn.program.calls import (
    DOT,
    ELEMENTWISE,
    Function,
    is_reduction,
    with_ones,
    with_ones_column,
)
from autograd_nn.program.values import Instruction, Value


def by_feature(
    step: Instruction, turned: Collection[Value], turn: Callable[[Any], Any]
) -> Instruction | None:
    """The step that computes the same by feature, where one of its operands is worked on so.

    Its output is that of ``step`` where it has no rows, else the transposed one; None where there
    is no such step.

    Parameters   turned: values that are there by feature, and data of which views by feature cost
                 nothing
                 turn: an operand by feature, in an elementwise step as broadcasting wants it
    """
    if not any(type(item) is Value and item in turned for item in step.inputs):
        return None
    function, inputs, ndim = step.function, step.inputs, len(step.output.shape)
    if function is with_ones_column:
        if inputs[0].role != "temporary":
            return None  # data lie in rows
        return _turned(step, with_ones, (turn(inputs[0]),))
    if function is DOT and inputs[0] in turned and ndim == 2:
        return _turned(step, DOT, (turn(inputs[1]), turn(inputs[0])))
    if function in ELEMENTWISE and not step.attributes and ndim == 2:
        return _turned(step, function, tuple(map(turn, inputs)))
    if is_reduction(function):
        axis, keep = step.attributes.get("axis", 0), step.attributes.get("keepdims", False)
        axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
        if axis is None and not keep:
            return Instruction(
                function, (turn(inputs[0]),), step.attributes, step.output, step.phase, step.scope
            )
        if isinstance(axis, int) and keep:
            other = {"axis": {0: 1, 1: 0, -1: 0, -2: 1}[axis], "keepdims": True}
            return _turned(step, function, (turn(inputs[0]),), other)
    return None


def _turned(
    step: Instruction,
    function: Function,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None = None,
) -> Instruction:
    out = step.output
    turned = Value(out.name, out.shape[::-1], out.dtype, "array", named=out.named)
    return Instruction(function, inputs, attributes or {}, turned, step.phase, step.scope)
