"""fit with jit_compile=True: own code with NumPy's functions, errors in the middle of a step."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, replayable, set_random_seed
from autograd_nn.constraints import Constraint
from autograd_nn.layers import Dense
from tests.jit.as_python import run_by_python

X = np.random.default_rng(0).normal(size=(8, 2, 2)).astype(np.float32)
ORDER = np.array([2, 0, 1])


@pytest.fixture(autouse=True)
def by_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    run_by_python(monkeypatch)


@replayable
class Clipped(Constraint):
    """Every weight between −0.3 and 0.3, and no column all below 0."""

    def __call__(self, w: Any) -> Any:
        w = np.clip(w, -0.3, 0.3)
        return np.where(np.any(w > 0, axis=0), w, -w)

    def get_config(self) -> dict[str, Any]:
        return {}


def trained(loss: Any, jit_compile: bool, x: Any, epochs: int = 1, **arguments: Any) -> Any:
    set_random_seed(3)
    model = Sequential([Input((2, 2)), Dense(2, **arguments)])
    model.compile(optimizer="adam", loss=loss, jit_compile=jit_compile)
    error = None
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            model.fit(x, x, batch_size=2, epochs=epochs, shuffle=False, verbose=0)
        except np.linalg.LinAlgError as raised:
            error = raised
    return model, error


@replayable
def of_inverses(y_true: Any, y_pred: Any) -> Any:
    return np.mean(np.linalg.inv(y_true) @ y_pred**2)


@replayable
def of_orders(y_true: Any, y_pred: Any) -> Any:
    flat = np.sort(np.reshape(y_pred, (-1, 4)), axis=-1)
    return np.mean(np.cumsum(flat[:, ORDER], axis=-1) ** 2) + 0 * np.mean(y_true)


@pytest.mark.parametrize("loss", [of_inverses, of_orders])
def test_own_losses_and_constraints_are_compiled(loss: Any) -> None:
    weights = [
        trained(loss, jit, X, 2, kernel_constraint=Clipped())[0].get_weights()
        for jit in (False, True)
    ]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_an_error_in_machine_code_leaves_whole_steps() -> None:
    singular = X.copy()
    singular[6] = 1
    model, error = trained(of_inverses, True, singular)
    assert "np.linalg.inv of shape (2, 2, 2): Singular matrix" in str(error)
    whole, _ = trained(of_inverses, True, X[:6])
    assert model.optimizer.iterations == whole.optimizer.iterations == 3
    for one, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
