"""Grids and rows of numbers, and numbers counted into bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.ufunc_methods import converted


@composed(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    ndim = len(xi)
    spread = [
        np.reshape(x, (*(1,) * place, -1, *(1,) * (ndim - 1 - place))) for place, x in enumerate(xi)
    ]
    if indexing == "xy" and ndim > 1:
        spread = [np.swapaxes(x, 0, 1) for x in spread]
    elif indexing not in ("xy", "ij"):
        raise ArgumentError(f"`indexing` must be 'xy' or 'ij', got {indexing!r}.")
    if sparse:
        return tuple(spread)
    shape = np.broadcast_shapes(*(np.shape(x) for x in spread))
    return tuple(np.broadcast_to(x, shape) for x in spread)


@composed(np.linspace)
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    parts = num - 1 if endpoint else num
    if num < 0:
        raise ArgumentError(f"`num` must be at least 0, got {num}.")
    start, stop = array_of(start), array_of(stop)
    ndim = max(np.ndim(start), np.ndim(stop))
    kind = np.result_type(start, stop, float(num))
    # Whole numbers without a sign would have no difference below zero.
    start, stop = (
        converted(x, kind) if getattr(x, "dtype", kind).kind != "f" else x for x in (start, stop)
    )
    share = (np.arange(num).reshape(-1, *(1,) * ndim) / max(parts, 1)).astype(kind)
    # The last is the end itself, not what rounding makes of it.
    found = np.where(share == 1, stop, start + share * (stop - start))
    found = converted(np.moveaxis(found, 0, axis) if axis else found, dtype)
    return (found, (stop - start) / parts if parts else np.nan) if retstep else found


@composed(np.logspace)
def _logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    start, stop, base = map(array_of, (start, stop, base))
    if np.ndim(base):
        ndim = max(np.ndim(start), np.ndim(stop), np.ndim(base))
        start, base = (
            np.reshape(x, (1,) * (ndim - np.ndim(x)) + np.shape(x)) for x in (start, base)
        )
        base = np.expand_dims(base, axis)
    return converted(np.power(base, np.linspace(start, stop, num, endpoint, axis=axis)), dtype)


@composed(np.geomspace)
def _geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    start, stop = (converted(x, np.result_type(x, np.float64)) for x in (start, stop))
    # Two negative ends have negative numbers between them.
    sign = np.where((start < 0) & (stop < 0), -1.0, 1.0)
    exponents = np.linspace(np.log10(sign * start), np.log10(sign * stop), num, endpoint, axis=axis)
    sign = np.expand_dims(sign, axis) if np.ndim(sign) else sign
    return converted(sign * np.power(10.0, exponents), dtype)


@composed(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    x = np.asarray(x)
    x = x.astype(int) if x.dtype == np.bool_ else x
    counts = np.bincount(x, minlength=minlength)
    if weights is None:
        return counts
    if np.shape(weights) != x.shape:
        raise ShapeError(f"bincount takes {x.size} weights, got shape {np.shape(weights)}.")
    length = len(counts)
    return _summed_into(length, x, converted(weights, np.float64))


def _summed_into(length: int, places: Any, weights: Any) -> Any:
    from autograd_nn.engine.operations.indexing import scatter

    return scatter(np.ravel(weights), np.ravel(places), shape=(length,))


@composed(np.histogram)
def _histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    a = np.ravel(np.asarray(a))
    edges = np.histogram_bin_edges(a, bins, range)
    if weights is None:
        return np.histogram(a, bins, range, density)
    if np.size(weights) != a.size:
        raise ShapeError(f"histogram takes {a.size} weights, got shape {np.shape(weights)}.")
    inside = (a >= edges[0]) & (a <= edges[-1])
    places = np.clip(np.searchsorted(edges, a, side="right") - 1, 0, len(edges) - 2)[inside]
    counted = _summed_into(len(edges) - 1, places, np.ravel(weights)[np.nonzero(inside)[0]])
    if density:
        counted = counted / np.diff(edges) / np.sum(counted)
    return counted, edges
