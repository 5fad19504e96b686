"""Functions of several arrays that differ in their axes: what is paired with what is NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, grad
from autograd_nn.engine.errors import ShapeError

RNG = np.random.default_rng(5)
V, MATRIX, STACK = RNG.normal(size=3), RNG.normal(size=(3, 3)), RNG.normal(size=(2, 3, 3))
CALLS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "trapezoid over rows of places": (lambda a, b: np.trapezoid(a, x=b), V, MATRIX),
    "trapezoid over a stack": (lambda a, b: np.trapezoid(a, x=b, axis=-2), MATRIX, STACK),
    "trapezoid of a stack": (lambda a, b: np.trapezoid(a, x=b, axis=-1), STACK, MATRIX),
    "vecdot": (lambda a, b: np.linalg.vecdot(a, b, axis=1), MATRIX, STACK),
    "vecdot from the end": (lambda a, b: np.linalg.vecdot(a, b, axis=-2), STACK, MATRIX),
    "vecdot with a vector": (lambda a, b: np.linalg.vecdot(a, b, axis=0), V, MATRIX),
    "logspace": (lambda a, b: np.logspace(a, 1.0, 4, base=b * b + 1), V, V),
    "logspace along the last": (
        lambda a, b: np.logspace(a, 1.0, 4, base=b * b + 1, axis=-1),
        V,
        MATRIX,
    ),
    "logspace of numbers": (lambda a, b: np.logspace(0.0, a, 4, base=b * b + 1), V[0], V),
}
if hasattr(np, "vecdot"):
    CALLS["vecdot as a ufunc"] = (lambda a, b: np.vecdot(a, b, axis=0), MATRIX, MATRIX)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_paired_with_what_is_numpys(name: str) -> None:
    call, a, b = CALLS[name]
    expected = call(a, b)
    np.testing.assert_allclose(call(Tensor(a), Tensor(b)).data, expected, rtol=1e-12)
    weights, (u, v) = (
        RNG.normal(size=np.shape(expected)),
        (RNG.normal(size=np.shape(x)) for x in (a, b)),
    )
    found = grad(lambda a, b: np.sum(call(a, b) * weights), argnums=(0, 1))(a, b)
    step = 1e-6
    there, back = call(a + step * u, b + step * v), call(a - step * u, b - step * v)
    np.testing.assert_allclose(
        np.sum(found[0] * u) + np.sum(found[1] * v),
        np.sum(weights * (there - back)) / (2 * step),
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.take_along_axis(t, np.zeros(3, int), axis=0),
        lambda t: np.average(t, axis=1, weights=np.ones(1)),
        lambda t: np.average(t, axis=0, weights=np.ones((3, 2))),
        lambda t: np.linalg.multi_dot([t, STACK, MATRIX]),
        lambda t: np.cov(t[None]),
        lambda t: np.linalg.cross(t[:, :2], t[:, :2]),
    ],
)
def test_what_does_not_fit_is_refused_as_numpy_refuses_it(call: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError):
        call(MATRIX)
    with pytest.raises(ShapeError):
        call(Tensor(MATRIX))


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("rowvar", [True, False])
def test_a_single_row_is_turned_as_this_version_of_numpy_turns_it(rows: int, rowvar: bool) -> None:
    x = MATRIX[:rows, :2]
    found = np.cov(Tensor(x), rowvar=rowvar, ddof=0)
    np.testing.assert_allclose(found.data, np.cov(x, rowvar=rowvar, ddof=0), atol=1e-15)
