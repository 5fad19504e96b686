"""The three ways to keep gradients from growing too large.

What branches on numbers is an operation of its own, so that clipping runs on arrays and becomes
steps of a program alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation


def clip_by_value(gradients: list[Any], limit: float) -> list[Any]:
    """Every element brought into [-limit, limit]."""
    return [np.minimum(np.maximum(gradient, -limit), limit) for gradient in gradients]


def clip_by_norm(gradients: list[Any], limit: float) -> list[Any]:
    """Every gradient whose norm is larger scaled down to the norm ``limit``, by itself."""
    return [
        gradient * norm_factor(gradient, limit=limit).astype(gradient.dtype)
        for gradient in gradients
    ]


def clip_by_global_norm(gradients: list[Any], limit: float) -> list[Any]:
    """All gradients scaled by one factor where their norm together is larger than ``limit``.

    Where it is infinite or NaN, all become NaN: no factor would be right, and zeros would hide it.
    """
    factor = global_norm_factor(*gradients, limit=limit)
    return [gradient * factor.astype(gradient.dtype) for gradient in gradients]


def _norm(arrays: Any) -> Any:
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


def _norm_factor(array: Any, limit: float) -> Any:
    length = _norm([array])
    return limit / length if length > limit else np.float64(1)


def _global_norm_factor(*arrays: Any, limit: float) -> Any:
    length = _norm(arrays)
    if not length < np.inf:
        return np.float64(np.nan)
    return limit / length if length > limit else np.float64(1)


norm_factor = Operation("norm_factor", value=_norm_factor, gradients=(None,))
global_norm_factor = Operation(
    "global_norm_factor",
    value=_global_norm_factor,
    gradients=lambda g, out, *arrays, limit: (None,) * len(arrays),
)
