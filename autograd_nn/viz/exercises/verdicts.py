"""The verdict on several answers, put together from what each of them is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_nn.viz.exercises.questions import Question, Verdict
from autograd_nn.viz.wording.saying import in_a_row, say

NAMED = 3
"""Of questions that were not answered so many are named."""


def without_mistake(questions: Sequence[Question], answered: Mapping[Question, bool]) -> Verdict:
    """Where everything that was answered is right."""
    many, missing = len(questions), _missing(questions, answered)
    if missing:
        text = in_a_row([_count(questions, answered), missing])
    else:
        text = (
            say("exercises.all_right")
            if many == 1
            else say("exercises.all_of_many_right", count=many)
        )
    return Verdict(not missing, None, None, text, _of_each(questions, answered))


def with_mistake(
    questions: Sequence[Question],
    answered: Mapping[Question, bool],
    first: Question,
    phrase: str,
    where: str | None,
    told: str,
    follows: Sequence[Question] = (),
    others: Mapping[str, str] | None = None,
) -> Verdict:
    """Where ``first`` shows a mistake, and ``follows`` are wrong because of it.

    ``others`` are mistakes that give the same numbers, by their phrases, in words.
    """
    text = [say("exercises.first_wrong", name=first.name, mistake=told)]
    others = others or {}
    if others:
        text.append(say("exercises.or_else", others=next(iter(others.values()))))
    if len(questions) > 1:
        text.insert(0, _count(questions, answered))
    if follows:
        text.append(say("exercises.follows", names=_names(follows)))
    again = [q for q, right in answered.items() if not right and q not in (first, *follows)]
    if again:
        text.append(say("exercises.also_wrong", names=_names(again)))
    if missing := _missing(questions, answered):
        text.append(missing)
    return Verdict(
        False,
        _kind(phrase),
        where,
        in_a_row(text),
        _of_each(questions, answered),
        tuple(map(_kind, others)),
    )


def _kind(phrase: str) -> str:
    """``mistakes.sign`` is the mistake "sign"."""
    return phrase.rpartition(".")[2]


def _of_each(
    questions: Sequence[Question], answered: Mapping[Question, bool]
) -> dict[str, bool | None]:
    return {q.name: answered.get(q) for q in questions}


def _count(questions: Sequence[Question], answered: Mapping[Question, bool]) -> str:
    return say("exercises.some_right", right=sum(answered.values()), count=len(questions))


def _missing(questions: Sequence[Question], answered: Mapping[Question, bool]) -> str:
    left = [q for q in questions if q not in answered]
    if len(left) > NAMED:
        return say("exercises.many_not_answered", count=len(left))
    return say("exercises.not_answered", names=_names(left)) if left else ""


def _names(questions: Sequence[Question]) -> str:
    return say("numbers.list").join(q.name for q in questions)
