"""`exercise`: questions about a graph, whose verdict names the mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.files import checked_path
from autograd_nn.viz.exercises.asked_fault import AskedFault
from autograd_nn.viz.exercises.asked_numbers import AskedNumbers
from autograd_nn.viz.exercises.asked_rules import AskedRules
from autograd_nn.viz.exercises.asked_shapes import AskedShapes
from autograd_nn.viz.exercises.mistakes import Mistake
from autograd_nn.viz.exercises.own_function import verdict_on_function
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.sheet import fragment, sheet
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.wording.saying import say, speaking, spoken

_ASKS: dict[str, Any] = {
    "values": AskedNumbers,
    "gradients": AskedNumbers,
    "rules": AskedRules,
    "shapes": AskedShapes,
    "fault": AskedFault,
}
_TITLES = {
    "values": "exercises.title_of_values",
    "gradients": "exercises.title_of_gradients",
    "rules": "exercises.title_of_rules",
    "shapes": "exercises.title_of_shapes",
    "fault": "exercises.title_of_fault",
}


@checked_keywords
def exercise(
    loss: Tensor,
    ask: str = "values",
    seed: int = 0,
    *,
    names: Mapping[str, Any] | None = None,
    lang: str | None = None,
) -> Exercise:
    """Questions about a graph; the verdict on an answer names the mistake and where it happens.

    Answers are compared with the right numbers and with those that come out with the mistakes
    people make: a missing sum over the batch, a transposed matrix, a sign, 1/n, a factor 2, the
    slope at the output, a gradient overwritten and not added, … Three digits are enough, and a
    right answer is never called wrong. Nothing is stored in any ``.grad``.

    Parameters   loss: a scalar Tensor
                 ask: "values", the numbers of the forward pass; "gradients", those of the backward
                 pass; "rules", what each operation makes of the gradient, as a formula; "shapes";
                 "fault", the rule that is wrong in the numbers that are shown
                 seed: which questions are drawn where there are more than 12, and which elements
                 of large arrays
                 names: names for Tensors and arrays without one, such as ``locals()``
                 lang: "en" or "zh" (Chinese), None for that of ``viz.language``
    Raises       ArgumentTypeError for what is no Tensor, ArgumentError for an unknown ``ask``,
                 StateError where loss is not a recorded scalar, and for a graph with infinity or
                 NaN among its numbers
    Example      y = x·x at 3: each of the two uses contributes 3, together 6

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> y = x * x
    >>> y.name = "y"
    >>> exercise = viz.exercise(y, "gradients")
    >>> exercise.check({"x": 3})  # doctest: +NORMALIZE_WHITESPACE
    ∂y/∂x is not right: overwritten instead of added: only what comes from y is left, where the
    contributions to x meet.
    >>> exercise.check({"x": 6})
    Right.
    """
    if type(loss) is not Tensor:
        raise ArgumentTypeError(
            f"exercise takes a Tensor, got {type(loss).__name__}. Give it the loss itself, not its "
            ".data, .item() or float()."
        )
    known = ", ".join(map(repr, _ASKS))
    if not isinstance(ask, str):
        raise ArgumentTypeError(f"`ask` must be one of {known}, got {type(ask).__name__}.")
    if ask not in _ASKS:
        raise ArgumentError(
            f"`ask` must be one of {known}, got {ask!r}.{suggestion(ask, list(_ASKS))}"
        )
    seed = positive_integer("seed", seed, minimum=0)
    names = checked_names(names)
    graph = AskedGraph(Walk(loss, names), Sweep(loss), names, seed)
    if ask != "values" and graph.sweep.why_none:
        raise StateError(f"There are no gradients to ask for: {graph.sweep.why_none}.")
    if name := graph.not_finite(backward=ask != "values"):
        raise StateError(
            f"{name} has infinity or NaN among its numbers, which nobody works out by hand. Use "
            "finite numbers, such as -1e9 in place of -inf; `why` tells where a NaN began."
        )
    with speaking(lang):
        return Exercise(graph, ask)


class Exercise:
    """Questions about one graph; `check` says what answers to them are worth.

    Printed, and in a notebook, it shows what is given and what is asked.
    """

    __slots__ = ("_asked", "_lang", "_subject", "ask")

    def __init__(self, subject: AskedGraph, ask: str) -> None:
        self.ask = ask
        self._lang = spoken()
        self._subject = subject
        self._asked = _ASKS[ask](subject, ask)
        if not self.questions:
            raise StateError("There is nothing to ask for in this graph: it is one number.")

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked, in the order in which it can be worked out."""
        return self._asked.questions

    @property
    def solution(self) -> dict[str, Any]:
        """The right answers, by the names of the questions."""
        with speaking(self._lang):
            return {question.name: self._asked.solution(question) for question in self.questions}

    @property
    def given(self) -> dict[str, Any]:
        """The numbers that are given, by name, to compute with."""
        return dict(self._asked.given)

    @property
    def mistakes(self) -> list[Mistake]:
        """Every mistake that shows in an answer, with the numbers that follow from it."""
        return self._asked.mistakes

    def check(self, answers: Any) -> Verdict:
        """What the answers are worth, and which mistake the first wrong one shows.

        A function is a forward and a backward pass that somebody wrote by hand, in plain NumPy: it
        is called with the numbers that go into the graph, by the names of its parameters, and
        returns ``(loss, {name: gradient})``, or a dict with whatever is to be looked at:
        ``{"loss": …, "z": …, "dz": …, "dW": …}``. It is graded cell by cell, in the order of the
        computation; where gradients are asked for, those of all leaves must be there.

        Parameters   answers: a dict by the name of a question, the name of what is asked about, or
                     its number from 1; a list in the order of the questions, None for what is not
                     answered; or a single answer. An answer is a number, an array, or a text such
                     as "−0.25", "1/3", "0,333", or arithmetic with numbers that are given: "2*w"
        """
        with speaking(self._lang):
            if callable(answers):
                return verdict_on_function(self._subject, answers, self.ask == "gradients")
            return self._asked.judge(self._by_question(answers))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a sheet to be printed, with the key on a page of its own.

        Parameters   path: where to write, ending in .html; a file that is there is replaced
        """
        path = checked_path(path, "html")
        with speaking(self._lang):
            path.write_bytes(sheet(self._subject, self._asked, self._title).encode())
        return path

    @property
    def _title(self) -> str:
        return say(_TITLES[self.ask], root=self._subject.label(self._subject.root))

    def _by_question(self, answers: Any) -> dict[Question, Any]:
        questions = self.questions
        if isinstance(answers, Mapping):
            found = {}
            for key, answer in answers.items():
                if (question := self._question(key)) in found:
                    raise ArgumentError(f"{question.name} is answered twice; {key!r} is it, too.")
                found[question] = answer
        elif isinstance(answers, (list, tuple)) and len(questions) > 1:
            if len(answers) != len(questions):
                raise ArgumentError(
                    f"There are {len(questions)} questions, got {len(answers)} answers. Give None "
                    "for what is not answered, or a dict by name."
                )
            found = dict(zip(questions, answers, strict=True))
        elif len(questions) == 1:
            is_list_of_one = isinstance(answers, (list, tuple)) and len(answers) == 1
            found = {questions[0]: answers[0] if is_list_of_one else answers}
        else:
            raise ArgumentTypeError(
                f"There are {len(questions)} questions: give a dict of answers by name, or a list, "
                f"got {type(answers).__name__}."
            )
        # In the order of the questions, and without what was left out.
        return {
            q: found[q]
            for q in questions
            if found.get(q) is not None and not (isinstance(found[q], str) and not found[q].strip())
        }

    def _question(self, key: Any) -> Question:
        is_number = isinstance(key, (int, np.integer)) and not isinstance(key, bool)
        if not (is_number or isinstance(key, str) or type(key) is Tensor):
            raise ArgumentTypeError(
                "An answer stands under the name of a question, its number from 1, or the Tensor "
                f"that is asked about, got {key!r:.60} of type {type(key).__name__}."
            )
        for number, question in enumerate(self.questions, 1):
            if type(key) is Tensor:
                is_meant = key is question.target
            else:
                is_meant = key in (number, question.name, self._subject.label(question.target))
            if is_meant:
                return question
        known = [q.name for q in self.questions]
        raise ArgumentError(
            f"There is no question {key!r}. The questions are {', '.join(known)}."
            f"{suggestion(str(key), known)}"
        )

    def __repr__(self) -> str:
        with speaking(self._lang):
            asked = [say("exercises.asked")]
            asked += [f"{n:3}  {q.text}" for n, q in enumerate(self.questions, 1)]
            if not self._asked.told:
                return "\n".join(asked)
            given = (f"     {line}" for line in self._asked.told)
            return "\n".join([say("exercises.given"), *given, *asked])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the graph, what is given and what is asked."""
        with speaking(self._lang):
            shown = fragment(self._subject, self._asked, self._title)
        return asked_for({"text/plain": repr(self), "text/html": shown}, include, exclude)
