"""What the arrows of a picture can tell: one entry for each word that ``draw(edges=…)`` takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.view import Detail, Edge
from autograd_nn.viz.wording.saying import say


class EdgeMode(NamedTuple):
    """What stands along an edge, and what is computed for it.

    ``along`` gives short lines for an edge; the phrase ``heading`` stands above them in text, the
    phrase ``caption`` explains them below a picture. ``rules`` and ``checks``: whether the view
    needs the rule of every edge in numbers and words, and its comparison with differences.
    """

    along: Callable[[Edge], list[str]]
    heading: str = ""
    caption: str = ""
    rules: bool = False
    checks: bool = False


def _several(edge: Edge) -> list[str]:
    return [notation.count(edge.count, "numbers.edges")] if edge.count > 1 else []


def _receipt(edge: Edge) -> list[str]:
    several = _several(edge)
    if several and edge.contribution is not None:
        several.append(say("numbers.together", told=notation.size_of(edge.contribution)))
    return several or notation.receipt(edge)


def _ledger(edge: Edge) -> list[str]:
    return _several(edge) or notation.ledger(edge)


def _check(edge: Edge) -> list[str]:
    return [notation.checked(edge.check, edge.checked)] if edge.checked else []


EDGE_MODES: dict[Detail, EdgeMode] = {
    "plain": EdgeMode(_several),
    "receipt": EdgeMode(
        _receipt,
        heading="numbers.flows_back",
        caption="numbers.along_receipt",
        rules=True,
    ),
    "ledger": EdgeMode(
        _ledger,
        heading="numbers.shapes",
        caption="numbers.along_ledger",
        rules=True,
    ),
    "check": EdgeMode(
        _check,
        heading="numbers.by_differences",
        caption="numbers.along_check",
        checks=True,
    ),
}


def along(edge: Edge, detail: Detail) -> list[str]:
    """What stands along an edge in a picture of that detail, in short lines."""
    return [edge.note] if edge.note else EDGE_MODES[detail].along(edge)
