"""Cheaper forms of operations, for programs: equal to the operation's own up to rounding.

A form is ordinary NumPy and may use other operations; where one was computed already, the same
steps are found again and not repeated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine import operations
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.indexing import ARRAY, scatter
from autograd_nn.program.calls import placed, zero_where_equal
from autograd_nn.program.refusals import NotTraceable


def _sigmoid(x: Any) -> Any:
    # Four calls instead of seven. From 88 on (float32) it is 1, and exp would overflow beyond.
    e = _finite_exp(x)
    return e / (e + 1)


def _finite_exp(x: Any) -> Any:
    """exp, of larger numbers that of the largest whole one of which it is finite."""
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    return np.exp(np.minimum(x, int(np.log(np.finfo(dtype).max))))


def _sigmoid_slope(x: Any) -> Any:
    # a·(1 - a), as 1 - a is 1 / (1 + e): one call, exact also where a is almost 1.
    return ops.sigmoid(x) / (_finite_exp(x) + 1)


def _clip(x: Any, min: Any = None, max: Any = None) -> Any:
    x = x if min is None else np.maximum(x, min)
    return x if max is None else np.minimum(x, max)


def _sigmoid_cross_entropy(z: Any, y: Any, p: Any = None) -> Any:
    # max(z, 0) - z·y is z·(h - y) with h = 1 above 0. Where h - y is 0 the product is, also for an
    # infinite z.
    wrong = np.fmax(np.copysign(1, z), 0) - y
    return _zero_where_equal(z * wrong, wrong, 0) + np.log1p(np.exp(-np.abs(z)))


def _sigmoid_residual(z: Any, y: Any) -> Any:
    e = np.exp(-np.abs(z))
    sign = np.copysign(1, z)
    return (np.fmax(sign, 0) - y) - sign * (e / (1 + e))


def _zero_where_equal(x: Any, a: Any, b: Any) -> Any:
    return x.trace.call(zero_where_equal, (x, a, b)) if x.ndim else np.where(a == b, 0, x)[()]


def _softmax(x: Any, axis: int = -1) -> Any:
    # Multiplied by one over the sum of each row, not every element divided by it.
    e = np.exp(_below_largest(x, axis))
    return e * np.reciprocal(np.add.reduce(e, axis=axis, keepdims=True))


def _below_largest(x: Any, axis: int = -1) -> Any:
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    return _zero_where_equal(x - largest, x, largest)


def _terms(z: Any) -> Any:
    """−log softmax, from terms that softmax has too."""
    below = _below_largest(z)
    return np.log(np.add.reduce(np.exp(below), axis=-1, keepdims=True)) - below


def _log_softmax(x: Any, axis: int = -1) -> Any:
    below = _below_largest(x, axis)
    return below - np.log(np.add.reduce(np.exp(below), axis=axis, keepdims=True))


def _softmax_cross_entropy(z: Any, y: Any, p: Any = None) -> Any:
    return np.add.reduce(_zero_where_equal(y * _terms(z), y, 0), axis=-1)


def _sparse_softmax_cross_entropy(z: Any, labels: Any, p: Any = None) -> Any:
    chosen = labels[..., None] == np.arange(z.shape[-1])
    return np.add.reduce(_zero_where_equal(chosen * _terms(z), chosen, 0), axis=-1)


def _scatter(g: Any, *arrays: Any, key: Any = ARRAY, shape: Any) -> Any:
    # Zeros that are there already, and the part computed into its place.
    keys = key if isinstance(key, tuple) else (key,)
    if arrays or not all(type(k) in (int, slice) or k in (None, ...) for k in keys):
        raise NotTraceable("It is added up where an index says.")
    # With `...` also one element is a view.
    return g.trace.call(placed, ((g,), (keys if ... in keys else (*keys, ...),), shape))


_LATER = {
    "convolutions": "window_forms",
    "poolings": "window_forms",
    "whole_sequences": "recurrent_forms",
}


def forms() -> Mapping[Operation, Callable[..., Any]]:
    """Every form by its operation; of a family that nobody has imported none is needed."""
    for family, module in _LATER.items():
        if f"{operations.__name__}.{family}" in sys.modules:
            FORMS.update(import_module(f"autograd_nn.program.planning.{module}").FORMS)
    return FORMS


FORMS: dict[Operation, Callable[..., Any]] = {
    ops.sigmoid: _sigmoid,
    ops.sigmoid_slope: _sigmoid_slope,
    ops.clip: _clip,
    ops.sigmoid_cross_entropy: _sigmoid_cross_entropy,
    ops.sigmoid_residual: _sigmoid_residual,
    ops.softmax: _softmax,
    ops.log_softmax: _log_softmax,
    ops.softmax_cross_entropy: _softmax_cross_entropy,
    ops.sparse_softmax_cross_entropy: _sparse_softmax_cross_entropy,
    scatter: _scatter,
}
