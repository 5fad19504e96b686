"""Averages, variances and quantiles, and the same leaving out NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.operations.positions import quantile_places
from autograd_nn.engine.operations.powers import root
from autograd_nn.engine.operations.reductions import as_mask, count, widened
from autograd_nn.engine.ufunc_methods import converted

_NO_VALUE: Any = np._NoValue


@composed(np.var)
def _var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = _NO_VALUE,
    correction: Any = _NO_VALUE,
) -> Any:
    a = converted(a, dtype)
    ddof = ddof if correction is _NO_VALUE else correction
    if a.dtype == np.float16:  # of which 70,000 squares add up to infinity
        found = np.var(widened(a), axis, None, None, ddof, keepdims, where=where, mean=mean)
        return found.astype(a.dtype)
    middle = np.mean(a, axis=axis, keepdims=True, where=where) if mean is _NO_VALUE else mean
    squares = np.square(a - middle)
    if where is True:
        return np.sum(squares, axis=axis, keepdims=keepdims) / max(count(a, axis) - ddof, 0)
    where = as_mask(where, a.shape)
    n = np.sum(where, axis=axis, keepdims=keepdims)
    total = np.sum(np.where(where, squares, 0), axis=axis, keepdims=keepdims)
    return total / np.maximum(n - ddof, 0).astype(a.dtype)


@composed(np.std)
def _std(a: Any, axis: Any = None, dtype: Any = None, *args: Any, **keywords: Any) -> Any:
    a = converted(a, dtype)
    found = root(np.var(widened(a), axis, None, *args, **keywords))
    return found.astype(a.dtype) if a.dtype == np.float16 else found


@composed(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


@composed(np.average)
def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    a, weights = array_of(a), array_of(weights)
    if weights is None:
        average = np.mean(a, axis=axis, keepdims=keepdims)
        total: Any = np.full(np.shape(average), np.size(a) / max(np.size(average), 1), a.dtype)
    else:
        if np.shape(weights) != np.shape(a):
            weights = _along_axes(weights, axis, np.shape(a))
        weights = np.broadcast_to(weights, np.shape(a))
        dtype = np.result_type(a.dtype, weights.dtype)
        weights = widened(converted(weights, dtype))
        a = a if dtype != np.float16 else widened(a)
        total = np.sum(weights, axis=axis, keepdims=keepdims)
        average = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
        if dtype == np.float16:
            average, total = average.astype(dtype), total.astype(dtype) if returned else total
    return (average, total) if returned else average


def _along_axes(weights: Any, axis: Any, shape: tuple[int, ...]) -> Any:
    """Weights of the axes that are averaged over, with the other axes of length 1."""
    if axis is None:
        raise ArgumentTypeError(
            "average: `weights` of another shape than `a` belong to an `axis`, which is not given."
        )
    axes = normalize_axis_tuple(axis, len(shape))
    if np.shape(weights) != tuple(shape[a] for a in axes):
        raise ShapeError(
            f"average: `weights` of shape {np.shape(weights)} fit neither the shape {shape} of `a` "
            f"nor its lengths along {axis}."
        )
    ndim = len(shape)
    lengths = dict(zip(axes, np.shape(weights), strict=True))
    order = sorted(range(len(axes)), key=lambda place: axes[place])
    return np.reshape(np.transpose(weights, order), tuple(lengths.get(a, 1) for a in range(ndim)))


@composed(np.cov)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    m, y, fweights, aweights = map(array_of, (m, y, fweights, aweights))
    if dtype is None:
        dtype = np.result_type(m, np.float64) if y is None else np.result_type(m, y, np.float64)
    # How a single row is turned depends on the version of NumPy.
    turned = np.ndim(m) < 2 or np.ndim(np.cov(np.zeros((1, 2)), rowvar=False, ddof=0)) == 2
    x = _as_variables(converted(m, dtype), rowvar, turned)
    if y is not None:
        x = np.concatenate([x, _as_variables(converted(y, dtype), rowvar)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            weights = given if weights is None else weights * given
    if weights is None:
        middle, total, factor = np.mean(x, axis=1, keepdims=True), x.shape[1], x.shape[1] - ddof
        centred = weighted = x - middle
    else:
        total = np.sum(weights)
        middle = np.sum(x * weights, axis=1, keepdims=True) / total
        factor = total - ddof
        if aweights is not None and ddof:
            factor = total - ddof * np.sum(weights * aweights) / total
        centred = x - middle
        weighted = centred * weights
    return np.squeeze(np.matmul(centred, np.transpose(weighted)) / factor)


def _as_variables(m: Any, rowvar: bool, turned: bool = False) -> Any:
    """A matrix with a row for each variable."""
    if np.ndim(m) > 2:
        raise ShapeError(f"Variables are a vector or a matrix, got shape {np.shape(m)}.")
    if np.ndim(m) < 2:
        return np.reshape(m, (1, -1))
    return m if rowvar or (m.shape[0] == 1 and not turned) else np.transpose(m)


@composed(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = np.cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    spread = np.sqrt(c[np.arange(len(c)), np.arange(len(c))])
    return np.clip(c / spread[:, None] / spread[None, :], -1, 1)


# ---------------------------------------------------------------------- quantiles


def _quantile_of(
    a: Any, q: Any, axis: Any, method: str, keepdims: bool, nan: bool, middle: bool = False
) -> Any:
    is_plain = isinstance(q, (int, float))  # which says nothing of the dtype
    q = np.asarray(q)
    if not np.all((q >= 0) & (q <= 1)):
        raise ArgumentError("Quantiles must be in the range [0, 1], percentiles in [0, 100].")
    if nan and q.ndim > 1:
        raise ArgumentError(f"Of NaN-quantiles `q` must be a number or a vector, got {q.shape}.")
    ndim = np.ndim(a)
    axes = normalize_axis_tuple(range(ndim) if axis is None else axis, ndim)
    kept = tuple(x for x in range(ndim) if x not in axes)
    rows = np.transpose(a, (*kept, *axes))
    rows = np.reshape(rows, (*rows.shape[: len(kept)], math.prod(rows.shape[len(kept) :])))
    ordered = np.sort(rows, axis=-1)  # NaN at the end
    at = quantile_places(rows, q=q, method=method, nan=nan)
    below = np.floor(at)
    lower = below.astype(int)
    wide = np.broadcast_to(ordered, (*q.shape, *ordered.shape))
    upper = np.minimum(lower + 1, ordered.shape[-1] - 1)
    one, other = (np.take_along_axis(wide, i[..., None], -1)[..., 0] for i in (lower, upper))
    dtype = ordered.dtype if is_plain else np.result_type(ordered.dtype, q)
    share = (at - below).astype(dtype)
    between = (one + other) / 2 if middle else one + (other - one) * share
    found = np.where(share == 0, one, between)
    if not nan:
        found = np.where(np.isnan(ordered[..., -1]), np.nan, found)
    shape = [1 if x in axes else n for x, n in enumerate(np.shape(a))]
    return np.reshape(found, (*q.shape, *shape)) if keepdims else found


def _quantile_function(
    function: Any, per_cent: bool = False, nan: bool = False, middle: bool = False
) -> None:
    """A function of the family into the table."""

    def median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
        return _quantile_of(a, 0.5, axis, "linear", keepdims, nan, middle=True)

    def quantile(
        a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
    ) -> Any:
        return _quantile_of(a, _hundredths(q) if per_cent else q, axis, method, keepdims, nan)

    composed(function)(median if middle else quantile)


def _hundredths(q: Any) -> Any:
    return q / 100 if isinstance(q, (int, float)) else np.true_divide(q, 100)


_quantile_function(np.median, middle=True)
_quantile_function(np.nanmedian, middle=True, nan=True)
_quantile_function(np.quantile)
_quantile_function(np.nanquantile, nan=True)
_quantile_function(np.percentile, per_cent=True)
_quantile_function(np.nanpercentile, per_cent=True, nan=True)


# ---------------------------------------------------------------------- leaving out NaN


def _without_nan(function: Any, plain: Any, stand_in: Any) -> None:
    """A function that takes this number in place of NaN."""

    def call(a: Any, axis: Any = None, *args: Any, **keywords: Any) -> Any:
        return plain(np.where(np.isnan(a), stand_in, a), axis, *args, **keywords)

    composed(function)(call)


_without_nan(np.nansum, np.sum, 0)
_without_nan(np.nanprod, np.prod, 1)
_without_nan(np.nancumsum, np.cumsum, 0)
_without_nan(np.nancumprod, np.cumprod, 1)


def _extreme_without_nan(function: Any, plain: Any, stand_in: float) -> None:
    def call(a: Any, axis: Any = None, **keywords: Any) -> Any:
        missing = np.isnan(a)
        found = plain(np.where(missing, stand_in, a), axis=axis, **keywords)
        none_left = np.all(missing, axis=axis, keepdims=keywords.get("keepdims", False))
        return np.where(none_left, np.nan, found)

    composed(function)(call)


_extreme_without_nan(np.nanmax, np.max, -math.inf)
_extreme_without_nan(np.nanmin, np.min, math.inf)


def _moment_without_nan(function: Any, plain: Any) -> None:
    def call(a: Any, axis: Any = None, dtype: Any = None, **keywords: Any) -> Any:
        where = keywords.pop("where", True)
        known = np.logical_not(np.isnan(a))
        kept = known if where is True else np.logical_and(known, where)
        a = np.where(known, a, 0)
        return plain(a, axis=axis, dtype=dtype, where=kept, **keywords)

    composed(function)(call)


_moment_without_nan(np.nanmean, np.mean)
_moment_without_nan(np.nanvar, np.var)
_moment_without_nan(np.nanstd, np.std)
