"""Why a Tensor gets no gradient at all: nothing connects it with the loss, or nothing may flow."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.graph.path import GradientPath, PathLabels

MOST_NAMED = 5
"""So many Tensors are named where the loss depends on others."""


def gradient_unwanted(w: Tensor, labels: PathLabels) -> Cause:
    """w is a constant."""
    name, origin = labels.label(w), _origin(w)
    if w.dtype.kind != "f":
        return Cause(
            "no gradient wanted",
            f"{name} holds {w.dtype}, and only floating-point data can have a gradient",
            (),
            (f"{_variable(name)} = Tensor(data, dtype=float).",),
        )
    if origin:
        return Cause(
            "no gradient wanted",
            f"{name} is a constant, {origin}",
            (),
            ("Ask for the Tensor that it was detached from, or leave out .detach().",),
        )
    return Cause(
        "no gradient wanted",
        f"{name} is a constant, its requires_grad is False",
        (
            "That is so for the weights of a frozen layer (layer.trainable = False), for results "
            "computed inside no_grad() or from constants only, and for Tensor(…, "
            "requires_grad=False).",
        ),
        ("Set w.requires_grad = True (layer.trainable = True) and compute the loss again.",),
    )


def not_recorded(loss: Tensor, w: Tensor, labels: PathLabels) -> Cause:
    """The loss itself is a constant."""
    name, origin = labels.label(loss), _origin(loss)
    if origin:
        return Cause(
            "detached",
            f"{name} itself was {origin}",
            (),
            ("Leave out .detach(), or ask for the Tensor that it was detached from.",),
        )
    return Cause(
        "not connected",
        f"{name} was not recorded, so it is connected with nothing",
        (
            "It was computed inside no_grad(), or from constants only: .data, .item(), .numpy() "
            "and .detach() give constants.",
        ),
        ("Compute the loss from the Tensors themselves, outside of no_grad().",),
    )


def no_way(way: GradientPath, labels: PathLabels) -> Cause:
    """The sweep from the loss does not reach w."""
    if way.w in set(way.order):
        return _blocked(way, labels)
    loss, w = labels.label(way.loss), labels.label(way.w)
    cut = [t for t in way.order if _origin(t)]
    if cut:
        return _detached(way.w, cut, loss, w, labels)
    leaves = [t for t in way.order if t.operation is None and t._requires_grad]
    evidence = [_depends_on(leaves, way.w, loss, labels)]
    if way.loss.operation is None:
        evidence = [f"{loss} is a Tensor made by hand: it was not computed from anything."]
    suggestions = [
        "Compute the loss from this very Tensor; .data, .item(), .numpy() and float() leave the "
        "graph without a trace."
    ]
    for leaf in leaves:
        if leaf.shape == way.w.shape and np.array_equal(leaf._data, way.w._data):
            other = labels.label(leaf)
            evidence.append(
                f"{other} has the same shape and the same numbers as {w}, but is another Tensor: "
                f"Tensor({_variable(w)}.data) makes a new one."
            )
            break
    return Cause(
        "not connected", f"{loss} was not computed from {w}", tuple(evidence), tuple(suggestions)
    )


def _detached(w: Tensor, cut: list[Tensor], loss: str, name: str, labels: PathLabels) -> Cause:
    named = f"Tensor {w.name!r} " if w.name is not None else None
    sure = [t for t in cut if named and named in f"{_origin(t)} "]
    fits = sure or [t for t in cut if str(w.shape) in _origin(t)] or cut
    said = "; ".join(
        f"{labels.label(t)} was {notation.clean(_origin(t), 120)}" for t in fits[:MOST_NAMED]
    )
    doubt = (
        ""
        if sure
        else f" A detached Tensor keeps no graph, so whether that was computed from {name} cannot "
        "be seen; nothing else in the graph was."
    )
    return Cause(
        "detached",
        f"{loss} depends on a detached copy, and through it no gradient flows",
        (f"{said}.{doubt}",),
        ("Leave out .detach() where the gradient should flow.",),
    )


def _blocked(way: GradientPath, labels: PathLabels) -> Cause:
    """w is in the graph, and each way to it meets an input that gets no gradient."""
    w = labels.label(way.w)
    live = {way.loss, *(step.input for step in way.steps)}
    flows = {(id(step.node), step.slot) for step in way.steps}
    reaches = {way.w}
    blocked: list[tuple[Tensor, int]] = []
    for node in way.order:
        for slot, x in enumerate(node.inputs):
            if type(x) is Tensor and x in reaches:
                reaches.add(node)
                if node in live and (id(node), slot) not in flows:
                    blocked.append((node, slot))
    for node, slot in blocked:
        if slot == 2 and node.operation in rules.FUSED:
            p, z = labels.of_inputs(node)[2], labels.of_inputs(node)[0]
            return Cause(
                "bypassed by the fused loss",
                f"the loss is computed from the logits {z} directly, and {p} is only shown",
                (
                    f"{_named(node, labels)} takes a sigmoid or softmax and its cross-entropy in "
                    "one step, which is exact where the probability is nearly 0 or 1. That "
                    f"{w} gets no gradient is by design; the weights get theirs through {z}.",
                ),
                (
                    f"Ask for {z} instead; or call the loss by hand on the probabilities, which "
                    "keeps the chain through them.",
                ),
            )
    node, slot = blocked[0]
    operand: Any = node.inputs[slot]
    if not operand._requires_grad:
        return undifferentiated(way.order, way.w, labels) or gradient_unwanted(operand, labels)
    return _no_derivative(node, slot, labels)


def undifferentiated(order: list[Tensor], w: Tensor, labels: PathLabels) -> Cause | None:
    """The first operation after w that no gradient flows through, None where there is none."""
    reaches = {w}
    for node in order:
        for slot, x in enumerate(node.inputs):
            if type(x) is Tensor and x in reaches:
                if x._requires_grad and not node._requires_grad:
                    return _no_derivative(node, slot, labels)
                reaches.add(node)
    return None


def _no_derivative(node: Tensor, slot: int, labels: PathLabels) -> Cause:
    operand = node.inputs[slot]
    return Cause(
        "no derivative",
        f"{_named(node, labels)} has no derivative for its input {slot}, {labels.label(operand)}",
        (),
        (
            "Such an input chooses or counts (a condition, labels). For an operation of your own, "
            f"give a rule in place {slot} of `gradients`.",
        ),
    )


def _depends_on(leaves: list[Tensor], w: Tensor, loss: str, labels: PathLabels) -> str:
    names = {labels.label(leaf): leaf for leaf in leaves}
    near = difflib.get_close_matches(labels.label(w), names, n=2, cutoff=0.5)
    alike = [name for name, leaf in names.items() if leaf.shape == w.shape]
    order = list(dict.fromkeys([*near, *alike, *names]))
    shown = ", ".join(
        f"{name} {notation.shape(names[name].shape)}" if names[name].ndim else name
        for name in order[:MOST_NAMED]
    )
    more = f" and {len(order) - MOST_NAMED} more" if len(order) > MOST_NAMED else ""
    return f"{loss} does depend on {shown}{more}."


def _named(node: Tensor, labels: PathLabels) -> str:
    assert node.operation is not None
    return f"{notation.clean(node.operation.name)} ({labels.label(node)})"


def _variable(name: str) -> str:
    return name if name.isidentifier() else "w"


def _origin(tensor: Tensor) -> str:
    """Where a detached Tensor came from, "" for all others."""
    return (tensor._leaf.origin or "") if tensor._leaf is not None else ""
