"""`ask="shapes"`: the shape of each result, and of what goes back before broadcasting is undone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises import telling
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.verdicts import with_mistake, without_mistake
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import result_of_rule
from autograd_nn.viz.wording.saying import say

Shape = tuple[int, ...]


class AskedShapes:
    """Questions for shapes: of the results, of the gradients, and of sums not yet made."""

    def __init__(self, subject: AskedGraph, ask: str) -> None:
        self.subject = subject
        found: list[tuple[Question, Shape]] = []
        for node in subject.computed():
            name = subject.label(node)
            text = say("exercises.ask_shape", name=name, expression=self._with_shapes(node))
            found.append((Question(name, text, node), node.shape))
        for item in subject.gradients():
            if item.operation is None:
                name = subject.total(item)
                found.append(
                    (Question(name, say("exercises.ask_shape_of", name=name), item), item.shape)
                )
        for step in subject.sweep.steps:
            if step.node.operation is part or type(step.node._data) is tuple:
                continue
            raw = np.shape(result_of_rule(step.node, step.slot, step.upstream))
            if np.prod(raw) > np.prod(step.input.shape):
                name = telling.edge(subject, step.node, step.slot)
                text = say("exercises.ask_shape_before", way=name, target=subject.total(step.input))
                found.append((Question(name, text, step.node, step.slot), raw))
        self.shapes = dict(subject.some(found))
        self.questions = tuple(self.shapes)
        self.given: dict[str, Any] = {}
        self.told: list[str] = []
        self.rows_told: list[str] = []

    def _with_shapes(self, node: Tensor) -> str:
        """``x @ w with x (4,3) and w (3,2)``."""
        shapes = [
            f"{label} {notation.shape(shape)}"
            for label, shape in zip(
                self.subject.walk.input_labels(node),
                self.subject.walk.input_shapes(node),
                strict=True,
            )
            if shape
        ]
        expression = self.subject.expression(node)
        if not shapes:
            return expression
        return say(
            "exercises.with_shapes",
            expression=expression,
            shapes=say("numbers.list").join(dict.fromkeys(shapes)),
        )

    def solution(self, question: Question) -> Shape:
        """The shape."""
        return self.shapes[question]

    def judge(self, given: Mapping[Question, Any]) -> Verdict:
        """What the answers are worth."""
        said = {q: read_shape(answer) for q, answer in given.items()}
        right = {q: shape == self.shapes[q] for q, shape in said.items()}
        if all(right.values()):
            return without_mistake(self.questions, right)
        first = next(q for q, ok in right.items() if not ok)
        found = [phrase for phrase, shape in self._wrong(first) if shape == said[first]]
        phrase = found[0] if found else "wrong_shapes.unknown"
        told = say(phrase, shape=notation.shape(said[first]))
        return with_mistake(self.questions, right, first, phrase, first.name, told)

    def _wrong(self, question: Question) -> Iterator[tuple[str, Shape]]:
        """The shapes that mistakes give, those with the most to say first."""
        right, node = self.shapes[question], question.target
        if len(right) > 1:
            yield "wrong_shapes.turned", right[::-1]
            yield "wrong_shapes.axes_exchanged", (*right[:-2], right[-1], right[-2])
        of_gradient = question.name != self.subject.label(node) and question.slot is None
        if of_gradient:
            for step in self.subject.sweep.received.get(node, ()):
                if type(step.node._data) is not tuple:
                    yield "wrong_shapes.of_result", step.node.shape
                    yield (
                        "wrong_shapes.sum_missing",
                        np.shape(result_of_rule(step.node, step.slot, step.upstream)),
                    )
        elif question.slot is not None:
            yield "wrong_shapes.already_summed", node.inputs[question.slot].shape
            yield "wrong_shapes.of_result", node.shape
        else:
            shapes = self.subject.walk.input_shapes(node)
            for shape in shapes:
                yield "wrong_shapes.of_input", shape
            if len(shapes) == 2 and all(len(shape) > 1 for shape in shapes):
                first, second = shapes
                yield "wrong_shapes.inner_kept", (*first[:-1], *second[-2:])
                yield "wrong_shapes.inner_kept", (first[-1], second[-2])
                yield "wrong_shapes.inner_axes", (first[-1], second[-1])
                yield "wrong_shapes.inner_axes", (first[-2], second[-2])
            for shape in shapes:
                for axis in range(len(shape)):
                    yield "wrong_shapes.axis_kept", (*shape[:axis], 1, *shape[axis + 1 :])
                    yield "wrong_shapes.other_axis", (*shape[:axis], *shape[axis + 1 :])
        if right:
            yield "wrong_shapes.batch_forgotten", right[1:]
            yield "wrong_shapes.last_forgotten", right[:-1]
            yield "wrong_shapes.size", (int(np.prod(right)),)
            yield "wrong_shapes.scalar", ()
        for axis in range(len(right) + 1):
            yield "wrong_shapes.one_too_many", (*right[:axis], 1, *right[axis:])


def read_shape(answer: Any) -> Shape:
    """A shape as somebody writes it: (3, 4), 3x4, [3,4], 3 × 4, 3, () or "scalar"."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if isinstance(answer, (int, np.integer)) and not isinstance(answer, bool):
        return (int(answer),)
    if isinstance(answer, (tuple, list)):
        given = [str(n) if isinstance(n, (int, np.integer, str)) else "" for n in answer]
        if not any(isinstance(n, bool) for n in answer) and all(map(_INTEGER.fullmatch, given)):
            return tuple(map(int, given))
    if isinstance(answer, str):
        text = answer.strip().lower()
        if text in _SCALAR:
            return ()
        numbers = re.sub(r"^[(\[（]|[)\]）]$", "", text).strip()
        parts = re.split(r"\s*[,x×*·、，;]\s*|\s+", numbers)
        if not parts[-1]:  # (3,)
            del parts[-1]
        if parts and all(map(_INTEGER.fullmatch, parts)):
            return tuple(map(int, parts))
    raise ArgumentError(f"{answer!r:.60} is no shape. Write one such as (3, 4), 3x4 or ().")


_INTEGER = re.compile(r"-?\d{1,18}")
_SCALAR = {"()", "[]", "scalar", "a scalar", "number", "a number", "标量", "数", "（）"}
