"""What stands beside a Tensor: lists of numbers, whole numbers without a sign, truth values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, grad

Call = Callable[[Any], Any]
X = np.array([0.7, -1.3, 0.4])
BESIDE: dict[str, Call] = {
    "average": lambda x: np.average([1.0, 2, 4], weights=np.exp(x)),
    "average of rows": lambda x: np.average([[1.0, 2], [3, 4], [9, 6]], axis=0, weights=x),
    "weights": lambda x: np.average(x, weights=[1.0, 2, 4]),
    "clip": lambda x: np.clip([-2.0, 0.1, 3], [-1.0, -2, 0], x + 1),
    "clip below": lambda x: np.clip([0.0, 0, 1], x, [2.0, 2, 2]),
    "cov": lambda x: np.cov(x, [1.0, 2, 4]),
    "cov of a list": lambda x: np.cov([1.0, 2, 4], x),
    "corrcoef": lambda x: np.corrcoef([1.0, 2, 4], x),
    "gradient": lambda x: np.gradient(x, [0.0, 1, 3]),
    "gradient of a list": lambda x: np.gradient([1.0, 2, 4], np.cumsum(x * x)),
    "trapezoid": lambda x: np.trapezoid([1.0, 2, 4], x),
    "trapezoid over": lambda x: np.trapezoid(x, [0.0, 1, 3]),
    "linspace": lambda x: np.linspace([0.0, 1, 2], x, 4),
    "insert": lambda x: np.insert([[1.0, 2, 3]], 1, x, axis=0),
    "lstsq": lambda x: np.linalg.lstsq([[1.0, 2, 0], [0, 1, 1], [1, 0, 3]], x)[0],
    "multi_dot": lambda x: np.linalg.multi_dot([[1.0, 2, 3], np.eye(3), x]),
    "concatenate": lambda x: np.concatenate([[1.0, 2], x], dtype=np.float64),
    "polyfit": lambda x: np.polyfit([0.0, 1, 3], x, 1, w=[1.0, 2, 1]),
    "outer": lambda x: np.linalg.outer([1.0, 2], x),
}
if hasattr(np, "matvec"):  # from NumPy 2.2 on
    BESIDE["matvec"] = lambda x: np.matvec(np.multiply.outer(x, x), [1.0, 2, 4])
    BESIDE["vecmat"] = lambda x: np.vecmat([1.0, 2, 4], np.multiply.outer(x, x))

SMALL = np.array([200, 1, 255, 7], np.uint8)
OF_WHOLE_NUMBERS: dict[str, Call] = {
    "gradient": lambda x: np.gradient(x),
    "gradient over": lambda x: np.gradient(np.arange(4.0) ** 2, x),
    "linspace": lambda x: np.linspace(x, x[::-1], 3),
    "interp": lambda x: np.interp([0.5, 1.5, 2.5], [0, 1, 2, 3], x),
    "norm": lambda x: np.linalg.norm(x),
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "tril": lambda x: np.tril(x > np.uint8(9)),
    "diag": lambda x: np.diag(x > np.uint8(9)),
    "median of truths": lambda x: np.median(x > np.uint8(1)),
    "nanmedian of truths": lambda x: np.nanmedian(np.stack([x, x]) > np.uint8(1), axis=1),
    "lstsq": lambda x: np.linalg.lstsq(np.reshape(x, (2, 2)), np.arange(2.0), rcond=None)[0],
    "trapezoid": lambda x: np.trapezoid([1.0, 2, 3, 4], x > np.uint8(9)),
}


def differences(call: Call, x: Any, weights: Any) -> Any:
    """Of the weighted sum, by central differences of NumPy's own function."""
    steps = 1e-6 * np.eye(len(x))
    return [float(np.sum(weights * (call(x + step) - call(x - step))) / 2e-6) for step in steps]


@pytest.mark.parametrize("name", BESIDE)
def test_a_list_of_numbers_beside_a_tensor_is_an_array(name: str) -> None:
    call = BESIDE[name]
    expected = call(X)
    np.testing.assert_allclose(call(Tensor(X)).data, expected, rtol=1e-12)
    weights = np.random.default_rng(0).normal(size=np.shape(expected))
    found = grad(lambda x: np.sum(call(x) * weights))(X)
    np.testing.assert_allclose(found, differences(call, X, weights), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", OF_WHOLE_NUMBERS)
def test_whole_numbers_without_a_sign_do_not_begin_anew_below_zero(name: str) -> None:
    call = OF_WHOLE_NUMBERS[name]
    expected, found = call(SMALL), call(Tensor(SMALL))
    found = found.data if type(found) is Tensor else found
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((3, 0), 0), ((3, 0), 1), ((0,), None)])
def test_a_product_of_no_factors_has_a_gradient_without_elements(shape: Any, axis: Any) -> None:
    assert grad(lambda x: np.sum(np.prod(x, axis=axis)))(np.ones(shape)).shape == shape


@pytest.mark.parametrize("call", [lambda t: t @ 2, lambda t: 2 @ t, lambda t: np.matmul(t, 2.0)])
def test_a_matrix_product_with_a_number_is_refused_as_numpy_refuses_it(call: Call) -> None:
    with pytest.raises(ValueError, match="does not have enough dimensions"):
        call(Tensor(X))
