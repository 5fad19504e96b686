"""What is said of a matrix that has no inverse, factor or decomposition, in every reading."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled, gradients, ops
from autograd_nn.engine.errors import AutogradError, LinearAlgebraError
from tests.jit.as_python import run_by_python

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
REGULAR = np.array([[2.0, 0.5], [0.5, 3.0]])
NAN = np.array([[np.nan, 1.0], [1.0, 1.0]])

FAULTS = {
    "inv": (np.linalg.inv, SINGULAR, "inv of shape (2, 2): Singular matrix", "pinv"),
    "solve": (
        lambda x: np.linalg.solve(x, np.ones(2)),
        SINGULAR,
        "solve of shape (2, 2) and (2,): Singular matrix",
        "np.eye(n)",
    ),
    "cholesky": (np.linalg.cholesky, -REGULAR, "of shape (2, 2): Matrix is not positive", "eigval"),
    "svd": (lambda x: np.linalg.svd(x)[1], NAN, "(2, 2): SVD did not converge", "np.isfinite"),
    "pinv": (np.linalg.pinv, NAN, "pinv of shape (2, 2): SVD did not converge", "detect_anomaly"),
    "stack": (
        np.linalg.inv,
        np.stack([REGULAR, SINGULAR]),
        "inv of shape (2, 2, 2): Singular matrix",
        "np.linalg.lstsq",
    ),
}


def assert_says(caught: Any, *texts: str) -> None:
    error = caught.value
    assert isinstance(error, LinearAlgebraError)
    assert isinstance(error, np.linalg.LinAlgError)
    assert isinstance(error, AutogradError)
    for text in texts:
        assert text in str(error)


def recorded(f: Any, data: Any) -> tuple[Tensor, Tensor]:
    """A loss on a matrix of which nothing is amiss, and the matrix."""
    x = Tensor(np.broadcast_to(REGULAR, data.shape), name="x")
    return (f(x) ** 2).sum(), x


@pytest.mark.parametrize("name", FAULTS)
def test_eagerly(name: str) -> None:
    f, data, *texts = FAULTS[name]
    with pytest.raises(np.linalg.LinAlgError) as caught:
        f(Tensor(data))
    assert_says(caught, *texts)


def test_of_plain_arrays_by_an_operation() -> None:
    with pytest.raises(np.linalg.LinAlgError) as caught:
        ops.inv(SINGULAR)
    assert_says(caught, "inv of shape (2, 2): Singular matrix")


@pytest.mark.parametrize("create_graph", [False, True])
def test_in_a_rule_the_operation_is_named_too(create_graph: bool) -> None:
    x = Tensor(SINGULAR)
    loss = np.linalg.slogdet(x)[1]
    with pytest.raises(np.linalg.LinAlgError) as caught:
        gradients(loss, x, create_graph=create_graph)
    assert_says(caught, "inv of shape (2, 2): Singular matrix")
    if not create_graph:
        assert "gradient of slogdet" in caught.value.__notes__[0]


@pytest.mark.parametrize("name", FAULTS)
def test_in_programs(name: str) -> None:
    f, data, *texts = FAULTS[name]
    loss, x = recorded(f, data)
    program = loss.program(x, inputs=[x])
    for run in (program, program.plain):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            run(x=data)
        assert_says(caught, *texts)


@pytest.mark.parametrize("name", FAULTS)
def test_in_machine_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run_by_python(monkeypatch)
    f, data, *texts = FAULTS[name]
    made = compiled(lambda x: np.sum(f(x) ** 2), jit=True)
    matrix = np.broadcast_to(REGULAR, data.shape).copy()
    for _ in range(2):
        made(matrix)
    assert "one_step" in made.program.source
    with pytest.raises(np.linalg.LinAlgError) as caught:
        made(data)
    assert_says(caught, *texts)
    expected = np.sum(f(matrix) ** 2)  # and the next call is as if nothing had been
    np.testing.assert_allclose(made(matrix), expected, rtol=1e-12)


def test_it_is_pickled_with_its_text() -> None:
    with pytest.raises(LinearAlgebraError) as caught:
        np.linalg.inv(Tensor(SINGULAR))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (LinearAlgebraError, str(caught.value))


def test_a_matrix_that_is_not_square_is_a_matter_of_shapes() -> None:
    with pytest.raises(ValueError, match=r"inv.*of shapes \(2, 3\)"):
        np.linalg.inv(Tensor(np.ones((2, 3))))
