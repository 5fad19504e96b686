"""Products of vectors and matrices in NumPy's many forms, and sums over windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ShapeError


@composed(np.outer)
def _outer(a: Any, b: Any) -> Any:
    return np.ravel(a)[:, None] * np.ravel(b)[None, :]


@composed(np.linalg.outer)
def _linalg_outer(x1: Any, x2: Any, /) -> Any:
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(f"outer takes two vectors, got {np.shape(x1)} and {np.shape(x2)}.")
    return array_of(x1)[:, None] * array_of(x2)[None, :]


@composed(np.inner)
def _inner(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return np.tensordot(a, b, axes=(-1, -1))


@composed(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return np.matmul(np.ravel(a), np.ravel(b))


def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    lengths = [np.shape(x)[normalize_axis_index(axis, np.ndim(x))] for x in (x1, x2)]
    if lengths[0] != lengths[1]:
        raise ShapeError(f"vecdot of vectors of different lengths, {lengths[0]} and {lengths[1]}.")
    if np.ndim(x1) != np.ndim(x2):  # then the axis is another one from the end
        x1, x2, axis = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1), -1
    return np.sum(x1 * x2, axis=axis)


composed(np.linalg.vecdot)(_vecdot)
if hasattr(np, "vecdot"):
    composed(np.vecdot)(_vecdot)
if hasattr(np, "matvec"):  # from NumPy 2.2 on

    @composed(np.matvec)
    def _matvec(x1: Any, x2: Any, /) -> Any:
        if np.ndim(x1) < 2 or np.ndim(x2) < 1:
            raise ShapeError(
                f"matvec takes a matrix and a vector, got {np.shape(x1)} and {np.shape(x2)}."
            )
        return np.squeeze(np.matmul(x1, array_of(x2)[..., None]), -1)

    @composed(np.vecmat)
    def _vecmat(x1: Any, x2: Any, /) -> Any:
        if np.ndim(x1) < 1 or np.ndim(x2) < 2:
            raise ShapeError(
                f"vecmat takes a vector and a matrix, got {np.shape(x1)} and {np.shape(x2)}."
            )
        return np.squeeze(np.matmul(array_of(x1)[..., None, :], x2), -2)


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    of_a: Any
    of_b: Any
    if isinstance(axes, (int, np.integer)):
        if axes > min(np.ndim(a), np.ndim(b)):
            raise ShapeError(f"tensordot of {np.shape(a)} and {np.shape(b)} over {axes} axes.")
        of_a, of_b = list(range(np.ndim(a) - axes, np.ndim(a))), list(range(axes))
    else:
        of_a, of_b = ([x] if isinstance(x, (int, np.integer)) else list(x) for x in axes)
    of_a = list(normalize_axis_tuple(of_a, np.ndim(a)))
    of_b = list(normalize_axis_tuple(of_b, np.ndim(b)))
    lengths = [np.shape(a)[x] for x in of_a]
    if lengths != [np.shape(b)[x] for x in of_b]:
        raise ShapeError(
            f"tensordot of shapes {np.shape(a)} and {np.shape(b)} over the axes {of_a} and {of_b}: "
            "their lengths differ."
        )
    rest_a = [x for x in range(np.ndim(a)) if x not in of_a]
    rest_b = [x for x in range(np.ndim(b)) if x not in of_b]
    n = math.prod(lengths)
    left = np.reshape(np.transpose(a, (*rest_a, *of_a)), (-1, n) if np.size(a) else (0, n))
    right = np.reshape(np.transpose(b, (*of_b, *rest_b)), (n, -1) if np.size(b) else (n, 0))
    shape = (*(np.shape(a)[x] for x in rest_a), *(np.shape(b)[x] for x in rest_b))
    return np.reshape(np.matmul(left, right), shape)


@composed(np.tensordot)
def _np_tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    return _tensordot(a, b, axes)


@composed(np.linalg.tensordot)
def _linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return _tensordot(x1, x2, axes)


@composed(np.linalg.matmul)
def _linalg_matmul(x1: Any, x2: Any, /) -> Any:
    return np.matmul(x1, x2)


@composed(np.linalg.multi_dot)
def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    parts = [array_of(a) for a in arrays]
    if len(parts) < 2:
        raise ShapeError(f"multi_dot takes at least two matrices, got {len(parts)}.")
    ndims = [np.ndim(part) for part in parts]
    if any(n != 2 for n in ndims[1:-1]) or not {ndims[0], ndims[-1]} <= {1, 2}:
        raise ShapeError(
            "multi_dot takes matrices, and a vector at either end, got shapes "
            f"{', '.join(str(np.shape(part)) for part in parts)}."
        )
    is_row, is_column = np.ndim(parts[0]) == 1, np.ndim(parts[-1]) == 1
    if is_row:
        parts[0] = parts[0][None, :]
    if is_column:
        parts[-1] = parts[-1][:, None]
    product = _in_best_order(
        parts, _best_splits([*(p.shape[0] for p in parts), parts[-1].shape[1]])
    )
    if is_row:
        product = product[0]
    return product[..., 0] if is_column else product


def _best_splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """For every stretch of matrices behind which one to cut it for the fewest products."""
    cost: dict[tuple[int, int], int] = {(i, i): 0 for i in range(len(sizes) - 1)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(1, len(sizes) - 1):
        for first in range(len(sizes) - 1 - length):
            last = first + length
            cost[first, last], cut[first, last] = min(
                (
                    cost[first, k]
                    + cost[k + 1, last]
                    + sizes[first] * sizes[k + 1] * sizes[last + 1],
                    k,
                )
                for k in range(first, last)
            )
    return cut


def _in_best_order(parts: list[Any], cut: dict[tuple[int, int], int]) -> Any:
    def product(first: int, last: int) -> Any:
        if first == last:
            return parts[first]
        k = cut[first, last]
        return np.matmul(product(first, k), product(k + 1, last))

    return product(0, len(parts) - 1)


def _kron_shapes(a: Any, b: Any) -> tuple[Any, Any]:
    ndim = max(np.ndim(a), np.ndim(b))
    return tuple(  # type: ignore[return-value]
        np.reshape(x, (*(1,) * (ndim - np.ndim(x)), *np.shape(x))) for x in (a, b)
    )


@composed(np.kron)
def _kron(a: Any, b: Any) -> Any:
    a, b = _kron_shapes(a, b)
    wide = np.reshape(a, [n for length in a.shape for n in (length, 1)])
    tight = np.reshape(b, [n for length in b.shape for n in (1, length)])
    return np.reshape(wide * tight, [m * n for m, n in zip(a.shape, b.shape, strict=True)])


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if {a.shape[-1], b.shape[-1]} - {2, 3}:
        raise ShapeError(
            f"cross takes vectors of 2 or 3 numbers, got {a.shape[-1]} and {b.shape[-1]}."
        )
    if 2 in (a.shape[-1], b.shape[-1]):
        np.cross(np.zeros(a.shape[-1]), np.zeros(b.shape[-1]))  # refused from NumPy 2.5 on
    a0, a1, b0, b1 = a[..., 0], a[..., 1], b[..., 0], b[..., 1]
    last = a0 * b1 - a1 * b0
    if a.shape[-1] == b.shape[-1] == 2:
        return last
    a2: Any = a[..., 2] if a.shape[-1] == 3 else 0
    b2: Any = b[..., 2] if b.shape[-1] == 3 else 0
    parts = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, last]
    return np.moveaxis(np.stack(parts, -1), -1, axisc)


@composed(np.cross)
def _np_cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Any:
    return _cross(a, b, axisa, axisb, axisc, axis)


@composed(np.linalg.cross)
def _linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    lengths = [np.shape(x)[normalize_axis_index(axis, np.ndim(x))] for x in (x1, x2)]
    if lengths != [3, 3]:
        raise ShapeError(f"linalg.cross takes vectors of 3 numbers, got {lengths}.")
    return _cross(x1, x2, axis=axis)


# ---------------------------------------------------------------------- windows


@composed(np.lib.stride_tricks.sliding_window_view)
def _sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    places = np.arange(np.size(x)).reshape(np.shape(x))
    return np.ravel(x)[np.lib.stride_tricks.sliding_window_view(places, window_shape, axis)]


def _slid(a: Any, v: Any, mode: str) -> Any:
    """The sums of products of v with every stretch of a."""
    n, m = np.shape(a)[0], np.shape(v)[0]
    before = {"full": m - 1, "same": m // 2, "valid": 0}
    if mode not in before:
        raise ArgumentError(f"`mode` must be 'full', 'same' or 'valid', got {mode!r}.")
    length = {"full": n + m - 1, "same": n, "valid": n - m + 1}[mode]
    places = np.arange(length)[:, None] + np.arange(m) - before[mode]
    inside = (places >= 0) & (places < n)
    windows = np.where(inside, a[np.clip(places, 0, n - 1)], 0)
    return np.matmul(windows, v)


def _two_vectors(a: Any, v: Any) -> tuple[Any, Any]:
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    if np.ndim(a) != 1 or np.ndim(v) != 1 or not np.size(a) or not np.size(v):
        raise ShapeError(
            f"convolve and correlate take two vectors that are not empty, got {np.shape(a)} and "
            f"{np.shape(v)}."
        )
    return a, v


@composed(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = _two_vectors(a, v)
    if np.shape(v)[0] > np.shape(a)[0]:
        a, v = v, a
    return _slid(a, v[::-1], mode)


@composed(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if np.ndim(a) == 0 or np.ndim(v) == 0:
        raise ShapeError("correlate takes two vectors, got a number.")
    a, v = _two_vectors(a, v)
    if np.shape(v)[0] > np.shape(a)[0]:
        return _slid(v, a, mode)[::-1]
    return _slid(a, v, mode)
