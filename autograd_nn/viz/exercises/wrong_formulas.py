"""A formula with one mistake in it: a factor, a sign or a term that is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Product, Total, Tree


def wrong_formulas(tree: Tree, kind: str) -> Iterator[tuple[Tree, Tree]]:
    """The formula with one mistake of a kind, at each place where there can be one.

    With it comes the part that the mistake is about.
    """
    for wrong, about in _HERE[kind](tree):
        yield wrong, about
    if kind == "factor_inverted":  # below a line in a sum nothing stands by mistake
        return
    for part, put in _parts(tree):
        for wrong, about in wrong_formulas(part, kind):
            yield put(wrong), about


def _parts(tree: Tree) -> Iterator[tuple[Tree, Callable[[Any], Tree]]]:
    """The parts of a formula, each with the way to put another in its place."""
    match tree:
        case Product(factors=factors):
            for n, (factor, power) in enumerate(factors):
                yield factor, _put(tree, "factors", n, (power,))
        case Total(terms=terms):
            for n, term in enumerate(terms):
                yield term, _put(tree, "terms", n)
        case Cases(branches=branches):
            for n, (value, condition) in enumerate(branches):
                yield value, _put(tree, "branches", n, (condition,))
            yield tree.otherwise, lambda new: replace(tree, otherwise=new)
        case Call(operands=operands):
            for n, operand in enumerate(operands):
                if type(operand) in (Product, Total, Cases, Call):
                    yield operand, _put(tree, "operands", n)


def _put(tree: Any, name: str, place: int, behind: tuple[Any, ...] = ()) -> Callable[[Any], Tree]:
    """Puts another part into its place in a tuple, with what belongs to it."""

    def put(new: Any) -> Tree:
        items = list(getattr(tree, name))
        items[place] = (new, *behind) if behind else new
        return replace(tree, **{name: tuple(items)})

    return put


def _is_g(tree: Tree) -> bool:
    return type(tree) is Letter and tree.name.startswith("g")


def _number_missing(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """3·x² as x²: the number in front."""
    if type(tree) is Product and abs(tree.above / tree.below) != 1:
        sign = -1.0 if tree.above < 0 else 1.0
        yield (
            replace(tree, above=sign, below=1.0),
            trees.Number(abs(tree.above / tree.below)),
        )


def _factor_missing(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """out·(1 − out) as out: one factor."""
    if type(tree) is not Product:
        return
    for n, (factor, power) in enumerate(tree.factors):
        if not _is_g(factor) and len(tree.factors) > 1:
            rest = (*tree.factors[:n], *tree.factors[n + 1 :])
            yield replace(tree, factors=rest), trees.raised(factor, power)
            if abs(power) > 1:
                less = (*tree.factors[:n], (factor, power - (1 if power > 0 else -1)))
                yield (
                    replace(tree, factors=(*less, *tree.factors[n + 1 :])),
                    factor,
                )


def _factor_inverted(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """x/y as x·y: a factor below the line that belongs above it, or the other way round."""
    if type(tree) is not Product:
        return
    for n, (factor, power) in enumerate(tree.factors):
        if not _is_g(factor):
            turned = (*tree.factors[:n], (factor, -power), *tree.factors[n + 1 :])
            yield replace(tree, factors=turned), trees.raised(factor, abs(power))


def _term_sign(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """1 − out² as 1 + out²."""
    if type(tree) is not Total:
        return
    for n, term in enumerate(tree.terms):
        turned = trees.product(trees.Number(-1), term)
        wrong = replace(tree, terms=(*tree.terms[:n], turned, *tree.terms[n + 1 :]))
        has_minus = type(term) is Product and term.above < 0
        yield wrong, turned if has_minus else term


def _term_missing(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """1 − out² as 1."""
    if type(tree) is not Total:
        return
    for n, term in enumerate(tree.terms):
        yield replace(tree, terms=(*tree.terms[:n], *tree.terms[n + 1 :])), term


_HERE: dict[str, Callable[[Tree], Iterator[tuple[Tree, Tree]]]] = {
    "number_missing": _number_missing,
    "factor_missing": _factor_missing,
    "factor_inverted": _factor_inverted,
    "term_sign": _term_sign,
    "term_missing": _term_missing,
}
