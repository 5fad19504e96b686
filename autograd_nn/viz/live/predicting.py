"""The prediction of a graph for another batch: its forward pass with other rows of points."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import made_by
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import Reading, Traced, Value
from autograd_nn.viz.elements.jacobians import agree
from autograd_nn.viz.graph import rules
from autograd_nn.viz.graph.walk import Item, Walk
from autograd_nn.viz.live.leaves import is_leaf

ROWS = 1_600
"""The points of a boundary, 40 by 40: so many are predicted in one pass."""

PHASE = "predict"


class Prediction(NamedTuple):
    """What is predicted from what: nodes of the walk, and the Values of another batch."""

    batch: Item
    labels: Item | None
    output: Tensor
    given: Value
    result: Value


def prediction(walk: Walk, reading: Reading) -> Prediction | None:
    """The prediction from points of two features; None where a graph has none.

    It is the last node through which everything goes that the loss has of the points, and into
    which nothing else comes than they and parameters. Each row must follow from its own point.
    """
    for batch in walk.order:
        if not _is_batch(batch) or np.shape(_data(batch))[1:] != (2,):
            continue
        answers = answers_of(walk, batch)
        for output in answers.outputs:
            made = _with_other_rows(walk, reading, batch, output)
            if made is not None:
                return Prediction(batch, answers.labels, output, *made)
    return None


class Answers(NamedTuple):
    """What a graph answers for a batch: nodes that may be it, the likeliest first.

    labels   what stands beside the batch, None where that is not one thing
    """

    labels: Item | None
    outputs: list[Tensor]


def answers_of(walk: Walk, batch: Item) -> Answers:
    """Where the answers for a batch stand, and the labels that they are compared with."""
    rows = len(_data(batch))
    others = [x for x in walk.order if _is_batch(x) and x is not batch and len(_data(x)) == rows]
    # Of y and 1 - y the labels are y.
    given = [x for x in others if type(x) is not Tensor or made_by(x) is None]
    labels = others if len(others) == 1 else given
    return Answers(labels[0] if len(labels) == 1 else None, _outputs(walk, batch, others))


def is_logit(walk: Walk, output: Tensor) -> bool:
    """Whether a fused loss takes this for logits."""
    users = (x for x in walk.order if type(x) is Tensor and x.operation in rules.FUSED)
    return any(walk.input_at(user, 0) is output for user in users)


def _is_batch(item: Item) -> bool:
    if not is_leaf(item) or (type(item) is Tensor and item._requires_grad):
        return False
    return np.ndim(_data(item)) > 0


def _outputs(walk: Walk, batch: Item, others: list[Item]) -> list[Tensor]:
    """The nodes through which all ways from the points to the loss go, the last one first."""
    ways = {id(batch): 1}  # from the points to a node
    mixed = {id(x) for x in others}
    nodes = [x for x in walk.order if type(x) is Tensor and x.operation is not None]
    for node in nodes:
        inputs = _inputs(walk, node)
        ways[id(node)] = sum(ways.get(id(x), 0) for x in inputs)
        if any(id(x) in mixed for x in inputs):
            mixed.add(id(node))
    leads = {id(walk.root): 1}  # from a node to the loss
    for node in reversed(nodes):
        for x in _inputs(walk, node):
            leads[id(x)] = leads.get(id(x), 0) + leads.get(id(node), 0)
    whole = ways.get(id(walk.root), 0)
    found = [
        _as_probability(nodes, x)
        for x in nodes
        if whole and ways[id(x)] * leads.get(id(x), 0) == whole and id(x) not in mixed
    ]
    return found[::-1]


def _inputs(walk: Walk, node: Tensor) -> list[Item]:
    """The inputs of a node, without a probability that a fused loss only shows."""
    shown = 2 if node.operation in rules.FUSED else -1
    found = (walk.input_at(node, slot) for slot in range(len(node.inputs)) if slot != shown)
    return [x for x in found if x is not None]


def _as_probability(nodes: list[Tensor], output: Tensor) -> Tensor:
    """The probability that a fused loss shows, where it is given its logits."""
    for node in nodes:
        if node.operation in rules.FUSED and node.inputs[0] is output:
            shown = node.inputs[2] if len(node.inputs) > 2 else None
            return shown if type(shown) is Tensor else output
    return output


def _with_other_rows(
    walk: Walk, reading: Reading, batch: Item, output: Tensor
) -> tuple[Value, Value] | None:
    """The steps for rows of points drawn from those of the batch, where each gives its own row."""
    trace, data = reading.trace, np.asarray(_data(batch))
    which = np.random.default_rng(0).integers(0, len(data), ROWS)
    trace.phase = PHASE
    given = trace.leaf("points", data[which], "input")
    made: dict[int, Any] = {id(batch): given}
    before = len(trace.steps)
    try:
        for node in topological(output):
            if node.operation is None:
                made.setdefault(id(node), reading.made[node])
                continue
            inputs = tuple(_operand(walk, reading, made, node, n) for n in range(len(node.inputs)))
            attributes = node.attributes or {}
            if not inputs:  # drawn for as many rows as the batch has
                break
            if node.operation is part:
                made[id(node)] = inputs[0][attributes["index"]]
            else:
                made[id(node)] = trace.apply(node.operation, inputs, attributes)
        result = made[id(output)]
        expected = output._data[which]
    except Exception:  # an axis of the batch may be written into an attribute
        result, expected = None, None
    if type(result) is Traced and agree(result.now, expected):
        return given.value, result.value
    del trace.steps[before:]
    return None


def _operand(walk: Walk, reading: Reading, made: dict[int, Any], node: Tensor, slot: int) -> Any:
    operand = node.inputs[slot]
    item = walk.input_at(node, slot)
    if id(item) in made:
        return made[id(item)]
    if isinstance(operand, np.ndarray):
        return Traced(reading.trace, reading.value_of(operand), operand)
    return operand


def _data(item: Item) -> Any:
    return item._data if type(item) is Tensor else item.data
