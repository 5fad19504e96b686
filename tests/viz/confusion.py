"""Which mistake is named for which: every mistake of every rule, handed in as an answer.

``python -m tests.viz.confusion`` prints the table.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.viz.exercises.asking import Exercise, exercise
from autograd_nn.viz.exercises.mistakes import Mistake
from tests.engine.samples import BY_NAME, SAMPLES
from tests.engine.test_operations import tensors_of, total, without_probabilities


def exercises(names: Any = SAMPLES) -> Iterator[tuple[str, Exercise]]:
    """For each sample of each operation the gradients of a loss made of it."""
    for name in names:
        for case in SAMPLES[name]:
            operation = BY_NAME[name]
            inputs, results = tensors_of(operation, without_probabilities(operation, case))
            if inputs and any(r.requires_grad for r in results):
                yield name, exercise(total(results), "gradients")


def answers(asked: Exercise, mistake: Mistake, digits: int = 0) -> dict[str, Any]:
    """What somebody hands in who makes a mistake."""
    found = {}
    for question in asked.questions:
        value = mistake.numbers.get(question.target)
        if value is None:
            value = np.zeros(question.target.shape)
        value = np.asarray(question.taken(value))
        if digits:
            value = np.array([float(f"{x:.{digits}g}") for x in value.ravel()]).reshape(value.shape)
        found[question.name] = value
    return found


def differ(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two sheets of answers say something else, beyond rounding."""
    return any(
        np.max(np.abs(a - b), initial=0) > 1e-7 * np.max(np.abs(b), initial=1e-300)
        for a, b in zip(one.values(), other.values(), strict=True)
    )


def judged(name: str, asked: Exercise, digits: int = 0) -> Iterator[tuple[str, str, bool, Mistake]]:
    """The kind of each mistake, the kind that was named ("right": none), and whether the numbers
    of the one named are the same."""
    right = {q: np.asarray(x) for q, x in asked.solution.items()}
    for mistake in asked.mistakes:
        if mistake.slot is not None and mistake.node.operation is not BY_NAME[name]:
            continue  # of what makes a loss of it
        handed_in = answers(asked, mistake)
        if not differ(handed_in, right):
            continue
        if digits:
            handed_in = answers(asked, mistake, digits)
            if not differ(handed_in, answers_of(right, digits)):
                continue
        verdict = asked.check(handed_in)
        named = "right" if verdict.right else str(verdict.mistake)
        yield mistake.kind, named, mistake.kind in verdict.others, mistake


def answers_of(right: dict[str, Any], digits: int) -> dict[str, Any]:
    """The right answers, rounded."""
    return {
        name: np.array([float(f"{x:.{digits}g}") for x in value.ravel()]).reshape(value.shape)
        for name, value in right.items()
    }


def main() -> int:
    """Print the table, and what was not named rightly."""
    warnings.simplefilter("ignore")
    counts: Counter[tuple[str, str]] = Counter()
    same = 0
    for name, asked in exercises():
        for planted, named, is_same, _ in judged(name, asked):
            counts[planted, named] += 1
            same += planted != named and is_same
            if planted != named and not is_same:
                print(f"{name}: {planted} taken for {named}", flush=True)
    kinds = list(dict.fromkeys(planted for planted, _ in counts))
    for kind in kinds:
        row = {named: n for (planted, named), n in counts.items() if planted == kind}
        known = ", ".join(f"{named} {n}" for named, n in sorted(row.items(), key=lambda x: -x[1]))
        print(f"{kind:20} {sum(row.values()):6}   {known}")
    total_count = sum(counts.values())
    rightly = sum(n for (planted, named), n in counts.items() if planted == named)
    accepted = sum(n for (_, named), n in counts.items() if named == "right")
    print(
        f"{total_count} mistakes in {len(SAMPLES)} operations: {accepted} taken for right, "
        f"{rightly / total_count:.1%} named rightly, {same / total_count:.1%} cannot be told from "
        "the one named."
    )
    return accepted


if __name__ == "__main__":
    sys.exit(main())
