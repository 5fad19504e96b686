"""A long program as several functions, and loops whose length LLVM does not know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, set_random_seed
from autograd_nn.jit import splitting
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Adam
from tests.jit.as_python import run_by_python


def weights_and_losses(**options: Any) -> list[Any]:
    """Of three epochs with norms that are clipped: a number that all parameters are scaled by."""
    r = np.random.default_rng(1)
    x, y = r.normal(size=(21, 70)).astype(np.float32), r.integers(0, 3, 21)
    set_random_seed(3)
    layers = [Dense(40, activation="tanh"), Dense(11, activation="relu")]
    model = Sequential([Input((70,)), *layers, Dense(3, activation="softmax")])
    optimizer = Adam(0.01, global_clipnorm=0.5)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", **options)
    history = model.fit(x, y, batch_size=7, epochs=3, verbose=0)
    return [*model.get_weights(), history.history["loss"]]


def assert_same(found: list[Any], expected: list[Any]) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("longest_part", [1, 12])
def test_parts_compute_what_the_whole_does(
    monkeypatch: pytest.MonkeyPatch, longest_part: int
) -> None:
    expected = weights_and_losses(run_eagerly=True)
    monkeypatch.setattr(splitting, "LONGEST_PART", longest_part)
    made: list[int] = []
    functions = splitting.functions

    def counted(*arguments: Any) -> Any:
        found = functions(*arguments)
        made.append(len(found[0]))
        return found

    monkeypatch.setattr(splitting, "functions", counted)
    run_by_python(monkeypatch)
    assert_same(weights_and_losses(jit_compile=True), expected)
    assert made
    assert min(made) > 3


@pytest.mark.slow
def test_parts_as_machine_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    monkeypatch.setattr(splitting, "LONGEST_PART", 12)
    monkeypatch.setattr(splitting, "UNROLLED", 16)
    assert_same(weights_and_losses(jit_compile=True), weights_and_losses(run_eagerly=True))


@pytest.mark.parametrize(
    ("length", "inside", "text"),
    [(8, 8192, "min(8, longest)"), (15, 32, "15"), (4096, 1, "4096"), (1, 1, "1")],
)
def test_loops_around_others_are_not_written_out(length: int, inside: int, text: str) -> None:
    assert splitting.length_of_loop(length, inside) == text
