"""`why`: why the gradient of a Tensor is what it is, and what is wrong where something is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import MutationError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.agreement import cancelled, sums_to_nothing
from autograd_nn.viz.causes.changing import proof
from autograd_nn.viz.causes.connection import (
    gradient_unwanted,
    no_way,
    not_recorded,
    undifferentiated,
)
from autograd_nn.viz.causes.faults import faults
from autograd_nn.viz.causes.finding import Cause, Stop
from autograd_nn.viz.causes.leftover import accumulated, before_the_step, left_over
from autograd_nn.viz.causes.magnitude import HUGE, explosion, vanished
from autograd_nn.viz.causes.not_finite import first_not_finite
from autograd_nn.viz.causes.outcome import NEARLY_RIGHT, Outcome, outcome
from autograd_nn.viz.causes.scale import rms
from autograd_nn.viz.causes.verdict import after_a_step, no_gradient, verdict
from autograd_nn.viz.causes.wiring import miswired
from autograd_nn.viz.graph.path import GradientPath, PathLabels, check_arguments, norm
from autograd_nn.viz.notebook import asked_for


class Reason:
    """Why a gradient is what it is: ``text``, ``cause`` (None where nothing is wrong), ``path``.

    ``path`` is the way from the loss to w along which most of the gradient flows, empty where none
    does; ``suggestions`` are what to try.
    """

    __slots__ = ("cause", "path", "suggestions", "text")

    def __init__(
        self,
        text: str,
        cause: str | None,
        path: tuple[Stop, ...] = (),
        suggestions: tuple[str, ...] = (),
    ) -> None:
        self.text = text
        self.cause = cause
        self.path = path
        self.suggestions = suggestions

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the text."""
        return asked_for({"text/plain": self.text}, include, exclude)


@checked_keywords
def why(loss: Any, w: Any, *, names: Mapping[str, Any] | None = None) -> Reason:
    """Why dL/dw is 0, tiny, huge, NaN, infinite or not there at all; or that nothing is wrong.

    The gradients are computed here, and no earlier ``backward()`` is needed. ``w.grad`` is read
    (and nothing is changed) to see whether it is left over from an earlier one; that is told only
    where the gradient itself is fine.

    ``Reason.cause`` is None where nothing is wrong, else one of

        every prediction against every target · softmax over the examples · constant output
        activation applied twice · last activation · symmetric units
        no gradient wanted · not connected · detached · bypassed by the fused loss · no derivative
        NaN in the data · NaN made by an operation · infinite
        saturated sigmoid · saturated tanh · saturated softmax · dead relu · switched off
        multiplied by zero · scale of inputs · scale of weights · scale of targets
        flat operation · steep operation · vanishing through depth · exploding through depth
        cancelled · accumulated gradients

    The thresholds are constants of `faults`, `scale`, `agreement`, `outcome` and `magnitude` in
    `viz.causes`, each with its reason. What is small as it should be is no fault: sigmoids take
    a factor of 4 to 10 for each layer, and where the predictions are right little is left to send.
    A saturated activation is put down to the scale of inputs or weights where one of them is five
    times its usual size or more.

    Parameters   loss: a scalar Tensor; w: a Tensor, a parameter or one on the way
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentTypeError for what is no Tensor, StateError where loss is not a scalar,
                 MutationError where data were changed since (compute the loss again)
    Example      σ(9) has the slope 0.0001

    >>> from autograd_nn import Tensor, ops, viz
    >>> w = Tensor(3.0, name="w")
    >>> loss = (ops.sigmoid(w * 3.0) - 0.0) ** 2
    >>> viz.why(loss, w).cause
    'saturated sigmoid'
    """
    check_arguments("why", loss, w)
    labels = PathLabels(loss, names)
    if not w._requires_grad:
        return _without_gradient(w, gradient_unwanted(w, labels), labels)
    if not loss._requires_grad:
        cause = undifferentiated(topological(loss), w, labels) or not_recorded(loss, w, labels)
        return _without_gradient(w, cause, labels)
    try:
        way = GradientPath(loss, w)
    except MutationError:
        gradient = before_the_step(loss, w)
        if gradient is None:
            raise
        found = accumulated(w, gradient, labels.label(w))
        text = after_a_step(labels.label(w), gradient, found)
        return (
            Reason(text, None)
            if found is None
            else Reason(text, found.cause, (), found.suggestions)
        )
    if not way.reached:
        return _without_gradient(w, no_way(way, labels), labels)
    with np.errstate(all="ignore"):
        path = _main_path(way)
        stops = _stops(way, path, labels)
        result = outcome(path)
        found = (
            first_not_finite(way, labels)
            or miswired(loss, way.gradients, way.order, labels)
            or _fault(way, path, labels, result)
            or left_over(way, labels)
        )
        if found is not None and (proven := proof(way, found)) is not None:
            found = found._replace(evidence=(*found.evidence, proven))
        text = verdict(way, stops, path, found, labels, result)
    if found is None:
        return Reason(text, None, stops)
    return Reason(text, found.cause, stops, found.suggestions)


def _fault(
    way: GradientPath, path: Sequence[Contribution], labels: PathLabels, result: Outcome | None
) -> Cause | None:
    """What is wrong with a gradient that is finite; the step that takes most first."""
    if result is not None and result.error == 0:
        return None  # nothing is wrong with the predictions, and nothing flows
    nearly_right = result is not None and result.error <= NEARLY_RIGHT
    found = faults(path, labels, result)
    if found:
        return min(found, key=lambda fault: fault.gain)
    if nearly_right:
        return None
    if (balance := cancelled(way, path, labels)) is not None:
        return balance
    gradient = way.gradients[way.w]
    if rms(gradient) >= HUGE * max(1.0, rms(way.w._data)):
        return explosion(path, labels, result)
    if sums_to_nothing(way):
        return None
    return vanished(way, path, labels)


def _main_path(way: GradientPath) -> list[Contribution]:
    """The steps from the loss to ``w`` along which most of the gradient arrives."""

    def weight(step: Contribution) -> tuple[float, float]:
        sizes = (norm(step.contribution), norm(step.upstream))
        first, second = (math.inf if math.isnan(x) else x for x in sizes)
        return first, second

    path: list[Contribution] = []
    node = way.w
    while node is not way.loss:
        uses = way.uses[node]
        best = max(uses, key=weight) if len(uses) > 1 else uses[0]
        path.append(best)
        node = best.node
    return path[::-1]


def _stops(way: GradientPath, path: Sequence[Contribution], labels: PathLabels) -> tuple[Stop, ...]:
    stops = [Stop(labels.label(way.loss), None, None, norm(way.gradients[way.loss]), None)]
    for step in path:
        operation = step.node.operation
        upstream = norm(step.upstream)
        gradient = way.gradients.get(step.input)
        stops.append(
            Stop(
                label=labels.label(step.input),
                operation=operation.name if operation is not None else None,
                layer=labels.scope(step.node),
                norm=None if gradient is None else norm(gradient),
                factor=norm(step.contribution) / upstream if upstream > 0 else None,
            )
        )
    return tuple(stops)


def _without_gradient(w: Tensor, found: Cause, labels: PathLabels) -> Reason:
    text = no_gradient(labels.label(w), found)
    return Reason(text, found.cause, (), found.suggestions)
