"""`ask="rules"`: what an operation does with the gradient, as a formula that somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.engine.operation import part
from autograd_nn.viz.exercises import telling
from autograd_nn.viz.exercises.answers import DIGITS
from autograd_nn.viz.exercises.mistakes import Mistake
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.rule_at import RuleAt
from autograd_nn.viz.exercises.typed_rules import Value, read_expression
from autograd_nn.viz.exercises.verdicts import with_mistake, without_mistake
from autograd_nn.viz.exercises.wrong_rules import Wrong, wrong_contributions
from autograd_nn.viz.formulas.typesetting import written
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import result_of_rule, run_again, step_of, values_of
from autograd_nn.viz.graph.rules import rule, style
from autograd_nn.viz.wording.saying import say

SAMPLES = 4
"""So many times other numbers are put in: two rules that agree on all of them are one rule."""


@dataclass(frozen=True, eq=False)
class _Sample:
    """Numbers for the letters of one edge, and what is right for them."""

    edge: RuleAt
    letters: dict[str, Any]

    @cached_property
    def wrong(self) -> list[Wrong]:
        with np.errstate(all="ignore"):
            return list(wrong_contributions(self.edge))


class AskedRules:
    """Questions for the rules of the operations in a graph, each one once."""

    def __init__(self, subject: AskedGraph, ask: str) -> None:
        self.subject = subject
        self._samples: dict[Question, list[_Sample]] = {}
        self.steps: dict[Question, Any] = {}
        once: dict[Any, Any] = {}
        for step in subject.sweep.steps:
            if step.node.operation is not part and type(step.node._data) is not tuple:
                once.setdefault((step.node.operation, step.slot), step)
        asked = []
        for step in once.values():
            question = self._question(step)
            self.steps[question] = step
            if self._has_key(question):
                asked.append(question)
        if not asked:
            raise StateError("No gradient rule in this graph is a formula of one line.")
        self.questions = tuple(subject.some(asked))
        self.given: dict[str, Any] = {}
        self.told: list[str] = []
        self.rows_told: list[str] = []

    def _has_key(self, question: Question) -> bool:
        """Whether the rule is a formula that one can type: then its own is found right."""
        try:
            return self._is_right(question, self._read(question, self.solution(question)))
        except ArgumentError:
            return False

    def _question(self, step: Any) -> Question:
        subject, node = self.subject, step.node
        text = say(
            "exercises.ask_rule",
            name=subject.label(node),
            expression=subject.expression(node),
            way=telling.edge(subject, node, step.slot),
            total=subject.total(node),
        )
        return Question(telling.edge(subject, node, step.slot), text, node, step.slot)

    def solution(self, question: Question) -> str:
        """The rule as pictures have it, and the sum where broadcasting is to be undone."""
        flow = self.steps[question]
        step = step_of(flow, self.subject.walk)
        text = rule(step)[0] if step.formula is None else written(step.formula.tree, style(step))
        raw, shape = np.shape(result_of_rule(flow.node, flow.slot, flow.upstream)), step.shape
        if np.prod(raw) <= np.prod(shape):
            return text
        extra = len(raw) - len(shape)
        kept = [n + extra for n, m in enumerate(shape) if m == 1 and raw[n + extra] != 1]
        if kept:
            text = f"sum({text}, axis={_axes(kept)}, keepdims=True)"
        return f"sum({text}, axis={_axes(list(range(extra)))})" if extra else text

    # ------------------------------------------------------------------ the verdict

    def judge(self, given: Mapping[Question, Any]) -> Verdict:
        """What the answers are worth."""
        read = {q: self._read(q, answer) for q, answer in given.items()}
        right = {q: self._is_right(q, value) for q, value in read.items()}
        if all(right.values()):
            return without_mistake(self.questions, right)
        first = next(q for q, ok in right.items() if not ok)
        found = self._explaining(first, read[first])
        if found:
            phrase, about = found[0]
            told = self._told(first, phrase, about)
        else:
            phrase, told = self._unexplained(first, read[first])
        others = {
            other: self._what(first, other, about) for other, about in found if other != phrase
        }
        return with_mistake(self.questions, right, first, phrase, first.name, told, (), others)

    def _what(self, question: Question, phrase: str, about: Any) -> str:
        mistake = Mistake(phrase, question.target, question.slot, about, {}, self.subject.root)
        return telling.what(self.subject, mistake)

    def _told(self, question: Question, phrase: str, about: Any) -> str:
        return say("exercises.in_a_sentence", mistake=self._what(question, phrase, about))

    def _unexplained(self, question: Question, value: Value) -> tuple[str, str]:
        """Where no common mistake gives the same: the shapes may not fit."""
        recorded = self.samples(question)[0]
        shape = np.shape(recorded.edge.x)
        shapes = set()
        for meant in (0, 1):
            found = _computed(recorded, value, meant)
            if found is not None and not np.isfinite(found).all():
                return "unknown", say("exercises.not_finite_rule")
            if found is None:
                continue
            shapes.add(found.shape)
            turned = np.swapaxes(recorded.edge.contribution, -1, -2) if len(shape) > 1 else None
            if turned is not None and _agrees(recorded, value, turned, meant, DIGITS):
                return "mistakes.transposed", self._told(question, "mistakes.transposed", None)
        if not shapes:
            labels = self.subject.walk.input_labels(question.target)
            told = [
                f"{label} {notation.shape(s)}"
                for label, s in zip(
                    labels, self.subject.walk.input_shapes(question.target), strict=True
                )
                if s
            ]
            told.append(f"g {notation.shape(np.shape(recorded.edge.g))}")
            return "shape", say("exercises.does_not_fit", shapes=say("numbers.list").join(told))
        if any(_is_shape(s, shape) for s in shapes):
            return "unknown", say("exercises.unknown_rule")
        target = self.subject.label(question.target.inputs[question.slot or 0])
        said, known = notation.shape(min(shapes)), notation.shape(shape)
        return "shape", say("exercises.gives_shape", said=said, target=target, shape=known)

    def _letters(self, question: Question) -> dict[str, str]:
        """What may stand in an answer: the names of the inputs, of the result, and g."""
        walk, node = self.subject.walk, question.target
        found = {label: str(n) for n, label in enumerate(walk.input_labels(node))}
        found = {label: letter for label, letter in found.items() if not _is_number(label)}
        return {
            self.subject.total(node): "g",
            "g": "g",
            "out": "out",
            self.subject.label(node): "out",
        } | found

    def _read(self, question: Question, answer: Any) -> Value:
        if isinstance(answer, (int, float)) and not isinstance(answer, bool):
            answer = repr(answer)
        if not isinstance(answer, str):
            raise ArgumentTypeError(
                f"A rule is answered with a text such as 'g * x', got {type(answer).__name__}."
            )
        return read_expression(answer, self._letters(question))

    def _is_right(self, question: Question, value: Value) -> bool:
        for meant in (0, 1):
            samples = self.samples(question)
            if all(_agrees(s, value, s.edge.contribution, meant, DIGITS) for s in samples):
                exact = all(_agrees(s, value, s.edge.contribution, meant, 1e-7) for s in samples)
                if exact or not self._explaining(question, value):
                    return True
        return False

    def _explaining(self, question: Question, value: Value) -> list[tuple[str, Any]]:
        """The mistakes that give the same on all numbers that were drawn.

        Not on those that were recorded: where g is 1, it does not show that it was forgotten.
        """
        samples = self.samples(question)
        samples = samples[1:] or samples
        for meant in (0, 1):
            for close in (1e-7, DIGITS):
                found = [
                    (wrong.phrase, wrong.about)
                    for wrong in samples[-1].wrong
                    if all(_gives(s, value, wrong, meant, close) for s in samples)
                ]
                if found:
                    return found
            if any(_is_wider(s, value, meant) for s in samples):
                return [("mistakes.sum_missing", None)]
        return []

    def samples(self, question: Question) -> list[_Sample]:
        """The recorded numbers, and others at which the operation is defined, too."""
        if question not in self._samples:
            step = self.steps[question]
            self._samples[question] = list(_numbers(step, self.subject.random))
        return self._samples[question]


def _numbers(step: Any, random: np.random.Generator) -> Iterator[_Sample]:
    """Numbers for the letters of an edge: first those that were recorded."""
    node, slot = step.node, step.slot
    yield _with_letters(RuleAt(node, slot, step.upstream))
    made = 0
    for attempt in range(20 * SAMPLES):
        values = [_moved(x, random, attempt) for x in values_of(node)]
        with run_again():
            try:
                out = node.operation.value(*values, **(node.attributes or {}))
                g = random.normal(size=np.shape(out))[()]
                found = _with_letters(RuleAt(node, slot, g, values, out))
                is_defined = np.isfinite(out).all() and np.isfinite(found.edge.contribution).all()
            except Exception:  # an operation may refuse what it is not defined for
                continue
        if is_defined and np.any(found.edge.contribution):
            yield found
            made += 1
        if made == SAMPLES:
            return


def _with_letters(edge: RuleAt) -> _Sample:
    letters = {str(n): x for n, x in enumerate(edge.values)}
    return _Sample(edge, letters | {"g": edge.g, "out": edge.out})


def _moved(x: Any, random: np.random.Generator, attempt: int) -> Any:
    """Other floating-point numbers: of any sign first, then near those that were recorded."""
    if getattr(np.asarray(x).dtype, "kind", "") != "f" or type(x) is float:
        return x
    shape = np.shape(x)
    if attempt % 2 == 0:
        return random.normal(size=shape)[()]
    return np.asarray(x, float) * random.uniform(0.6, 1.0 + 0.4 * (attempt % 4 > 1), shape)


def _agrees(sample: _Sample, value: Value, wanted: Any, meant: int, close: float) -> bool:
    """Whether a formula gives an array, at one set of numbers."""
    found = _value(sample, value, meant)
    if found is None or wanted is None:
        return False
    wanted = np.asarray(wanted, float)
    try:
        found = np.broadcast_to(found, wanted.shape)
    except ValueError:
        return False
    precise = 1e-7 if sample.edge.node._data.dtype == np.float64 else 1e-3
    largest = float(np.max(np.abs(wanted), initial=0))
    off = np.abs(found - wanted)
    return bool(np.all(off <= max(close, precise) * np.abs(wanted) + precise * largest))


def _gives(sample: _Sample, value: Value, wrong: Wrong, meant: int, close: float) -> bool:
    """Whether a formula makes this mistake, at one set of numbers."""
    for other in sample.wrong:
        if other.phrase != wrong.phrase or str(other.about) != str(wrong.about):
            continue
        wanted = (
            np.zeros(np.shape(sample.edge.x)) if other.contribution is None else other.contribution
        )
        if _agrees(sample, value, wanted, meant, close):
            return True
    return False


def _is_wider(sample: _Sample, value: Value, meant: int) -> bool:
    """Whether a formula gives what the rule gives before it is summed to the input's shape."""
    found, raw = _value(sample, value, meant), np.asarray(sample.edge.raw)
    if found is None or raw.size <= np.size(sample.edge.x):
        return False
    try:
        return bool(np.allclose(np.broadcast_to(found, raw.shape), raw, rtol=1e-3))
    except ValueError:
        return False


def _value(sample: _Sample, value: Value, meant: int) -> Any:
    found = _computed(sample, value, meant)
    return found if found is not None and np.isfinite(found).all() else None


def _computed(sample: _Sample, value: Value, meant: int) -> Any:
    """What a formula gives; None where it does not work on these shapes."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(value(sample.letters | {"·": meant}), float)
        except Exception:  # what somebody typed may break off in any way
            return None


def _is_shape(said: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether an array of one shape stands for one of another: spread it may be."""
    try:
        return np.broadcast_shapes(said, shape) == shape
    except ValueError:
        return False


def _axes(axes: list[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _is_number(label: str) -> bool:
    return label[:1].isdigit() or label[:1] == "−"
