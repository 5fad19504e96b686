"""Axes and elements in another order, elements that are chosen, diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.engine.composing import composed
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.operations.indexing import elements
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.ufunc_methods import converted

# ---------------------------------------------------------------------- axes


@composed(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    # Of positions NumPy's own answer: each axis is known by its length.
    named = np.moveaxis(_axes_named(np.ndim(a)), source, destination)
    return np.transpose(a, _named(named))


@composed(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    return np.transpose(a, _named(np.rollaxis(_axes_named(np.ndim(a)), axis, start)))


def _axes_named(ndim: int) -> Any:
    """An array without memory of its own whose axis k has the length k + 1."""
    return np.broadcast_to(np.zeros(()), tuple(range(1, ndim + 1)))


def _named(a: Any) -> tuple[int, ...]:
    return tuple(n - 1 for n in a.shape)


def _matrices_transposed(x: Any, /) -> Any:
    if np.ndim(x) < 2:
        raise ShapeError(f"matrix_transpose takes at least two axes, got shape {np.shape(x)}.")
    return np.swapaxes(x, -1, -2)


composed(np.matrix_transpose, np.linalg.matrix_transpose)(_matrices_transposed)


def _at_least(function: Any, ndim: int) -> None:
    def one(a: Any) -> Any:
        if np.ndim(a) >= ndim:
            return a
        # Of positions NumPy's own answer.
        return np.reshape(a, function(np.zeros(np.shape(a))).shape)

    def call(*arys: Any) -> Any:
        return one(arys[0]) if len(arys) == 1 else tuple(one(a) for a in arys)

    composed(function)(call)


_at_least(np.atleast_1d, 1)
_at_least(np.atleast_2d, 2)
_at_least(np.atleast_3d, 3)


@composed(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


# ---------------------------------------------------------------------- elements


@composed(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    ndim = np.ndim(m)
    turned = normalize_axis_tuple(range(ndim) if axis is None else axis, ndim)
    return m[tuple(slice(None, None, -1 if a in turned else None) for a in range(ndim))]


@composed(np.fliplr)
def _fliplr(m: Any) -> Any:
    return m[:, ::-1]


@composed(np.flipud)
def _flipud(m: Any) -> Any:
    return m[::-1]


@composed(np.rot90)
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    normalize_axis_tuple(axes, np.ndim(m))
    for _ in range(k % 4):
        m = np.swapaxes(np.flip(m, axes[1]), *axes)
    return m


@composed(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.roll(np.ravel(a), shift, 0), np.shape(a))
    shifts, axes = np.broadcast_arrays(shift, axis)
    for by, along in zip(shifts.ravel(), axes.ravel(), strict=True):
        n = np.shape(a)[normalize_axis_index(along, np.ndim(a))]
        if n and by % n:
            before = (slice(None),) * normalize_axis_index(along, np.ndim(a))
            cut = n - int(by) % n
            parts = [a[(*before, slice(cut, None))], a[(*before, slice(None, cut))]]
            a = np.concatenate(parts, int(along))
    return np.positive(a)


@composed(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    a = np.atleast_1d(a)
    axis = normalize_axis_index(axis, np.ndim(a))
    n = np.shape(a)[axis]
    if not hasattr(indices, "dtype"):
        indices = np.asarray(indices)
    if indices.dtype == bool or not indices.size:
        indices = indices.astype(int)  # positions 0 and 1, not a mask
    if mode == "wrap":
        indices = np.remainder(indices, n)
    elif mode == "clip":
        indices = np.clip(indices, 0, n - 1)
    elif mode != "raise":
        raise ArgumentError(f"`mode` must be 'raise', 'wrap' or 'clip', got {mode!r}.")
    return a[(*(slice(None),) * axis, indices)]


@composed(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None) -> Any:
    places = np.nonzero(np.asarray(condition))[0]
    return np.take(a, places, axis)


@composed(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return np.ravel(arr)[np.nonzero(np.ravel(np.asarray(condition)))[0]]


@composed(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise ArgumentError(
            f"select takes a choice for each condition, got {len(condlist)} conditions and "
            f"{len(choicelist)} choices."
        )
    if not len(condlist) or any(np.result_type(c) != np.bool_ for c in condlist):
        raise ArgumentError("select takes conditions that are arrays of booleans, at least one.")
    chosen = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        chosen = np.where(condition, choice, chosen)
    return chosen


@composed(np.choose)
def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    n = len(choices)
    if mode == "wrap":
        a = np.remainder(a, n)
    elif mode == "clip":
        a = np.clip(a, 0, n - 1)
    elif not np.all((np.asarray(a) >= 0) & (np.asarray(a) < n)):
        raise ArgumentError(f"choose: there are {n} choices, so positions are 0 to {n - 1}.")
    chosen = choices[0]
    for place in range(1, n):
        chosen = np.where(np.equal(a, place), choices[place], chosen)
    shape = np.broadcast_shapes(np.shape(a), *(np.shape(c) for c in choices))
    return chosen if np.shape(chosen) == shape else np.broadcast_to(chosen, shape)


@composed(np.piecewise)
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **keywords: Any) -> Any:
    if not isinstance(condlist, (list, tuple)):
        condlist = [condlist]
    conditions = [np.broadcast_to(c, np.shape(x)) for c in condlist]
    if len(funclist) == len(conditions) + 1:
        rest: Any = conditions[0]
        for condition in conditions[1:]:
            rest = np.logical_or(rest, condition)
        conditions.append(np.logical_not(rest))
    elif len(funclist) != len(conditions):
        raise ArgumentError(
            f"piecewise takes a function for each of {len(conditions)} conditions, and one more "
            f"for the rest, got {len(funclist)}."
        )
    result: Any = np.zeros(np.shape(x), x.dtype)
    if any(map(callable, funclist)):
        _check_of_each(conditions, x, funclist, args, keywords)
    for condition, function in zip(conditions, funclist, strict=True):
        # Beyond its condition a function is not asked: it may have no value there.
        piece = function
        if callable(function):
            inside = np.where(condition, x, _somewhere(condition, x))
            piece = function(inside, *args, **keywords)
        result = np.where(condition, piece, result)
    return result


def _check_of_each(
    conditions: Any, x: Any, functions: Any, args: Any, keywords: dict[str, Any]
) -> None:
    """Refuse a function that is not of each number by itself.

    NumPy gives it the numbers chosen by its condition; here it is given all, so that a program can
    choose others.
    """
    for condition, function in zip(conditions, functions, strict=True):
        inside = _numbers(x)[_numbers(condition)]
        if not callable(function) or inside.size < 2:
            continue
        together = function(inside, *args, **keywords)
        alone = function(inside[:1], *args, **keywords)
        first, other = (np.ravel(_numbers(y))[0] for y in (together, alone))
        if not np.allclose(first, other, equal_nan=True):
            raise ArgumentError(
                "piecewise of a Tensor takes functions of each number by itself; this one depends "
                "on the others that its condition chooses. Use np.where, with masks."
            )


def _numbers(x: Any) -> Any:
    return x._data if type(x) is Tensor else np.asarray(x)


def _somewhere(condition: Any, x: Any) -> Any:
    """A number at which a condition holds, where it does."""
    return elements(np.ravel(x), np.argmax(np.ravel(condition))) if np.size(x) else 0


@composed(np.apply_along_axis)
def _apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **keywords: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    around = rows.shape[:-1]
    made = [func1d(rows[place], *args, **keywords) for place in np.ndindex(*around)]
    inner = np.shape(made[0])
    found = np.reshape(np.stack(made), (*around, *inner))
    places = tuple(range(len(around), len(around) + len(inner)))
    axis = normalize_axis_index(axis, np.ndim(arr))
    return np.moveaxis(found, places, tuple(axis + k for k in range(len(inner))))


@composed(np.apply_over_axes)
def _apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        found = func(a, axis)
        a = found if np.ndim(found) == np.ndim(a) else np.expand_dims(found, axis)
    return a


# ---------------------------------------------------------------------- diagonals and triangles


def _triangle(function: Any) -> None:
    def call(m: Any, k: int = 0) -> Any:
        inside = function(np.ones(np.shape(m)[-2:], bool), k)
        return np.where(inside, m, m.dtype.type(0))

    composed(function)(call)


_triangle(np.tril)
_triangle(np.triu)


def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2:]
    n = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    i = np.arange(n)
    return a[..., i - min(offset, 0), i + max(offset, 0)]


composed(np.diagonal)(_diagonal)


@composed(np.linalg.diagonal)
def _linalg_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return _diagonal(x, offset, -2, -1)


@composed(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    return np.sum(converted(_diagonal(a, offset, axis1, axis2), dtype), axis=-1)


@composed(np.linalg.trace)
def _linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.sum(converted(_diagonal(x, offset, -2, -1), dtype), axis=-1)


@composed(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) == 2:
        return _diagonal(v, k)
    if np.ndim(v) != 1:
        raise ShapeError(f"diag takes one or two axes, got shape {np.shape(v)}.")
    n = np.shape(v)[0]
    places = np.diag(np.arange(1, n + 1), k)
    return (
        np.where(places == 0, v.dtype.type(0), v[np.maximum(places - 1, 0)])
        if n
        else np.diag(np.zeros(0), k)
    )


@composed(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return np.diag(np.ravel(v), k)
