"""One function called in its many forms: by position, by SciPy's name, of a triangle; and refused
in the words of what was called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

from autograd_nn import Tensor, grad, special
from autograd_nn.engine.errors import ArgumentTypeError

ROWS = np.random.default_rng(3).normal(size=(3, 4))
SQUARE = ROWS[:, :3] + 2 * np.eye(3)

BY_POSITION: dict[str, Callable[[Any], Any]] = {
    "max": lambda x: np.max(x, 0, None, True),
    "min": lambda x: np.min(x, 1, None, True),
    "any": lambda x: np.any(x > 0, 0, None, True),
    "argmax": lambda x: np.argmax(x, 1, None),
    "method max": lambda x: x.max(0, None, True),
    "cumsum": lambda x: np.cumsum(x, 0, None, None),
    "clip": lambda x: np.clip(x, -1, 1, None),
    "round": lambda x: np.round(x, 1, None),
    "median": lambda x: np.median(x, 0, None, False, True),
    "quantile": lambda x: np.quantile(x, 0.4, 0, None, False, "lower", True),
    "percentile": lambda x: np.percentile(x, [20, 30], 1, None, True),
    "nanmax": lambda x: np.nanmax(x, 0, None, True),
    "nanstd": lambda x: np.nanstd(x, 0, None, None, 1, True),
    "concatenate": lambda x: np.concatenate([x, x], 1, None),
    "stack": lambda x: np.stack([x, x], 1, None),
    "argsort": lambda x: np.argsort(x, 1, None, None),
    "compress": lambda x: np.compress([True, False, True], x, 0, None),
    "dot": lambda x: np.dot(x, ROWS.T, None),
}


@pytest.mark.parametrize("name", BY_POSITION)
def test_arguments_by_position_mean_what_they_mean_to_numpy(name: str) -> None:
    call = BY_POSITION[name]
    found = call(Tensor(ROWS))
    found = found.data if type(found) is Tensor else found
    np.testing.assert_allclose(found, call(ROWS), rtol=1e-14)


def test_what_is_behind_the_arguments_by_position_is_refused_by_its_name() -> None:
    with pytest.raises(ArgumentTypeError, match=r"np\.quantile of a Tensor takes no `out`"):
        np.quantile(Tensor(ROWS), 0.4, None, np.zeros(()))
    with pytest.raises(TypeError, match=r"Tensor\.sum\(\) got an unexpected keyword .*'axes'"):
        Tensor(ROWS).sum(axes=0)


SCIPYS: dict[str, Any] = {
    "i0": np.i0,
    "expm1": np.expm1,
    "exp2": np.exp2,
    "cbrt": np.cbrt,
    "log1p": lambda x: np.log1p(x * x),
    "log_expit": lambda x: -np.logaddexp(0, -x),
}


@pytest.mark.parametrize("name", SCIPYS)
def test_what_numpy_has_too_is_taken_by_scipys_name(name: str) -> None:
    function, plain = getattr(scipy.special, name), SCIPYS[name]
    by_scipy = (lambda x: function(x * x)) if name == "log1p" else function
    np.testing.assert_allclose(by_scipy(Tensor(ROWS)).data, plain(ROWS), rtol=1e-12)
    step = 1e-6
    slope = (plain(ROWS + step) - plain(ROWS - step)) / (2 * step)
    found = grad(lambda x: np.sum(by_scipy(x)))(ROWS)
    np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_the_softmax_among_the_special_functions_is_scipys(name: str, axis: Any) -> None:
    expected = getattr(scipy.special, name)(ROWS, axis=axis)
    np.testing.assert_allclose(
        getattr(special, name)(Tensor(ROWS), axis=axis).data, expected, rtol=1e-12
    )


def test_of_a_matrix_said_to_be_symmetric_the_gradient_is_in_the_triangle_that_is_read() -> None:
    def of(x: Any) -> Any:
        return np.sum(np.linalg.pinv(x, hermitian=True) * SQUARE)

    assert SQUARE[0, 1] != SQUARE[1, 0]  # of which only the lower one is read
    np.testing.assert_allclose(of(Tensor(SQUARE)).data, of(SQUARE), rtol=1e-12)
    steps = 1e-6 * np.eye(9).reshape(3, 3, 3, 3)
    expected = [[(of(SQUARE + h) - of(SQUARE - h)) / 2e-6 for h in row] for row in steps]
    np.testing.assert_allclose(grad(of)(SQUARE), expected, rtol=1e-6, atol=1e-9)


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "put": (lambda t: np.put(np.zeros(3), 0, t[0]), r"np\.put writes into an array.*\.at\["),
    "putmask": (lambda t: np.putmask(np.zeros(3), t > 0, t), r"writes into an array.*\.at\["),
    "full_like": (lambda t: np.full_like(np.zeros(3), t), r"full_like.*np\.ones\(shape\) \* t"),
    "save": (lambda t: np.save("t.npy", t), r"np\.save keeps numbers and no graph.*t\.data"),
    "gamma": (lambda t: scipy.special.gamma(t), r"^scipy\.special\.gamma has no gradient rule"),
    "array.dot": (lambda t: grad(lambda u: np.eye(3).dot(u)[0])(t), r"np\.dot\(a, t\) for a\.dot"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_to_write_instead(name: str) -> None:
    call, said = REFUSED[name]
    with pytest.raises(ArgumentTypeError, match=said):
        call(Tensor(ROWS[0, :3]) * 1.0)
