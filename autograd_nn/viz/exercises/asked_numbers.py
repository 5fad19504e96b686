"""`ask="values"` and `ask="gradients"`: the numbers of one pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.viz.exercises.answers import read_numbers
from autograd_nn.viz.exercises.judging import Judge
from autograd_nn.viz.exercises.mistakes import Mistake
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.graph import notation
from autograd_nn.viz.wording.saying import say


class AskedNumbers:
    """Questions for the numbers of one pass, values or gradients."""

    def __init__(self, subject: AskedGraph, ask: str) -> None:
        self.subject = subject
        if ask == "values":
            asked = map(self._value, subject.some(subject.computed()))
        else:
            asked = map(self._gradient, subject.some(subject.gradients()))
        self.questions = tuple(asked)
        self._judge = Judge(subject, self.questions, ask == "values")
        self.given = subject.named(computed=ask == "gradients")
        self.told = subject.told(computed=ask == "gradients")
        self.rows_told: list[str] = []

    def _value(self, node: Any) -> Question:
        subject = self.subject
        label, place = subject.label(node), subject.place(node._data)
        name = label if place is None else label + notation.index(place)
        text = say("exercises.ask_value", name=name, expression=subject.expression(node))
        return Question(name, self._with_shape(text, node, place), node, None, place)

    def _gradient(self, item: Any) -> Question:
        subject = self.subject
        place = subject.place(subject.sweep.gradients[item])
        name = subject.total(item) + ("" if place is None else notation.index(place))
        count = len(subject.sweep.received[item])
        key = "exercises.ask_gradient" if count < 2 else "exercises.ask_gradient_of_sum"
        text = say(key, name=name, target=subject.label(item), count=count)
        return Question(name, self._with_shape(text, item, place), item, None, place)

    def _with_shape(self, text: str, item: Any, place: Any) -> str:
        if place is not None or not item.shape:
            return text
        return say("exercises.of_shape", text=text, shape=notation.shape(item.shape))

    @property
    def mistakes(self) -> list[Mistake]:
        """Every mistake that shows in an answer."""
        return self._judge.mistakes

    def solution(self, question: Question) -> Any:
        """The right number, or array."""
        return self._judge.solution(question)

    def judge(self, given: Mapping[Question, Any]) -> Verdict:
        """What the answers are worth."""
        return self._judge.verdict(
            {q: read_numbers(answer, self.given) for q, answer in given.items()}
        )
