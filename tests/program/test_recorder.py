"""Recorded twice, compared, made, kept: and never slower than without any program."""

import random
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.engine.recording import recorded
from autograd_nn.program.capture import recorder as module
from autograd_nn.program.capture.observer import Observer
from autograd_nn.program.capture.recorder import COST, Recorder, Recording, Refused


class Made:
    nbytes = 100

    def __init__(self, recording: Any) -> None:
        self.recording = recording


class Recorded:
    nbytes = 100


def never(first: Any, second: Any) -> str | None:
    return None


def test_the_second_recording_makes_the_program() -> None:
    recorder = Recorder(never, Made)
    assert recorder.wants("a") and recorder.add("a", 1) is None
    assert recorder.has_first("a") and not recorder.programs
    assert recorder.wants("a") and recorder.add("a", 2) is None
    assert recorder.programs["a"].recording == 2


def test_what_differs_is_refused_with_the_reason() -> None:
    recorder = Recorder(lambda first, second: "It differs." if first != second else None, Made)
    assert recorder.add("a", 1) is None
    refusal = recorder.add("a", 2)
    assert refusal is not None and refusal.reason == "It differs." and refusal.differs
    assert not recorder.wants("a") and recorder.wants("b")
    recorder.forget()
    assert recorder.wants("a")


def test_what_cannot_be_made_is_refused_and_no_error() -> None:
    def make(recording: Any) -> Any:
        raise Refused("Not this one.") if recording == 1 else ValueError("broken")

    recorder = Recorder(never, make)
    for kind, start, reason in (("a", 1, "Not this one."), ("b", 2, "ValueError: broken")):
        recorder.add(kind, start)
        refusal = recorder.add(kind, start)
        assert refusal is not None and refusal.reason == reason and not refusal.differs
    assert not recorder.programs


def test_programs_are_kept_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 3 * (module._LEAST + 100))
    recorder = Recorder(never, Made)
    for kind in range(8):
        recorder.add(kind, 1)
        recorder.add(kind, 2)
    assert list(recorder.programs) == [5, 6, 7]


def test_what_waits_for_a_second_call_has_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 350)
    recorder = Recorder(never, Made)
    for kind in range(8):
        recorder.add(kind, Recorded())
    assert recorder.recorded_once == [5, 6, 7]
    monkeypatch.setattr(module, "WAITING", 50)
    recorder.add(8, Recorded())
    assert recorder.recorded_once == [8]


def test_a_recording_knows_how_much_it_holds() -> None:
    x, w = Tensor(np.ones((100, 8)), requires_grad=False), Tensor(np.ones((8, 4)))
    with Observer() as observer, recorded():
        values, vectors = np.linalg.eigh((x @ w).T @ (x @ w))
        recording = Recording(values.sum() + vectors.sum(), {"x": x}, observer)
    # Twice (100, 4), once turned; (4, 4); (4,) and (4, 4) together, and each taken from that; three
    # numbers.
    assert recording.nbytes == 8 * (3 * 400 + 16 + 2 * (4 + 16) + 3)


RECORDED, REPLAYED = 2.0, 0.4  # what such calls take, as they are written being 1


def time_of(kinds: Any, few: int = 16) -> tuple[float, int]:
    """What calls of these kinds take, and how many programs there are in the end."""
    recorder, spent = Recorder(never, Made, few), 0.0
    for kind in kinds:
        if kind in recorder.programs:
            recorder.replays += 1
            spent += REPLAYED
        elif recorder.wants(kind):
            before = len(recorder.programs)
            recorder.add(kind, Recorded())
            spent += RECORDED + COST * (len(recorder.programs) - before)
        else:
            spent += 1
    return spent, len(recorder.programs)


@pytest.mark.parametrize("number", [17, 18, 25, 50, 100, 300])
@pytest.mark.parametrize("rounds", [3, 10, 40, 200])
def test_many_kinds_in_turn_take_at_most_a_tenth_more(number: int, rounds: int) -> None:
    kinds = list(range(number)) * rounds
    spent, made = time_of(kinds)
    first = 16 * (RECORDED - 1)  # the first of each kind is recorded, while there are a few
    assert spent <= 1.1 * len(kinds) + first
    draw = random.Random(number)
    spent, _ = time_of(draw.choices(range(number), k=len(kinds)))
    assert spent <= 1.1 * len(kinds) + first + 16 * COST  # those that came twice before


def test_many_kinds_have_their_programs_in_the_end() -> None:
    spent, made = time_of(list(range(17)) * 4000)
    assert made == 17
    assert spent < 0.6 * 17 * 4000


def test_a_few_kinds_have_theirs_at_once() -> None:
    _, made = time_of(list(range(16)) * 2)
    assert made == 16
