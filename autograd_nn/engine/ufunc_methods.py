"""ufuncs called otherwise than ``np.exp(t)``: with keywords, and their methods reduce, accumulate,
outer and reduceat."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError

# Which function of NumPy the `reduce` and `accumulate` of a ufunc is.
_REDUCING: dict[Any, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
}
_ACCUMULATING: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
# What says nothing about the numbers of a result.
_HARMLESS = {"casting", "order", "subok"}


def refused_out(name: str) -> ArgumentTypeError:
    """The refusal of ``out=``."""
    return ArgumentTypeError(
        f"np.{name} of a Tensor takes no `out`: a recorded result is always a new Tensor. "
        f"Use t = np.{name}(...), or t.data for plain arrays."
    )


def called_with_keywords(ufunc: Any, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """``np.exp(t, dtype=…)``: the inputs are converted first."""
    name = ufunc.__name__
    if keywords.get("where", True) is not True:
        raise ArgumentTypeError(
            f"np.{name} of a Tensor takes no `where`: what NumPy leaves elsewhere is undefined. "
            f"Use np.where(condition, np.{name}(...), 0), which says what stands there."
        )
    unknown = keywords.keys() - {"where", "dtype", *_HARMLESS}
    if unknown:
        raise ArgumentTypeError(f"np.{name} of a Tensor takes no `{min(unknown)}`.")
    return ufunc(*(converted(x, keywords.get("dtype")) for x in inputs))


def converted(x: Any, dtype: Any) -> Any:
    """``x`` in this dtype, as it is for None."""
    if dtype is None:
        return x
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


def _reduce(
    ufunc: Any,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    if ufunc in _REDUCING:
        array = converted(array, dtype) if ufunc in (np.maximum, np.minimum) else array
        given: dict[str, Any] = {"dtype": dtype, "initial": initial, "where": where}
        told = {k: x for k, x in given.items() if x is not None and x is not np._NoValue}
        if where is True:
            del told["where"]
        if ufunc in (np.maximum, np.minimum):
            told.pop("dtype", None)
        return _REDUCING[ufunc](array, axis, keepdims=keepdims, **told)
    if where is not True:
        raise ArgumentTypeError(
            f"np.{ufunc.__name__}.reduce of a Tensor takes no `where`: choose the elements first."
        )
    array = converted(array, dtype)
    first = () if initial is np._NoValue or initial is None else (initial,)
    # NumPy says whether it takes these axes, and what comes of none.
    stand_in: Any = 1 if first else initial
    of_few: Any = ufunc.reduce(
        np.ones([min(n, 1) for n in array.shape], array.dtype),
        axis,
        keepdims=keepdims,
        initial=stand_in,
    )
    # A number is taken as it is, also along axis 0.
    over = range(array.ndim) if axis is None or not array.ndim else axis
    axes = normalize_axis_tuple(over, array.ndim)
    if not array.size:
        kept: Any = np.add.reduce(np.zeros(array.shape), axis, keepdims=keepdims)  # type: ignore[call-overload]
        of_none = converted(first[0], of_few.dtype) if first else of_few
        return np.broadcast_to(of_none, kept.shape)
    whole = array
    for a in sorted(axes, reverse=True):
        before = (slice(None),) * a
        parts = [whole[(*before, i)] for i in range(whole.shape[a])]
        if a == min(axes):
            parts, first = [*first, *parts], ()
        whole = functools.reduce(ufunc, parts)
    whole = ufunc(first[0], whole) if first else whole
    whole = np.positive(whole) if whole is array else whole
    return np.expand_dims(whole, axes) if keepdims else whole


def _accumulate(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None) -> Any:
    array = converted(array, dtype)
    # NumPy says whether it takes this axis.
    ufunc.accumulate(np.ones([min(n, 1) for n in array.shape], array.dtype), axis)
    if ufunc in _ACCUMULATING:
        return _ACCUMULATING[ufunc](array, axis)
    axis = normalize_axis_index(0 if axis is None else axis, array.ndim)
    if not array.size:
        return np.positive(array)
    before = (slice(None),) * axis
    parts = [array[(*before, 0)]]
    for place in range(1, array.shape[axis]):
        parts.append(ufunc(parts[-1], array[(*before, place)]))
    return np.stack(parts, axis)


def _outer(ufunc: Any, one: Any, other: Any, **keywords: Any) -> Any:
    wide = np.reshape(one, (*np.shape(one), *(1,) * np.ndim(other)))
    return ufunc(wide, other, **keywords)


def _reduceat(ufunc: Any, array: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    axis = normalize_axis_index(axis, array.ndim)
    before = (slice(None),) * axis
    starts = [int(i) for i in np.asarray(indices)]
    if not all(0 <= start < array.shape[axis] for start in starts):
        raise ArgumentError(
            f"np.{ufunc.__name__}.reduceat takes positions from 0 to {array.shape[axis] - 1}, "
            f"got {starts}."
        )
    parts = []
    for start, end in itertools.pairwise([*starts, array.shape[axis]]):
        run = slice(start, end if end > start else start + 1)
        parts.append(_reduce(ufunc, array[(*before, run)], axis, dtype))
    return np.stack(parts, axis) if parts else array[(*before, slice(0))]


METHODS: dict[str, Any] = {
    "reduce": _reduce,
    "accumulate": _accumulate,
    "outer": _outer,
    "reduceat": _reduceat,
}
"""What the methods of ufuncs do with Tensors; ``at`` changes an array in place."""
