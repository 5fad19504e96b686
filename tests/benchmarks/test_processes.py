"""Rounds, and the conversation with a subject's process."""

from dataclasses import replace

from benchmarks.processes import (
    Result,
    Subject,
    SubjectError,
    interleaved,
    last_line,
    measure_work,
    rounds_of,
)
from benchmarks.works import BY_HAND, Row, works


def by_hand() -> Row:
    return Row("NumPy by hand", BY_HAND, "step", "small")


def test_rounds_begin_one_further_each_time() -> None:
    assert "".join(interleaved("abc", 4)) == "abc" + "bca" + "cab" + "abc"
    assert list(interleaved([], 3)) == []


def test_last_line_names_the_exception() -> None:
    assert last_line("Traceback:\n  File x\nValueError: no\n\n") == "ValueError: no"
    assert last_line("") == "ended silently"


def test_a_subject_prepares_and_answers() -> None:
    subject = Subject(by_hand())
    try:
        assert subject.prepare(works()["step"].answers) == ""
        assert subject.seconds() > 0
        assert subject.seconds() > 0
    finally:
        subject.close()


def test_a_subject_that_computes_something_else_is_not_timed() -> None:
    work = replace(works()["step"], rows=(by_hand(),), answers=(1.0,))
    (result,) = measure_work(work, rounds=1)
    assert result.samples == []
    assert "where 1.0 is right" in result.failure


def test_a_subject_that_fails_is_told_and_the_others_go_on() -> None:
    broken = Row("broken", BY_HAND, "no_such_work", "small")
    work = replace(works()["step"], rows=(broken, by_hand()))
    failed, measured = measure_work(work, rounds=2)
    assert "AttributeError" in failed.failure
    assert not measured.failure
    assert len(measured.samples) == 2


def test_rounds_of_whole_processes_stop_for_the_one_that_fails() -> None:
    def measure(name: str) -> list[float]:
        if name == "bad":
            raise SubjectError("it broke")
        return [1.0, 2.0]

    good = (Result("one", "s"), Result("two", "s"))
    bad = (Result("three", "s"),)
    results = rounds_of({"good": good, "bad": bad}, measure, rounds=3)
    assert [result.samples for result in results] == [[1.0] * 3, [2.0] * 3, []]
    assert [result.failure for result in results] == ["", "", "it broke"]
