"""Operations that are one call in a NumPy program, as elementwise steps and sums for a compiler."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import Function


def _length(arrays: tuple[Any, ...]) -> Any:
    """The norm of all elements together; shrunk by the largest, squares fit the dtype."""
    wide = [np.absolute(array.astype(np.float64)) for array in arrays]
    largest = functools.reduce(np.maximum, [np.maximum.reduce(a, axis=None) for a in wide])
    shrinks = np.logical_and(largest > 0, largest < np.inf)
    unit = np.where(shrinks, largest, 1.0)
    squares = [np.add.reduce(np.square(a / unit), axis=None) for a in wide]
    return np.where(shrinks, unit * np.sqrt(functools.reduce(np.add, squares)), largest)


def _norm_factor(array: Any, *, limit: float) -> Any:
    length = _length((array,))
    return np.where(length > limit, limit / length, 1.0)


def _global_norm_factor(*arrays: Any, limit: float) -> Any:
    length = _length(arrays)
    return np.where(length < np.inf, np.where(length > limit, limit / length, 1.0), np.nan)


FORMS: dict[Function, Callable[..., Any]] = {
    norm_factor: _norm_factor,
    global_norm_factor: _global_norm_factor,
}
