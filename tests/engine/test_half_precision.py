"""Half precision ends at 65,504 and has three digits: sums of it are added up in single."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from autograd_nn import Tensor, gradients, ops

half = np.float16
MANY = np.tile(np.array([1.5, 3.0], half), 70_000)
EQUAL = np.zeros((1, 70_000), half)
ALL = np.ones(len(MANY), bool)

# Each with what float64 says; every sum in between is larger than half precision has numbers for.
CALLS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "mean": (np.mean, MANY),
    "mean of chosen": (lambda x: np.mean(x, where=ALL), MANY),
    "average": (lambda x: np.average(x, weights=np.ones(len(x), half)), MANY),
    "var": (np.var, MANY),
    "std": (np.std, MANY),
    "var of chosen": (lambda x: np.var(x, where=ALL), MANY),
    "nanmean": (np.nanmean, MANY),
    "nanstd": (np.nanstd, MANY),
    "norm": (np.linalg.norm, np.full(5000, 100, half)),
    "norm of order 3": (lambda x: np.linalg.norm(x, 3), np.full(50, 100, half)),
    "vector norm": (np.linalg.vector_norm, np.full(50, 300, half)),
    "matrix norm": (np.linalg.matrix_norm, np.full((5, 10), 300, half)),
    "prod": (np.prod, np.array([300, 300, 0.001, 0.5], half)),
    "cumsum": (lambda x: np.cumsum(x)[-1], np.full(4000, 1.1, half)),
    "cumprod": (lambda x: np.cumprod(x)[-1], np.full(300, 1.01, half)),
}
OPERATIONS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "softmax": (ops.softmax, EQUAL, scipy.special.softmax(np.zeros((1, 70_000)), -1)),
    "log_softmax": (ops.log_softmax, EQUAL, np.full((1, 70_000), -np.log(70_000))),
    "logsumexp": (ops.logsumexp, EQUAL, np.log(70_000)),
    "sparse_softmax_cross_entropy": (
        lambda z: ops.sparse_softmax_cross_entropy(z, np.array([3])),
        EQUAL,
        [np.log(70_000)],
    ),
    "softmax_cross_entropy": (
        lambda z: ops.softmax_cross_entropy(z, np.eye(1, 70_000, dtype=half)),
        EQUAL,
        [np.log(70_000)],
    ),
}


def agrees(result: Any, expected: Any) -> None:
    assert result.dtype == half
    np.testing.assert_allclose(result.data, expected, rtol=2e-3)


@pytest.mark.parametrize("name", CALLS)
def test_the_value_and_the_gradient_are_those_of_double_precision(name: str) -> None:
    call, data = CALLS[name]
    x, wide = Tensor(data), Tensor(data.astype(float))
    result, expected = call(x), call(wide)
    agrees(result, expected.data)
    g = gradients(result, x)
    assert g.dtype == half
    near = max(2e-3 * np.abs(gradients(expected, wide)).max(), 6e-8)  # the smallest of half
    np.testing.assert_allclose(g, gradients(expected, wide), rtol=4e-3, atol=near)


@pytest.mark.parametrize("name", OPERATIONS)
def test_of_70_000_classes_none_is_lost(name: str) -> None:
    call, data, expected = OPERATIONS[name]
    x = Tensor(data)
    result = call(x)
    agrees(result, expected)
    seed = np.zeros(result.size, half)
    seed[0] = 1
    g = gradients(result, x, seed.reshape(result.shape))
    assert np.isfinite(g).all() and g.any()


def test_the_gradient_of_a_product_does_not_pass_infinity() -> None:
    x = Tensor(np.array([300, 300, 0.25, 0.5], half))
    np.prod(x).backward()
    np.testing.assert_allclose(x.grad, [37.5, 37.5, 45_000, 22_500], rtol=1e-3)


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_cross_entropies_are_clipped_in_single(p: float, y: float) -> None:
    x = Tensor(np.array([p], half))
    loss = ops.binary_cross_entropy(x, np.array([y], half))
    right = p == y
    # 1 − 1e-7 is 1 − 1.19e-7 in single precision, as in Keras.
    np.testing.assert_allclose(loss.data, 1e-7 if right else 16.03, rtol=0.25 if right else 0.006)
    assert np.isfinite(gradients(loss.sum(), x)).all()


def test_also_where_it_was_pickled() -> None:
    """The dtype of an array that was pickled is equal to float16, and is another object."""
    numbers = np.full(4000, 60, half)
    array = pickle.loads(pickle.dumps(numbers))
    assert array.dtype is not np.dtype(half)
    one = pickle.loads(pickle.dumps(Tensor(numbers)))
    for x in (one, Tensor(array), array * Tensor(np.ones(4000, half))):
        assert x.mean().item() == 60
