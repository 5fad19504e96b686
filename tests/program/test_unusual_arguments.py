"""NumPy's functions with arguments that their faster forms do not take: computed all the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, compiled
from tests.jit.as_python import run_by_python

X = np.random.default_rng(0).normal(size=(4, 4))
SMALL = X.astype(np.float32)
AXES: list[Any] = [(1, 0), (0, 1), (0, 1)]

CALLS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "a product along other axes": (lambda x: np.matmul(x, x, axes=AXES), X),
    "a turned factor": (lambda x: np.matmul(x, np.eye(4), axes=AXES), X),
    "a product in another dtype": (lambda x: np.matmul(x, x, dtype=np.float64), SMALL),
    "a sum that begins with a number": (lambda x: np.add.reduce(x, axis=None, initial=3.0), X),
    "a sum of some": (lambda x: np.add.reduce(x, axis=None, where=x > 0), X),
    "a sum in another dtype": (lambda x: np.add.reduce(x, axis=None, dtype=np.float64), SMALL),
    "a sum along no axis": (lambda x: np.add.reduce(x, axis=(), initial=3.0), X),
}


@pytest.mark.parametrize("what", CALLS)
def test_what_the_faster_forms_do_not_take(what: str) -> None:
    value, x = CALLS[what]
    own = Operation("own", value=value, gradients=(lambda g, out, x: 0 * x,))
    w = Tensor(x)
    weights = np.arange(own(w).data.size, dtype=own(w).dtype).reshape(own(w).data.shape) + 2
    program = (own(w) * weights).sum().program(w)
    w.assign(x * 1.5)
    expected = np.sum(value(w.data) * weights)
    found, _ = program()
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_another_dtype_of_a_product_with_a_turned_one() -> None:
    wide = Operation(
        "wide",
        value=lambda a, b: np.matmul(a, b, dtype=np.float64),
        gradients=(
            lambda g, out, a, b: (g @ b.T).astype(np.float32),
            lambda g, out, a, b: (a.T @ g).astype(np.float32),
        ),
    )
    a, b = Tensor(SMALL), Tensor(SMALL[::-1].copy())
    found, _ = wide(np.transpose(a @ b, (1, 0)), b).sum().program([a, b])()
    expected = np.matmul((a.data @ b.data).T, b.data, dtype=np.float64).sum()
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-14)


SYMMETRIC = X + X.T
OF_MATRICES: dict[str, Callable[[Any], Any]] = {
    "np.linalg.cholesky with another upper": lambda x: np.linalg.cholesky(x @ x, upper=True),
    "np.linalg.eigvalsh with another UPLO": lambda x: np.linalg.eigvalsh(x, "U"),
    "np.linalg.qr with another mode": lambda x: abs(np.linalg.qr(x[:, :2], "complete")[0]),
    "np.linalg.svd with another hermitian": lambda x: np.linalg.svd(x, hermitian=True)[0],
    "np.linalg.pinv with another rtol": lambda x: np.linalg.pinv(x, rtol=0.5),
    "np.matmul with such arguments": lambda x: np.matmul(x, x, axes=AXES),
    "np.searchsorted with another sorter": (
        lambda x: x[0] * np.searchsorted(x[0], x[1], sorter=np.argsort(x[0]))
    ),
}


@pytest.mark.parametrize("what", OF_MATRICES)
def test_machine_code_does_not_leave_arguments_out(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = OF_MATRICES[what]
    run_by_python(monkeypatch)
    own = Operation("own", value=value, gradients=(lambda g, out, x: 0 * x,))
    made = compiled(jit=True)(lambda x: own(x) * 2.0)
    with pytest.warns(UserWarning, match=f"no compiled form of {what}"):
        for factor in (1.0, 1.0, 1.5):
            found = made(SYMMETRIC * factor)
            np.testing.assert_allclose(found, value(SYMMETRIC * factor) * 2.0, rtol=1e-12)
