"""Sums over an axis between others, which programs compute as products with ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from tests.engine.samples import numbers


@pytest.mark.parametrize("axis", [1, -2])
@pytest.mark.parametrize("shape", [(3, 5, 2), (2, 3, 4, 2), (1, 1, 3), (2, 0, 3)])
def test_the_sum_of_rows_is_numpys(shape: tuple[int, ...], axis: Any) -> None:
    x = Tensor(numbers(*shape), name="x")
    program = (np.sum(x * 2, axis=axis) ** 2).sum().program([x], inputs={"x": x})
    for seed in (0, 1):
        given = numbers(*shape, seed=seed)
        value, (slope,) = program(x=given)
        sums = 2 * given.sum(axis, keepdims=True)
        np.testing.assert_allclose(value, (sums**2).sum(), rtol=1e-12)
        np.testing.assert_allclose(slope, np.broadcast_to(4 * sums, shape), rtol=1e-12)
