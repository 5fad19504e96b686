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
            "the targets are huge",
            (
                f"They are {notation.number(result.targets)} in the root mean square, and the "
                f"residuals, {notation.number(result.residual)}, are what the loss sends back.",
            ),
            ("Scale the targets: (y - y.mean()) / y.std(), and the predictions back.",),
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
        f"{notation.count(many, 'numbers.steps')} of its path enlarge it",
        (
            f"The largest factor, {notation.number(factors[place])}, is that of "
            f"{notation.clean(operation.name)} in {labels.label(path[place].node)}.",
        ),
        ("Smaller weights, gradient clipping (clipnorm of an optimizer), a mean and not a sum.",),
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
        f"it vanishes through depth, {small} of the "
        f"{notation.count(len(path), 'numbers.steps')} at least halve it",
        (
            f"Its root mean square is {notation.number(own)}, that of {labels.label(strongest[0])} "
            f"{notation.number(strongest[1])}; no single step is at fault.",
        ),
        (
            "Fewer layers; relu or tanh in place of sigmoid; he_normal or glorot_uniform weights; "
            "connections that skip layers.",
        ),
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
    told = "; ".join(f"{name} {_times(factors)}" for name, factors in by_name.items())
    return Cause(
        "vanishing through depth",
        f"it vanishes through depth, {len(losing)} of the "
        f"{notation.count(len(steps), 'numbers.steps')} on the longest way each take a part of it",
        (
            f"Their factors, by operation: {told}. Together × {notation.number(together)}, so that "
            f"{labels.label(way.w)} and all that lies as deep starve; no single step is at fault.",
        ),
        (
            "Factors near 1: larger weights (glorot_uniform, he_normal), relu in place of sigmoid, "
            "fewer steps, connections that skip some.",
        ),
    )


def _times(factors: Sequence[float]) -> str:
    low, high = notation.number(min(factors)), notation.number(max(factors))
    return f"{len(factors)} times × {low if low == high else f'{low} … {high}'}"


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
