"""Why a Tensor gets no gradient at all: nothing connects it with the loss, or nothing may flow."""

from __future__ import annotations

import difflib
import re
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.graph.path import GradientPath, PathLabels
from autograd_nn.viz.wording.saying import say

MOST_NAMED = 5
"""So many Tensors are named where the loss depends on others."""


def gradient_unwanted(w: Tensor, labels: PathLabels) -> Cause:
    """w is a constant."""
    name, origin = labels.label(w), _origin(w)
    if w.dtype.kind != "f":
        return Cause(
            "no gradient wanted",
            say("causes.no_float", name=name, dtype=w.dtype),
            (),
            (say("causes.no_float_try", name=_variable(name)),),
        )
    if origin:
        return Cause(
            "no gradient wanted",
            say("causes.constant_copy", name=name, origin=origin),
            (),
            (say("causes.constant_copy_try"),),
        )
    return Cause(
        "no gradient wanted",
        say("causes.constant", name=name),
        (say("causes.constant_why"),),
        (say("causes.constant_try"),),
    )


def not_recorded(loss: Tensor, w: Tensor, labels: PathLabels) -> Cause:
    """The loss itself is a constant."""
    name, origin = labels.label(loss), _origin(loss)
    if origin:
        return Cause(
            "detached",
            say("causes.itself_detached", name=name, origin=origin),
            (),
            (say("causes.itself_detached_try"),),
        )
    return Cause(
        "not connected",
        say("causes.not_recorded", name=name),
        (say("causes.not_recorded_why"),),
        (say("causes.not_recorded_try"),),
    )


def no_way(way: GradientPath, labels: PathLabels) -> Cause:
    """The sweep from the loss does not reach w."""
    if way.w in set(way.order):
        return _blocked(way, labels)
    loss, w = labels.label(way.loss), labels.label(way.w)
    cut = [t for t in way.order if _is_cut(t)]
    if cut:
        return _detached(way.w, cut, loss, w, labels)
    leaves = [t for t in way.order if t.operation is None and t._requires_grad]
    evidence = [_depends_on(leaves, way.w, loss, labels)]
    if way.loss.operation is None:
        evidence = [say("causes.by_hand", loss=loss)]
    for leaf in leaves:
        if leaf.shape == way.w.shape and np.array_equal(leaf._data, way.w._data):
            other = labels.label(leaf)
            evidence.append(say("causes.same_numbers", other=other, w=w, variable=_variable(w)))
            break
    return Cause(
        "not connected",
        say("causes.not_connected", loss=loss, w=w),
        tuple(evidence),
        (say("causes.not_connected_try"),),
    )


def _detached(w: Tensor, cut: list[Tensor], loss: str, name: str, labels: PathLabels) -> Cause:
    named = f"Tensor {w.name!r} " if w.name is not None else None
    sure = [t for t in cut if named and named in f"{_recorded_origin(t)} "]
    fits = sure or [t for t in cut if str(w.shape) in _recorded_origin(t)] or cut
    said = say("numbers.semicolon").join(
        say(
            "causes.was_detached",
            name=labels.label(t),
            origin=notation.clean(_origin(t), 120),
        )
        for t in fits[:MOST_NAMED]
    )
    told = (
        say("causes.detached_sure", told=said)
        if sure
        else say("causes.detached_doubt", told=said, name=name)
    )
    return Cause(
        "detached",
        say("causes.detached", loss=loss),
        (told,),
        (say("causes.detached_try"),),
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
                say("causes.bypassed", z=z, p=p),
                (say("causes.bypassed_why", operation=_named(node, labels), w=w, z=z),),
                (say("causes.bypassed_try", z=z),),
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
        say(
            "causes.no_derivative",
            operation=_named(node, labels),
            slot=slot,
            name=labels.label(operand),
        ),
        (),
        (say("causes.no_derivative_try", slot=slot),),
    )


def _depends_on(leaves: list[Tensor], w: Tensor, loss: str, labels: PathLabels) -> str:
    names = {labels.label(leaf): leaf for leaf in leaves}
    near = difflib.get_close_matches(labels.label(w), names, n=2, cutoff=0.5)
    alike = [name for name, leaf in names.items() if leaf.shape == w.shape]
    order = list(dict.fromkeys([*near, *alike, *names]))
    shown = say("numbers.list").join(
        f"{name} {notation.shape(names[name].shape)}" if names[name].ndim else name
        for name in order[:MOST_NAMED]
    )
    if (more := len(order) - MOST_NAMED) > 0:
        return say("causes.depends_on_more", loss=loss, names=shown, n=more)
    return say("causes.depends_on", loss=loss, names=shown)


def _named(node: Tensor, labels: PathLabels) -> str:
    assert node.operation is not None
    return f"{notation.clean(node.operation.name)} ({labels.label(node)})"


def _variable(name: str) -> str:
    return name if name.isidentifier() else "w"


_ORIGIN = re.compile(
    r"detached from (?:Tensor (?P<named>.+)|the Tensor made by (?P<made>.+)|a leaf Tensor)"
    r" of shape (?P<shape>\(.*\))",
    re.DOTALL,
)


def _origin(tensor: Tensor) -> str:
    """Where a detached Tensor came from, in the language that is spoken; "" for all others."""
    kept = _recorded_origin(tensor)
    found = _ORIGIN.fullmatch(kept)
    if found is None:
        return kept
    shape = found["shape"]
    if found["named"]:
        return say("causes.origin_named", name=found["named"], shape=shape)
    if found["made"]:
        return say("causes.origin_made", name=found["made"], shape=shape)
    return say("causes.origin_leaf", shape=shape)


def _is_cut(tensor: Tensor) -> bool:
    return bool(_recorded_origin(tensor))


def _recorded_origin(tensor: Tensor) -> str:
    """The same as the Tensor keeps it, in English."""
    return (tensor._leaf.origin or "") if tensor._leaf is not None else ""
