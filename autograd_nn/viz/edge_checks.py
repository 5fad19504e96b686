"""Every edge of a graph verified by differences of its own operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograd_nn.engine.fitting import fitted
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz import wording
from autograd_nn.viz.flows import Flow, values

STEP = 6e-6
"""Times max(1, |x|): near the cube root of the rounding error, where differences are best."""

RIGHT = 1e-6
"""Both numbers agree to this part of the larger: differences in float64 are right to 1e-9."""

KINK = 1e-2
"""From the left and from the right the slopes differ by more than this part: a corner."""

EACH = 64
"""So many elements are moved one by one; of more, some directions are taken and the largest."""


@dataclass(frozen=True)
class Verdict:
    """What the differences say of one edge."""

    kind: Literal["right", "wrong", "kink"]
    text: str


def checked_edges(flows: list[Flow]) -> dict[str, Verdict]:
    """The verdict on every edge, by its id."""
    with np.errstate(all="ignore"):
        return {flow.edge: _checked(flow) for flow in flows if flow.node.operation is not part}


def _checked(flow: Flow) -> Verdict:
    """ĝ·(f(x + h·d) − f(x − h·d)) / 2h against the rule's gradient · d, in float64."""
    node, slot = flow.node, flow.slot
    exact = [_exact(x) for x in values(node)]
    x, operation, attributes = exact[slot], node.operation, node.attributes or {}
    assert operation is not None

    def results(there: Any) -> list[Any]:
        moved = [*exact[:slot], there, *exact[slot + 1 :]]
        found = operation.value(*moved, **attributes)
        return [np.asarray(r) for r in (found if isinstance(found, tuple) else (found,))]

    upstream = flow.upstream if isinstance(flow.upstream, tuple) else (flow.upstream,)
    weights = [None if g is None else np.asarray(g, np.float64) for g in upstream]
    # A gradient that is zero would hide a wrong rule: it is checked with ones in its place.
    if not any(g is not None and g.any() for g in weights):
        weights = [None if g is None else np.ones_like(g) for g in weights]
    by_rule = _by_rule(node, slot, exact, weights, results(x))
    here = _weighed(results(x), weights)
    worst = 0.0
    for direction in _directions(x, by_rule):
        step = STEP * max(1.0, float(np.abs(x * direction).max(initial=0.0)))
        above, below = (_weighed(results(x + sign * step * direction), weights) for sign in (1, -1))
        expected, found = float((by_rule * direction).sum()), (above - below) / (2 * step)
        scale = max(abs(expected), abs(found))
        right, left = (above - here) / step, (here - below) / step
        # Rounding of the results limits what a difference can tell.
        noise = 1e-14 * max(abs(above), abs(below)) / step
        if abs(right - left) > KINK * max(abs(right), abs(left)) + 10 * noise + 1e-9:
            return Verdict(
                "kink",
                f"at a kink: slope {wording.number(left)} from the left, "
                f"{wording.number(right)} from the right, rule {wording.number(expected)}",
            )
        error = abs(expected - found)
        if not error <= RIGHT * scale + 10 * noise + 1e-12:
            return Verdict(
                "wrong",
                f"wrong{_where(direction, x)}: rule {expected:.6g}, differences {found:.6g}",
            )
        worst = max(worst, error / scale if scale else 0.0)
    return Verdict("right", f"right to {worst:.0e}" if worst else "right")


def _by_rule(node: Tensor, slot: int, exact: list[Any], weights: list[Any], outs: Any) -> Any:
    """The rule once more in float64: rounding of float32 is not what is to be checked."""
    operation, attributes = node.operation, node.attributes or {}
    assert operation is not None
    several = type(node._data) is tuple
    g: Any = tuple(weights) if several else weights[0]
    out: Any = tuple(outs) if several else outs[0]
    own: Any = operation.gradients
    if type(own) is tuple:
        found = own[slot](g, out, *exact, **attributes)
    else:
        found = own(g, out, *exact, **attributes)[slot]
    return np.asarray(fitted(found, exact[slot], node, slot))


def _directions(x: Any, by_rule: Any) -> Any:
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


def _weighed(results: list[Any], weights: list[Any]) -> float:
    return sum(float((r * g).sum()) for r, g in zip(results, weights, strict=True) if g is not None)


def _where(direction: Any, x: Any) -> str:
    if x.size == 1 or np.count_nonzero(direction) > 1:
        return ""
    return f" at {wording.index(tuple(int(i) for i in np.argwhere(direction)[0]))}"


def _exact(x: Any) -> Any:
    """Floating-point inputs in float64; labels, indices and None as they are."""
    is_floating = isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind == "f"
    return np.asarray(x, np.float64) if is_floating else x
