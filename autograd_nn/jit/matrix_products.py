"""Products of matrices as calls of BLAS, at addresses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Numba's own door to BLAS, behind which `np.dot` ends too. That first makes arrays and compares
# their shapes, which are known here: 0.04 to 0.1 µs a call, of 0.03 to 0.6 for small products.
GEMM = "xxgemm"
HEAD = f"""
# C = A @ B, of which BLAS sees the transposed: by kind, how B and A are stored, their shapes, 1,
# address and row length of B and of A, 0, those of C.
gemm = types.ExternalFunction("numba_{GEMM}", types.intc(*[types.char] * 3, *[types.intp] * 11))
FLOAT32, FLOAT64, ROWS, COLUMNS = ord("s"), ord("d"), ord("n"), ord("t")
FACTORS_float32, FACTORS_float64 = np.array([1, 0], float32), np.array([1, 0], float64)
"""
# Where SciPy is not installed.
IN_LOOPS = """
from numba import carray
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def memory_at(context, address):
    def written(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), written


@njit
def product_in_loops(b_in_rows, a_in_rows, n, m, k, b, length_b, a, length_a, out):
    for i in range(m):
        for j in range(n):
            out[i * n + j] = 0
        for p in range(k):
            x = a[i * length_a + p] if a_in_rows else a[p * length_a + i]
            for j in range(n):
                out[i * n + j] += x * (b[p * length_b + j] if b_in_rows else b[j * length_b + p])


@njit
def gemm(kind, b_stored, a_stored, n, m, k, one, b_at, length_b, a_at, length_a, zero, out_at, _):
    a, b, out = memory_at(a_at), memory_at(b_at), memory_at(out_at)
    if kind == FLOAT32:
        product_in_loops(
            b_stored == ROWS, a_stored == ROWS, n, m, k, carray(b, n * k, float32), length_b,
            carray(a, m * k, float32), length_a, carray(out, m * n, float32),
        )
    else:
        product_in_loops(
            b_stored == ROWS, a_stored == ROWS, n, m, k, carray(b, n * k, float64), length_b,
            carray(a, m * k, float64), length_a, carray(out, m * n, float64),
        )
"""
NAMES = (
    *("types", "gemm", "FLOAT32", "FLOAT64", "ROWS", "COLUMNS"),
    *("FACTORS_float32", "FACTORS_float64"),
)
"""Those that the head takes."""


class Matrix(NamedTuple):
    """What a product reads or writes.

    ``address`` is the text of where it begins, ``sample`` an array that lies in memory as it does.
    """

    address: str
    sample: np.ndarray[Any, Any]


def product(a: Matrix, b: Matrix, out: Matrix, numbers: tuple[str, str]) -> str:
    """The call for ``out = a @ b``, matrices or vectors of float32 or float64 that BLAS can read.

    Parameters   numbers: the addresses of 1 and of 0
    """
    # A vector is a row on the left and a column on the right.
    left, right = np.atleast_2d(a.sample), b.sample
    right = right[:, None] if right.ndim == 1 else right
    (m, k), n = left.shape, right.shape[1]
    # A vector is stored in both ways. As a row on the left, as a column on the right BLAS reads it
    # as it lies: 0.03 µs in place of 0.05 for 32 by 16.
    length_a, by_columns_a = row_length(left), row_length(left.T)
    length_b, by_columns_b = row_length(right), row_length(right.T)
    stored_a, length_a = ("ROWS", length_a) if length_a else ("COLUMNS", by_columns_a)
    stored_b, length_b = ("COLUMNS", by_columns_b) if by_columns_b else ("ROWS", length_b)
    kind = out.sample.dtype.name.upper()
    return (
        f"gemm({kind}, {stored_b}, {stored_a}, {n}, {m}, {k}, {numbers[0]}, "
        f"{b.address}, {length_b}, {a.address}, {length_a}, {numbers[1]}, {out.address}, {n})"
    )


def is_readable(matrices: np.ndarray[Any, Any]) -> bool:
    """Whether BLAS can read a vector, or each of some matrices, where they are."""
    if matrices.ndim == 1:
        matrices = matrices[None]
    if not matrices.size:
        return True
    one = matrices[(0,) * (matrices.ndim - 2)]
    return bool(row_length(one) or row_length(one.T))


def row_length(matrix: np.ndarray[Any, Any]) -> int:
    """How many numbers apart rows begin whose numbers are next to each other; 0 where they are not.

    Rows may be parts of longer ones, as those of a head among all heads.
    """
    rows, columns = matrix.shape
    if not matrix.size:
        return max(1, columns)
    far, near = (stride // matrix.itemsize for stride in matrix.strides)
    if columns > 1 and near != 1:
        return 0
    if rows == 1:
        return columns
    return far if far >= columns else 0
