"""Whether a gradient as a whole is huge, or vanishes beside those of other parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.faults import steepest
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.causes.outcome import Outcome
from autograd_nn.viz.causes.scale import LARGE_WEIGHTS, rms, scale_finding, weights_beside
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.path import GradientPath, PathLabels, norm
from autograd_nn.viz.wording.saying import say

HUGE = 1e4
"""A gradient is huge where its root mean square is so many times that of the data (or of 1 where
the data are smaller): a step with a learning rate of 0.01 throws the data a hundredfold away."""

STEEP = 100.0
"""A step that is no product and enlarges the gradient so much explains a huge one."""

LARGE_TARGETS = 1e3
"""Residuals of this size make a huge gradient by themselves."""

VANISHED = 1e-6
"""A gradient so many times smaller than that of another parameter has vanished. Each sigmoid
layer takes a factor of about 4 to 10, so that a network of three, whose first kernel gets a
thirtieth of its last, is far from it, and one of ten is not."""

STARVED = 1e-4
"""A gradient that keeps less than this of what the loss sends has starved by itself, also where
those of all other parameters did."""

LOSES, MANY = 0.9, 8
"""It starved through depth where so many steps, none of which is at fault, keep less than 0.9."""


def explosion(path: Sequence[Contribution], labels: PathLabels, result: Outcome | None) -> Cause:
    """What makes a gradient huge: weights, one steep step, targets, or many steps."""
    largest = weights_beside(path, labels)
    if largest is not None and largest.size >= LARGE_WEIGHTS:
        return scale_finding(largest, 1.0, "")
    if result is not None and result.residual >= LARGE_TARGETS and result.targets >= LARGE_TARGETS:
        return Cause(
            "scale of targets",
            say("causes.targets"),
            (
                say(
                    "causes.targets_why",
                    targets=notation.number(result.targets),
                    residual=notation.number(result.residual),
                ),
            ),
            (say("causes.targets_try"),),
        )
    if (steep := steepest(path, labels, STEEP)) is not None:
        return steep
    factors = [norm(step.contribution) / (norm(step.upstream) or math.inf) for step in path]
    many = sum(factor > 1 for factor in factors)
    place = factors.index(max(factors))
    operation = path[place].node.operation
    assert operation is not None
    return Cause(
        "exploding through depth",
        say("causes.exploding", steps=notation.count(many, "numbers.steps")),
        (
            say(
                "causes.exploding_why",
                x=notation.number(factors[place]),
                operation=notation.clean(operation.name),
                node=labels.label(path[place].node),
            ),
        ),
        (say("causes.exploding_try"),),
    )


def vanished(way: GradientPath, path: Sequence[Contribution], labels: PathLabels) -> Cause | None:
    """Whether a gradient is nothing beside that of another parameter, or starved with all."""
    own = rms(way.gradients[way.w])
    strongest = strongest_other(way)
    if strongest is None or own == 0 or own > VANISHED * strongest[1]:
        return _starved(way, path, labels)
    factors = [norm(step.contribution) / (norm(step.upstream) or math.inf) for step in path]
    small = sum(factor < 0.5 for factor in factors)
    return Cause(
        "vanishing through depth",
        say("causes.vanishing", small=small, steps=notation.count(len(path), "numbers.steps")),
        (
            say(
                "causes.vanishing_why",
                own=notation.number(own),
                other=labels.label(strongest[0]),
                x=notation.number(strongest[1]),
            ),
        ),
        (say("causes.vanishing_try"),),
    )


def _starved(way: GradientPath, path: Sequence[Contribution], labels: PathLabels) -> Cause | None:
    """Whether many steps, each of which takes a part, leave nothing of what the loss sends."""
    if _kept(path) > STARVED:
        return None
    longest: list[Contribution] = []
    node = way.w
    while node is not way.loss:
        longest.append(way.uses[node][-1])
        node = longest[-1].node
    steps = [(step, _factor(step)) for step in longest if step.node.operation not in _MEANS]
    losing = [(step, factor) for step, factor in steps if factor < LOSES]
    together = math.prod(factor for _, factor in losing)
    if len(losing) < MANY or together > STARVED or max(f for _, f in steps) > 1 / STARVED:
        return None
    by_name: dict[str, list[float]] = {}
    for step, factor in losing:
        assert step.node.operation is not None
        by_name.setdefault(notation.clean(step.node.operation.name), []).append(factor)
    told = say("numbers.semicolon").join(
        say("causes.starved_factors", name=name, n=len(factors), x=_range(factors))
        for name, factors in by_name.items()
    )
    total = notation.count(len(steps), "numbers.steps")
    return Cause(
        "vanishing through depth",
        say("causes.starved", losing=len(losing), steps=total),
        (
            say(
                "causes.starved_why",
                told=told,
                x=notation.number(together),
                w=labels.label(way.w),
            ),
        ),
        (say("causes.starved_try"),),
    )


def _range(factors: Sequence[float]) -> str:
    low, high = notation.number(min(factors)), notation.number(max(factors))
    return low if low == high else f"{low} … {high}"


_MEANS = (ops.mean, ops.sum)


def _factor(step: Contribution) -> float:
    return norm(step.contribution) / (norm(step.upstream) or math.inf)


def _kept(path: Sequence[Contribution]) -> float:
    """What is left along a path, without the means over examples."""
    return math.prod(_factor(step) for step in path if step.node.operation not in _MEANS)


def strongest_other(way: GradientPath) -> tuple[Tensor, float] | None:
    """The other parameter with the largest gradient, and the root mean square of that.

    A kernel is compared with kernels, a bias with biases, where there are such.
    """
    sizes = [
        (t, rms(g))
        for t, g in way.gradients.items()
        if t is not way.w and t.operation is None and t._requires_grad
    ]
    alike = [pair for pair in sizes if pair[0].ndim == way.w.ndim]
    return max(alike or sizes, key=lambda pair: pair[1], default=None)
