"""The length of arrays, and by what factor those are scaled down that are longer than a limit.

What branches on numbers is an operation, so that it runs on arrays and in programs alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation


def euclidean(arrays: Any) -> Any:
    """The Euclidean norm of all elements together, also where the squares do not fit the dtype."""
    squares = np.float64(0)
    with np.errstate(over="ignore"):  # answered below
        for array in arrays:
            flat = array.ravel()
            squares += np.dot(flat, flat)
    if 1e-30 < squares < np.inf:
        return np.sqrt(squares)
    largest = np.float64(0)
    for array in arrays:
        largest = np.maximum(largest, np.max(np.abs(array), initial=0))
    if not 0 < largest < np.inf:
        return largest
    squares = np.float64(0)
    for array in arrays:
        shrunk = array.ravel() / largest
        squares += np.dot(shrunk, shrunk)
    return largest * np.sqrt(squares)


def norm(array: Any) -> float:
    """The Euclidean norm of one array, or of a number."""
    return float(euclidean([np.asarray(array)]))


def _norm_factor(array: Any, limit: float) -> Any:
    length = euclidean([array])
    return limit / length if length > limit else np.float64(1)


def _global_norm_factor(*arrays: Any, limit: float) -> Any:
    length = euclidean(arrays)
    if not length < np.inf:
        return np.float64(np.nan)
    return limit / length if length > limit else np.float64(1)


norm_factor = Operation("norm_factor", value=_norm_factor, gradients=(None,))
global_norm_factor = Operation(
    "global_norm_factor",
    value=_global_norm_factor,
    gradients=lambda g, out, *arrays, limit: (None,) * len(arrays),
)
