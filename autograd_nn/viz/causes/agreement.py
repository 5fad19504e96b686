"""Whether large contributions of opposite signs leave little of a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import sizes_of_terms
from autograd_nn.viz.graph.path import GradientPath, PathLabels, norm
from autograd_nn.viz.wording.saying import say

CANCELLED = 0.01
"""|Σ c| / Σ |c| below which contributions are said to cancel. Independent signs leave 1/√n: 0.18
for the 32 examples of a batch, 0.01 only for 10,000."""

NOTHING = 1e-5
"""The same where rounding alone is left, in float32 of some ten to a thousand terms."""

STATIONARY = 0.05
"""Where the gradients of all other parameters cancel down to this too, the loss is at a flat
point, a minimum as a rule, and nothing is wrong."""


def cancelled(way: GradientPath, path: Sequence[Contribution], labels: PathLabels) -> Cause | None:
    """The first node of a path whose contributions cancel, or ``w`` itself, over its uses and
    over the batch."""
    for step in path:
        node = step.input
        uses = way.uses[node]
        if node is way.w or len(uses) < 2 or node not in way.gradients:
            continue
        share = _share(way.gradients[node], [np.abs(use.contribution) for use in uses])
        if share < CANCELLED:
            return _at_node(node, uses, share, labels)._replace(step=step)
    share = agreement(way, way.w)
    if share >= CANCELLED or _is_stationary(way):
        return None
    uses = way.uses[way.w]
    if len(uses) > 1 and all(_is_one_term(use) for use in uses):
        return _at_node(way.w, uses, share, labels)._replace(step=path[-1])
    if len(uses) > 1 or _is_balanced(uses[0]):
        return None
    return _over_batch(way, share, labels)._replace(step=path[-1])


def agreement(way: GradientPath, tensor: Tensor) -> float:
    """|Σ c| / Σ |c| over every single product that was added up to a gradient; 1 where all agree
    and where nothing is added."""
    uses = way.received.get(tensor, [])
    return _share(way.gradients[tensor], [sizes_of_terms(use) for use in uses])


def at_flat_point(way: GradientPath) -> bool:
    """Whether the gradient of w is small because that of every parameter is: its terms balance."""
    return way.w in way.gradients and agreement(way, way.w) < CANCELLED and _is_stationary(way)


def sums_to_nothing(way: GradientPath) -> bool:
    """Whether the terms of dL/dw leave nothing but rounding, as those of a bias do that a
    normalization takes away again."""
    return agreement(way, way.w) < NOTHING


def _is_stationary(way: GradientPath) -> bool:
    others = [
        t
        for t in way.gradients
        if t is not way.w and t.operation is None and t._requires_grad and t.size
    ]
    if not others:
        return way.w.operation is None and len(way.uses[way.w]) == 1
    return all(agreement(way, t) < STATIONARY for t in others)


def _is_one_term(use: Contribution) -> bool:
    """Whether each element of a contribution comes from one of the result."""
    several = type(use.node._data) is tuple
    return not several and use.contribution.size == use.node.size


def _is_balanced(use: Contribution) -> bool:
    """Whether the gradients of the examples cancel before they are multiplied with the inputs: too
    much predicted for some and too little for others, which is where learning begins and ends."""
    node, g = use.node, np.asarray(use.upstream)
    if node.operation is ops.matmul and use.slot == 1 and g.ndim > 1:
        return _share(g.reshape(-1, g.shape[-1]).sum(axis=0), [np.abs(g)]) < STATIONARY
    if node.operation is ops.multiply:
        return _share(unbroadcast(g, use.input._data, node, use.slot), [np.abs(g)]) < STATIONARY
    return True


def _share(total: Any, sizes: list[Any]) -> float:
    whole = float(sum(np.sum(x, dtype=np.float64) for x in sizes))
    return float(np.sum(np.abs(total), dtype=np.float64)) / whole if whole > 0 else 1.0


def _at_node(node: Tensor, uses: list[Contribution], share: float, labels: PathLabels) -> Cause:
    name = labels.label(node)
    if node.size == 1:
        numbers = [notation.number(float(np.asarray(use.contribution).item())) for use in uses]
    else:
        numbers = [notation.number(norm(use.contribution)) for use in uses]
    key = "causes.by_use" if node.size == 1 else "causes.norm_by_use"
    parts = say("numbers.list").join(
        say(key, x=x, node=labels.label(use.node))
        for x, use in zip(numbers[:6], uses[:6], strict=True)
    )
    left = notation.number(100 * share)
    told = say("causes.uses_get", parts=parts, share=left)
    if len(uses) > 6:
        told = say("causes.uses_get_more", parts=parts, n=len(uses) - 6, share=left)
    return Cause(
        "cancelled",
        say("causes.uses_cancel", name=name, n=len(uses)),
        (told,),
        (say("causes.uses_try"),),
        share,
    )


def _over_batch(way: GradientPath, share: float, labels: PathLabels) -> Cause:
    name = labels.label(way.w)
    return Cause(
        "cancelled",
        say("causes.batch", name=name),
        (
            say(
                "causes.batch_terms",
                times=notation.number(1 / share),
                share=notation.number(100 * share),
            )
            if share > 0
            else say("causes.batch_nothing"),
            say("causes.batch_others"),
        ),
        (say("causes.batch_try"),),
        share,
    )
