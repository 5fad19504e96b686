"""What the page of the explorer needs to name mistakes: the numbers that come out with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.viz.exercises import telling
from autograd_nn.viz.exercises.mistakes import Mistake
from autograd_nn.viz.exercises.questions import AskedGraph
from autograd_nn.viz.exercises.rule_at import RuleAt
from autograd_nn.viz.exercises.wrong_rules import wrong_contributions
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk

MOST_EDGES = 60
"""A page of more steps would grow by more than the names of mistakes are worth."""


def mistakes_on_page(walk: Walk, sweep: Sweep) -> dict[str, Any]:
    """For each edge the element that is asked for, and what mistakes make of the sum there.

    ``told`` are the mistakes in words. ``edges`` has by the id of an edge the element ``at`` and
    ``wrong``: numbers, each with the place of its mistake in ``told``.
    """
    edges: dict[str, Any] = {}
    places: dict[str, int] = {}
    if len(sweep.steps) <= MOST_EDGES:
        graph = AskedGraph(walk, sweep)
        sums: dict[Any, Any] = {}
        for flow in sweep.steps:
            right = np.asarray(flow.contribution)
            if flow.node.operation is part or not right.size or not np.isfinite(right).all():
                continue
            at = int(np.abs(right).argmax())
            found = _wrong(graph, flow, sums.get(flow.input), at)
            sums[flow.input] = flow.total
            wrong = [[places.setdefault(told, len(places)), x] for told, x in found]
            edges[walk.edge(flow.node, flow.slot)] = {"at": at, "wrong": wrong}
    return {"told": list(places), "edges": edges}


def _wrong(graph: AskedGraph, flow: Contribution, before: Any, at: int) -> list[tuple[str, float]]:
    """The sums at the input after a step with a mistake; of those that are equal the first."""
    start = 0.0 if before is None else float(np.ravel(before)[at])
    right = start + float(np.ravel(flow.contribution)[at])
    found: dict[str, Mistake] = {}

    def take(number: float, phrase: str, about: Any) -> None:
        if f"{number:.3g}" != f"{right:.3g}":
            mistake = Mistake(phrase, flow.node, flow.slot, about, {}, graph.root)
            found.setdefault(f"{number:.6g}", mistake)

    if before is not None:
        take(right - start, "mistakes.overwritten", flow.node)
    for wrong in wrong_contributions(RuleAt(flow.node, flow.slot, flow.upstream)):
        number = 0.0 if wrong.contribution is None else float(np.ravel(wrong.contribution)[at])
        take(start + number, wrong.phrase, wrong.about)
    return [(telling.what(graph, mistake), float(text)) for text, mistake in found.items()]
