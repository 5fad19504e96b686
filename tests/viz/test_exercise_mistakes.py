"""Every mistake of every rule of every operation is rejected, and called by its name."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from autograd_nn import viz
from tests.engine.samples import BY_NAME, SAMPLES
from tests.engine.test_mutants import doubled, negated
from tests.engine.test_operations import tensors_of, total, without_probabilities
from tests.viz.confusion import differ, exercises, judged

NAMES = list(SAMPLES)


def always_or_slow(names: list[str]) -> list[Any]:
    """One in 24 always, one in four with the slow tests, the others with the thorough ones."""
    marks = [pytest.mark.slow if n % 4 == 1 else pytest.mark.thorough for n in range(len(names))]
    return [
        name if place % 24 == 5 else pytest.param(name, marks=marks[place])
        for place, name in enumerate(names)
    ]


@pytest.mark.parametrize("name", always_or_slow(NAMES))
@pytest.mark.parametrize("digits", [0, 3])
def test_no_mistake_is_taken_for_right_and_each_is_named(name: str, digits: int) -> None:
    counts: Counter[bool] = Counter()
    for _, asked in exercises([name]):
        for planted, named, is_same, mistake in judged(name, asked, digits):
            assert named != "right", mistake
            counts[planted == named or is_same] += 1
    assert counts[False] <= 0.05 * counts.total()


@pytest.mark.parametrize("name", always_or_slow(NAMES))
def test_mistakes_made_elsewhere_are_rejected(name: str) -> None:
    """Those of the tests of the engine: not made by exercises."""
    for _, asked in exercises([name]):
        for question in asked.questions:
            right = np.asarray(asked.solution[question.name])
            for wrong in (negated, doubled):
                handed_in = {question.name: wrong(right, right)}
                if differ(handed_in, {question.name: right}):
                    assert not asked.check(handed_in).answers[question.name]
            assert asked.check({question.name: right}).answers[question.name]


@pytest.mark.parametrize("name", always_or_slow(NAMES))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_exercise_accepts_its_own_key(name: str, dtype: Any) -> None:
    operation, case = BY_NAME[name], SAMPLES[name][0]
    inputs, results = tensors_of(operation, without_probabilities(operation, case), dtype)
    if not any(r.requires_grad for r in results):
        return
    loss = total(results)
    for ask in ("values", "gradients", "rules", "shapes", "fault"):
        exercise = viz.exercise(loss, ask, lang="zh" if ask == "fault" else "en")
        verdict = exercise.check(exercise.solution)
        assert verdict.right, verdict
