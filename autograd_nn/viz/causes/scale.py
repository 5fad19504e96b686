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

TRY_FOR_RELU = (
    "A unit that is 0 for every example cannot learn its way back: a smaller learning rate, a bias "
    "of 0 or a little above, he_normal weights, scaled inputs; or softplus, which is never flat.",
)

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
        f"it is multiplied by {name}, and the relu in {where} gives 0 everywhere",
        (f"All {np.size(other._data):,} elements of its input are 0 or below.",),
        TRY_FOR_RELU,
        0.0,
    )


def _multiplied_by_zero(label: str, node: Tensor, labels: PathLabels) -> Cause:
    """A factor that is no weight and no data."""
    return Cause(
        "multiplied by zero",
        f"{labels.label(node)} = {labels.expression(node)} multiplies it by {label}"
        + ("" if label == "0" else ", which is 0"),
        (),
        ("Find out why that factor is 0.",),
        0.0,
    )


def scale_finding(found: Culprit, gain: float, effect: str) -> Cause:
    """The words for inputs or weights out of scale; ``effect`` is what comes of it."""
    size = np.abs(np.asarray(found.data, dtype=np.float64))
    largest = float(size.max(initial=0.0))
    many = np.size(found.data) > 1
    how = "huge" if found.size > 1 else "all 0" if largest == 0 else "tiny"
    if largest == 0:
        told = f"{'Every element of ' if many else ''}{found.label} is 0"
    elif many:
        told = (
            f"The elements of {found.label} are up to {notation.number(largest)} in size, "
            f"{notation.number(rms(found.data))} in the root mean square"
        )
    else:
        told = f"{found.label} is {notation.number(np.asarray(found.data).item())}"
    how = how.replace("all ", "") if not many else how
    if found.kind == "inputs":
        normal = "; scaled inputs are about 1" if largest else ""
        because = f"the inputs {found.label} are {how}" if many else f"the input {told}"
        tried = (
            "Scale the inputs: x / 255 for pixels, (x - x.mean(0)) / x.std(0) for measurements."
            if largest
            else "Inputs that are 0 teach nothing: look where they come from."
        )
        return Cause(
            "scale of inputs",
            because,
            (f"{told}{normal}.{effect}",),
            (tried,),
            gain,
            change=_divided(found),
        )
    if largest == 0:
        effect = " Nothing gets through weights that are 0, forward or back."
    elif many and found.size > 1:
        effect = (
            f" They multiply the size of what goes through by about {notation.number(found.size)}; "
            f"initializers keep that near 1.{effect}"
        )
    because = f"the weights {found.label} are {how}" if many else f"the weight {told}"
    tried = (
        "Draw weights with an initializer: glorot_uniform for sigmoid and tanh, he_normal for relu."
    )
    more = ("If they grew in training: a smaller learning rate.",) if found.size > 1 else ()
    return Cause(
        "scale of weights",
        because,
        (f"{told}.{effect}",),
        (tried, *more),
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
