"""Polynomials as NumPy's older functions take them, the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.ufunc_methods import converted


@composed(np.vander)
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    n = len(x) if N is None else N
    x = converted(x, np.promote_types(x.dtype, int))
    columns = [np.ones((len(x), 1), x.dtype), np.broadcast_to(x[:, None], (len(x), max(n - 1, 0)))]
    powers = np.cumprod(np.concatenate(columns, 1), 1)[:, :n]
    return powers if increasing else powers[:, ::-1]


@composed(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    value = np.zeros_like(x) if np.ndim(x) else 0.0
    for place in range(len(p)):
        value = value * x + p[place]
    return value


def _aligned(a: Any, b: Any) -> tuple[Any, Any]:
    """Both with as many coefficients."""
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    n = max(len(a), len(b))
    return np.pad(a, (n - len(a), 0)), np.pad(b, (n - len(b), 0))


@composed(np.polyadd)
def _polyadd(a1: Any, a2: Any) -> Any:
    return np.add(*_aligned(a1, a2))


@composed(np.polysub)
def _polysub(a1: Any, a2: Any) -> Any:
    return np.subtract(*_aligned(a1, a2))


@composed(np.polymul)
def _polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(a1, a2)


@composed(np.polyder)
def _polyder(p: Any, m: int = 1) -> Any:
    p = np.atleast_1d(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@composed(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    constants = np.zeros(m) if k is None else np.broadcast_to(k, (m,))
    p = np.atleast_1d(p)
    for place in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), constants[place : place + 1]])
    return p


@composed(np.polydiv)
def _polydiv(u: Any, v: Any) -> Any:
    u, v = np.atleast_1d(u), np.atleast_1d(v)
    n = len(v)
    quotient = []
    rest = u
    for _ in range(max(len(u) - n + 1, 0)):
        factor = rest[0] / v[0]
        quotient.append(factor)
        rest = np.concatenate([(rest[:n] - factor * v)[1:], rest[n:]])
    if not quotient:
        return np.zeros(1), u
    # Of the length that it may have: NumPy also leaves out zeros in front, by the numbers.
    return np.stack(quotient), rest if len(rest) else np.zeros(1)


@composed(np.poly)
def _poly(seq_of_zeros: Any) -> Any:
    if np.ndim(seq_of_zeros) != 1:
        raise ArgumentError(
            "poly of a matrix goes by its eigenvalues, which may be complex, and is not recorded. "
            "Give the zeros."
        )
    found: Any = np.ones(1, seq_of_zeros.dtype)
    for place in range(len(seq_of_zeros)):
        factor = np.concatenate([np.ones(1, seq_of_zeros.dtype), -seq_of_zeros[place : place + 1]])
        found = np.convolve(found, factor)
    return found


@composed(np.polyfit)
def _polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    if full or cov:
        raise ArgumentError("polyfit of a Tensor gives the coefficients only: no full=, no cov=.")
    x, y, w = map(array_of, (x, y, w))
    columns = np.vander(x, deg + 1)
    if w is not None:
        columns = columns * w[:, None]
        y = y * (w[:, None] if np.ndim(y) == 2 else w)
    # Columns of length 1, as NumPy makes them: powers of different size are then solved as well.
    scale = np.sqrt(np.sum(np.square(columns), axis=0))
    rcond = len(x) * np.finfo(np.float64).eps if rcond is None else rcond
    found = np.matmul(np.linalg.pinv(columns / scale, rcond), y)
    return found / (scale[:, None] if np.ndim(y) == 2 else scale)
