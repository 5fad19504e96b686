"""Products of machine code read matrices where they lie, parts of larger ones too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.matrix_products import is_readable, row_length
from autograd_nn.program import Memory, plan
from tests.jit.as_python import run_by_python

RANDOM = np.random.default_rng(0)
WHOLE = np.zeros((6, 8), np.float32)


@pytest.mark.parametrize(
    ("matrix", "length"),
    [
        (WHOLE, 8),
        (WHOLE[:, 2:5], 8),
        (WHOLE[::2, 2:5], 16),
        (WHOLE[:, ::2], 0),
        (WHOLE.T, 0),
        (WHOLE[:1], 8),
        (WHOLE[:, :1], 8),
        (WHOLE[::-1], 0),
        (np.broadcast_to(WHOLE[:1], (6, 8)), 0),
    ],
)
def test_how_far_apart_rows_begin(matrix: Any, length: int) -> None:
    """By hand: in numbers, 0 where the numbers of a row are not next to each other."""
    assert row_length(matrix) == length


def test_what_blas_reads() -> None:
    heads = np.zeros((2, 5, 3, 4)).transpose(0, 2, 1, 3)  # samples, heads, places, features
    assert is_readable(heads)
    assert is_readable(heads.swapaxes(-1, -2))
    assert not is_readable(heads[..., ::2])
    assert is_readable(WHOLE[:, 3])  # a vector is a matrix of one row, or of one column


def attention(x: Any, kernel: Any) -> Any:
    n, t, d = x.shape
    q, k, v = (
        (x @ part).reshape(n, t, 2, d // 2).transpose(0, 2, 1, 3) for part in np.split(kernel, 3)
    )
    scores = q @ k.swapaxes(-1, -2)
    return (scores @ v).transpose(0, 2, 1, 3).reshape(n, t, d) + x[:, ::2].swapaxes(1, 2) @ x[
        :, ::2
    ]


def strided(x: Any, kernel: Any) -> Any:
    a, b = x[0], x[1]
    return (
        a[:, ::2] @ b[:, ::2].T + a[::2, 1:3].T.sum(), a[:, 1] @ b, b @ a[1, ::-1],
        a[::2, 1:4] @ b[1:4, :2], a[:, 1:2] @ b[:1, ::2], a[::-1] @ b.T, a[:2, 1] @ b[:2, 2],
        kernel[:, 1:3] @ a[1:3] , x[:, :3] @ b[:, ::2],
    )  # fmt: skip


@pytest.mark.parametrize("function", [attention, strided])
def test_products_of_parts(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    run_by_python(monkeypatch)
    call = compiled(jit=True)(function)
    x, kernel = RANDOM.normal(size=(2, 4, 4)), RANDOM.normal(size=(12, 4))
    for _ in range(4):
        found, expected = call(x, kernel), function(x, kernel)
        if function is attention:
            found, expected = [found], [expected]
        for ours, numpy in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, numpy, rtol=1e-10, atol=1e-12)
        x = x + 0.5


@pytest.mark.slow
def test_products_of_parts_as_machine_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    call = compiled(jit=True)(strided)
    x, kernel = RANDOM.normal(size=(2, 4, 4)), RANDOM.normal(size=(12, 4))
    for _ in range(4):
        for ours, numpy in zip(call(x, kernel), strided(x, kernel), strict=True):
            np.testing.assert_allclose(ours, numpy, rtol=1e-10, atol=1e-12)


def test_heads_are_not_copied() -> None:
    x = Tensor(RANDOM.normal(size=(2, 6, 8)))
    heads = x.reshape(2, 6, 2, 4).transpose(0, 2, 1, 3)
    steps: list[int] = []

    def counted(planned: Any, arrays: Any, title: str) -> None:
        steps.append(sum(s.function is np.positive for s in Allocation(planned, arrays).steps))

    plan((heads @ heads.swapaxes(-1, -2)).sum(), [], {}, Memory([]), compile_steps=counted)
    assert steps == [0]
