"""Reductions in machine code: sums of large arrays by BLAS, the largest of a row in vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled
from autograd_nn.jit.sums import with_sums_as_products
from autograd_nn.program import DOT, Memory, plan

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("shape", "axis", "products"),
    [
        ((16, 64, 33), -1, 1),
        ((16, 64, 33), (0, 1), 1),
        ((16, 64, 33), 1, 0),
        ((16, 64, 33), (0, 1, 2), 0),
        ((4, 8, 16), -1, 0),
        ((1024, 33), 0, 0),
        ((2, 5000, 4), (0, 1), 0),
    ],
)
def test_which_sums_become_products(shape: Any, axis: Any, products: int) -> None:
    x = Tensor(rng.normal(size=shape).astype(np.float32))
    total = np.sum(np.exp(x), axis=axis, keepdims=True)
    found: list[int] = []

    def counted(steps: Any, arrays: Any, title: str) -> None:
        found.append(sum(step.function is DOT for step in with_sums_as_products(steps).steps))

    plan((total * total).sum(), [x], {}, Memory([x]), compile_steps=counted)
    assert found == [products]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_reductions_of_large_arrays(dtype: Any) -> None:
    def reduced(x: Any) -> Any:
        scaled = (x + 1).mean(axis=-1, keepdims=True) * x
        return x.sum(axis=-1), (x * 2).sum(axis=(0, 1)), scaled, (x * x).sum(axis=(1, 2))

    call = compiled(jit=True)(reduced)
    x = rng.normal(size=(16, 64, 33)).astype(dtype)
    for _ in range(3):
        for found, expected in zip(call(x), reduced(x), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_and_smallest_of_a_row_with_what_is_not_finite(dtype: Any) -> None:
    def reduced(x: Any) -> Any:
        return x.max(axis=-1) * 1.0, x.min(axis=(1, 2)) + 0.0

    call = compiled(jit=True)(reduced)
    x = rng.normal(size=(5, 7, 33)).astype(dtype)
    for bad in (0.0, 0.0, 0.0, np.nan, np.inf, -np.inf):
        x[1, 2, 3] = bad
        for found, expected in zip(call(x), reduced(x), strict=True):
            np.testing.assert_array_equal(found, expected)
