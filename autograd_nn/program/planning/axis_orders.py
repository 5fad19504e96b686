"""In which order the axes of results lie in memory, where that is not the order of the axes.

Scores (…, queries, keys) lie with the queries next to each other: the largest of each row is then
found for all rows at once, in long vectors. What is transposed and reshaped afterwards lies as it
will be reshaped, so that nothing is copied. Products of matrices write into such memory as fast.
"""

from __future__ import annotations

from operator import matmul
from typing import Any

import numpy as np

from autograd_nn.program.calls import ELEMENTWISE, METHODS, RESHAPE, T, run
from autograd_nn.program.values import Instruction, Instructions, Value

Order = tuple[int, ...]

_SMALLEST = 2**12
"""Of fewer elements a copy takes less than a µs."""
_LONGEST = 256
"""Of so many keys the queries of a head lie in cache."""
_TRANSPOSES = frozenset({T, np.transpose, np.swapaxes, METHODS["transpose"], METHODS["swapaxes"]})
_MULTIPLIED = frozenset({matmul, np.matmul})
_COMPUTED = _MULTIPLIED | ELEMENTWISE


def axis_orders(steps: Instructions) -> dict[Value, Order]:
    """For each such result its axes, those that lie farthest apart first."""
    if not any(step.function in _MULTIPLIED for step in steps.steps):
        return {}
    found: dict[Value, Order] = {}
    _by_queries(steps, found)
    _as_reshaped(steps, found)
    return found


def memory_of(like: Value, order: Order | None, how: str = "empty") -> tuple[np.ndarray, str]:
    """New memory with this order of axes, and the text that makes it."""
    kind = f"np.{like.dtype.name}"
    if order is None:
        return getattr(np, how)(like.shape, like.dtype), f"np.{how}({like.shape}, {kind})"
    shape = tuple(like.shape[axis] for axis in order)
    back = tuple(order.index(axis) for axis in range(len(order)))
    array = getattr(np, how)(shape, like.dtype).transpose(back)
    return array, f"np.{how}({shape}, {kind}).transpose({back})"


def _by_queries(steps: Instructions, found: dict[Value, Order]) -> None:
    """Scores of which the largest in each row is wanted, and all that is computed with them."""
    alike: dict[Value, list[Value]] = {}
    for step in steps.steps:
        if step.function in ELEMENTWISE and _is_large(step.output):
            for value in (x for x in step.inputs if type(x) is Value):
                if (value.shape, value.dtype) == (step.output.shape, step.output.dtype):
                    alike.setdefault(value, []).append(step.output)
                    alike.setdefault(step.output, []).append(value)
    made = {step.output for step in steps.steps if step.function in _COMPUTED}
    products = {step.output for step in steps.steps if step.function in _MULTIPLIED}
    waiting = [
        step.inputs[0]
        for step in steps.steps
        if step.function == np.maximum.reduce
        and step.attributes.get("axis", 0) in (-1, len(step.inputs[0].shape) - 1)
        and step.attributes.get("keepdims")
        and _is_large(step.inputs[0])
        and step.inputs[0].shape[-1] <= _LONGEST
        and _comes_from(step.inputs[0], products, alike)
    ]
    while waiting:
        value = waiting.pop()
        if value in made and value not in found:
            last = len(value.shape) - 1
            found[value] = (*range(last - 1), last, last - 1)
            waiting += alike.get(value, [])


def _comes_from(value: Value, products: set[Value], alike: dict[Value, list[Value]]) -> bool:
    return value in products or any(other in products for other in alike.get(value, []))


def _as_reshaped(steps: Instructions, found: dict[Value, Order]) -> None:
    """What is transposed, and then reshaped in a way that would copy it."""
    makers = {step.output: step for step in steps.steps}
    for step in steps.steps:
        if step.function is not RESHAPE:
            continue
        value: Any = step.inputs[0]
        order = tuple(range(len(value.shape)))
        while (maker := makers.get(value)) is not None and maker.function in _TRANSPOSES:
            value = maker.inputs[0]
            axes = _axes(maker)
            order = tuple(axes[axis] for axis in order)
        if maker is None or list(order) == sorted(order):
            continue
        while (
            maker is not None
            and maker.function in _COMPUTED
            and _is_large(value)
            and value not in found
        ):
            found[value] = order
            if maker.function in _MULTIPLIED:
                break
            same = [x for x in maker.inputs if type(x) is Value and x.shape == value.shape]
            value = same[0] if same else None
            maker = makers.get(value)


def _axes(step: Instruction) -> Order:
    """Where each axis of a transposed array comes from."""
    example = np.empty(range(1, len(step.output.shape) + 1), bool)  # each of another length
    turned = run(step.function, (example, *step.inputs[1:]), step.attributes)
    return tuple(length - 1 for length in turned.shape)


def _is_large(value: Value) -> bool:
    is_array = value.kind == "array" and value.dtype.kind == "f" and len(value.shape) > 2
    return is_array and value.size >= _SMALLEST
