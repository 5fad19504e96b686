"""Reductions with arguments beside the axis: as NumPy computes them, or not compiled."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, set_random_seed
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Optimizer
from tests.jit.as_python import run_by_python


def weights(reduced: Callable[[Any], Any], **options: Any) -> list[Any]:
    """After steps of an optimizer that moves by a reduced gradient."""

    class Reduced(Optimizer):
        replayable = True

        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return parameter - 0.01 * reduced(gradient), state

    set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    model = Sequential([Input((4,)), Dense(3), Dense(1)])
    model.compile(Reduced(0.1), "mse", **options)
    model.fit(x, x[:, :1], batch_size=4, epochs=2, verbose=0)
    return model.get_weights()


REFUSED: dict[str, Callable[[Any], Any]] = {
    "np.add.reduce": lambda g: np.add.reduce(g, axis=0, keepdims=True, where=g > 0),
    "np.maximum.reduce": lambda g: np.maximum.reduce(g, axis=0, keepdims=True, initial=0.5),
    "np.mean": lambda g: np.mean(g, axis=0, keepdims=True, where=g > -100),
    "np.any": lambda g: np.any(g > 0, axis=0, keepdims=True, where=g < 0.1),
    "np.round": lambda g: np.round((g * 100).astype(np.int64), -1) / 1000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_machine_code_would_leave_out_is_refused(name: str) -> None:
    expected = weights(REFUSED[name], run_eagerly=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = weights(REFUSED[name], jit_compile=True)
    assert any(f"There is no compiled form of {name}" in str(x.message) for x in said)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


COMPILED: dict[str, Callable[[Any], Any]] = {
    "the axis in its place": lambda g: np.add.reduce(g, g.ndim - 1)[..., None],
    "another dtype": lambda g: np.add.reduce(g, axis=0, keepdims=True, dtype=np.float64),
    "a mean of whole numbers": lambda g: np.mean((g * 100).astype(np.int64), 0, keepdims=True),
}


@pytest.mark.parametrize("name", COMPILED)
def test_what_is_compiled_is_as_numpy_has_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = weights(COMPILED[name], run_eagerly=True)
    run_by_python(monkeypatch)
    for a, b in zip(weights(COMPILED[name], jit_compile=True), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
