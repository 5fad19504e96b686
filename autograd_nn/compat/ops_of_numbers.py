"""Of ``keras.ops`` what computes with numbers and matrices, and NumPy has not or has otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.backend import epsilon as smallest
from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.settings import floatx

__all__ = [
    "angle", "cdist", "cholesky_inverse", "divide_no_nan", "isneginf", "isposinf", "isreal",
    "logdet", "logsumexp", "lstsq", "moments", "nan_to_num", "nanargmax", "nanargmin", "norm",
    "normalize", "psnr", "reciprocal", "rsqrt", "solve_triangular",
]  # fmt: skip


def _floating(x: Any) -> Any:
    """Whole numbers and truth values as floating-point numbers."""
    x = convert_to_tensor(x)
    return x if x.dtype.kind == "f" else convert_to_tensor(x, floatx())


def reciprocal(x: Any) -> Any:
    """1 / x."""
    return 1 / _floating(x)


def rsqrt(x: Any) -> Any:
    """1 / √x."""
    return 1 / np.sqrt(_floating(x))


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = _floating(x1), _floating(x2)
    return np.where(x2 == 0, x2.dtype.type(0), x1 / np.where(x2 == 0, x2.dtype.type(1), x2))


def isposinf(x: Any) -> Any:
    """Where it is +∞."""
    return np.equal(convert_to_tensor(x), np.inf)


def isneginf(x: Any) -> Any:
    """Where it is −∞."""
    return np.equal(convert_to_tensor(x), -np.inf)


def isreal(x: Any) -> Any:
    """True everywhere: a Tensor holds real numbers."""
    return np.ones_like(convert_to_tensor(x), dtype=bool)


def angle(x: Any) -> Any:
    """0 where x is positive, π where it is negative."""
    x = _floating(x)
    return np.where(x < 0, x.dtype.type(np.pi), x * 0)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the largest stands, NaN apart."""
    x = convert_to_tensor(x)
    return np.argmax(np.where(np.isnan(x), -np.inf, x), axis, keepdims=keepdims)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the smallest stands, NaN apart."""
    x = convert_to_tensor(x)
    return np.argmin(np.where(np.isnan(x), np.inf, x), axis, keepdims=keepdims)


def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Numbers for NaN and for both infinities, which else are the ends of the dtype."""
    x = convert_to_tensor(x)
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf) if x.dtype.kind == "f" else x


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    from autograd_nn.ops import logsumexp as compute

    axis = tuple(axis) if isinstance(axis, list) else axis
    return compute(_floating(x), axis=axis, keepdims=keepdims)


def logdet(x: Any) -> Any:
    """The logarithm of the determinant, without overflow."""
    return np.linalg.slogdet(convert_to_tensor(x))[1]


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix of which x is the factor of Cholesky."""
    inverse = np.linalg.inv((np.triu if upper else np.tril)(convert_to_tensor(x)))
    turned = inverse.swapaxes(-1, -2)
    return inverse @ turned if upper else turned @ inverse


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The x that makes the squares of a·x − b small."""
    return np.linalg.lstsq(convert_to_tensor(a), convert_to_tensor(b), rcond)[0]


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """x of a·x = b, of a only what is below, or above, the diagonal and on it."""
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Mean and variance along axes."""
    x, axes = convert_to_tensor(x), tuple(axes) if isinstance(axes, list) else axes
    return np.mean(x, axis=axes, keepdims=keepdims), np.var(x, axis=axes, keepdims=keepdims)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors or matrices."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.linalg.norm(convert_to_tensor(x), ord, axis, keepdims)


def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """x divided by its norm along an axis, or by ``epsilon`` where that is more."""
    if not isinstance(order, int) or order < 1:
        raise ArgumentError(f"`order` must be an integer of at least 1, got {order!r}.")
    x = np.atleast_1d(_floating(x))
    axis = tuple(axis) if isinstance(axis, list) else axis
    least = smallest() if epsilon is None else epsilon
    if order == 2:  # over several axes too, where `norm` takes that of matrices
        return x / np.sqrt(np.maximum(np.sum(x * x, axis=axis, keepdims=True), least**2))
    return x / np.maximum(norm(x, order, axis, keepdims=True), least)


def cdist(x: Any, y: Any) -> Any:
    """The distances between all rows of x and all of y."""
    x, y = convert_to_tensor(x), convert_to_tensor(y)
    return norm(x[..., :, None, :] - y[..., None, :, :], axis=-1)


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """How near two pictures are, in decibels: 20·log₁₀(max_val) − 10·log₁₀ of their mean square."""
    square = np.mean((convert_to_tensor(x1) - convert_to_tensor(x2)) ** 2)
    return 20 * math.log10(max_val) - 10 * np.log10(square)
