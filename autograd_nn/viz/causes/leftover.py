"""Whether the ``.grad`` that a Tensor holds is the gradient of the loss, or more than that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import is_elementwise
from autograd_nn.viz.graph.path import GradientPath, PathLabels, norm
from autograd_nn.viz.wording.saying import say


def left_over(way: GradientPath, labels: PathLabels) -> Cause | None:
    """Whether ``.grad`` holds something else than the gradient.

    Before a backward() of this very loss it may well hold that of the last batch, as after `fit`.
    Whether there was one is told by the loss: backward() leaves a gradient on interior nodes.
    """
    w = way.w
    if w._grad is None or way.loss._grad is None or w.operation is not None:
        return None
    return accumulated(w, way.gradients[w], labels.label(w))


def before_the_step(loss: Tensor, w: Tensor) -> Any:
    """The gradient that w had when backward() ran, where a step changed the weights since; None
    where that is not known.

    The graph of the loss is of no use then, but for the gradients that backward() left on its
    interior nodes: the rules of those that use w give its gradient once more, as long as they do
    not ask for what was changed.
    """
    if loss._grad is None or w._grad is None or w.operation is not None:
        return None
    return _from_interior_gradients(loss, w)


def accumulated(w: Tensor, gradient: Any, name: str) -> Cause | None:
    """Whether ``.grad`` holds more than this gradient."""
    kept, now = np.asarray(w._grad, np.float64), np.asarray(gradient, np.float64)
    tolerance = 1e-8 if w.dtype == np.float64 else 1e-3
    if norm(kept - now) <= tolerance * norm(now):
        return None
    square = float(np.vdot(now, now))
    ratio = float(np.vdot(now, kept)) / square if square > 0 else 0.0
    times = round(ratio)
    if times >= 2 and norm(kept - times * now) <= tolerance * norm(kept):
        told = say("causes.times", name=name, times=times)
    else:
        sizes = notation.number(norm(kept)), notation.number(norm(now))
        told = say("causes.besides", name=name, kept=sizes[0], now=sizes[1])
    return Cause(
        "accumulated gradients",
        say("causes.left_over", name=name),
        (told,),
        (say("causes.left_over_try"),),
    )


def _from_interior_gradients(loss: Tensor, w: Tensor) -> Any:
    """dL/dw by the gradients of the nodes that use w; None where a rule needs changed data."""
    total: Any = None
    for node in topological(loss, leaves=False):
        operation: Any = node.operation
        slots = [slot for slot, x in enumerate(node.inputs) if x is w]
        if not slots or node._grad is None:
            continue
        if operation is part or not isinstance(operation.gradients, tuple):
            return None
        values = [_unchanged(x, node) for x in node.inputs]
        found = _contributions(node, slots, values)
        if not np.isfinite(found).all():
            before = _as_it_was(node, w, slots, values)
            values = [before if x is w else v for x, v in zip(node.inputs, values, strict=True)]
            found = _contributions(node, slots, values)
        if not np.isfinite(found).all():
            return None
        total = found if total is None else total + found
    return total


def _unchanged(x: Any, node: Tensor) -> Any:
    """An input as it was, NaN where it was changed since, which spoils all that depends on it."""
    if type(x) is not Tensor:
        return x
    if x._clock > node._clock and changed_since(x, node):
        return np.full_like(x._data, np.nan)[()]
    return x._data


def _contributions(
    node: Tensor, slots: Sequence[int], values: Sequence[Any], g: Any = None, out: Any = None
) -> Any:
    """What the rules of a node give for these inputs, together."""
    operation: Any = node.operation
    g, out = node._grad if g is None else g, node._data if out is None else out
    total: Any = 0.0
    for slot in slots:
        if (rule := operation.gradients[slot]) is None:
            continue
        with np.errstate(all="ignore"):
            found = rule(g, out, *values, **(node.attributes or {}))
        total = total + unbroadcast(found, node.inputs[slot]._data, node, slot)
    return total


def _as_it_was(node: Tensor, w: Tensor, slots: Sequence[int], values: Sequence[Any]) -> Any:
    """w before it was changed, from what an elementwise operation made of it: f(w) = out, by
    Newton's steps from what w is now; NaN where that does not lead there."""
    unknown = np.full_like(w._data, np.nan)[()]
    if node.shape != w.shape or not all(is_elementwise(node, slot) for slot in slots):
        return unknown
    now = w._data
    tolerance = 10 * np.finfo(w.dtype).eps
    with np.errstate(all="ignore"):
        for _ in range(40):
            given = [now if x is w else v for x, v in zip(node.inputs, values, strict=True)]
            out = node.operation.value(*given, **(node.attributes or {}))  # type: ignore[union-attr]
            away = out - node._data
            if np.all(np.abs(away) <= tolerance * np.abs(node._data)):
                return now
            slope = _contributions(node, slots, given, np.ones_like(out)[()], out)
            now = np.where(away == 0, now, now - away / slope).astype(w.dtype)[()]
    return unknown
