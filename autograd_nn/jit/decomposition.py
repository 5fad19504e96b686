"""Operations that are one call in a NumPy program, as elementwise steps and sums for a compiler."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import Function


def _log_total(z: Any) -> tuple[Any, Any]:
    """The largest logit of each row, and log Σ exp(z − largest) accurate near 0.

    Terms that are 1 are counted and one of them left out, so that log1p keeps the digits of a
    small rest. The operation itself leaves out the place of the largest.
    """
    largest = np.maximum.reduce(z, axis=-1, keepdims=True)
    is_one = np.equal(z, largest)
    rest = np.add.reduce(np.where(is_one, 0, np.exp(z - largest)), axis=-1)
    ones = np.add.reduce(is_one.astype(z.dtype), axis=-1)
    return largest, np.log1p(rest + (ones - 1))


def _softmax_cross_entropy(z: Any, y: Any, p: Any = None) -> Any:
    largest, log_total = _log_total(z)
    return np.add.reduce(y * (largest - z), axis=-1) + np.add.reduce(y, axis=-1) * log_total


def _sparse_softmax_cross_entropy(z: Any, labels: Any, p: Any = None) -> Any:
    largest, log_total = _log_total(z)
    named = np.equal(labels[..., None], np.arange(z.shape[-1]))
    return np.add.reduce(np.where(named, largest - z, 0), axis=-1) + log_total


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
    ops.softmax_cross_entropy: _softmax_cross_entropy,
    ops.sparse_softmax_cross_entropy: _sparse_softmax_cross_entropy,
    norm_factor: _norm_factor,
    global_norm_factor: _global_norm_factor,
}
