"""What is wrong at one step of the way back: a flat activation, a zero, a factor out of scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.reverse import Contribution
from autograd_nn.viz.causes.finding import Cause, Changes
from autograd_nn.viz.causes.outcome import NEARLY_RIGHT, Outcome, growth_above, wanted_by
from autograd_nn.viz.causes.scale import (
    LARGE_WEIGHTS,
    SATURATES,
    SMALL,
    culprit,
    product_at,
    scale_finding,
)
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.graph.flows import is_elementwise, values_of
from autograd_nn.viz.graph.path import PathLabels, norm
from autograd_nn.viz.wording.saying import say

BEYOND = {ops.sigmoid: 4.0, ops.tanh: 2.7}
"""Beyond this, on either side, an activation is saturated: the slope of both is 0.018 there, less
than a tenth of sigmoid's largest (0.25) and a fiftieth of tanh's (1)."""

CERTAIN = 0.98
"""A row of a softmax with so much in one place is saturated: its slopes are p·(1 - p) < 0.02."""

MOSTLY = 0.9
"""The share of saturated elements from which an activation is called saturated. In networks that
learn well it grows with training: sigmoids on spirals reached 88 %."""

LITTLE = 0.03
"""And the part of the gradient that it lets through: a sigmoid at work lets 0.1 to 0.25 through."""

HALF, WRONG = 0.5, 0.2
"""Half of the elements saturated by weights of ten times the usual size, while a fifth of the
probability is on wrong classes: so it begins where weights are drawn too large. Where training made
them large (by 10 at most was seen) the predictions are right: below 0.07 is on wrong classes."""

INACTIVE = 0.9
"""The share of zeros from which a relu is called dead; at work half to four fifths are 0."""

DEAD_LETS = 0.3
"""And the part of the gradient that a dead relu lets through at most."""

FLAT = 1e-3
"""A step that is no activation is called flat where it lets less than this through."""

_CHOOSING = frozenset([ops.clip, ops.maximum, ops.minimum, ops.where, ops.max, ops.min, ops.set_at])
# What divides by the number of examples, or by a constant of the loss, is no fault.
_SCALING = frozenset([ops.multiply, ops.matmul, ops.mean, ops.sum, ops.add])


def faults(path: Sequence[Contribution], labels: PathLabels, result: Outcome | None) -> list[Cause]:
    """Every fault along a path, in the order of the sweep.

    Where the predictions are nearly right, what is only flat is no fault: the slope is small where
    a decision is made.
    """
    error = np.nan if result is None else result.error
    found = []
    for step in path:
        upstream = norm(step.upstream)
        if not upstream > 0:
            break  # what is dead above cannot die again
        fault = _fault(step, path, labels, norm(step.contribution) / upstream)
        if fault is None and error > WRONG and step.node.operation in BEYOND:
            fault = _drawn_too_large(step, labels)
        if fault is not None and not (error <= NEARLY_RIGHT and _is_only_flat(fault, step)):
            found.append(fault._replace(step=step))
    return found


def _is_only_flat(fault: Cause, step: Contribution) -> bool:
    return fault.cause == "flat operation" or step.node.operation in _JUDGES


def _fault(
    step: Contribution, path: Sequence[Contribution], labels: PathLabels, gain: float
) -> Cause | None:
    operation = step.node.operation
    assert operation is not None
    if operation in _JUDGES:
        return _JUDGES[operation](step, path, labels, gain)
    if operation in (ops.multiply, ops.matmul) and step.node.inputs[0] is not step.node.inputs[1]:
        return product_at(step, labels, step is path[-1])
    if gain == 0 and operation in _CHOOSING:
        return _switched_off(step, labels)
    is_scaling = operation in _SCALING or (operation is ops.divide and step.slot == 0)
    if gain < FLAT and not is_scaling and not _is_at_zero(step) and _stays_small(step, path):
        return _flat(step, labels, gain)
    return None


# ---------------------------------------------------------------------- activations


def _saturation(
    step: Contribution, path: Sequence[Contribution], labels: PathLabels, gain: float
) -> Cause | None:
    operation = step.node.operation
    assert operation is not None
    z = np.abs(np.asarray(step.input._data, dtype=np.float64))
    limit = BEYOND[operation]
    share = float(np.mean(z > limit))
    gain = _with_loss(step, path, gain)
    if share < MOSTLY or gain > LITTLE:
        return None
    where = _where(step, labels)
    name = operation.name
    told = _told_saturation(step, labels, z, gain)
    found = culprit(step.input, labels, True, SATURATES)
    if found is not None and found.kind != "number":
        return scale_finding(found, gain, _so_saturated(name, where, told))
    return Cause(
        f"saturated {name}",
        say("faults.saturated", name=name, where=where),
        (told,),
        (say("faults.saturated_try", name=name),),
        gain,
        change=_without(step, where),
    )


def _drawn_too_large(step: Contribution, labels: PathLabels) -> Cause | None:
    """Weights drawn so large that half of an activation is saturated from the start."""
    z = np.abs(np.asarray(step.input._data, dtype=np.float64))
    if z.size < 2 or np.mean(z > BEYOND[_operation(step)]) < HALF:
        return None
    found = culprit(step.input, labels, True, LARGE_WEIGHTS)
    if found is None or found.kind != "weights":
        return None
    gain = norm(step.contribution) / norm(step.upstream)
    name, where = _operation(step).name, _where(step, labels)
    told = _told_saturation(step, labels, z, gain)
    return scale_finding(found, gain, _so_saturated(name, where, told))


def _so_saturated(name: str, where: str, told: str) -> str:
    return say("faults.so_saturated", name=name, where=where, told=told)


def _told_saturation(step: Contribution, labels: PathLabels, z: Any, gain: float) -> str:
    """The share of the elements that are saturated, and the slope there."""
    operation = _operation(step)
    name, limit = operation.name, BEYOND[operation]
    slope = _slope(operation, z)
    if z.size == 1:
        return say(
            "faults.saturated_one",
            label=labels.label(step.input),
            x=notation.number(step.input._data.item()),
            limit=f"{limit:g}",
            name=name,
            slope=notation.number(slope.item()),
            lets=_lets(gain),
        )
    return say(
        "faults.saturated_many",
        share=_percent(float(np.mean(z > limit))),
        n=f"{z.size:,}",
        limit=f"{limit:g}",
        name=name,
        slope=notation.number(float(np.mean(slope))),
        steepest=_STEEPEST[operation],
        lets=_lets(gain),
    )


_STEEPEST = {ops.sigmoid: "0.25", ops.tanh: "1"}


def _slope(operation: Operation, z: Any) -> Any:
    """The derivative at ±z, without losing the digits of a small one."""
    e = np.exp(-z) if operation is ops.sigmoid else np.exp(-2 * z)
    return (1 if operation is ops.sigmoid else 4) * e / np.square(1 + e)


def _with_loss(step: Contribution, path: Sequence[Contribution], gain: float) -> float:
    """The part let through, taken together with a cross-entropy above."""
    wanted = wanted_by(path, step)
    if wanted is None:
        return gain * growth_above(path, step)
    return norm(step.contribution) / wanted if wanted > 0 else 1.0


def _softmax(
    step: Contribution, path: Sequence[Contribution], labels: PathLabels, gain: float
) -> Cause | None:
    axis = (step.node.attributes or {}).get("axis", -1)
    top = np.max(step.node._data, axis=axis)
    share = float(np.mean(top > CERTAIN))
    gain = _with_loss(step, path, gain)
    if share < MOSTLY or gain > LITTLE:
        return None
    where = _where(step, labels)
    certain, lets = _percent(CERTAIN), _lets(gain)
    told = say("faults.softmax_one", certain=certain, lets=lets)
    if (n := np.size(top)) > 1:
        share_told = _percent(share)
        told = say("faults.softmax_many", share=share_told, n=f"{n:,}", certain=certain, lets=lets)
    found = culprit(step.input, labels, True, SATURATES)
    if found is not None and found.kind != "number":
        return scale_finding(found, gain, _so_saturated("softmax", where, told))
    return Cause(
        "saturated softmax",
        say("faults.saturated", name="softmax", where=where),
        (told,),
        (say("faults.softmax_try"),),
        gain,
        change=_without(step, where),
    )


def _relu(
    step: Contribution, path: Sequence[Contribution], labels: PathLabels, gain: float
) -> Cause | None:
    if step.node.operation is ops.maximum:
        other = values_of(step.node)[1 - step.slot]
        if np.ndim(other) or other != 0:
            return _switched_off(step, labels) if gain == 0 else None
    z = np.asarray(step.input._data)
    share = float(np.mean(z <= 0))
    if share < INACTIVE or gain > DEAD_LETS:
        return None
    where = _where(step, labels)
    if norm(z) == 0 and (found := culprit(step.input, labels, False, 1 / SMALL)) is not None:
        return scale_finding(found, gain, say("faults.stays_zero", where=where))
    return Cause(
        "dead relu",
        say("faults.dead", where=where),
        (_told_dead(z, share, labels.label(step.input), _lets(gain)),),
        (say("faults.dead_try"),),
        gain,
        change=_without(step, where) if step.node.operation is ops.relu else None,
    )


def _told_dead(z: Any, share: float, label: str, lets: str) -> str:
    """How many elements are 0, and how many units for every example."""
    if z.size == 1:
        return say("faults.dead_one", label=label, x=notation.number(z.item()), lets=lets)
    if z.ndim == 1:
        return say("faults.dead_many", share=_percent(share), n=f"{z.size:,}", lets=lets)
    dead = (z <= 0).reshape(-1, z.shape[-1]).all(axis=0)
    count = int(np.count_nonzero(dead))
    return say(
        "faults.dead_unit" if count == 1 else "faults.dead_units",
        share=_percent(share),
        n=f"{z.size:,}",
        dead=f"{count:,}",
        units=notation.count(dead.size, "numbers.units"),
        examples=notation.count(z.size // dead.size, "numbers.examples"),
        lets=lets,
    )


def _without(step: Contribution, where: str) -> tuple[str, Changes]:
    """The proof that an activation is at fault: the same without it."""
    return say("verdict.without", name=_operation(step).name, where=where), {step.node: lambda z: z}


_JUDGES: dict[Operation, Callable[..., Cause | None]] = {
    ops.sigmoid: _saturation,
    ops.tanh: _saturation,
    ops.softmax: _softmax,
    ops.relu: _relu,
    ops.maximum: _relu,
}


# ---------------------------------------------------------------------- other steps


def _switched_off(step: Contribution, labels: PathLabels) -> Cause:
    operation = step.node.operation
    assert operation is not None
    equation = f"{labels.label(step.node)} = {labels.expression(step.node)}"
    return Cause(
        "switched off",
        say(
            "faults.clipped" if operation is ops.clip else "faults.chose",
            name=notation.clean(operation.name),
            where=_where(step, labels),
            x=labels.label(step.input),
        ),
        (say("faults.equation", told=equation),),
        (say("faults.chose_try"),),
        0.0,
    )


def _flat(step: Contribution, labels: PathLabels, gain: float) -> Cause:
    operation = step.node.operation
    assert operation is not None
    name = notation.clean(operation.name)
    words = rules.derivative(labels.words(step, step.contribution))
    told = say("faults.flat_rule", rule=words, lets=_lets(gain)) if words else _lets(gain)
    z = notation.amount(notation.summarise(step.input._data))
    return Cause(
        "flat operation",
        say(
            "faults.flat",
            name=name,
            where=_where(step, labels),
            input=labels.label(step.input),
            z=z,
        ),
        (told,),
        (say("faults.flat_try"),),
        gain,
    )


def steepest(path: Sequence[Contribution], labels: PathLabels, least: float) -> Cause | None:
    """The step that enlarges the gradient most, where it is not a product and by ``least``."""
    gains = [norm(step.contribution) / (norm(step.upstream) or np.inf) for step in path]
    own = [
        gain if is_elementwise(step.node, step.slot) and not _grows(step) else 0.0
        for step, gain in zip(path, gains, strict=True)
    ]
    place = int(np.argmax(own))
    if own[place] < least:
        return None
    step = path[place]
    words = rules.derivative(labels.words(step, step.contribution))
    z = notation.amount(notation.summarise(step.input._data))
    return Cause(
        "steep operation",
        say(
            "faults.steep",
            name=_operation(step).name,
            where=_where(step, labels),
            input=labels.label(step.input),
            z=z,
        ),
        (say("faults.steep_why", rule=words, x=notation.number(own[place])),),
        (say("faults.steep_try"),),
        own[place],
        step,
    )


def _grows(step: Contribution) -> bool:
    """A product or a power, whose slope is as large as its input: that is where to look then."""
    exponent = step.node.inputs[-1]
    is_power = step.node.operation is ops.power and step.slot == 0
    is_power = is_power and isinstance(exponent, (int, float)) and exponent > 1
    return is_power or step.node.operation in (ops.multiply, ops.square)


def _stays_small(step: Contribution, path: Sequence[Contribution]) -> bool:
    """Whether no later step makes up for a flat one, as exp does for 1/(1 + exp(-z)).

    Measured as a sum: a mean over n elements sends 1/n to each of them.
    """
    start = next(place for place, other in enumerate(path) if other is step)
    return all(np.abs(np.asarray(s.contribution)).sum() < FLAT for s in path[start:])


def _is_at_zero(step: Contribution) -> bool:
    """A square or a difference of nothing left: the bottom of a loss, which is where one wants
    to be."""
    operation = step.node.operation
    if operation not in (ops.square, ops.power, ops.absolute, ops.multiply):
        return False
    values = np.asarray(step.input._data)
    return float(np.abs(values).max(initial=0.0)) < FLAT


def _operation(step: Contribution) -> Operation:
    assert step.node.operation is not None
    return step.node.operation


def _percent(share: float) -> str:
    return f"{notation.number(round(100 * share))} %"


def _lets(gain: float) -> str:
    if gain == 0:
        return say("faults.lets_nothing")
    return say("faults.lets", x=notation.number(100 * gain))


def _where(step: Contribution, labels: PathLabels) -> str:
    """The layer, or the label where there is none."""
    node = step.node
    return labels.scope(node) or labels.label(node)
