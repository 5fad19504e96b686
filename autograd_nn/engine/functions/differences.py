"""Differences, slopes and integrals of samples, and lines between points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.operations.indexing import elements
from autograd_nn.engine.operations.positions import interval
from autograd_nn.engine.ufunc_methods import converted


def _at(ndim: int, axis: int, key: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * normalize_axis_index(axis, ndim), key)


@composed(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    ndim = np.ndim(a)
    if ndim == 0 or n < 0:
        raise ArgumentError(f"diff needs at least one axis and n of at least 0, got n={n}.")
    if n == 0:
        return np.positive(a)
    axis = normalize_axis_index(axis, ndim)
    ends = []
    for end in (prepend, append):
        if end is not None and np.ndim(end) == 0:
            shape = [1 if x == axis else m for x, m in enumerate(np.shape(a))]
            end = np.broadcast_to(end, shape)
        ends.append(end)
    parts = [part for part in (ends[0], a, ends[1]) if part is not None]
    a = np.concatenate(parts, axis) if len(parts) > 1 else a
    for _ in range(n):
        later, earlier = (_at(ndim, axis, s) for s in (slice(1, None), slice(None, -1)))
        a = np.not_equal(a[later], a[earlier]) if a.dtype == bool else a[later] - a[earlier]
    return a


@composed(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = np.ravel(ary)
    parts = [flat[1:] - flat[:-1]]
    if to_begin is not None:
        parts.insert(0, np.ravel(to_begin))
    if to_end is not None:
        parts.append(np.ravel(to_end))
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


@composed(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    ndim = np.ndim(f)
    axes = normalize_axis_tuple(range(ndim) if axis is None else axis, ndim)
    f = _not_whole(array_of(f))
    varargs = tuple(_not_whole(array_of(h)) for h in varargs)
    spacings = varargs * len(axes) if len(varargs) <= 1 else varargs
    spacings = spacings or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise ArgumentError(
            f"gradient takes one spacing, or one for each of {len(axes)} axes, got {len(varargs)}."
        )
    if edge_order not in (1, 2):
        raise ArgumentError(f"`edge_order` must be 1 or 2, got {edge_order!r}.")
    found = tuple(_slope(f, h, a, edge_order) for h, a in zip(spacings, axes, strict=True))
    return found[0] if len(found) == 1 else found


def _not_whole(x: Any, kinds: str = "iu") -> Any:
    """Whole numbers as real ones, so that those without a sign have differences below zero."""
    return converted(x, np.float64) if np.result_type(x).kind in kinds else x


def _slope(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    """Second-order differences, also where the samples do not lie evenly."""
    ndim, n = np.ndim(f), np.shape(f)[axis]
    if n < edge_order + 1:
        raise ShapeError(
            f"gradient needs at least {edge_order + 1} samples along axis {axis}, got {n}."
        )
    shape = [-1 if a == axis else 1 for a in range(ndim)]

    def f_at(key: slice) -> Any:
        return f[_at(ndim, axis, key)]

    if np.ndim(h) == 0:
        h = np.ones(n - 1, f.dtype) * h
    elif np.shape(h) != (n,):
        raise ShapeError(f"The samples along axis {axis} are {n}, and their places {np.shape(h)}.")
    else:
        h = h[1:] - h[:-1]
    before, after = np.reshape(h[:-1], shape), np.reshape(h[1:], shape)
    inner = (
        -after / (before * (before + after)) * f_at(slice(None, -2))
        + (after - before) / (before * after) * f_at(slice(1, -1))
        + before / (after * (before + after)) * f_at(slice(2, None))
    )
    first, last = h[0], h[-1]
    if edge_order == 1:
        start = (f_at(slice(1, 2)) - f_at(slice(0, 1))) / first
        end = (f_at(slice(n - 1, n)) - f_at(slice(n - 2, n - 1))) / last
    else:
        start = _one_sided([f_at(slice(i, i + 1)) for i in (0, 1, 2)], first, h[1])
        end = -_one_sided([f_at(slice(n - i, n - i + 1)) for i in (1, 2, 3)], last, h[-2])
    found = np.concatenate([start, inner, end], axis)
    return found if found.dtype == f.dtype else converted(found, f.dtype)


def _one_sided(samples: list[Any], h: Any, next_h: Any) -> Any:
    both = h + next_h
    return (
        -(2 * h + next_h) / (h * both) * samples[0]
        + both / (h * next_h) * samples[1]
        - h / (next_h * both) * samples[2]
    )


@composed(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y, x, dx = map(array_of, (y, x, dx))
    ndim = np.ndim(y)
    along = normalize_axis_index(axis, ndim)
    if x is None:
        d = dx
    elif np.ndim(x) == 1:
        d = np.reshape(np.diff(x), [-1 if a == along else 1 for a in range(ndim)])
    else:
        d = np.diff(x, axis=axis)
    later, earlier = (y[_at(ndim, axis, s)] for s in (slice(1, None), slice(None, -1)))
    return np.sum(d * (later + earlier) / 2.0, axis=axis)


def _cumulative(function: Any, running: Any, first: int) -> None:
    def call(
        x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        if axis is None:
            if np.ndim(x) > 1:
                raise ArgumentError(f"{function.__name__} of several axes needs an `axis`.")
            axis = 0
        found = running(x, axis, dtype)
        if not include_initial:
            return found
        axis = normalize_axis_index(axis, np.ndim(found))
        shape = [1 if a == axis else n for a, n in enumerate(np.shape(found))]
        return np.concatenate([np.full(shape, first, found.dtype), found], axis)

    composed(function)(call)


if hasattr(np, "cumulative_sum"):  # from NumPy 2.1 on
    _cumulative(np.cumulative_sum, np.cumsum, 0)
    _cumulative(np.cumulative_prod, np.cumprod, 1)


@composed(np.interp)
def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    if period is not None:
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(xp)
        xp, fp = elements(xp, order), elements(fp, order)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    xp, fp = (_not_whole(array_of(a), "biu") for a in (xp, fp))
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not len(xp):
        raise ShapeError(
            f"interp takes as many values as points, at least one, got {np.shape(fp)} for "
            f"{np.shape(xp)}."
        )
    if len(xp) == 1:
        inside = np.broadcast_to(fp[0], np.shape(x))
    else:
        i = interval(x, xp)
        start, low = elements(xp, i), elements(fp, i)
        width = elements(xp, i + 1) - start
        slope = (elements(fp, i + 1) - low) / np.where(width == 0, 1, width)
        inside = low + slope * (x - start)
    below = fp[0] if left is None else left
    above = fp[-1] if right is None else right
    return np.where(x < xp[0], below, np.where(x > xp[-1], above, inside))
