"""Rounds, and the conversation with a subject's process."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import processes
from benchmarks.libraries import BY_HAND
from benchmarks.processes import (
    Result,
    Subject,
    SubjectError,
    interleaved,
    last_line,
    measure_work,
    output_of,
    rounds_of,
    whole_process,
)
from benchmarks.works import Row, works


def by_hand() -> Row:
    return works()["step"].rows[0]


def test_rounds_begin_one_further_each_time() -> None:
    assert "".join(interleaved("abc", 4)) == "abc" + "bca" + "cab" + "abc"
    assert list(interleaved([], 3)) == []


def test_last_line_names_the_exception() -> None:
    assert last_line("Traceback:\n  File x\nValueError: no\n\n") == "ValueError: no"
    assert last_line("") == "ended silently"


def test_a_subject_prepares_and_answers() -> None:
    subject = Subject(by_hand())
    try:
        assert subject.prepare(by_hand().answers()) == ""
        assert subject.seconds() > 0
        assert subject.seconds() > 0
    finally:
        subject.close()


def test_a_subject_that_computes_something_else_is_not_timed() -> None:
    wrong = replace(by_hand(), answers=lambda: (1.0,))
    work = replace(works()["step"], rows=(wrong,))
    (result,) = measure_work(work, rounds=1)
    assert result.samples == []
    assert "where 1.0 is right" in result.failure


def test_a_subject_that_fails_is_told_and_the_others_go_on() -> None:
    broken = Row("broken", BY_HAND, "no_such_work", "")
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


def test_a_whole_process_is_measured_alone(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("held = bytearray(b'x' * 64 * 2**20)\nprint('one')\nprint('two')\n")
    done = whole_process(sys.executable, str(program))
    assert done.printed == "one\ntwo"
    assert done.seconds > 0 and done.processor > 0
    # 64 MiB held, twice while they are copied, and the interpreter; not what the tests take here.
    assert 64 * 2**20 < done.peak < 64 * 2**20 * 2 + 30 * 2**20


def test_a_whole_process_that_fails_tells_why(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match="ZeroDivisionError"):
        whole_process(sys.executable, "-c", "1 / 0")


def test_a_subject_that_is_never_ready_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.01)
    (result,) = measure_work(replace(works()["step"], rows=(by_hand(),)), rounds=1)
    assert result.failure == "not ready after 0.01 s"


def test_a_whole_process_without_an_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.01)
    with pytest.raises(SubjectError, match="not finished after 0.01 s"):
        output_of("-c", "import time; time.sleep(60)")


@pytest.mark.parametrize(("load", "said"), [(0.1, ""), (3.2, "Others are at work here (load 3.2")])
def test_a_busy_machine_is_told(monkeypatch: pytest.MonkeyPatch, load: float, said: str) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load), raising=False)
    assert processes.other_work()[: len(said) or None] == said
