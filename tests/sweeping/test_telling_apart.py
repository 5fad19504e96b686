"""By what two values are told apart, and that one is the same in every process."""

import functools
import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pandas
import pytest

from autograd_nn.callbacks import EarlyStopping
from autograd_nn.layers import Dense
from autograd_nn.sweeping.telling_apart import contents_of
from autograd_nn.utils import PyDataset


def made(rate: float, power: int = 1) -> Any:
    def inner(units: int = 2) -> float:
        return units * rate**power

    return inner


class Batches(PyDataset):
    def __init__(self, x: np.ndarray) -> None:
        super().__init__()
        self.x = x

    def build(self) -> None: ...


x = np.arange(6.0).reshape(3, 2)
frame = pandas.DataFrame(x, columns=["a", "b"])
long = list(range(200))


@pytest.mark.parametrize(
    "one, other",
    [
        (1, True),
        (1, 1.0),
        (1, "1"),
        (x, x + 1e-9),
        (x, x.astype(np.float32)),
        (x, x.T),
        (x, x.reshape(2, 3)),
        (frame, frame.rename(columns={"a": "c"})),
        (frame, frame + 1),
        (long, [*long[:-1], 0]),
        ([*long, "a"], [*long, "b"]),
        ([long, [1]], [long, [2]]),
        (np.array(["a", "b"], object), np.array(["a", "c"], object)),
        (made(0.1), made(0.2)),
        (made(0.1), made(0.1, 2)),
        (lambda: 1, lambda: 2),
        (lambda a=1: a, lambda a=2: a),
        (lambda a: a in {1, 2}, lambda a: a in {1, 3}),
        (functools.partial(made, 0.1), functools.partial(made, 0.2)),
        (EarlyStopping(patience=1), EarlyStopping(patience=2)),
        (Batches(x), Batches(x + 1)),
        (Batches(x).build, Batches(x + 1).build),
        ({1, 2}, {1, 3}),
        ({"a": x}, {"a": x + 1}),
        (Dense, EarlyStopping),
    ],
)
def test_two_that_differ(one: Any, other: Any) -> None:
    written = [json.dumps(contents_of(value)) for value in (one, other)]
    assert written[0] != written[1]


slope, calls = 2.0, 0


def sloped(units: int) -> float:
    global calls
    calls += 1
    return units * slope


def test_a_setting_of_the_module_that_a_function_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents_of(sloped)
    sloped(1)  # what it counts itself is no setting
    assert contents_of(sloped) == before
    monkeypatch.setitem(globals(), "slope", 3.0)
    assert contents_of(sloped) != before


def test_the_same_again() -> None:
    for make in (
        lambda: x.copy(),
        lambda: np.asfortranarray(x),
        lambda: frame.copy(),
        lambda: made(0.1),
        lambda: EarlyStopping(patience=2),
        lambda: Batches(x.copy()),
        lambda: functools.partial(made, 0.1, power=3),
    ):
        assert contents_of(make()) == contents_of(make())


def test_what_holds_itself_has_an_end() -> None:
    def again(n: int) -> Any:
        return again(n - 1) if n else later

    batches = Batches(x)
    batches.own = batches  # type: ignore[attr-defined]
    json.dumps([contents_of(again), contents_of(batches)])
    later = 1


@pytest.mark.slow
def test_each_process_says_the_same() -> None:
    program = (
        "from autograd_nn.sweeping.telling_apart import contents_of\n"
        "def f(a):\n    return a in {'one', 'two', 'three', ('a', 1)}\n"
        "print(contents_of([f, {'one', 'two', 'three'}]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(said) == 1
