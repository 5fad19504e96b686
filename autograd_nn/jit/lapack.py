"""Inverses, determinants and decompositions of matrices by LAPACK, as functions for Numba.

They call what NumPy calls, by Numba's own doors to it, which SciPy is behind. A matrix lies in
LAPACK by columns: what is written for it by rows is the transposed one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.linear_algebra_errors import told
from autograd_nn.jit.compiled_form import CompiledForm, Former, argument, by_name, only, whole
from autograd_nn.program import Function, Instruction, Value

# By the names of Numba's: how many numbers and addresses follow the kind, and the letters.
_DOORS = {
    "xgesv": (0, 7), "xxgetrf": (0, 5), "xxpotrf": (1, 3), "ez_xxxevd": (2, 4),
    "ez_gesdd": (1, 9), "ez_geqrf": (0, 5), "ez_xxgqr": (0, 6),
}  # fmt: skip

DOORS = {
    name: f'{name} = types.ExternalFunction(\n    "numba_{name}", '
    f"types.intc(*[types.char] * {1 + letters}, *[types.intp] * {numbers})\n)"
    for name, (letters, numbers) in _DOORS.items()
}
"""The definitions of those that a text calls, by the name."""

_INV = """
def inv_FLOAT(a, out, rows, pivots):
    n = a.shape[-1]
    a, out = a.reshape((a.size // (n * n), n, n)), out.reshape((a.size // (n * n), n, n))
    for s in range(len(a)):
        for i in range(n):
            for j in range(n):
                rows[i, j], out[s, i, j] = a[s, i, j], i == j
        at = out.ctypes.data + SIZE * n * n * s
        if xgesv(KIND, n, n, rows.ctypes.data, n, pivots.ctypes.data, at, n) != 0:
            return True
    return False
"""

_SOLVE = """
def solve_FLOAT(a, b, out, columns, pivots):
    n, k = a.shape[-1], out.shape[-2]
    a, b = a.reshape((a.size // (n * n), n, n)), b.reshape((b.size // (n * k), n, k))
    out = out.reshape((len(b), k, n))
    for s in range(len(a)):
        for i in range(n):
            for j in range(n):
                columns[j, i] = a[s, i, j]
            for j in range(k):
                out[s, j, i] = b[s, i, j]
        at = out.ctypes.data + SIZE * n * k * s
        if xgesv(KIND, n, k, columns.ctypes.data, n, pivots.ctypes.data, at, n) != 0:
            return True
    return False
"""

_DETERMINANT = """
def determinant_FLOAT(a, sign, size, rows, pivots):
    n = a.shape[-1]
    a = a.reshape((len(sign), n, n))
    for s in range(len(a)):
        for i in range(n):
            for j in range(n):
                rows[i, j] = a[s, i, j]
        if xxgetrf(KIND, n, n, rows.ctypes.data, n, pivots.ctypes.data) != 0:
            sign[s], size[s] = 0, -np.inf
            continue
        sign[s], size[s], order = 1, 0, pivots.view(int32)
        for i in range(n):
            if order[i] != i + 1:
                sign[s] = -sign[s]
            if rows[i, i] < 0:
                sign[s] = -sign[s]
            size[s] += np.log(abs(rows[i, i]))
"""

_DET = """
def det_FLOAT(a, sign, size, rows, pivots):
    determinant_FLOAT(a, sign, size, rows, pivots)
    for s in range(len(sign)):
        sign[s] *= np.exp(size[s])
"""

_CHOLESKY = """
def cholesky_FLOAT(a, out):
    n = a.shape[-1]
    a, out = a.reshape((a.size // (n * n), n, n)), out.reshape((a.size // (n * n), n, n))
    for s in range(len(a)):
        for i in range(n):
            for j in range(n):
                out[s, i, j] = a[s, i, j] if j <= i else 0
        if xxpotrf(KIND, UPPER, n, out.ctypes.data + SIZE * n * n * s, n) != 0:
            return True
    return False
"""

_EIGH = """
def eigh_FLOAT(a, wanted, values, vectors):
    n = a.shape[-1]
    a = a.reshape((a.size // (n * n), n, n))
    values, vectors = values.reshape((len(a), n)), vectors.reshape(a.shape)
    for s in range(len(a)):
        for i in range(n):
            for j in range(n):
                vectors[s, j, i] = a[s, i, j]
        at, of = vectors.ctypes.data + SIZE * n * n * s, values.ctypes.data + SIZE * n * s
        if ez_xxxevd(KIND, wanted, LOWER, n, at, n, of) != 0:
            return True
    return False
"""

_SVD = """
def svd_FLOAT(x, wanted, u, values, vt, columns):
    m, n = x.shape[-2:]
    k, width, height = min(m, n), u.shape[-2], vt.shape[-1]
    x = x.reshape((x.size // (m * n), m, n))
    for s in range(len(x)):
        for i in range(m):
            for j in range(n):
                columns[j, i] = x[s, i, j]
        if ez_gesdd(
            KIND, wanted, m, n, columns.ctypes.data, m, values.ctypes.data + SIZE * k * s,
            u.ctypes.data + SIZE * m * width * s, m,
            vt.ctypes.data + SIZE * n * height * s, height,
        ) != 0:
            return True
    return False
"""

_PINV = """
def pinv_FLOAT(x, small, symmetric, out, u, values, vt, columns):
    m, n = x.shape[-2:]
    k = min(m, n)
    x, out = x.reshape((x.size // (m * n), m, n)), out.reshape((x.size // (m * n), n, m))
    for s in range(len(x)):
        for i in range(m):
            for j in range(n):
                columns[j, i] = x[s, max(i, j), min(i, j)] if symmetric else x[s, i, j]
        if ez_gesdd(
            KIND, SOME, m, n, columns.ctypes.data, m, values.ctypes.data, u.ctypes.data, m,
            vt.ctypes.data, k,
        ) != 0:
            return True
        for j in range(n):
            for i in range(m):
                out[s, j, i] = 0
        for l in range(k):
            if values[l] > small * values[0]:
                for j in range(n):
                    for i in range(m):
                        out[s, j, i] += vt[j, l] * (1 / values[l] * u[l, i])
    return False
"""

_QR = """
def qr_FLOAT(x, q, r, factors):
    m, n = x.shape[-2:]
    k = min(m, n)
    x = x.reshape((x.size // (m * n), m, n))
    q, r = q.reshape((len(x), n, m)), r.reshape((len(x), k, n))
    for s in range(len(x)):
        for i in range(m):
            for j in range(n):
                q[s, j, i] = x[s, i, j]
        at = q.ctypes.data + SIZE * m * n * s
        ez_geqrf(KIND, m, n, at, m, factors.ctypes.data)
        for i in range(k):
            for j in range(n):
                r[s, i, j] = q[s, j, i] if i <= j else 0
        ez_xxgqr(KIND, m, k, k, at, m, factors.ctypes.data)
"""


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _form(
    step: Instruction, name: str, buffers: Any, views: Any, fault: str = "", **rest: Any
) -> CompiledForm:
    """The form of a call of NumPy's; ``fault`` is what NumPy says where it is an error."""
    shapes = [x.shape for x in step.inputs if type(x) is Value]
    error = told(f"np.linalg.{step.function.__name__}", shapes, fault) if fault else ""
    given = rest.pop("given", step.inputs[:1])
    return CompiledForm(
        name, len(given), buffers, views, error, "np.linalg.LinAlgError", given=given, **rest
    )


def _inv(step: Instruction) -> CompiledForm:
    shape = step.output.shape
    buffers = shape, shape[-2:], shape[-1:]
    return _form(step, "inv", buffers, whole(*shape), "Singular matrix")


def _solve(step: Instruction) -> CompiledForm:
    a, b = (x.shape for x in step.inputs)
    n, out = a[-1:], step.output.shape
    is_vector = len(b) == 1
    lead, columns = (out[:-1], (1,)) if is_vector else (out[:-2], out[-1:])
    shapes = (*lead, *n, *n), (out if is_vector else (*lead, *n, *columns))
    buffers = (*lead, *columns, *n), n + n, n

    def views(out: Any, *_: Any) -> tuple[Any, ...]:
        return (out[..., 0, :] if is_vector else _turned(out),)

    return _form(step, "solve", buffers, views, "Singular matrix", given=step.inputs, shapes=shapes)


def _of_factors(name: str) -> Former:
    """The form of a determinant: its sign, and the logarithm of its size."""

    def form(step: Instruction) -> CompiledForm:
        *lead, n, _ = step.inputs[0].shape
        stack = math.prod(lead)

        def views(sign: Any, size: Any, *_: Any) -> tuple[Any, ...]:
            return sign.reshape(lead), size.reshape(lead)

        return _form(step, name, ((stack,), (stack,), (n, n), (n,)), views)

    return form


def _cholesky(step: Instruction) -> CompiledForm:
    shape = step.output.shape
    only(step, 1, "upper", False)
    return _form(step, "cholesky", (shape,), whole(*shape), "Matrix is not positive definite")


def _of_symmetric(wanted: str, views: Callable[..., tuple[Any, ...]]) -> Former:
    def form(step: Instruction) -> CompiledForm:
        shape = step.inputs[0].shape
        fault = "Eigenvalues did not converge"
        only(step, 1, "UPLO", "L")
        return _form(
            step, "eigh", (shape[:-1], shape), views, fault, given=(step.inputs[0], ord(wanted))
        )

    return form


def _svd(step: Instruction) -> CompiledForm:
    *lead, m, n = step.inputs[0].shape
    k = min(m, n)
    only(step, 3, "hermitian", False)
    if not argument(step, 2, "compute_uv", True):
        wanted, width, height = "N", 1, 1
    elif argument(step, 1, "full_matrices", True):
        wanted, width, height = "A", m, n
    else:
        wanted, width, height = "S", k, k
    buffers = (*lead, width, m), (*lead, k), (*lead, n, height), (n, m)

    def views(u: Any, values: Any, vt: Any, _: Any) -> tuple[Any, ...]:
        return (values,) if wanted == "N" else (_turned(u), values, _turned(vt))

    given = step.inputs[0], ord(wanted)
    return _form(step, "svd", buffers, views, "SVD did not converge", given=given)


def _pinv(step: Instruction) -> CompiledForm:
    (x, shape), (m, n) = (step.inputs[0], step.output.shape), step.inputs[0].shape[-2:]
    only(step, 3, "rtol", None)
    small = argument(step, 1, "rcond")
    small = 1e-15 if small is None else small
    k = min(m, n)
    buffers = shape, (k, m), (k,), (n, k), (n, m)
    given = x, small, bool(argument(step, 2, "hermitian", False))
    return _form(step, "pinv", buffers, whole(*shape), "SVD did not converge", given=given)


def _qr(step: Instruction) -> CompiledForm:
    *lead, m, n = step.inputs[0].shape
    k = min(m, n)
    only(step, 1, "mode", "reduced")

    def views(q: Any, r: Any, _: Any) -> tuple[Any, ...]:
        return _turned(q[..., :k, :]), r

    return _form(step, "qr", ((*lead, n, m), (*lead, k, n), (k,)), views)


TEXTS = by_name(_INV, _SOLVE, _DETERMINANT, _DET, _CHOLESKY, _EIGH, _SVD, _PINV, _QR)
FORMS: dict[Function | str, Former] = {
    np.linalg.inv: _inv,
    np.linalg.solve: _solve,
    np.linalg.det: _of_factors("det"),
    np.linalg.slogdet: _of_factors("determinant"),
    np.linalg.cholesky: _cholesky,
    np.linalg.eigh: _of_symmetric("V", lambda values, vectors: (values, _turned(vectors))),
    np.linalg.eigvalsh: _of_symmetric("N", lambda values, _: (values,)),
    np.linalg.svd: _svd,
    np.linalg.pinv: _pinv,
    np.linalg.qr: _qr,
}
