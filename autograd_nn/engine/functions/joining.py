"""Joining, splitting and repeating arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.composing import composed
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.ufunc_methods import converted

# np.concatenate and np.stack are operations; what follows brings the shapes into line first.


@composed(np.vstack)
def _vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    return np.concatenate([converted(np.atleast_2d(a), dtype) for a in tup], 0)


@composed(np.hstack)
def _hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    parts = [converted(np.atleast_1d(a), dtype) for a in tup]
    return np.concatenate(parts, 0 if np.ndim(parts[0]) == 1 else 1)


@composed(np.dstack)
def _dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(a) for a in tup], 2)


@composed(np.column_stack)
def _column_stack(tup: Any) -> Any:
    columns = [np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a for a in tup]
    return np.concatenate(columns, 1)


@composed(np.append)
def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis)


@composed(np.block)
def _block(arrays: Any) -> Any:
    depth = _depth(arrays)
    ndim = max(depth, *(np.ndim(a) for a in _innermost(arrays)))
    return _joined_blocks(arrays, depth, ndim)


def _depth(arrays: Any) -> int:
    return 1 + _depth(arrays[0]) if isinstance(arrays, list) else 0


def _innermost(arrays: Any) -> list[Any]:
    if not isinstance(arrays, list):
        return [arrays]
    return [a for part in arrays for a in _innermost(part)]


def _joined_blocks(arrays: Any, depth: int, ndim: int) -> Any:
    if depth == 0:
        return np.reshape(arrays, (*(1,) * (ndim - np.ndim(arrays)), *np.shape(arrays)))
    return np.concatenate([_joined_blocks(a, depth - 1, ndim) for a in arrays], ndim - depth)


@composed(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    reps = tuple(reps) if isinstance(reps, (tuple, list, np.ndarray)) else (reps,)
    ndim = max(np.ndim(A), len(reps))
    shape = (*(1,) * (ndim - np.ndim(A)), *np.shape(A))
    reps = (*(1,) * (ndim - len(reps)), *(int(r) for r in reps))
    # Every axis with one of copies before it, spread and then joined.
    wide = np.reshape(A, [n for length in shape for n in (1, length)])
    wide = np.broadcast_to(wide, [n for r, m in zip(reps, shape, strict=True) for n in (r, m)])
    return np.reshape(wide, [r * n for r, n in zip(reps, shape, strict=True)])


@composed(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    a = np.atleast_1d(a)
    axis = normalize_axis_index(axis, np.ndim(a))
    places = np.repeat(np.arange(np.shape(a)[axis]), np.asarray(repeats))
    return a[(*(slice(None),) * axis, places)]


@composed(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    n = np.shape(ary)[axis]
    places = np.array_split(np.arange(n), indices_or_sections)
    ends = [len(part) for part in places]
    if not isinstance(indices_or_sections, (int, np.integer)):
        return np.split(ary, indices_or_sections, axis)
    return np.split(ary, [int(end) for end in np.cumsum(ends)[:-1]], axis)


def _split_along(function: Any, axis: int, least: int) -> None:
    def call(ary: Any, indices_or_sections: Any) -> Any:
        ndim = np.ndim(ary)
        if ndim < least:
            raise ShapeError(
                f"{function.__name__} takes arrays of at least {least} axes, got shape "
                f"{np.shape(ary)}."
            )
        return np.split(ary, indices_or_sections, 0 if axis == 1 and ndim == 1 else axis)

    composed(function)(call)


_split_along(np.vsplit, 0, 2)
_split_along(np.hsplit, 1, 1)
_split_along(np.dsplit, 2, 3)

if hasattr(np, "unstack"):  # from NumPy 2.1 on

    @composed(np.unstack)
    def _unstack(x: Any, /, *, axis: int = 0) -> Any:
        before = (slice(None),) * normalize_axis_index(axis, np.ndim(x))
        return tuple(x[(*before, i)] for i in range(np.shape(x)[axis]))


@composed(np.delete)
def _delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = normalize_axis_index(axis, np.ndim(arr))
    if type(obj) is Tensor:
        if obj.dtype.kind == "b":  # what a mask leaves is chosen by a mask
            return arr[(*(slice(None),) * axis, np.logical_not(obj))]
        obj = np.asarray(obj)
    places = np.delete(np.arange(np.shape(arr)[axis]), obj)
    return arr[(*(slice(None),) * axis, places)]


@composed(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    arr, values = array_of(arr), array_of(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    ndim = np.ndim(arr)
    axis = normalize_axis_index(axis, ndim)
    n = np.shape(arr)[axis]
    indices = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    if indices.dtype == np.bool_:
        # In NumPy 2.0 truth values are the positions 0 and 1.
        chosen, zeros = np.flatnonzero(indices), np.zeros(n)
        is_mask = np.array_equal(np.insert(zeros, indices, 1), np.insert(zeros, chosen, 1))
        indices = chosen if is_mask else indices.astype(int)
    new = np.arange(indices.size)
    if indices.size == 1:  # then several values may go there
        values = np.reshape(values, (*(1,) * (ndim - np.ndim(values)), *np.shape(values)))
        values = np.moveaxis(values, 0, axis) if indices.ndim == 0 else values
        new, indices = np.arange(np.shape(values)[axis]), indices.reshape(())
    # What comes in where: NumPy's own answer for positions, the new ones counted from n on.
    places = np.insert(np.arange(n), indices[()], n + new)
    shape = (*np.shape(arr)[:axis], len(new), *np.shape(arr)[axis + 1 :])
    both = np.concatenate([arr, np.broadcast_to(converted(values, arr.dtype), shape)], axis)
    return both[(*(slice(None),) * axis, places)]


@composed(np.resize)
def _resize(a: Any, new_shape: Any) -> Any:
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    if not np.size(a):
        return np.zeros(shape, a.dtype)
    return np.ravel(a)[np.resize(np.arange(np.size(a)), shape)]


@composed(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **keywords: Any) -> Any:
    if callable(mode):
        raise ArgumentError("pad with a function of yours is not recorded. Use np.concatenate.")
    numbers = np.arange(np.size(array)).reshape(np.shape(array))
    if mode == "constant":
        values = keywords.pop("constant_values", 0)
        where = np.pad(numbers, pad_width, constant_values=-1, **keywords)
        around = np.pad(np.zeros(np.shape(array), array.dtype), pad_width, constant_values=values)
        if not np.size(array):
            return around
        return np.where(where < 0, around, _taken(array, where))
    if mode in ("edge", "reflect", "symmetric", "wrap") and keywords.get("reflect_type") != "odd":
        return _taken(array, np.pad(numbers, pad_width, mode, **keywords))
    return _padded_by_sums(array, pad_width, mode, keywords)


def _taken(array: Any, places: Any) -> Any:
    return np.ravel(array)[places]


def _padded_by_sums(array: Any, pad_width: Any, mode: Any, keywords: dict[str, Any]) -> Any:
    """What NumPy computes from the elements: a linear map of them, which their units show."""
    if mode not in ("mean", "linear_ramp", "reflect", "symmetric"):
        raise ArgumentError(
            f"pad of a Tensor takes no mode {mode!r}. Known: constant, edge, linear_ramp, mean, "
            "reflect, symmetric, wrap."
        )
    shape = np.shape(array)
    zero = np.pad(np.zeros(shape), pad_width, mode, **keywords)
    if not np.size(array):
        return zero
    units = np.eye(np.size(array)).reshape(-1, *shape)
    linear = np.stack([np.pad(unit, pad_width, mode, **keywords) - zero for unit in units], -1)
    return np.matmul(linear, np.ravel(array)) + zero
