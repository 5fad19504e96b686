"""Results that lie in memory in another order, sums by products, the largest by halves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops
from autograd_nn.activations import softmax
from tests.program.agreement import assert_agrees

rng = np.random.default_rng(0)


def drawn(*shape: int, dtype: Any = np.float64) -> Any:
    return rng.normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("queries", "keys"), [(64, 64), (50, 33), (70, 2), (1, 255), (64, 300)])
def test_attention_of_many_shapes(queries: int, keys: int, dtype: Any) -> None:
    """Keys in halves that overlap, one query, so many keys that the order stays as it is."""
    heads = 4096 // (queries * keys) + 1
    q, k = (Tensor(drawn(2, heads, n, 3, dtype=dtype)) for n in (queries, keys))
    v = Tensor(drawn(2, keys, heads, 3, dtype=dtype))
    scores = q @ k.swapaxes(-1, -2)
    found = softmax(scores + np.tri(queries, keys).astype(dtype)) @ v.transpose(0, 2, 1, 3)
    whole = found.transpose(0, 2, 1, 3).reshape(2, queries, -1)
    assert_agrees((whole * drawn(*whole.shape, dtype=dtype)).sum(), [q, k, v])


def test_memory_is_in_that_order_and_nothing_is_copied() -> None:
    q, k = Tensor(drawn(4, 4, 32, 8)), Tensor(drawn(4, 4, 32, 8))
    out = softmax(q @ k.swapaxes(-1, -2)) @ k
    source = (out.transpose(0, 2, 1, 3).reshape(4, 32, 32) ** 2).sum().program([q, k]).source
    assert "np.empty((4, 4, 32, 32), np.float64).transpose((0, 1, 3, 2))" in source
    step = source.split("def step")[1]
    assert ".reshape" not in step and step.count("out=larger_16") == 4


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_scores_that_are_not_finite(bad: float) -> None:
    x = drawn(1, 1, 64, 64)
    x[0, 0, 3, 5] = x[0, 0, 4, 60] = x[0, 0, 4, 61] = bad
    t, eye = Tensor(x), np.eye(64)
    with np.errstate(all="ignore"):
        loss = (softmax(t @ eye[None, None]) * drawn(64, 64)).sum()
        found = loss.program([t])()[0]
    np.testing.assert_allclose(found, loss.data, rtol=1e-12)


def test_scores_that_are_results_and_read_elsewhere() -> None:
    q, k = Tensor(drawn(2, 4, 32, 8)), Tensor(drawn(2, 4, 32, 8))
    scores = q @ k.swapaxes(-1, -2)
    loss = (softmax(scores) * scores).sum() + (scores[0, 1] ** 2).sum()
    assert_agrees(loss + (scores.reshape(8, -1) ** 3).mean() + scores[..., 3].max(), [q, k])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [-1, (1, 2), (0, 1), 0, (2, 0), 1, (0, 1, 2), (-1, -2)])
def test_sums_along_axes_at_either_end(axis: Any, dtype: Any) -> None:
    x = Tensor(drawn(5, 7, 9, dtype=dtype))
    for keep in (False, True):
        total = (ops.exp(x)).sum(axis=axis, keepdims=keep)
        assert_agrees((total * total).sum(), [x])


def test_gradients_of_means() -> None:
    x = Tensor(drawn(6, 8, 10))
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    assert_agrees((centred / np.sqrt(variance + 1e-3) * drawn(6, 8, 10)).sum(), [x])
    assert_agrees(x.mean(axis=-1).sum(), [x])


def test_many_rows_times_one_matrix() -> None:
    x, w, b = Tensor(drawn(3, 4, 5)), Tensor(drawn(5, 6)), Tensor(drawn(6))
    assert_agrees((np.tanh(x @ w + b) ** 2).sum(), [x, w, b])
    assert_agrees((np.tanh(x.transpose(1, 0, 2) @ w) ** 2).sum(), [x, w])
    empty = Tensor(np.zeros((3, 0, 5)))
    assert (empty @ w).shape == (3, 0, 6)
