"""A mistake in words: what it is, and the edge or the node where it happens."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises.mistakes import Mistake
from autograd_nn.viz.exercises.questions import AskedGraph
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Number, Product, Total
from autograd_nn.viz.formulas.typesetting import written
from autograd_nn.viz.graph import notation, rules, symbols
from autograd_nn.viz.graph.flows import worded
from autograd_nn.viz.wording.saying import say


def sentence(subject: AskedGraph, mistake: Mistake) -> str:
    """What the mistake is, and where."""
    return say("exercises.happens", mistake=what(subject, mistake), where=where(subject, mistake))


def what(subject: AskedGraph, mistake: Mistake) -> str:
    """What the mistake is: ``the sign is turned round``."""
    about = mistake.about
    if type(about) in (Letter, Number, Product, Total, Cases, Call):
        about = _part_of_formula(subject, mistake)
    elif type(about) is Tensor:
        about = subject.label(about)
    return say(mistake.phrase, about=about)


def where(subject: AskedGraph, mistake: Mistake) -> str:
    """Where it happens: along an edge, where the contributions meet, or in a value."""
    if mistake.slot is not None:
        return edge(subject, mistake.node, mistake.slot)
    target = subject.label(mistake.node)
    if mistake.kind == "overwritten":
        return say("exercises.at_sum", target=target)
    return say("exercises.at_value", target=target, expression=subject.expression(mistake.node))


def edge(subject: AskedGraph, node: Tensor, slot: int) -> str:
    """``from v3, its second factor, to x``."""
    operation: Any = node.operation
    way, target = subject.way(node, slot), subject.label(node.inputs[slot])
    if symbols.role(operation, slot, len(node.inputs)):
        return say("exercises.way_of_role_to", way=way, target=target)
    return say("exercises.way_to", way=way, target=target)


def origin(subject: AskedGraph, target: Tensor, of_values: bool) -> str:
    """Where a number comes from, for who has to look for the mistake himself."""
    if of_values:
        return say("exercises.unknown_in_value", expression=subject.expression(target))
    ways = [edge(subject, s.node, s.slot) for s in subject.sweep.received[target]]
    found = ways[0]
    for way in ways[1:]:
        found = say("exercises.both_ways", first=found, second=way)
    return found


def _part_of_formula(subject: AskedGraph, mistake: Mistake) -> str:
    """A factor or a term as it stands in the formula of an edge: ``1 − a``."""
    node, slot = mistake.node, mistake.slot
    assert slot is not None
    walk = subject.walk
    step = worded(
        node,
        slot,
        walk.input_labels(node),
        walk.label(node),
        walk.input_shapes(node),
        np.shape(node._data),
        walk.label(subject.root),
    )
    tree: Any = mistake.about
    if type(tree) is Number and np.ndim(tree.value) == 0:
        return notation.number(float(tree.value))
    return written(tree, rules.style(step))
