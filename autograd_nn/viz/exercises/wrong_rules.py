"""What comes out along one edge where its rule is applied wrongly: the mistakes people make.

No operation has a list of its own. A mistake is made by running the operation's own rule on
something else (the wrong input, a slope at the output, no gradient from above), by changing the
formula that the rule writes down for itself, or by changing what it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.viz.exercises.rule_at import RuleAt
from autograd_nn.viz.exercises.wrong_formulas import wrong_formulas
from autograd_nn.viz.formulas import trees

ROWS = 4
"""Of so many examples each is tried alone, where the sum over the batch is missing."""


class Wrong(NamedTuple):
    """A mistake, by the phrase that tells it, and the contribution with it (None: nothing).

    ``about`` is what the mistake is about, where that is a part of the formula or a number.
    """

    phrase: str
    contribution: Any
    about: Any = None


def wrong_contributions(edge: RuleAt) -> Iterator[Wrong]:
    """Every mistake that changes what goes along an edge, those with the most to say first."""
    right = np.asarray(edge.contribution)
    told: list[Any] = [right]
    for phrase, make in KINDS.items():
        with np.errstate(all="ignore"):
            found = _all_of(make, edge)
        for raw, about in found:
            contribution = _fitted(edge, raw)
            if contribution is None or any(same(contribution, other) for other in told):
                continue
            told.append(contribution)
            yield Wrong(phrase, contribution, about)
    if all(map(np.any, told)):
        yield Wrong("mistakes.forgotten", None)


def same(one: Any, other: Any) -> bool:
    """Whether two arrays are the same but for rounding."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    kinds = [x.dtype for x in (one, other) if x.dtype.kind == "f"]
    eps = max((float(np.finfo(kind).eps) for kind in kinds), default=1e-16)
    size = max(float(np.max(np.abs(x), initial=0)) for x in (one, other))
    difference = np.max(np.abs(one.astype(float) - other.astype(float)), initial=0)
    return bool(difference <= 1e3 * eps * size)


def _all_of(make: Callable[[RuleAt], Iterator[Any]], edge: RuleAt) -> list[tuple[Any, Any]]:
    """What one kind of mistake gives; where a rule does not bear it, nothing."""
    found: list[tuple[Any, Any]] = []
    try:
        for item in make(edge):
            found.append(item if type(item) is tuple else (item, None))
    except Exception:  # a rule may break off in many ways on what it is not made for
        return found
    return found


def _fitted(edge: RuleAt, raw: Any) -> Any:
    """A wrong result in the shape of the input, None where it has no such shape or numbers."""
    try:
        found = np.asarray(edge.fitted(raw))
    except Exception:
        return None
    is_right_shape = found.shape == np.shape(edge.x)
    return found if is_right_shape and np.isfinite(found).all() else None


# ---------------------------------------------------------------------- the kinds


def _without_the_sum(edge: RuleAt) -> Iterator[Any]:
    """One example alone, of what is summed over the examples."""
    return iter(_parts_of_a_sum(edge))


def _averaged(edge: RuleAt) -> Iterator[Any]:
    """The mean over the examples where the rule sums over them."""
    raw, x = np.asarray(edge.raw), np.asarray(edge.x)
    if raw.size > x.size > 0:
        yield edge.contribution * (x.size / raw.size)
    elif many := len(_examples_in_a_product(edge)):
        yield edge.contribution / many


def _parts_of_a_sum(edge: RuleAt) -> list[Any]:
    raw, shape = np.asarray(edge.raw), np.shape(edge.x)
    extra = raw.ndim - len(shape)
    summed = list(range(extra)) + [
        axis for axis in range(extra, raw.ndim) if raw.shape[axis] != 1 and shape[axis - extra] == 1
    ]
    if extra < 0 or not summed or 0 in raw.shape:
        return _examples_in_a_product(edge)[:ROWS]
    first = raw.shape[summed[0]]
    return [
        np.moveaxis(raw, summed[0], 0)[place]
        .sum(axis=tuple(range(len(summed) - 1)), keepdims=False)
        .reshape(shape)
        for place in range(min(first, ROWS))
    ]


def _examples_in_a_product(edge: RuleAt) -> list[Any]:
    """What each row of the gradient gives alone, where they add up in the same places."""
    if not edge.is_plain or np.ndim(edge.g) < 2 or _is_elementwise(edge):
        return []
    found = []
    for row in range(len(edge.g)):
        alone = np.zeros_like(edge.g)
        alone[row] = edge.g[row]
        found.append(np.asarray(edge.fitted(edge.ruled(alone))))
    overlap = len(found) > 1 and np.any((found[0] != 0) & (found[1] != 0))
    return found if overlap else []


def _n_missing(edge: RuleAt) -> Iterator[Any]:
    """1/n left out: n times too much."""
    if (n := _averaged_over(edge)) > 1:
        yield edge.contribution * n, n


def _n_twice(edge: RuleAt) -> Iterator[Any]:
    """1/n where there is none, or once more."""
    if (n := _averaged_over(edge)) > 1:
        yield edge.contribution / n, n


def _averaged_over(edge: RuleAt) -> int:
    """Of how many elements one of the result is made, where an operation reduces one array."""
    if not edge.is_plain or any(True for _ in edge.others()) or not np.size(edge.out):
        return 1
    x, out = np.shape(edge.x), np.size(edge.out)
    return int(np.prod(x)) // out


def _transposed(edge: RuleAt) -> Iterator[Any]:
    """A matrix transposed, or not transposed, in a product; or the product itself."""
    if not edge.is_plain or _is_elementwise(edge) or np.ndim(edge.x) < 2:
        return
    for slot in [edge.slot, *edge.others()]:
        if np.ndim(edge.values[slot]) > 1:
            turned = list(edge.values)
            turned[slot] = np.swapaxes(turned[slot], -1, -2)
            yield from _tried(edge.ruled, values=turned)
            if np.ndim(edge.g) > 1:
                g = np.swapaxes(edge.g, -1, -2)
                yield from _tried(edge.ruled, g, values=turned)
    if np.ndim(edge.g) > 1:
        yield from _tried(edge.ruled, np.swapaxes(edge.g, -1, -2))
    yield from _tried(np.swapaxes, edge.contribution, -1, -2)


def _other_side(edge: RuleAt) -> Iterator[Any]:
    """Through where it is closed and closed where it is open: the other branch."""
    if not edge.is_plain or not _has_cases(edge):
        return
    turned = edge.with_input(-edge.x)
    for out in _tried(edge.recomputed, turned):
        yield from _tried(edge.ruled, out=out, values=turned)
    if np.shape(edge.raw) == np.shape(edge.g):
        yield edge.g - edge.raw


def _at_output(edge: RuleAt) -> Iterator[Any]:
    """The slope where the result is and not where the input is."""
    if not edge.is_plain or np.shape(edge.out) != np.shape(edge.x):
        return
    there = edge.with_input(edge.out)
    for out in _tried(edge.recomputed, there):
        yield from _tried(edge.ruled, out=out, values=there)
    yield from _tried(edge.ruled, values=there)
    yield from _tried(edge.ruled, out=edge.x)
    if edge.formula is not None:  # written with the other of the two: a·(1 − a) as z·(1 − z)
        for changed in ({"out": edge.x}, {str(edge.slot): edge.out}):
            yield from _tried(trees.evaluated, edge.formula.tree, _letters(edge) | changed)


def _upstream_forgotten(edge: RuleAt) -> Iterator[Any]:
    """The local slope alone."""
    g = edge.g
    if type(g) is tuple:
        yield edge.ruled(tuple(None if x is None else np.ones_like(x) for x in g))
    else:
        yield edge.ruled(np.ones_like(g)[()])


def _slope_forgotten(edge: RuleAt) -> Iterator[Any]:
    """The gradient handed on as it came."""
    if edge.is_plain:
        yield edge.g


def _sign(edge: RuleAt) -> Iterator[Any]:
    yield -edge.contribution


def _doubled(edge: RuleAt) -> Iterator[Any]:
    yield edge.contribution * 2


def _halved(edge: RuleAt) -> Iterator[Any]:
    yield edge.contribution / 2


def _other_input(edge: RuleAt) -> Iterator[Any]:
    """The rule of another input: x and y exchanged."""
    if edge.is_plain:
        for slot in edge.others():
            yield from _tried(edge.ruled, slot=slot)


def _value_for_slope(edge: RuleAt) -> Iterator[Any]:
    """The function itself in place of its derivative."""
    if edge.is_plain and _is_elementwise(edge):
        yield edge.g * edge.out


def _divided(edge: RuleAt) -> Iterator[Any]:
    """Divided by the slope and not multiplied with it."""
    if edge.is_plain and _is_elementwise(edge):
        yield edge.g / edge.ruled(np.ones_like(edge.g)[()])


def _by_formula(kind: str) -> Callable[[RuleAt], Iterator[Any]]:
    """A mistake in the formula that the rule writes down."""

    def made(edge: RuleAt) -> Iterator[Any]:
        if edge.formula is None or type(edge.out) is tuple:
            return
        for wrong, about in wrong_formulas(edge.formula.tree, kind):
            for raw in _tried(trees.evaluated, wrong, _letters(edge)):
                yield raw, about

    return made


KINDS: dict[str, Callable[[RuleAt], Iterator[Any]]] = {
    "mistakes.sum_missing": _without_the_sum,
    "mistakes.averaged": _averaged,
    "mistakes.n_missing": _n_missing,
    "mistakes.n_twice": _n_twice,
    "mistakes.transposed": _transposed,
    "mistakes.other_side": _other_side,
    "mistakes.at_output": _at_output,
    "mistakes.upstream_forgotten": _upstream_forgotten,
    "mistakes.slope_forgotten": _slope_forgotten,
    "mistakes.number_missing": _by_formula("number_missing"),
    "mistakes.sign": _sign,
    "mistakes.doubled": _doubled,
    "mistakes.halved": _halved,
    "mistakes.other_input": _other_input,
    "mistakes.value_for_slope": _value_for_slope,
    "mistakes.divided": _divided,
    "mistakes.factor_missing": _by_formula("factor_missing"),
    "mistakes.term_sign": _by_formula("term_sign"),
    "mistakes.term_missing": _by_formula("term_missing"),
    "mistakes.factor_inverted": _by_formula("factor_inverted"),
}


# ---------------------------------------------------------------------- what an edge is


def _letters(edge: RuleAt) -> dict[str, Any]:
    """The numbers of the letters of its formula."""
    return {str(n): x for n, x in enumerate(edge.values)} | {"g": edge.g, "out": edge.out}


def _is_elementwise(edge: RuleAt) -> bool:
    return edge.formula is not None and edge.formula.is_elementwise


def _has_cases(edge: RuleAt) -> bool:
    return edge.formula is not None and trees.has_condition(edge.formula.tree)


def _tried(make: Callable[..., Any], *given: Any, **named: Any) -> Iterator[Any]:
    """What can be computed; a shape that does not fit is no mistake that anybody hands in."""
    try:
        yield make(*given, **named)
    except Exception:
        return
