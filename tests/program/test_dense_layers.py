"""Dense layers as one product: which are, and that all others are computed as they were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops
from tests.program.agreement import assert_agrees, assert_close

RANDOM = np.random.default_rng(6)
X = RANDOM.normal(size=(8, 3))


def parameters(*shapes: tuple[int, ...]) -> list[Tensor]:
    return [Tensor(RANDOM.normal(size=shape), name=f"w_{n}") for n, shape in enumerate(shapes)]


def is_one_product(loss: Tensor, wrt: list[Tensor], inputs: Any = None) -> bool:
    return "w_0_and_bias" in assert_agrees(loss, wrt, inputs).source


def test_the_bias_may_come_first() -> None:
    w, b = parameters((3, 4), (4,))
    assert is_one_product(np.tanh(b + X @ w).sum(), [w, b])


def test_the_whole_loss_may_be_a_layer() -> None:
    w, b = parameters((3, 1), (1,))
    assert is_one_product(X[:1] @ w + b, [w, b])


def test_data_that_want_a_gradient() -> None:
    w, b = parameters((3, 4), (4,))
    x = Tensor(X, name="x")
    assert is_one_product(np.tanh(x @ w + b).sum(), [x, w, b], {"x": x})


OTHERS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "the kernel is read twice": lambda w, b: X @ w + b + w.sum(),
    "the bias is read twice": lambda w, b: (X @ w + b) * b,
    "the product is read twice": lambda w, b: (p := X @ w) * (p + b),
    "the product is added twice": lambda w, b: (p := X @ w) + p + b,
    "the layer is used twice": lambda w, b: (X @ w + b) * (X[::-1] @ w + b),
    "the bias is a number": lambda w, b: X @ w + b[0],
    "the product is one row": lambda w, b: X[0] @ w + b,
    "the data have three axes": lambda w, b: X.reshape(2, 4, 3) @ w + b,
    "the loss is the product": lambda w, b: X @ w,
}


@pytest.mark.parametrize("which", OTHERS)
def test_what_is_no_layer(which: str) -> None:
    w, b = parameters((3, 4), (4,))
    assert not is_one_product(np.tanh(OTHERS[which](w, b)).sum(), [w, b])


def test_the_bias_does_not_lie_behind_the_kernel() -> None:
    w, other, b = parameters((3, 4), (2,), (4,))
    loss = (X @ w + b).sum() * other.sum()
    assert not is_one_product(loss, [w, other, b])


def test_the_data_have_more_digits_than_the_layer() -> None:
    w, b = (Tensor(t.data.astype(np.float32), name=t.name) for t in parameters((3, 4), (4,)))
    assert not is_one_product(np.tanh(X @ w + b).sum(), [w, b])


def test_the_gradient_of_the_product_itself() -> None:
    w, b = parameters((3, 4), (4,))
    product = X @ w
    loss = np.tanh(product + b).sum()
    _, found = loss.program([w, b, product])()
    for ours, expected in zip(found, gradients(loss, [w, b, product]), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12)


# ---------------------------------------------------------------------- by feature, at random

STEPS: list[Callable[[Any, Any], Any]] = [
    lambda h, draw: np.tanh(h),
    lambda h, draw: ops.sigmoid(h) * draw.normal(size=h.shape[1]),
    lambda h, draw: ops.softmax(h),
    lambda h, draw: h / (1 + (h * h).sum(axis=-1, keepdims=True)),
    lambda h, draw: h - h.mean(axis=0),
    lambda h, draw: h * np.abs(h).max(axis=0, keepdims=True),
    lambda h, draw: np.where(h > 0, h, 0.1 * h),
    lambda h, draw: h * draw.normal(size=h.shape),
    lambda h, draw: h * h.sum(axis=1)[:, None],
    lambda h, draw: h[:, ::-1],
    lambda h, draw: np.concatenate([h, np.exp(-h * h)], axis=1),
    lambda h, draw: h.T.reshape(h.shape[1], -1).T,
    lambda h, draw: h @ draw.normal(size=(h.shape[1], 3)),
    lambda h, draw: (h @ h.T) @ h / 8,
    lambda h, draw: h.reshape(2, -1, h.shape[1]).sum(axis=0)[[0, 1, 2, 3] * 2],
]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_comes_between_layers(seed: int) -> None:
    draw = np.random.default_rng(seed)
    data = {"x": draw.normal(size=(8, 3)), "y": draw.normal(size=(8, 1))}

    def drawn(*shape: int) -> Tensor:
        return Tensor(draw.normal(size=shape) / 2, name=f"w_{len(weights)}")

    weights: list[Tensor] = []
    h: Any = data["x"]
    for _ in range(draw.integers(1, 4)):
        weights.append(drawn(h.shape[1], units := int(draw.integers(1, 5))))
        h = h @ weights[-1]
        if draw.random() < 0.8:
            weights.append(drawn(units))
            h = h + weights[-1]
        for place in draw.integers(len(STEPS), size=draw.integers(3)):
            h = STEPS[place](h, draw)
    error = h - data["y"]
    reductions = [lambda t: (t * t).mean(), lambda t: np.abs(t).sum(axis=1).max(), np.sum]
    loss = reductions[draw.integers(3)](error)
    # Behind a mean or a softmax many gradients are 0 but for rounding.
    found = loss.program(weights, inputs=data if draw.random() < 0.5 else None)()
    assert_close(found, (loss.data, gradients(loss, weights)), scale=1.0)
