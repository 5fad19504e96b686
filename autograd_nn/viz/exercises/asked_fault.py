"""`ask="fault"`: the numbers of a backward pass in which one rule is wrong, to be found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises import telling
from autograd_nn.viz.exercises.mistakes import Mistake, mistaken_contributions, mistaken_gradients
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.verdicts import without_mistake
from autograd_nn.viz.exercises.wrong_rules import same
from autograd_nn.viz.graph import notation
from autograd_nn.viz.wording.saying import say

VISIBLE = 0.05
"""A wrong number must be so far from the right one, or nobody sees it in four digits."""


class AskedFault:
    """One question: along which edge the rule is wrong, in the numbers that are shown."""

    def __init__(self, subject: AskedGraph, ask: str) -> None:
        self.subject = subject
        at = subject.some(subject.gradients())
        planted = [
            mistake
            for mistake in mistaken_gradients(subject.root, subject.sweep, at)
            if mistake.slot is not None and mistake.kind in _PLANTED and self._is_visible(mistake)
        ]
        if not planted:
            raise StateError("There is no rule in this graph in which a fault would be seen.")
        kinds = list(dict.fromkeys(mistake.kind for mistake in planted))
        kind = kinds[subject.random.integers(len(kinds))]  # each kind as often as another
        of_kind = [mistake for mistake in planted if mistake.kind == kind]
        self.fault: Mistake = of_kind[subject.random.integers(len(of_kind))]
        contributions = mistaken_contributions(subject.root, self.fault.change)
        self.rows: list[tuple[Tensor, int, Any, Any]] = [
            (step.node, step.slot, step.upstream, step.contribution)
            for step in contributions
            if step.node.operation is not part and type(step.node._data) is not tuple
        ]
        question = Question("fault", say("exercises.ask_fault"), self.fault.node, self.fault.slot)
        self.questions = (question,)
        self.given = subject.named(computed=True)
        self.rows_told = self._rows()
        self.told = [f"{number}  {row}" for number, row in enumerate(self.rows_told, 1)]

    def _is_visible(self, mistake: Mistake) -> bool:
        """Whether the numbers of the edge are so wrong that it can be seen."""
        (wrong,) = mistake.change.values()
        node, slot = mistake.node, mistake.slot
        flows = self.subject.sweep.received[mistake.target]
        right = next(f.contribution for f in flows if f.node is node and f.slot == slot)
        if wrong is None or not np.any(wrong):
            return False
        off = np.max(np.abs(np.asarray(wrong) - right))
        return bool(off > VISIBLE * np.max(np.abs(right)))

    def _rows(self) -> list[str]:
        """Each edge with what comes to it and what it sends on."""
        subject = self.subject
        return [
            say(
                "exercises.fault_row",
                way=telling.edge(subject, node, slot),
                expression=subject.expression(node),
                name=subject.label(node),
                total=subject.total(node),
                upstream=notation.amount(notation.summarise(upstream)),
                contribution=notation.amount(notation.summarise(contribution)),
            )
            for node, slot, upstream, contribution in self.rows
        ]

    def solution(self, question: Question) -> str:
        """The edge on which the rule is wrong."""
        assert self.fault.slot is not None
        return telling.edge(self.subject, self.fault.node, self.fault.slot)

    def judge(self, given: Mapping[Question, Any]) -> Verdict:
        """Whether it is that edge; of another it is said why it is not."""
        question = self.questions[0]
        if question not in given:
            return without_mistake(self.questions, {})
        row = self._row(given[question])
        node, slot, upstream, _ = self.rows[row]
        fault = self.fault
        where = telling.edge(self.subject, node, slot)
        if node is fault.node and slot == fault.slot:
            told = say("exercises.fault_found", mistake=telling.sentence(self.subject, fault))
            return Verdict(True, None, where, told, {question.name: True})
        places = [place for place, found in enumerate(self.rows) if found[0] is fault.node]
        before = row < next(place for place in places if self.rows[place][1] == fault.slot)
        is_reached = not same(upstream, self.subject.sweep.gradients[node])
        kind = (
            "exercises.follows_the_fault"
            if is_reached
            else "exercises.before_the_fault"
            if before
            else "exercises.past_the_fault"
        )
        told = say(kind, way=where)
        return Verdict(False, kind.rpartition(".")[2], where, told, {question.name: False})

    def _row(self, answer: Any) -> int:
        """The row that an answer means: by its number from 1, its words, or both ends."""
        text = str(answer).strip()
        if text.isdecimal() and len(text) < 9 and 1 <= int(text) <= len(self.rows):
            return int(text) - 1
        subject = self.subject
        for place, (node, slot, _, _) in enumerate(self.rows):
            source, target = subject.label(node), subject.label(node.inputs[slot])
            ways = (telling.edge(subject, node, slot), f"{source} → {target}")
            if text in ways or re.sub(r"\s*(->|→)\s*", " → ", text) in ways:
                return place
        raise ArgumentError(
            f"`fault` is answered with the number of a row, 1 to {len(self.rows)}, or with the two "
            f"ends of the edge such as 'z -> w', got {answer!r:.60}."
        )


_PLANTED = {
    "sign", "doubled", "halved", "slope_forgotten", "upstream_forgotten", "other_input",
    "at_output", "other_side", "sum_missing", "averaged", "n_missing", "n_twice", "transposed",
    "divided", "value_for_slope", "factor_missing",
}  # fmt: skip
