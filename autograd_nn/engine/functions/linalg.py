"""numpy.linalg: decompositions in NumPy's forms, norms, and what follows from them."""

from __future__ import annotations

import math
import operator
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.operations import decompositions as of
from autograd_nn.engine.operations.decompositions import _by_triangle
from autograd_nn.engine.operations.powers import root
from autograd_nn.engine.operations.reductions import widened

EighResult = namedtuple("EighResult", ["eigenvalues", "eigenvectors"])
SVDResult = namedtuple("SVDResult", ["U", "S", "Vh"])
QRResult = namedtuple("QRResult", ["Q", "R"])
SlogdetResult = namedtuple("SlogdetResult", ["sign", "logabsdet"])


@composed(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    return SlogdetResult(*of.slogdet(a))


@composed(np.linalg.eigh)
def _eigh(a: Any, UPLO: str = "L") -> Any:
    return EighResult(*of.eigh(_by_triangle(a, UPLO)))


@composed(np.linalg.svd)
def _svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    if hermitian:
        return _svd_by_eigenvalues(a, compute_uv)
    if not compute_uv:
        return of.svdvals(a)
    if full_matrices and a.shape[-1] != a.shape[-2]:
        raise ArgumentError(
            f"svd of shape {a.shape} with full_matrices=True: the vectors beyond the singular "
            "values may be any, so they have no derivative. Use full_matrices=False."
        )
    return SVDResult(*of.svd(a))


def _svd_by_eigenvalues(a: Any, compute_uv: bool) -> Any:
    """Of a symmetric matrix, of which one triangle is read, as NumPy reads it."""
    if not compute_uv:
        return np.flip(np.sort(np.abs(np.linalg.eigvalsh(a))), -1)
    w, v = np.linalg.eigh(a)
    order = np.flip(np.argsort(np.abs(w)), -1)
    u = np.take_along_axis(v, order[..., None, :], -1)
    w = np.take_along_axis(w, order, -1)
    signs = np.sign(w)[..., None, :]
    return SVDResult(u, np.abs(w), np.swapaxes(u * signs, -1, -2))


@composed(np.linalg.svdvals)
def _svdvals(x: Any, /) -> Any:
    return of.svdvals(x)


@composed(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    rows, columns = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and rows <= columns):
        raise ArgumentError(
            f"qr of shape {a.shape} with mode={mode!r} is not recorded. Use mode='reduced'."
        )
    if rows >= columns:
        q, r = of.qr(a)
    else:  # the columns beyond the rows have no part in Q
        q, square = of.qr(a[..., :rows])
        r = np.concatenate([square, np.matmul(np.swapaxes(q, -1, -2), a[..., rows:])], -1)
    return r if mode == "r" else QRResult(q, r)


@composed(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    if np.ndim(a) < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power takes square matrices, got shape {np.shape(a)}.")
    n = operator.index(n)
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape) + 0 * a
    result = None
    while n:
        if n % 2:
            result = a if result is None else np.matmul(result, a)
        n //= 2
        a = np.matmul(a, a) if n else a
    return result


@composed(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = array_of(a), array_of(b)
    if np.ndim(a) != 2 or np.ndim(b) not in (1, 2):
        raise ShapeError(
            f"lstsq takes a matrix, and a vector or a matrix, got {np.shape(a)} and {np.shape(b)}."
        )
    if rcond is None:
        rcond = np.finfo(np.result_type(a, np.float16)).eps * max(np.shape(a))
    found = np.matmul(np.linalg.pinv(a, rcond), b)
    s = of.svdvals(a)
    rank = np.sum(np.asarray(s > rcond * np.max(s)))
    rows, columns = np.shape(a)
    if rank == columns < rows:
        residuals = np.atleast_1d(np.sum(np.square(b - np.matmul(a, found)), axis=0))
    else:
        residuals = np.zeros(0, np.result_type(a, b))
    return found, residuals, np.int32(rank), s


@composed(np.linalg.tensorinv)
def _tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ArgumentError(f"`ind` must be positive, got {ind}.")
    before, after = np.shape(a)[:ind], np.shape(a)[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (-1, math.prod(after)))), (*after, *before))


@composed(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        rest = [k for k in range(np.ndim(a)) if k not in axes]
        a = np.transpose(a, (*rest, *axes))
    shape = np.shape(a)[np.ndim(b) :]
    matrix = np.reshape(a, (np.size(b), math.prod(shape)))
    return np.reshape(np.linalg.solve(matrix, np.ravel(b)), shape)


# ---------------------------------------------------------------------- norms


def _of_vectors(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    if order in (None, 2):
        return root(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    size = np.abs(x)
    if order == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if order == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if order == 0:
        return np.sum((x != 0).astype(x.dtype), axis=axis, keepdims=keepdims)
    if order == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if isinstance(order, str):
        raise ArgumentError(f"A norm of vectors has a number as order, got {order!r}.")
    powers = np.sum(np.power(size, order), axis=axis, keepdims=keepdims)
    if order < 0:
        return np.power(powers, 1 / order)
    return np.where(powers == 0, 0, np.power(np.where(powers == 0, 1, powers), 1 / order))


def _of_matrices(x: Any, order: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    ndim = np.ndim(x)
    row, column = normalize_axis_tuple(axes, ndim)
    if order in (None, "fro"):
        return root(np.sum(np.square(x), axis=(row, column), keepdims=keepdims))
    if order in (1, -1, np.inf, -np.inf):
        summed, left = (row, column) if abs(order) == 1 else (column, row)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        found = (np.max if order > 0 else np.min)(sums, axis=left, keepdims=True)
        return found if keepdims else np.squeeze(found, axis=(row, column))
    if order not in (2, -2, "nuc"):
        raise ArgumentError(
            f"A norm of matrices has the order 'fro', 'nuc', 1, -1, 2, -2, inf or -inf, "
            f"got {order!r}."
        )
    s = of.svdvals(np.moveaxis(x, (row, column), (-2, -1)))
    found = np.sum(s, axis=-1) if order == "nuc" else s[..., 0 if order == 2 else -1]
    return np.expand_dims(found, (row, column)) if keepdims else found


@composed(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return _in_single(x, lambda x: _norm_of(x, ord, axis, keepdims))


def _in_single(x: Any, norm: Callable[[Any], Any]) -> Any:
    """A norm of half precision, of which the square of 300 is infinite, by way of single.

    One of whole numbers, whose squares begin anew when they are too large, is one of real ones.
    """
    x = array_of(x)
    if x.dtype.kind != "f":
        return norm(x.astype(np.float64))
    return norm(x) if x.dtype != np.float16 else norm(widened(x)).astype(x.dtype)


def _norm_of(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    ndim = np.ndim(x)
    if axis is None:
        if ord is None or (ord == 2 and ndim == 1):
            found = root(np.sum(np.square(x)))
            return np.reshape(found, (1,) * ndim) if keepdims else found
        axis = tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return _of_vectors(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _of_matrices(x, ord, axes, keepdims)
    raise ShapeError(f"A norm is of vectors or of matrices, got {len(axes)} axes.")


@composed(np.linalg.vector_norm)
def _vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return _in_single(x, lambda x: _of_vectors(x, ord, axis, keepdims))


@composed(np.linalg.matrix_norm)
def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return _in_single(x, lambda x: _of_matrices(x, ord, (-2, -1), keepdims))


@composed(np.linalg.cond)
def _cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        s = of.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    norms = [_of_matrices(m, p, (-2, -1), False) for m in (x, np.linalg.inv(x))]
    return norms[0] * norms[1]
