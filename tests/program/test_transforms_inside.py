"""Every transform inside a compiled function: it becomes part of the program, and follows data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    compiled,
    custom_gradient,
    gauss_newton_product,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_example_gradients,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.transforms import matrices

rng = np.random.default_rng(0)
A = rng.normal(size=(20, 4))
Y = (rng.random(20) > 0.5) * 1.0


def logistic(w: Any) -> Any:
    z = A @ w
    return np.mean(np.log1p(np.exp(z)) - Y * z)


def curve(w: Any) -> Any:
    return np.tanh(A @ w) * w[0]


def example(w: Any, x: Any, y: Any) -> Any:
    return (np.tanh(x @ w) - y) ** 2


@custom_gradient
def rounded(x: Any) -> Any:
    return np.round(x), lambda g: g


def vectors(number: int) -> list[Any]:
    return list(rng.normal(size=(number, 4)))


CASES: dict[str, tuple[Any, Any]] = {
    "gradient": (grad(logistic), lambda: vectors(1)),
    "hessian": (hessian(logistic), lambda: vectors(1)),
    "third derivatives": (jacobian(hessian(logistic)), lambda: vectors(1)),
    "jacobian by rows": (jacobian(lambda w: np.tanh(w) * w.sum()), lambda: vectors(1)),
    "jacobian by columns": (
        jacobian(lambda w: np.tanh(np.tile(A, (10, 1)) @ w)),
        lambda: vectors(1),
    ),
    "jacobian of several blocks": (jacobian(lambda w: np.outer(w, w) ** 3), lambda: vectors(1)),
    "pull": (lambda w, v: vjp(curve, w)[1](A @ v), lambda: vectors(2)),
    "pull of a constant": (lambda w: vjp(curve, w)[1](Y), lambda: vectors(1)),
    "push": (lambda w, v: jvp(curve, w, v), lambda: vectors(2)),
    "push of a constant": (lambda w: jvp(curve, w, A[0])[1] * w[1], lambda: vectors(1)),
    "hessian product": (lambda w, v: hvp(logistic, w, v), lambda: vectors(2)),
    "Gauss-Newton product": (
        lambda w, v: gauss_newton_product(curve, lambda z: (z**4).sum(), w, v),
        lambda: vectors(2),
    ),
    "examples": (
        per_example_gradients(example),
        lambda: [rng.normal(size=4), rng.normal(size=(5, 4)), rng.normal(size=5)],
    ),
    "stopped": (
        value_and_grad(lambda w: (w * stop_gradient(np.exp(w))).sum()),
        lambda: vectors(1),
    ),
    "straight through": (
        value_and_grad(lambda w: (rounded(3 * w) ** 2).sum()),
        lambda: vectors(1),
    ),
    "auxiliary": (
        grad(lambda w: (logistic(w), {"scores": A @ w}), has_aux=True),
        lambda: vectors(1),
    ),
    "structure": (
        hessian(lambda p: np.sin(p["a"] * p["b"].sum()) * p["b"][0]),
        lambda: [{"a": rng.normal(), "b": rng.normal(size=3)}],
    ),
    "of what has no gradient": (lambda w: grad(lambda t: (t**3).sum())(np.floor(3 * w)), None),
    "at a constant": (lambda w: grad(logistic)(Y[:4]) * w, lambda: vectors(1)),
    "of a number": (grad(grad(lambda x: np.sin(x) * x)), lambda: [rng.normal()]),
    "indices": (
        jacobian(lambda w: w[[0, 1, 1]] * w[np.argsort(w)][1:]),
        lambda: vectors(1),
    ),
    "inverse": (jacobian(np.linalg.inv), lambda: [rng.normal(size=(3, 3)) + 4 * np.eye(3)]),
    "a Newton step": (
        lambda w: w - np.linalg.solve(hessian(logistic)(w) + np.eye(4), grad(logistic)(w)),
        lambda: vectors(1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_replayed_with_other_data_it_gives_what_the_function_gives(name: str) -> None:
    f, draw = CASES[name]
    made = compiled(f)
    for _ in range(5):
        given = (draw or (lambda: vectors(1)))()
        found, expected = flatten(made(*given))[0], flatten(f(*given))[0]
        for a, b in zip(found, expected, strict=True):
            assert not isinstance(a, Tensor)
            assert np.shape(a) == np.shape(b)
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert made.program is not None


def test_blocks_of_seeds_in_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrices, "BLOCK", 2)
    made = compiled(hessian(logistic))
    for _ in range(4):
        (w,) = vectors(1)
        np.testing.assert_allclose(made(w), hessian(logistic)(w), rtol=1e-10)
    assert made.program is not None


def test_a_compiled_function_is_differentiated_by_all_of_them() -> None:
    made = compiled(logistic)
    for _ in range(3):
        w, v = vectors(2)
        made(w)
        np.testing.assert_allclose(hessian(made)(w), hessian(logistic)(w), rtol=1e-10)
        np.testing.assert_allclose(hvp(made, w, v), hessian(logistic)(w) @ v, rtol=1e-10)
        np.testing.assert_allclose(jvp(made, w, v)[1], grad(logistic)(w) @ v, rtol=1e-10)
    several = compiled(curve)
    for _ in range(4):
        (w,) = vectors(1)
        several(Tensor(w))
        np.testing.assert_allclose(jacobian(several)(w), jacobian(curve)(w), rtol=1e-10)


def test_gradients_flow_through_a_compiled_transform() -> None:
    made = compiled(hessian(lambda x: (x**4).sum()))
    for _ in range(4):
        x = Tensor([1.0, -2.0])
        found = made(x)
        assert type(found) is Tensor
        assert gradients(found.sum(), x).tolist() == [24.0, -48.0]


def test_arrays_and_tensors_from_outside_are_read_at_every_call() -> None:
    data, weight = np.array([1.0, 2.0]), Tensor([3.0, 4.0])
    made = compiled(lambda v: hvp(lambda x: (data * weight * x**3).sum(), data, v))
    for k in range(5):
        data[...] = [k, 1.0]
        weight.data[...] = [1.0, k]
        np.testing.assert_allclose(made(np.ones(2)), 6 * data * weight.data * data)
