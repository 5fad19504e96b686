"""A forward and a backward pass that somebody wrote by hand, graded cell by cell."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises.answers import Said, Truth, fits_shape
from autograd_nn.viz.exercises.judging import Judge
from autograd_nn.viz.exercises.questions import AskedGraph, Question, Verdict
from autograd_nn.viz.exercises.verdicts import without_mistake
from autograd_nn.viz.graph import notation
from autograd_nn.viz.wording.saying import say

SINGLE = 1e-5
"""What is computed in float32 may be off by so much of the largest number."""


def verdict_on_function(
    subject: AskedGraph, function: Callable[..., Any], of_leaves: bool = False
) -> Verdict:
    """Whether a function of the numbers that go into the graph gives its loss and its gradients.

    It is called with them by name, and returns ``(loss, gradients)``, where ``gradients`` is a dict
    by name; or one dict with what it wants to be looked at: ``{"loss": …, "z": …, "dz": …,
    "dW": …}``. What is there is looked at, in the order in which it is computed, and the verdict
    says where it first goes wrong. With ``of_leaves`` every leaf's gradient must be there.
    """
    given = _arguments(subject, function)
    try:
        found = function(**given)
    except Exception as error:
        return _stopped(error)
    values, gradients = _sorted_out(subject, found)
    share = SINGLE if any(map(_is_single, [*values.values(), *gradients.values()])) else 0.0
    forward = _judged(subject, values, True, share)
    if not forward.right:
        return forward
    backward = _judged(subject, gradients, False, share)
    together = {**forward.answers, **backward.answers}
    sentence = backward.sentence
    leaves = subject.gradients() if of_leaves else []
    left = [x for x in leaves if not _is_computed(x) and x not in gradients]
    if backward.right and left:
        asked = [Question(subject.total(item), "", item) for item in left]
        given_ones = {Question(name, "", subject.root): True for name in together}
        return without_mistake((*given_ones, *asked), given_ones)
    if backward.right:
        many = len(together)
        sentence = (
            say("exercises.all_right")
            if many == 1
            else say("exercises.all_cells_right", count=many)
        )
    return Verdict(
        backward.right, backward.mistake, backward.where, sentence, together, backward.others
    )


# ---------------------------------------------------------------------- what goes in


def _arguments(subject: AskedGraph, function: Callable[..., Any]) -> dict[str, Any]:
    """The numbers that the function takes, by the names of its parameters."""
    known = {name: item for name, item in _named(subject) if not _is_computed(item)}
    found = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            return {name: _copy(item) for name, item in known.items()}
        if parameter.name in known:
            found[parameter.name] = _copy(known[parameter.name])
        elif parameter.default is parameter.empty:
            raise ArgumentError(
                f"The function takes `{parameter.name}`, which the graph does not have. It has "
                f"{', '.join(known)}.{suggestion(parameter.name, list(known))}"
            )
    return found


def _named(subject: AskedGraph) -> Iterator[tuple[str, Any]]:
    """Everything in the graph under names that Python takes: ``dense/kernel`` is dense_kernel.

    What ends in a word that nothing else ends in is that word, too.
    """
    labels = {id(item): subject.label(item) for item in subject.walk.order}
    last = [label.rpartition("/")[2] for label in labels.values()]
    for item in subject.walk.order:
        label = labels[id(item)]
        name = re.sub(r"\W", "_", label)
        if not name.isidentifier():
            continue
        yield name, item
        short = label.rpartition("/")[2]
        if short != label and last.count(short) == 1:
            yield short, item


def _is_computed(item: Any) -> bool:
    return type(item) is Tensor and item.operation is not None


def _copy(item: Any) -> Any:
    data = item._data if type(item) is Tensor else item.data
    return np.array(data)[()]


# ---------------------------------------------------------------------- what comes out

Numbers = dict[Any, Any]


def _sorted_out(subject: AskedGraph, found: Any) -> tuple[Numbers, Numbers]:
    """What the function returned as values and as gradients, by Tensor."""
    values: Numbers = {}
    gradients: Numbers = {}
    if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], Mapping):
        values[subject.root] = found[0]
        for key, number in found[1].items():
            item = _meant(subject, key, gradients_alone=True)[0]
            gradients[item] = number
    elif isinstance(found, Mapping):
        for key, number in found.items():
            item, is_gradient = _meant(subject, key, gradients_alone=False)
            (gradients if is_gradient else values)[item] = number
    else:
        raise ArgumentError(
            "The function must return (loss, gradients), with a dict of gradients by name, or one "
            f'dict such as {{"loss": …, "dW": …}}; it returned {type(found).__name__}.'
        )
    for item in gradients:
        if item not in subject.sweep.gradients:
            raise ArgumentError(f"There is no gradient of {subject.label(item)} in this graph.")
    return values, gradients


_GRADIENT = re.compile(r"(?:∂\w+/∂|d\w*[/_]d_?|grad(?:ient)?_|d_?)(.+)")


def _meant(subject: AskedGraph, key: str, gradients_alone: bool) -> tuple[Any, bool]:
    """The Tensor that a name stands for, and whether its gradient is meant."""
    named = dict(_named(subject))
    by_label = {subject.label(item): item for item in subject.walk.order} | named
    item = by_label.get(key)
    if item is not None and type(item) is not Tensor:
        raise ArgumentError(f"There is no gradient of {key} in this graph: it is a constant.")
    if item is not None:
        return item, gradients_alone or not _is_computed(item)
    if key == "loss":
        return subject.root, False
    for start in range(1, len(key)):
        item = by_label.get(key[start:])
        if type(item) is Tensor and _GRADIENT.fullmatch(key):
            return item, True
    known = [name for name, item in named.items() if type(item) is Tensor]
    raise ArgumentError(
        f"The function returned {key!r}, which the graph does not have. It has "
        f"{', '.join(known)}, and the gradient of each with a d in front."
    )


# ---------------------------------------------------------------------- the verdict


def _judged(subject: AskedGraph, numbers: Numbers, of_values: bool, share: float) -> Verdict:
    """The verdict on the values, or on the gradients, in the order in which they are computed."""
    order = subject.computed() if of_values else [subject.root, *subject.gradients()]
    questions = {
        Question(subject.label(item) if of_values else subject.total(item), "", item): item
        for item in order
        if item in numbers
    }
    if not questions:
        return without_mistake((), {})
    judge = Judge(subject, tuple(questions), of_values, carried=False, share=share)
    said = {question: _said(numbers[item]) for question, item in questions.items()}
    verdict = judge.verdict(said)
    if verdict.right:
        return verdict
    first = next(q for q in questions if verdict.answers[q.name] is False)
    cells = _cells(said[first], judge.truth(first))
    return replace(verdict, sentence=f"{verdict.sentence} {cells}") if cells else verdict


def _is_single(number: Any) -> bool:
    """Whether a number, or an array, was computed in float32 or less."""
    kind = getattr(number, "dtype", None)
    return kind is not None and np.dtype(kind).kind == "f" and np.dtype(kind).itemsize < 8


def _said(number: Any) -> Said:
    """What a program returns: exact numbers."""
    if type(number) is Tensor:
        number = number._data
    try:
        values = np.asarray(number, np.float64)
    except (TypeError, ValueError, OverflowError):
        values = np.asarray(np.nan)  # None, where nothing was computed
    return Said(values, np.zeros(values.shape))


def _cells(said: Said, truth: Truth) -> str:
    """How many cells of an array are wrong, and the first of them with what it holds."""
    if not truth.values.ndim or not fits_shape(said, truth):
        return ""
    values = said.values.reshape(truth.values.shape)
    is_wrong = ~(np.abs(values - truth.values) <= truth.floor)
    first = tuple(int(n) for n in np.argwhere(is_wrong)[0])
    return say(
        "exercises.wrong_cells",
        wrong=int(is_wrong.sum()),
        count=values.size,
        place=notation.index(first),
        number=notation.number(float(values[first])),
    )


def _stopped(error: Exception) -> Verdict:
    """The verdict on a function that did not get to its end: its error, and the line."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # without our own call
    line = frames[0].lineno if frames else None
    kind = type(error).__name__
    told = say("exercises.function_stopped", error=f"{kind}: {error}", line=line)
    return Verdict(False, "stopped", None, told, {})
