"""per_example_gradients against a loop over closed forms, and what counts as examples."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, no_grad, per_example_gradients
from autograd_nn.engine.errors import ShapeError

rng = np.random.default_rng(0)
X, Y, W = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3)


def loss(w, x, y):
    return np.square(x @ w - y)


def test_least_squares():
    """∂(x·w − y)²/∂w = 2x(x·w − y) for each row."""
    found = per_example_gradients(loss)(W, X, Y)
    np.testing.assert_allclose(found, 2 * X * (X @ W - Y)[:, None], rtol=1e-12)
    mean = grad(lambda w: np.square(X @ w - Y).mean())(W)
    np.testing.assert_allclose(found.mean(axis=0), mean, rtol=1e-12)


def test_structures_on_both_sides():
    def f(p, batch, name):
        return loss(p["w"], batch["x"], batch["y"][0]) * p["scale"] * len(name)

    found = per_example_gradients(f)({"w": W, "scale": 2.0}, {"x": X, "y": (Y,)}, "ab")
    np.testing.assert_allclose(found["w"], 8 * X * (X @ W - Y)[:, None], rtol=1e-12)
    np.testing.assert_allclose(found["scale"], 2 * (X @ W - Y) ** 2, rtol=1e-12)


def test_argnums_and_lists_by_hand():
    found = per_example_gradients(lambda x, w, y: loss(w, x, y), 1)([[1.0, 2.0]], W[:2], [3.0])
    np.testing.assert_allclose(found, [2 * np.array([1.0, 2.0]) * (W[0] + 2 * W[1] - 3)])
    dw, db = per_example_gradients(lambda w, b, x: (w * x + b) ** 2, (0, -2))(
        2.0, 1.0, np.array([1.0, 3.0])
    )
    assert (dw.tolist(), db.tolist()) == ([6.0, 42.0], [6.0, 14.0])


def test_integer_labels_and_float32():
    def f(w, x, label):
        return -(w[label] * x).sum()

    found = per_example_gradients(f)(
        np.ones((2, 3), np.float32), X.astype(np.float32), [0, 1, 1, 0, 1, 0]
    )
    assert found.dtype == np.float32
    assert found.shape == (6, 2, 3)
    np.testing.assert_allclose(found[1, 1], -X[1], rtol=1e-6)
    assert not found[1, 0].any()


def test_tensors_give_recorded_tensors():
    w = Tensor(W)
    found = per_example_gradients(loss)(w, X, Y)
    assert type(found) is Tensor
    np.testing.assert_allclose(gradients(found.sum(), w), 2 * X.T @ X.sum(axis=1), rtol=1e-12)
    slope = grad(lambda s: per_example_gradients(lambda w, x: s * w * x)(1.0, Y).sum())(2.0)
    assert slope == pytest.approx(Y.sum())
    with no_grad():
        assert per_example_gradients(lambda w, x: w * x)(1.0, np.array([3.0])).tolist() == [3.0]


def test_auxiliary_outputs_and_no_examples():
    found, aux = per_example_gradients(lambda w, x: (w * x, x + w), has_aux=True)(
        1.0, np.array([3.0, 5.0])
    )
    assert (found.tolist(), aux) == ([3.0, 5.0], [4.0, 6.0])
    assert per_example_gradients(loss)(W, X[:0], Y[:0]).shape == (0, 3)
    assert per_example_gradients(loss)(Tensor(W), X[:0], Y[:0]).shape == (0, 3)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"one length.*\(6, 3\), \(5,\)"):
        per_example_gradients(loss)(W, X, Y[:5])
    with pytest.raises(ValueError, match="none of these is an array"):
        per_example_gradients(lambda w, x: w * x)(1.0, 2.0)
    with pytest.raises(TypeError, match="scalar"):
        per_example_gradients(lambda w, x: w * x)(W, X)
    with pytest.raises(TypeError, match="argnums"):
        per_example_gradients(loss, "w")(W, X, Y)
    with pytest.raises(ValueError, match="argument 5"):
        per_example_gradients(loss, 5)(W, X, Y)
    with pytest.warns(UserWarning, match="does not depend"):
        assert not per_example_gradients(lambda w, x: x * 2)(1.0, Y).any()


@pytest.mark.parametrize("number", [3, 9])
def test_examples_by_name_are_examples_too(number):
    x, y = np.arange(1.0, number + 1), np.arange(number) ** 2.0
    each = per_example_gradients(lambda w, x, y, power=1: (w * x * y).sum() ** power)
    np.testing.assert_array_equal(each(1.0, x, y=y), x * y)
    np.testing.assert_array_equal(each(3.0, x, y=y, power=2), 6 * (x * y) ** 2)
    with pytest.raises(ShapeError, match="one length"):
        each(1.0, x, y=y[1:])
