"""The verdict on numbers of one pass: which are right, and whose mistake the wrong ones show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.viz.exercises import answers as said_as
from autograd_nn.viz.exercises import telling
from autograd_nn.viz.exercises.answers import Said, Truth
from autograd_nn.viz.exercises.mistakes import Mistake, mistaken_gradients, mistaken_values
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.verdicts import with_mistake, without_mistake
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import result_of_rule
from autograd_nn.viz.wording.saying import say

WHOLE = 60
"""In a graph of so many nodes mistakes are sought everywhere."""


class Judge:
    """Knows the right numbers of a pass, and those that come out with each mistake.

    ``carried`` lets what is near the truth pass as rounded on the way: what people do by hand, and
    no program does. ``share`` of its largest number an answer may be off in any case.
    """

    def __init__(
        self,
        subject: AskedGraph,
        questions: Sequence[Question],
        of_values: bool,
        carried: bool = True,
        share: float = 0.0,
    ) -> None:
        self.subject, self.questions = subject, tuple(questions)
        self.of_values, self.carried = of_values, carried
        self.share = share
        values = {x: x._data for x in subject.computed()}
        self.all: Mapping[Any, Any] = values if of_values else subject.sweep.gradients
        sizes = [np.abs(np.where(np.isfinite(x), x, 0)) for x in self.all.values()]
        self.scale = max((float(np.max(size, initial=0)) for size in sizes), default=0.0)

    # ------------------------------------------------------------------ the truth

    def solution(self, question: Question) -> Any:
        """The right number, or array."""
        return question.taken(self.all[question.target])

    def truth(self, question: Question) -> Truth:
        """The right number with how exactly it is known."""
        whole = Truth.of(self.all[question.target], self.scale, self.share)
        return replace(whole, values=np.asarray(question.taken(whole.values)))

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """Every mistake that may show in an answer, in the order in which they are thought of."""
        subject = self.subject
        at = subject.computed() if self.of_values else subject.gradients()
        if len(at) > WHOLE:  # of a large graph those at the numbers that are asked for
            at = [question.target for question in self.questions]
        if self.of_values:
            return list(mistaken_values(subject.root, at))
        return list(mistaken_gradients(subject.root, subject.sweep, at))

    # ------------------------------------------------------------------ the verdict

    def verdict(self, answers: Mapping[Question, Said]) -> Verdict:
        """What the answers are worth."""
        said = {q: a for q, a in answers.items() if said_as.fits_shape(a, self.truth(q))}
        exact = [q for q in said if said_as.is_said(said[q], self.truth(q))]
        near = [
            q
            for q in said
            if self.carried and q not in exact and said_as.is_near(said[q], self.truth(q))
        ]
        wrong = [q for q in said if q not in exact and q not in near]
        found = self._explaining(said, near, wrong) if near or wrong else []
        right = {q: q in exact or (q in near and not found) for q in answers}
        if all(right.values()):
            return without_mistake(self.questions, right)
        first = next(q for q in answers if not right[q])
        if first not in said:
            return self._of_shape(first, answers[first], right)
        if not found:
            return self._unexplained(said[first], right, first)
        mistake = found[0]
        return with_mistake(
            self.questions,
            right,
            first,
            mistake.phrase,
            telling.where(self.subject, mistake),
            telling.sentence(self.subject, mistake),
            [
                q
                for q in said
                if not right[q]
                and q is not first
                and said_as.is_near(said[q], self._mistaken(q, mistake.numbers))
            ],
            {
                other.phrase: telling.what(self.subject, other)
                for other in found
                if other.phrase != mistake.phrase
            },
        )

    def _explaining(
        self, said: Mapping[Question, Said], near: list[Question], wrong: list[Question]
    ) -> list[Mistake]:
        """The mistakes that give the first wrong answer and most of the others with it.

        Of those the one comes first that has most to say, and of one kind the last on the way. An
        answer that is near the truth is right, unless it is exactly what a mistake gives.
        """
        ways = (said_as.is_said, said_as.is_near) if wrong and self.carried else (said_as.is_said,)
        for same in ways:
            found: dict[Mistake, tuple[int, int, int]] = {}
            for place, mistake in enumerate(self.mistakes):
                given = [q for q in said if same(said[q], self._mistaken(q, mistake.numbers))]
                if wrong[0] in given if wrong else any(q in given for q in near):
                    found[mistake] = (-len(given), mistake.rank, -place)
            if found:
                most = min(found.values())[0]
                return sorted((m for m in found if found[m][0] == most), key=found.__getitem__)
        return []

    def _mistaken(self, question: Question, numbers: Mapping[Any, Any]) -> Truth:
        """What a question is answered with where a mistake was made."""
        found = numbers.get(question.target)
        if found is None:  # nothing arrives; of values, what a mistake does not reach is right
            found = self.all[question.target]
            found = np.zeros_like(found) if not self.of_values else found
        whole = Truth.of(found, self.scale, self.share)
        return replace(whole, values=np.asarray(question.taken(whole.values)))

    def _unexplained(self, said: Said, right: Mapping[Question, bool], first: Question) -> Verdict:
        """Where no common mistake gives the first wrong answer."""
        where = telling.origin(self.subject, first.target, self.of_values)
        kind, told = "unknown", say("exercises.unknown_mistake", where=where)
        if not np.isfinite(said.values).all():
            told = say("exercises.not_finite")
        elif said_as.is_rounded_too_far(said, self.truth(first)):
            kind, told = "rounded", say("exercises.rounded")
        return with_mistake(self.questions, right, first, kind, where, told)

    def _of_shape(
        self, question: Question, answer: Said, right: Mapping[Question, bool]
    ) -> Verdict:
        """The verdict on an array of another shape: transposed, or not summed."""
        target = question.target
        kind, where = "shape", self.subject.label(target)
        told = say(
            "exercises.wrong_shape",
            name=question.name,
            target=self.subject.label(target),
            said=notation.shape(answer.values.shape),
            shape=notation.shape(np.shape(self.solution(question))),
        )
        for other, node, slot, array in self._of_other_shapes(question):
            truth = Truth.of(array, self.scale)
            if said_as.fits_shape(answer, truth) and said_as.is_near(answer, truth):
                mistake = Mistake(other, node, slot, None, {}, self.subject.root)
                kind, where = other, telling.where(self.subject, mistake)
                told = telling.sentence(self.subject, mistake)
                break
        return with_mistake(self.questions, right, question, kind, where, told)

    def _of_other_shapes(self, question: Question) -> Iterator[tuple[str, Any, int | None, Any]]:
        """The mistakes that give another shape, each with the edge and with what it gives."""
        target = question.target
        if self.of_values:
            if target.ndim > 1:
                yield "mistakes.matrix_transposed", target, None, np.swapaxes(target._data, -1, -2)
            return
        for step in self.subject.sweep.received[target]:
            if target.ndim > 1:
                turned = np.swapaxes(step.contribution, -1, -2)
                yield "mistakes.transposed", step.node, step.slot, turned
            if type(step.node._data) is not tuple:
                raw = result_of_rule(step.node, step.slot, step.upstream)
                if np.size(raw) > target.size:
                    yield "mistakes.sum_missing", step.node, step.slot, raw
