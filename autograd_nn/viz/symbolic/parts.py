"""What stands in a tree: its letters, its functions, how long it is, and the order of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Product, Total, Tree
from autograd_nn.viz.symbolic.algebra import ONES

COUNT = "m"
"""The letter for the number of examples."""


def calls_in(tree: Any) -> Iterator[Call]:
    """The functions in a tree."""
    if type(tree) is Call:
        yield tree
    for inner in _parts(tree):
        yield from calls_in(inner)


def ordered(tree: Any) -> Any:
    """As one writes it: of numbers the letters before the brackets, first what has no minus."""
    match tree:
        case Product():
            factors = [(ordered(factor), power) for factor, power in tree.factors]
            if not tree.shape:
                factors.sort(key=lambda pair: _PLACES.get(type(pair[0]), 1))
            return replace(tree, factors=tuple(factors))
        case Total():
            terms = [ordered(term) for term in tree.terms]
            terms.sort(key=lambda term: type(term) is Product and term.above < 0)
            return replace(tree, terms=tuple(terms))
        case Cases():
            branches = tuple((ordered(x), ordered(condition)) for x, condition in tree.branches)
            return replace(tree, branches=branches, otherwise=ordered(tree.otherwise))
        case Call():
            return replace(tree, operands=tuple(map(ordered, tree.operands)))
        case tuple():
            return tuple(map(ordered, tree))
    return tree


_PLACES: dict[Any, int] = {Letter: 0, Total: 2}


def letters_in(tree: Any) -> Iterator[str]:
    """The letters of a tree, each as often as it stands there."""
    if type(tree) is Letter:
        yield tree.name
    for inner in _parts(tree):
        yield from letters_in(inner)


def _parts(tree: Any) -> tuple[Any, ...]:
    match tree:
        case Product():
            return tuple(factor for factor, _ in tree.factors)
        case Total():
            return tree.terms
        case Cases():
            return (*(x for branch in tree.branches for x in branch), tree.otherwise)
        case Call():
            return tree.operands
        case tuple():
            return tree
    return ()


def length(tree: Tree) -> int:
    """How many letters one reads, without the ones and the number of examples."""
    return sum(not name.startswith((ONES, COUNT)) for name in letters_in(tree))
