"""The terms of a zoom as bars of text."""

from __future__ import annotations

import math

from autograd_nn.viz.elements.terms import Term
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.columns import indented, padded, width
from autograd_nn.viz.wording.saying import say

LONGEST_BAR = 20
LONGEST_LABEL = 60


def bars(heading: list[str], terms: tuple[Term, ...], shown: list[int], others: list[int]) -> str:
    """The heading, a line for each term in ``shown``, and one for all ``others`` together.

    The bar's length is the amount, its sign stands before it.
    """
    rows = [_row(terms[i], _largest(terms, shown)) for i in shown]
    if others:
        rest = Term(
            say("numbers.more_sum", n=f"{len(others):,}"), sum(terms[i].value for i in others)
        )
        rows.append(_row(rest, _largest(terms, shown)))
    text = [*heading, "", *_aligned(rows)]
    return "\n".join(line.rstrip() for line in text) + "\n"


def _largest(terms: tuple[Term, ...], shown: list[int]) -> float:
    """What the longest bar stands for; the sum of the others may be more, and is cut off."""
    amounts = (abs(terms[i].value) for i in shown)
    return max((amount for amount in amounts if math.isfinite(amount)), default=0.0)


def _row(term: Term, largest: float) -> tuple[str, str, str, str, str]:
    label = notation.clean(term.label, LONGEST_LABEL)
    return label, *_product(term), _bar(term.value, largest), _flows(term)


def _product(term: Term) -> tuple[str, str]:
    value = notation.element(term.value)
    if term.factors is None:
        return "", value
    x, y = term.factors
    return f"{notation.element(x)} × {notation.element(y)} =", value


def _bar(value: float, largest: float) -> str:
    if math.isnan(value):
        return "?"
    if not value:
        return ""
    sign, whole = "+" if value > 0 else "−", "█" * LONGEST_BAR
    if abs(value) > largest:
        return f"{sign} {whole}…"
    return f"{sign} {'█' * max(1, round(LONGEST_BAR * abs(value) / largest))}"


def _flows(term: Term) -> str:
    shown = [notation.element(amount) for _, amount in term.flows[:3]]
    if len(term.flows) > 3:
        shown.append(say("rules.more", n=len(term.flows) - 3))
    return say("numbers.flows", told=say("numbers.list").join(shown)) if shown else ""


def _aligned(rows: list[tuple[str, str, str, str, str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for label, factors, value, bar, flows in rows:
        line = f"{padded(label, widths[0])}   "
        if widths[1]:
            line += f"{indented(factors, widths[1])} "
        line += f"{indented(value, widths[2])}   {padded(bar, widths[3])}"
        lines.append(f"{line}   {flows}" if flows else line)
    return lines
