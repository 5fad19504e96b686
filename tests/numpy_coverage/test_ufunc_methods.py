"""The methods of ufuncs: every ufunc of two arguments begins, folds and ends as NumPy's does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, grad

ROWS = np.arange(6.0).reshape(2, 3) + 0.5
# power and arctan2 are not here: of three or more numbers in a row NumPy's own reduce skips some.
UFUNCS = [
    *("add", "subtract", "multiply", "divide", "logaddexp", "logaddexp2", "hypot", "fmod"),
    *("remainder", "floor_divide", "copysign", "heaviside", "maximum", "minimum", "fmax", "fmin"),
]
KEYWORDS: list[dict[str, Any]] = [
    {},
    {"initial": 5.0},
    {"dtype": np.float32},
    {"axis": None},
    {"axis": ()},
    {"axis": (0, 1), "keepdims": True},
    {"axis": 1, "initial": 2.0, "keepdims": True},
    {"axis": (0, 1), "initial": 2.0},
]


def outcome(call: Any) -> Any:
    try:
        return call()
    except (TypeError, ValueError) as error:
        return error


def assert_numpys(found: Any, expected: Any) -> None:
    if isinstance(expected, Exception):
        assert isinstance(found, type(expected)), (found, expected)
        return
    found = found.data if type(found) is Tensor else found
    assert np.shape(found) == expected.shape and found.dtype == expected.dtype, (found, expected)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (3, 0), (0,), ()])
def test_reduce_begins_with_initial_and_keeps_the_dtype(name: str, shape: tuple[int, ...]) -> None:
    ufunc = getattr(np, name)
    x = np.full(shape, 2.0) if shape != (2, 3) else ROWS
    for keywords in KEYWORDS:
        with np.errstate(all="ignore"):
            expected = outcome(lambda k=keywords: ufunc.reduce(x, **k))
            assert_numpys(outcome(lambda k=keywords: ufunc.reduce(Tensor(x), **k)), expected)


@pytest.mark.parametrize("name", UFUNCS)
@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (4,), ()])
def test_accumulate_takes_the_axes_that_numpys_takes(name: str, shape: tuple[int, ...]) -> None:
    ufunc, x = getattr(np, name), np.linspace(0.4, 2, int(np.prod(shape))).reshape(shape)
    for axis in (0, 1, None, 3):
        expected = outcome(lambda a=axis: ufunc.accumulate(x, a))
        assert_numpys(outcome(lambda a=axis: ufunc.accumulate(Tensor(x), a)), expected)


def test_reduceat_of_no_stretches_is_empty() -> None:
    assert np.add.reduceat(Tensor(ROWS), [], axis=1).shape == (2, 0)


def test_what_a_difference_begins_with_has_the_gradient_of_what_is_taken_from() -> None:
    begun = grad(lambda first: np.subtract.reduce(Tensor(ROWS[0]), initial=first))(7.0)
    taken = grad(lambda x: np.subtract.reduce(x, initial=7.0))(ROWS[0])
    assert begun == 1 and taken.tolist() == [-1, -1, -1]
    assert grad(lambda first: np.subtract.reduce(Tensor(np.ones(0)), initial=first))(7.0) == 1
