"""Arrays that are spread to a larger shape only to be computed with: broadcasting does it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.program.calls import ELEMENTWISE
from autograd_nn.program.planning.simplifying import without_dead_steps
from autograd_nn.program.values import Instruction, Instructions, Value

Makers = dict[Value, Instruction]


def without_spreading(steps: Instructions) -> Instructions:
    """The same steps, with x in place of ``np.full(shape, x)`` beside an array of that shape.

    Such are the gradients of sums and means. Then a number multiplies the smaller of two operands,
    and signs change behind a sum and not before it.
    """
    makers: Makers = {}
    kept: list[Instruction] = []
    for step in steps.steps:
        if step.function in ELEMENTWISE:
            step.inputs = tuple(_narrow(x, step, makers) for x in step.inputs)
        for one in _with_fewer_numbers(step, makers):
            makers[one.output] = one
            kept.append(one)
    steps.steps = kept
    return without_dead_steps(steps)


def _narrow(item: Any, step: Instruction, makers: Makers) -> Any:
    """What an operand was spread from, where another one has the full shape."""
    maker = makers.get(item) if type(item) is Value else None
    if maker is None or maker.function is not np.full or maker.attributes:
        return item
    small = maker.inputs[1]
    if type(small) is not Value or small.kind != "array" or small.dtype != item.dtype:
        return item
    others = [x.shape for x in step.inputs if type(x) is Value and x is not item]
    is_broadcast = len(others) > 0 and np.broadcast_shapes(*others) == step.output.shape
    return small if is_broadcast and small.size > 1 else item


def _with_fewer_numbers(step: Instruction, makers: Makers) -> list[Instruction]:
    """Steps that do the same, the last of them with the result."""
    if step.function == np.add.reduce and step.output.kind == "array":
        maker = makers.get(step.inputs[0])
        if maker is not None and maker.function is np.negative:
            total = _value_like(step.output, step.output.shape)
            inputs = (maker.inputs[0], *step.inputs[1:])
            summed = _like(step, np.add.reduce, inputs, total, step.attributes)
            return [summed, _like(step, np.negative, (total,), step.output)]
    if step.function is np.multiply and all(type(x) is Value for x in step.inputs):
        small, large = sorted(step.inputs, key=lambda x: x.size)
        maker = makers.get(large)
        if (
            maker is not None
            and maker.function is np.multiply
            and type(maker.inputs[1]) in (int, float)
            and 1 < small.size < large.size
            and small.dtype == large.dtype == maker.inputs[0].dtype
        ):
            factor = _value_like(small, small.shape)
            return [
                _like(step, np.multiply, (small, maker.inputs[1]), factor),
                _like(step, np.multiply, (maker.inputs[0], factor), step.output),
            ]
    return [step]


def _like(
    step: Instruction, function: Any, inputs: tuple[Any, ...], output: Value, attributes: Any = None
) -> Instruction:
    return Instruction(function, inputs, attributes or {}, output, step.phase, step.scope)


def _value_like(value: Value, shape: tuple[int, ...]) -> Value:
    return Value(value.name, shape, value.dtype, "array")
