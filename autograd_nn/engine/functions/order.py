"""Sorting and choosing by position."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.composing import composed
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.operations.indexing import elements
from autograd_nn.engine.operations.positions import first_places, stable_argsort
from autograd_nn.engine.operations.without_derivative import argpartition
from autograd_nn.engine.taking import lengths
from autograd_nn.engine.tensor import Tensor


@composed(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    if np.ndim(indices) != np.ndim(arr):
        raise ShapeError(
            "take_along_axis takes positions with as many axes as the array, got "
            f"{np.shape(indices)} for {np.shape(arr)}. Use np.expand_dims, or keepdims=True where "
            "they were made."
        )
    axis = normalize_axis_index(axis, np.ndim(arr))
    grid: list[Any] = [
        np.arange(n).reshape([-1 if a == b else 1 for b in range(np.ndim(arr))])
        for a, n in enumerate(np.shape(arr))
    ]
    grid[axis] = indices
    return elements(arr, *grid)


@composed(np.sort)
def _sort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, stable_argsort(a, axis=axis), axis)


@composed(np.partition)
def _partition(a: Any, kth: Any, axis: Any = -1, kind: Any = None, order: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, argpartition(a, kth=kth, axis=axis), axis)


@composed(np.unique, np.unique_values)
def _unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    **keywords: Any,
) -> Any:
    if keywords.get("axis") is not None:
        raise TypeError("unique() got an unexpected keyword argument 'axis'")
    lengths.were_decided = True
    values = np.ravel(ar)[first_places(ar)]
    if not (return_index or return_inverse or return_counts):
        return values
    if type(ar) is Tensor:
        ar._taken("np.unique")
    rest = np.unique(  # type: ignore[call-overload]
        ar._data if type(ar) is Tensor else ar,
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
    )[1:]
    return values, *rest
