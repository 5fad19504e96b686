"""Functions of every element by itself, written with operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.operations.remainders import exponent, ldexp
from autograd_nn.engine.ufunc_methods import converted

_DEGREE = np.pi / 180


@composed(np.deg2rad, np.radians)
def _radians(x: Any) -> Any:
    return x * _DEGREE


@composed(np.rad2deg, np.degrees)
def _degrees(x: Any) -> Any:
    return x * (1 / _DEGREE)


@composed(np.float_power)
def _float_power(x: Any, y: Any) -> Any:
    return np.power(converted(x, np.float64), converted(y, np.float64))


@composed(np.conjugate)
def _conjugate(x: Any) -> Any:
    return np.positive(x)  # a Tensor holds real numbers


@composed(np.real)
def _real(val: Any) -> Any:
    return np.positive(val)


@composed(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    return np.positive(a)


@composed(np.divmod)
def _divmod(x: Any, y: Any) -> Any:
    return np.floor_divide(x, y), np.remainder(x, y)


@composed(np.modf)
def _modf(x: Any) -> Any:
    whole = np.trunc(x)
    return np.where(np.isinf(x), 0, np.fmod(x, 1)), whole


@composed(np.frexp)
def _frexp(x: Any) -> Any:
    n = exponent(x)
    return ldexp(x, -n), n


@composed(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    x = array_of(x)
    if x.dtype.kind != "f":
        return np.positive(x) if x.dtype != np.bool_ else x.copy()
    limits = np.finfo(x.dtype)
    posinf = limits.max if posinf is None else posinf
    neginf = limits.min if neginf is None else neginf
    return np.where(np.isfinite(x), x, np.where(np.isnan(x), nan, np.where(x > 0, posinf, neginf)))


@composed(np.unwrap)
def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    jumps = np.diff(p, axis=axis)
    half = period / 2
    within = np.remainder(jumps + half, period) - half
    # A jump of exactly half a period goes up, as it came.
    within = np.where((within == -half) & (jumps > 0), half, within)
    least = half if discont is None else discont
    corrections = np.where(np.abs(jumps) < least, 0, within - jumps)
    axis = normalize_axis_index(axis, np.ndim(p))
    first = np.zeros([1 if a == axis else n for a, n in enumerate(p.shape)], p.dtype)
    return p + np.concatenate([first, np.cumsum(corrections, axis)], axis)
