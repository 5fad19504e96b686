"""What is wrong with a run before its first step: how model, loss and labels are put together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.changing import proof
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.causes.not_finite import first_not_finite
from autograd_nn.viz.causes.wiring import miswired
from autograd_nn.viz.graph.notation import clean, count, number
from autograd_nn.viz.graph.path import GradientPath, PathLabels
from autograd_nn.viz.watching.evidence import Evidence
from autograd_nn.viz.watching.replaying import Replay, is_better
from autograd_nn.viz.watching.symptoms import Finding
from autograd_nn.viz.wording.saying import in_a_row, say

_SEEN_IN_RUNS = ("symmetric units", "softmax over the examples")
"""These take nothing from the gradient of one batch, so that it proves nothing about them."""


def wired_wrongly(e: Evidence) -> Finding | None:
    """What `why` finds in the recorded loss of a batch, too."""
    found, proven = _looked_at(e.run, Replay.at_end)
    first, proven_first = (None, None) if e.has_learned_well else _looked_at(e.run, Replay.at_start)
    broken_up = found is None and not e.has_learned and _is_symmetry(first)
    found = first if broken_up else found
    if found is None:
        return None
    if first is not None and first.cause == found.cause:
        # Weights that were trained with the cause say little of how it goes without it.
        proven = proven_first or proven
    if found.cause in _SEEN_IN_RUNS:
        proven = None
    evidence = found.evidence
    if broken_up:
        evidence = (*evidence, say("assembly.since_rounding"))
    sentence = found.because
    if sentence.startswith(("the ", "all ")):
        sentence = sentence[0].upper() + sentence[1:]
    return Finding(
        found.cause,
        in_a_row([say("assembly.ends", told=clean(sentence, 1000)), *evidence]),
        "",
        in_a_row(found.suggestions),
        "" if proven is None else say("assembly.of_batch", told=f"{proven[0].lower()}{proven[1:]}"),
    )


def _is_symmetry(found: Cause | None) -> bool:
    return found is not None and found.cause == "symmetric units"


def broken_from_the_start(e: Evidence) -> Finding | None:
    """A loss that is no number at the first step, before any learning rate could make it so."""
    if e.run is None or all(map(math.isfinite, e.loss)):
        return None
    try:
        model = e.run.at_start()
        loss = e.run.loss_of(model)
        if loss.size != 1 or np.isfinite(loss._data).all() or not loss._requires_grad:
            return None
        way = GradientPath(loss, model.trainable_weights[0])
        with np.errstate(all="ignore"):
            found = first_not_finite(way, PathLabels(loss, None))
    except Exception:  # weights that were not kept, or code of the user's that a copy does not run
        return None
    if found is None:
        return None
    because = clean(found.because, 1000)
    sentence = say("assembly.first_loss", loss=number(loss.item()), because=because)
    return Finding(
        found.cause, in_a_row([sentence, *found.evidence]), "", in_a_row(found.suggestions)
    )


def _looked_at(
    run: Replay | None, which: Callable[[Replay], Any]
) -> tuple[Cause | None, str | None]:
    """What is wrong in the recorded loss of a batch, and what it gives without that."""
    if run is None:
        return None, None
    try:
        model = which(run)
        loss = run.loss_of(model)
        if loss.size != 1 or not loss._requires_grad:
            return None, None
        way = GradientPath(loss, model.trainable_weights[0])
        with np.errstate(all="ignore"):
            found = miswired(loss, way.gradients, way.order, PathLabels(loss, None))
            return found, None if found is None else proof(way, found)
    except Exception:  # weights that were not kept, or code of the user's that a copy does not run
        return None, None


def frozen(e: Evidence) -> Finding | None:
    """Layers that are not trained, and never were."""
    layers = [layer for layer in all_layers(e.model) if _is_frozen(layer)]
    if not layers or (e.has_learned and all(map(_was_trained, layers))):
        return None
    names = say("numbers.list").join(clean(layer.name) for layer in layers)
    size = sum(weight.size for layer in layers for weight in layer.weights)
    total = sum(weight.size for weight in e.model.weights)
    never = [layer for layer in layers if not _was_trained(layer)]
    sentence = say(
        "assembly.frozen_one" if len(layers) == 1 else "assembly.frozen",
        layers=count(len(layers), "numbers.layers"),
        names=names,
        size=f"{size:,}",
        total=f"{total:,}",
    )
    if never:
        sentence = say("assembly.frozen_never", sentence=sentence)
    return Finding("frozen layers", sentence, "", say("assembly.frozen_advice"))


def all_layers(model: Any) -> list[Any]:
    """The layers that have weights of their own, those inside of others too."""
    found: list[Any] = []
    for layer in getattr(model, "layers", []):
        inner = getattr(layer, "layers", None)
        found += all_layers(layer) if inner else [layer]
    return found


def _is_frozen(layer: Any) -> bool:
    return bool(layer.weights) and not layer.trainable


def _was_trained(layer: Any) -> bool:
    """Whether its bias is another one than the initializer gave, as far as there is one."""
    biases = [w for w in layer.weights if (w.name or "").endswith("bias")]
    return not biases or any(np.ptp(w._data) > 0 for w in biases if w.size > 1)


def summed(e: Evidence) -> Finding | None:
    """A loss summed over the batch, with a learning rate for means."""
    if e.run is None or not _is_sum(e) or e.run.batch_size < 2:
        return None
    rate = rate_of(e.model.optimizer)
    if rate is None:
        return None
    size = e.run.batch_size

    def smaller(model: Any) -> None:
        model.optimizer.learning_rate = rate / size

    try:
        before, after = e.run.compared(smaller, max(e.run.epochs, 10))
    except Exception:  # code of the user's that a copy does not run
        return None
    if not is_better(before[-1], after[-1], HARMFUL):
        return None
    dead = {name: a.dead for name, a in e.last_activities.items() if a.dead and a.dead == a.dead}
    sentence = say("assembly.summed", size=size, rate=f"{rate:g}", times=f"{rate * size:g}")
    if dead:
        name = max(dead, key=lambda key: dead[key])
        share = f"{dead[name]:.0%}"
        sentence = say("assembly.summed_dead", sentence=sentence, share=share, name=clean(name))
    divided = f"{rate / size:.3g}"
    return Finding(
        "step too large by the batch size",
        sentence,
        "",
        say("assembly.summed_advice", rate=divided),
        say(
            "runs.replayed",
            epochs=count(len(after), "numbers.epochs"),
            change=say("runs.with_rate", rate=divided),
            after=number(after[-1]),
            before=number(before[-1]),
        ),
    )


HARMFUL = 0.7
"""A sum is told where the run ends below so much of its loss with the rate divided."""


def _is_sum(e: Evidence) -> bool:
    """Whether the loss adds its samples up: by `reduction`, or in what it computes itself."""
    if getattr(e.model.loss, "reduction", None) == "sum":
        return True
    try:
        node: Any = e.run.loss_of(e.run.at_end()) if e.run else None
    except Exception:  # code of the user's that a copy does not run
        return False
    while type(node) is Tensor and node.operation is not None:
        if node.operation is ops.sum:
            return bool(np.shape(_value(node.inputs[0]))[:1] == (e.run.batch_size,))  # type: ignore[union-attr]
        if node.operation not in (ops.negative, ops.reshape, ops.multiply, ops.mean):
            return False
        if node.operation is ops.mean and node.inputs[0].size > 1:
            return False
        if node.operation is ops.multiply:
            numbers = [x for x in node.inputs if type(x) is not Tensor]
            if len(numbers) != 1 or float(np.max(np.abs(numbers[0]))) < 0.3:
                return False  # which is divided by something
            node = next(x for x in node.inputs if type(x) is Tensor)
            continue
        node = node.inputs[0]
    return False


def _value(x: Any) -> Any:
    return x._data if type(x) is Tensor else x


def rate_of(optimizer: Any) -> float | None:
    """The learning rate, None where a schedule gives it."""
    rate = getattr(optimizer, "_learning_rate", None)
    return float(rate) if isinstance(rate, (int, float)) else None
