"""Threads that train, compile and record at the same time give what one after the other gives."""

import threading
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, compiled, gradients, settings
from autograd_nn.layers import Dense, Dropout
from autograd_nn.optimizers import Adam

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(48, 6)).astype(np.float32)
Y = (X[:, :1] > 0.2).astype(np.float32)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))


@compiled
def squares(x: Any, w: Any) -> Any:
    return ((x @ w) ** 2).sum()


def model_for(number: int) -> Sequential:
    """One that is not planned yet; every other thread has one of the same shapes."""
    start = np.random.default_rng(number)
    model = Sequential(
        [
            Dense(4, "tanh", kernel_initializer=start.normal(size=(6, 4))),
            *([Dropout(0.3, seed=number)] if number % 2 else []),
            Dense(1, "sigmoid", kernel_initializer=start.normal(size=(4, 1))),
        ]
    )
    how = [{}, {}, {"jit_compile": True}, {"run_eagerly": True}][number % 4]
    model.compile(Adam(0.01), "binary_crossentropy", **how)
    return model


def work(number: int) -> list[Any]:
    """Train a model, record and differentiate, and call a function that all threads share."""
    model = model_for(number)
    model.fit(X, Y, epochs=4, batch_size=8, verbose=0, shuffle=False)
    found = model.get_weights()
    w = Tensor(np.full((6, 2), 0.1 * number), name="w")
    for step in range(12):
        rows = slice(0, (4, 8)[step % 2])
        found.append(squares(X[rows].astype(float), w.data))
        (g,) = gradients((np.tanh(X[rows] @ w) ** 2).sum(), [w])
        w.data = w.data - 0.1 * g
        model.train_on_batch(X[rows], Y[rows])
    return [*found, w.numpy(), *model.get_weights()]


@pytest.mark.parametrize("count", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_threads(count: int) -> None:
    expected = [work(number) for number in range(count)]
    found: dict[int, Any] = {}
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        found[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    for number, one in enumerate(expected):
        for a, b in zip(found[number], one, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_stream_of_random_numbers_is_made_once() -> None:
    for _ in range(30):
        settings._streams.clear()
        barrier, made = threading.Barrier(8), []

        def ask(barrier: Any = barrier, made: Any = made) -> None:
            barrier.wait()
            made.append(settings.generator("dropout"))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(map(id, made))) == 1
