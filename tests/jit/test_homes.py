"""What functions of a compiled program give, computed into its place in what it is joined to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, compiled, set_random_seed
from autograd_nn.layers import Dense, Embedding, Flatten
from tests.jit.as_python import run_by_python


@pytest.fixture(autouse=True)
def by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    run_by_python(monkeypatch)


def weights(**options: Any) -> list[Any]:
    set_random_seed(2)
    model = Sequential([Input((5,)), Embedding(7, 3), Flatten(), Dense(1)])
    model.compile("sgd", loss="mse", **options)
    r = np.random.default_rng(0)
    model.fit(r.integers(0, 7, (12, 5)), r.normal(size=(12, 1)), epochs=3, batch_size=4, verbose=0)
    return [w.copy() for w in model.get_weights()]


def test_rows_of_a_table_are_added_up_among_the_gradients() -> None:
    for found, expected in zip(weights(jit_compile=True), weights(run_eagerly=True), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def joined(x: Any) -> Any:
    sums, triangle = np.cumsum(x, axis=1), np.linalg.cholesky(x @ x.T)
    wide = np.concatenate([sums, triangle.T, sums[:, ::-1]], axis=1)
    return wide, np.concatenate([np.cumsum(x), sums.ravel()]), np.stack([triangle, triangle])


def test_they_are_copied_where_they_lie_otherwise() -> None:
    call = compiled(jit=True)(joined)
    x = np.random.default_rng(0).normal(size=(3, 4))
    for _ in range(4):
        for found, expected in zip(call(x), joined(x), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12)
        x = x * 1.5
