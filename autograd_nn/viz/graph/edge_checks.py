"""Every edge of a graph verified by differences of its own operation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import run_again, values_of
from autograd_nn.viz.wording.saying import say

RIGHT = 1e-6
"""Both numbers agree to this part of the larger: differences in float64 are right to 1e-9."""

APART = 1e-3
"""Slopes from the left and from the right that differ by more than this part are looked at with
shorter steps: at a corner they stay apart, elsewhere they come together."""

CLEAR = 1e-4
"""A step so short that rounding is more than this part of the slope would agree with any rule."""

EACH = 64
"""So many elements are moved one by one, and so many inputs of one operation are checked; of more
elements some directions are taken and the largest."""


@dataclass(frozen=True)
class EdgeCheck:
    """What the differences say of one edge; ``kind`` is None where they can say nothing."""

    kind: Literal["right", "wrong", "kink"] | None
    text: str


def checked_edges(flows: dict[str, Contribution]) -> dict[str, EdgeCheck]:
    """The verdict on every edge, by its id, for what flows along it in the order of the sweep."""
    found: dict[str, EdgeCheck] = {}
    around: _Around | None = None
    with run_again():
        for edge, flow in flows.items():
            if flow.node.operation is part:
                continue
            if around is None or around.node is not flow.node:  # its edges follow one another
                around = _Around(flow.node, flow.upstream)
            found[edge] = _checked(flow.slot, around)
    return found


def summed_up(verdicts: list[EdgeCheck]) -> EdgeCheck:
    """The worst of several, and how many are like it."""
    for kind, key in (
        ("wrong", "checks.wrong_first"),
        ("kink", "checks.kink_first"),
        (None, "checks.unchecked_first"),
    ):
        alike = [verdict for verdict in verdicts if verdict.kind == kind]
        if alike:
            return EdgeCheck(
                alike[0].kind,
                say(key, n=f"{len(alike):,}", of=f"{len(verdicts):,}", first=alike[0].text),
            )
    return EdgeCheck(
        "right", say("checks.all_right", edges=notation.count(len(verdicts), "numbers.edges"))
    )


# ---------------------------------------------------------------------- one edge


def _checked(slot: int, around: _Around) -> EdgeCheck:
    """(f(x + h·d) − f(x − h·d)) / 2h, weighed with the upstream gradient, against rule · d."""
    many = len(around.inputs)
    if slot >= EACH:
        return EdgeCheck(None, say("checks.first", n=EACH, of=f"{many:,}"))
    if not around.is_repeatable:
        return EdgeCheck(None, say("checks.another"))
    along = _Along(slot, around)
    if not along.x.size:
        return EdgeCheck(None, say("checks.empty"))
    if not (np.isfinite(along.x).all() and np.isfinite(along.by_rule).all()):
        return EdgeCheck(None, say("checks.not_finite"))
    kink: EdgeCheck | None = None
    unclear: EdgeCheck | None = None
    worst = 0.0
    for direction in _directions(along.x, along.by_rule):
        found = _in_direction(along, direction)
        if isinstance(found, float):
            worst = max(worst, found)
        elif found.kind == "wrong":  # it counts for more than a kink at another element
            return found
        elif found.kind == "kink":
            kink = kink or found
        else:
            unclear = unclear or found
    told = (
        say("checks.right_to", x=notation.with_minus(f"{worst:.0e}"))
        if worst
        else say("checks.right")
    )
    return kink or unclear or EdgeCheck("right", told)


class _Trial(NamedTuple):
    """Slopes at one step, and what rounding may have done to them."""

    left: float
    right: float
    noise: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def jump(self) -> float:
        return abs(self.right - self.left)


def _in_direction(along: _Along, direction: Any) -> EdgeCheck | float:
    """The relative error where the rule is right in this direction, else what is the matter."""
    expected = float((along.by_rule * direction).sum())

    def scale(trial: _Trial) -> float:
        return max(abs(expected), abs(trial.middle))

    def fits(trial: _Trial) -> bool:
        error = abs(expected - trial.middle)
        return error <= along.tolerance * scale(trial) + trial.noise

    steps = along.steps(direction)
    first = along.trial(direction, steps[0])
    smooth = first.jump <= APART * max(abs(first.left), abs(first.right)) + first.noise
    trials = [first]
    if not (smooth and fits(first)):
        # A corner may be near, or the end of the domain, or the input is tiny.
        trials += [along.trial(direction, step) for step in steps[1:]]
        if _is_corner(*trials):
            return along.at_kink(direction, trials[1], expected)
    for trial in trials:
        clear = trial is first or trial.noise <= CLEAR * scale(trial)
        if clear and fits(trial):
            if trial.noise < scale(trial) < 100 * trial.noise:
                return EdgeCheck(None, say("checks.rounding"))
            return abs(expected - trial.middle) / (scale(trial) or 1.0)
    # Where the slope is 0 no part of it can be asked for: x³ at 0 has the differences h².
    errors = [abs(expected - trial.middle) for trial in trials]
    if errors[1] + trials[1].noise <= 0.01 * errors[0]:
        return 0.0
    known = [trial for trial in trials if math.isfinite(trial.middle)]
    if not known:
        return EdgeCheck(None, say("checks.end"))
    best = min(known, key=lambda trial: trial.noise)
    return along.wrong(direction, best, expected)


def _is_corner(first: _Trial, second: _Trial, third: _Trial) -> bool:
    """At a corner the slopes stay apart; of a smooth function they come together in proportion."""
    stay = second.jump > max(0.01 * first.jump + 4 * second.noise, 4 * first.noise)
    meet = max(third.jump, third.noise) < 0.1 * second.jump
    return math.isfinite(first.jump) and math.isfinite(second.jump) and stay and not meet


class _Around:
    """A node in float64: its inputs, its results, and what is to flow back from them."""

    def __init__(self, node: Tensor, upstream: Any) -> None:
        assert node.operation is not None
        self.node, self.operation, self.attributes = node, node.operation, node.attributes or {}
        self.inputs = [_exact(x) for x in values_of(node)]
        self.results, again = (self.with_input(0, self.inputs[0]) for _ in range(2))
        # An operation that draws random numbers has no differences.
        self.is_repeatable = all(map(_are_equal, self.results, again))
        self.weights, self.scale = _weights(upstream)
        self._of_all: Any = None

    def with_input(self, slot: int, there: Any) -> list[Any]:
        """The results with something else in the place of one input."""
        moved = [*self.inputs[:slot], there, *self.inputs[slot + 1 :]]
        found = self.operation.value(*moved, **self.attributes)
        return [np.asarray(r) for r in (found if isinstance(found, tuple) else (found,))]

    def by_rule(self, slot: int) -> Any:
        """The rule once more: rounding of float32 is not what is to be checked."""
        plain = [None if weight is None else weight[()] for weight in self.weights]
        outs = [result[()] for result in self.results]
        several = type(self.node._data) is tuple
        g: Any = tuple(plain) if several else plain[0]
        out: Any = tuple(outs) if several else outs[0]
        own: Any = self.operation.gradients
        if isinstance(own, tuple):
            found = own[slot](g, out, *self.inputs, **self.attributes)
        else:
            if self._of_all is None:
                self._of_all = own(g, out, *self.inputs, **self.attributes)
            found = self._of_all[slot]
        return np.asarray(unbroadcast(found, self.inputs[slot], self.node, slot))


class _Along:
    """One edge as a function of its input: Σ weights · f(x), and what the rule says of it."""

    def __init__(self, slot: int, around: _Around) -> None:
        self.slot, self.around = slot, around
        self.x = np.asarray(around.inputs[slot])
        self.by_rule = around.by_rule(slot)
        kinds = [r.dtype for r in around.results if r.dtype.kind == "f"]
        self.precision = max((float(np.finfo(kind).eps) for kind in kinds), default=1.0)
        self.tolerance = max(RIGHT, 50 * self.precision ** (2 / 3))

    def steps(self, direction: Any) -> tuple[float, float, float]:
        """Lengths to try, one after the other. The cube root of the rounding error is best."""
        best = self.precision ** (1 / 3)
        moved = np.abs(self.x[direction != 0])
        usual = best * max(1.0, float(moved.max()))
        shortest = 1e-6 * usual
        if moved.size == 1 and moved[0]:
            shortest = min(shortest, best * float(moved[0]))
        return usual, 1e-3 * usual, shortest

    def trial(self, direction: Any, step: float) -> _Trial:
        """The slopes to both sides in a direction, by differences."""
        around = self.around
        up, down = (
            around.with_input(self.slot, (self.x + sign * step * direction)[()]) for sign in (1, -1)
        )
        right = left = size = 0.0
        for weight, here, above, below in zip(
            around.weights, around.results, up, down, strict=True
        ):
            if weight is not None:
                right += float(((above - here) * weight).sum()) / step
                left += float(((here - below) * weight).sum()) / step
                size += float(np.abs(here * weight).sum())
        return _Trial(left, right, 10 * self.precision * size / step)

    def at_kink(self, direction: Any, trial: _Trial, expected: float) -> EdgeCheck:
        """The verdict with the slopes on both sides."""
        left, right, rule = (
            notation.number(x * self.around.scale) for x in (trial.left, trial.right, expected)
        )
        where = _where(direction, self.x)
        text = say("checks.kink", where=where, left=left, right=right, rule=rule)
        return EdgeCheck("kink", text)

    def wrong(self, direction: Any, trial: _Trial, expected: float) -> EdgeCheck:
        """The verdict with both numbers."""
        rule, found = (
            notation.with_minus(f"{x * self.around.scale:.6g}") for x in (expected, trial.middle)
        )
        where = _where(direction, self.x)
        return EdgeCheck("wrong", say("checks.wrong", where=where, rule=rule, found=found))


def _weights(upstream: Any) -> tuple[list[Any], float]:
    """The upstream gradient in numbers of about 1, and what they were divided by.

    A gradient that is zero, or not finite, would hide a wrong rule: there stands the mean size of
    the others.
    """
    given = upstream if isinstance(upstream, tuple) else (upstream,)
    arrays = [None if g is None else np.array(g, np.float64) for g in given]
    sizes = np.concatenate([np.abs(g).ravel() for g in arrays if g is not None] or [np.zeros(0)])
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    scale = float(sizes.max(initial=0.0)) or 1.0
    usual = float((sizes / scale).mean()) if sizes.size else 1.0
    found = []
    for g in arrays:
        if g is not None:
            g = np.where(np.isfinite(g) & (g != 0), g / scale, usual)
        found.append(g)
    return found, scale


def _directions(x: Any, by_rule: Any) -> Iterator[Any]:
    """Single elements of a small array; of a large one fixed mixtures and its largest element."""
    if x.size <= EACH:
        for place in range(x.size):
            direction = np.zeros(x.size)
            direction[place] = 1.0
            yield direction.reshape(x.shape)
        return
    random = np.random.default_rng(0)  # its own: the same directions every time
    for _ in range(3):
        yield random.uniform(0.5, 1.5, x.shape) * random.choice([-1.0, 1.0], x.shape)
    largest = np.zeros(x.size)
    largest[np.argmax(np.abs(by_rule))] = 1.0
    yield largest.reshape(x.shape)


def _where(direction: Any, x: Any) -> str:
    if x.size == 1 or np.count_nonzero(direction) > 1:
        return ""
    place = tuple(int(i) for i in np.argwhere(direction)[0])
    return say("checks.at", place=notation.index(place))


def _are_equal(x: Any, y: Any) -> bool:
    return np.array_equal(x, y, equal_nan=x.dtype.kind == "f")


def _exact(x: Any) -> Any:
    """Floating-point inputs in float64; labels, indices and None as they are."""
    is_floating = isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind == "f"
    return np.asarray(x, np.float64)[()] if is_floating else x
