"""Whether inputs or weights are huge, tiny or 0: what makes a product large or small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause, Changes
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import values_of
from autograd_nn.viz.graph.path import PathLabels, norm
from autograd_nn.viz.wording.saying import say

LARGE_INPUTS = 30.0
"""Inputs of this root mean square are raw data. Scaled ones have about 1 (0 … 1, or mean 0 and
standard deviation 1), digits of 0 … 16 have 8, grey values of 0 … 255 have 80 and more."""

SMALL = 1e-3
"""Inputs or weights below this make every gradient behind them a thousand times smaller."""

SATURATES = 5.0
"""A pre-activation is some units large when both factors are about 1. Where an activation is
saturated, a factor of at least this size is the cause of it."""

LARGE_WEIGHTS = 10.0
"""A kernel multiplies the size of what goes through it by rms · √inputs, which initializers keep
near 1; a gradient that is huge has gone through one of at least this size."""

_HANDS_ON = frozenset(
    [ops.relu, ops.negative, ops.reshape, ops.transpose, ops.squeeze, ops.expand_dims, ops.copy]
    + [ops.astype, ops.getitem, ops.softplus, ops.absolute, ops.tanh]
)


class Culprit(NamedTuple):
    """The factor of a product that is out of scale, its size, and the product."""

    kind: str
    label: str
    data: Any
    size: float
    node: Tensor
    slot: int


def rms(data: Any) -> float:
    """The root mean square: the size of a typical element."""
    size = np.size(data)
    return norm(data) / math.sqrt(size) if size else 0.0


def culprit(tensor: Any, labels: PathLabels, large: bool, threshold: float) -> Culprit | None:
    """What makes a result large (or small): followed back through sums, products and activations.

    None where no factor alone is beyond the threshold.
    """
    node = tensor
    while type(node) is Tensor and node.operation is not None:
        operation, values = node.operation, values_of(node)
        if operation in (ops.add, ops.subtract):
            recorded = [type(x) is Tensor and x.operation is not None for x in node.inputs]
            terms = [(rms(x), known) for x, known in zip(values, recorded, strict=True)]
            node = node.inputs[terms.index(max(terms))]
            if type(node) is not Tensor or node.operation is None:
                return None  # a bias
        elif operation in (ops.matmul, ops.multiply):
            sizes = [_factor_size(node, slot) for slot in (0, 1)]
            worst = [x if large else 1 / max(x, 1e-300) for x in sizes]
            slot = int(np.argmax(worst))
            if worst[slot] < threshold:
                return None
            factor = node.inputs[slot]
            if type(factor) is not Tensor or factor.operation is None:
                return _leaf(node, slot, labels, sizes[slot])
            node = factor
        elif operation in _HANDS_ON:
            node = node.inputs[0]
        else:
            return None
    return None


def product_at(step: Contribution, labels: PathLabels, is_last: bool) -> Cause | None:
    """A factor beside the way that is 0 or tiny, or raw data beside the weight at its end."""
    node, slot = step.node, 1 - step.slot
    other, size = node.inputs[slot], _factor_size(node, slot)
    is_large = is_last and size >= LARGE_INPUTS
    if not is_large and size > SMALL:
        return None
    gain = norm(step.contribution) / norm(step.upstream)
    if type(other) is Tensor and other.operation is not None:
        found = culprit(other, labels, is_large, LARGE_INPUTS if is_large else 1 / SMALL)
        if found is None and size == 0:
            return _zero_result(other, node, labels)
    else:
        found = _leaf(node, slot, labels, size)
        if found.kind == "number" and size == 0:
            return _multiplied_by_zero(found.label, node, labels)
        if found.kind == "weights" and is_large:
            return None  # they are wanted large, or nothing comes of it
    if found is None or found.kind == "number":
        return None
    return scale_finding(found, gain, "")


def _zero_result(other: Tensor, node: Tensor, labels: PathLabels) -> Cause:
    """A factor that was computed, and is 0 in every element."""
    name = labels.label(other)
    if other.operation is not ops.relu:
        return _multiplied_by_zero(name, node, labels)
    where = labels.scope(other) or name
    return Cause(
        "dead relu",
        say("faults.relu_zero", name=name, where=where),
        (say("faults.relu_zero_why", n=f"{np.size(other._data):,}"),),
        (say("faults.dead_try"),),
        0.0,
    )


def _multiplied_by_zero(label: str, node: Tensor, labels: PathLabels) -> Cause:
    """A factor that is no weight and no data."""
    equation = f"{labels.label(node)} = {labels.expression(node)}"
    key = "faults.times_zero" if label == "0" else "faults.times_zero_named"
    return Cause(
        "multiplied by zero",
        say(key, equation=equation, label=label),
        (),
        (say("faults.times_zero_try"),),
        0.0,
    )


def scale_finding(found: Culprit, gain: float, effect: str) -> Cause:
    """The words for inputs or weights out of scale; ``effect`` is what comes of it."""
    size = np.abs(np.asarray(found.data, dtype=np.float64))
    largest = float(size.max(initial=0.0))
    many = np.size(found.data) > 1
    how = 0 if found.size > 1 else 1 if largest == 0 else 2
    if largest == 0 and many:
        told = say("faults.every_zero", label=found.label)
    elif many:
        told = say(
            "faults.elements",
            label=found.label,
            largest=notation.number(largest),
            size=notation.number(rms(found.data)),
        )
    else:
        x = notation.number(np.asarray(found.data).item())
        told = say("faults.is", label=found.label, x=x)
    if found.kind == "inputs":
        key = ("faults.inputs_huge", "faults.inputs_zero", "faults.inputs_tiny")[how]
        because = say(key, label=found.label) if many else say("faults.input", told=told)
        key = "faults.inputs_normal" if largest else "faults.then"
        return Cause(
            "scale of inputs",
            because,
            (say(key, told=told, effect=effect),),
            (say("faults.inputs_try" if largest else "faults.inputs_zero_try"),),
            gain,
            change=_divided(found),
        )
    if largest == 0:
        effect = say("faults.weights_nothing")
    elif many and found.size > 1:
        size_told = notation.number(found.size)
        effect = say("faults.weights_multiply", size=size_told, effect=effect)
    key = ("faults.weights_huge", "faults.weights_zero", "faults.weights_tiny")[how]
    because = say(key, label=found.label) if many else say("faults.weight", told=told)
    more = (say("faults.weights_grew"),) if found.size > 1 else ()
    return Cause(
        "scale of weights",
        because,
        (say("faults.then", told=told, effect=effect),),
        (say("faults.weights_try"), *more),
        gain,
        change=_divided(found),
    )


def _factor_size(node: Tensor, slot: int) -> float:
    """The size of a factor; of the weights of a matrix product, what they do to a size."""
    x, other = node.inputs[slot], node.inputs[1 - slot]
    data = x._data if type(x) is Tensor else x
    # x @ W as a rule; W @ x where only the left one is a parameter.
    is_weight = _is_parameter(x) and (slot == 1 or not _is_parameter(other))
    if node.operation is ops.matmul and is_weight:
        return rms(data) * math.sqrt(data.shape[-1] if slot == 0 else data.shape[0])
    return rms(data)


def _is_parameter(x: Any) -> bool:
    return type(x) is Tensor and x.operation is None and x._requires_grad


def _leaf(node: Tensor, slot: int, labels: PathLabels, size: float) -> Culprit:
    """A factor that nothing was computed for: data, weights, or a number written in the code."""
    x = node.inputs[slot]
    data = x._data if type(x) is Tensor else x
    label = labels.of_inputs(node)[slot]
    if type(x) is not Tensor and np.ndim(x) == 0:
        return Culprit("number", label, data, size, node, slot)
    is_left = node.operation is ops.matmul and slot == 0
    is_data = not _is_parameter(x) or (is_left and _is_parameter(node.inputs[1]))
    kind = "inputs" if is_data else "weights"
    return Culprit(kind, label, data, size, node, slot)


def _divided(found: Culprit) -> tuple[str, Changes] | None:
    """The proof that the scale is at fault: the same with that factor brought to the size 1."""
    if not 0 < found.size < math.inf:
        return None
    x, size, product = found.node.inputs[found.slot], found.size, found.node.operation
    words = say("verdict.divided", name=found.label, x=notation.number(size))
    if type(x) is Tensor:
        return words, {x: lambda: Tensor((found.data / size).astype(found.data.dtype))}

    def scaled(*inputs: Any) -> Any:
        given = [v / size if place == found.slot else v for place, v in enumerate(inputs)]
        return product(*given)  # type: ignore[misc]

    return words, {found.node: scaled}


def weights_beside(path: Sequence[Contribution], labels: PathLabels) -> Culprit | None:
    """The largest weights that a path goes through."""
    found = []
    for step in path:
        node, slot = step.node, 1 - step.slot
        if node.operation in (ops.matmul, ops.multiply) and node.inputs[0] is not node.inputs[1]:
            other = node.inputs[slot]
            if type(other) is Tensor and other.operation is None:
                leaf = _leaf(node, slot, labels, _factor_size(node, slot))
                found += [leaf] if leaf.kind == "weights" else []
    return max(found, key=lambda leaf: leaf.size, default=None)
