"""A recorded loss computed once more with one thing changed: the proof of a cause."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause, Changes
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import run_again
from autograd_nn.viz.graph.path import GradientPath, norm
from autograd_nn.viz.wording.saying import say


def proof(way: GradientPath, found: Cause) -> str | None:
    """What becomes of the gradient and of the loss in a copy of the graph without the cause.

    None where nothing is to be changed, where the copy cannot be computed, or where it does not
    bear the cause out.
    """
    if found.change is None:
        return None
    words, changes = found.change
    try:
        loss, replaced = recomputed(way.loss, changes)
        gradient = gradients(loss, replaced.get(way.w, way.w))
    except Exception:  # an operation of the user's, or shapes that no longer fit
        return None
    if gradient is None or not np.isfinite(gradient).all():
        return None
    before, after = norm(way.gradients[way.w]), norm(gradient)
    if not _bears_out(found, before, after):
        return None
    return say(
        "verdict.proof",
        words=words,
        after=notation.number(after),
        before=notation.number(before),
        loss=notation.number(np.asarray(loss._data).item()),
        loss_before=notation.number(np.asarray(way.loss._data).item()),
    )


def _bears_out(found: Cause, before: float, after: float) -> bool:
    """Whether the gradient is larger without what takes it away, smaller without what blows it up;
    of what is connected wrongly it is another one."""
    if found.gain < 1:
        return after > 1.01 * before
    if found.cause.startswith("scale") and np.isfinite(before):
        return after < 0.99 * before
    return not np.isfinite(before) or abs(after - before) > 0.01 * max(before, after)


def recomputed(loss: Tensor, changes: Changes) -> tuple[Tensor, dict[Tensor, Any]]:
    """The loss with some of its Tensors replaced, and by Tensor what was computed anew."""
    found: dict[Tensor, Any] = {}
    with recorded(), run_again():
        for node in topological(loss):
            inputs = [found.get(x, x) if type(x) is Tensor else x for x in node.inputs]
            if node in changes:
                found[node] = changes[node](*inputs)
            elif any(new is not old for new, old in zip(inputs, node.inputs, strict=True)):
                found[node] = node.operation(*inputs, **(node.attributes or {}))  # type: ignore[misc]
    return found[loss], found
