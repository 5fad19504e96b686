"""Operations whose values are not calls of NumPy's alone, as such calls.

What an adjoint adds up in place is here a sum of arrays of zeros with a part in each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations import poolings
from autograd_nn.engine.operations.convolutions import convolution_input
from autograd_nn.javascript.opened_sequences import sequence_forms
from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import forms as planned_forms
from autograd_nn.program import placed


def _added(parts: Any, keys: Any, shape: tuple[int, ...]) -> Any:
    """Zeros with all parts added, each at its key."""
    return sum(
        x.trace.call(placed, ((x,), (key,), shape)) for x, key in zip(parts, keys, strict=True)
    )


def _convolution_input(
    g: Any,
    kernel: Any,
    shape: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    if groups > 1:
        pairs = zip(np.split(g, groups, -1), np.split(kernel, groups, -1), strict=True)
        parts = [_convolution_input(*p, shape, strides, padding, dilation) for p in pairs]
        return np.concatenate(parts, -1)
    n = kernel.ndim - 2
    strides, dilation = strides or (1,) * n, dilation or (1,) * n
    lengths = g.shape[-n - 1 : -1]
    whole = poolings._whole(shape, padding)
    parts, keys = [], []
    for place in np.ndindex(kernel.shape[:n]):
        rows = zip(place, lengths, strides, dilation, strict=True)
        seen = [slice(d * i, d * i + s * (length - 1) + 1, s) for i, length, s, d in rows]
        parts.append(g @ np.swapaxes(kernel[place], -1, -2))
        keys.append((..., *seen, slice(None)))
    added = _added(parts, keys, (*g.shape[: -n - 1], *whole, kernel.shape[n]))
    return poolings._inner(added, shape, padding)


def _max_pooling_input(g: Any, x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    shape, n = poolings._spatial(x, size), len(size)
    keys, wins = zip(*poolings._winners(x, size, strides, padding), strict=True)
    whole = (*g.shape[: -n - 1], *poolings._whole(shape, padding), x.shape[-1])
    added = _added([np.where(own, g, 0) for own in wins], keys, whole)
    return poolings._inner(added, shape, padding)


def _average_pooling_input(
    g: Any, shape: Any, size: Any, strides: Any = None, padding: Any = None
) -> Any:
    part = g / poolings.counts(g, shape, size, strides, padding)
    keys = poolings._seen(shape, size, strides, padding)
    whole = (*g.shape[: -len(size) - 1], *poolings._whole(shape, padding), g.shape[-1])
    return poolings._inner(_added([part] * len(keys), keys, whole), shape, padding)


def _length(arrays: Any) -> Any:
    # Summed up as in `euclidean`, to the same bit.
    flat = [x.reshape(-1) for x in arrays]
    return np.sqrt(sum(x.dot(x).astype(np.float64) for x in flat))


def _norm_factor(array: Any, limit: float) -> Any:
    length = _length([array])
    return np.where(length > limit, limit / length, np.float64(1))


def _global_norm_factor(*arrays: Any, limit: float) -> Any:
    length = _length(arrays)
    return np.where(
        length < np.inf, np.where(length > limit, limit / length, np.float64(1)), np.nan
    )


def forms() -> Mapping[Operation, Callable[..., Any]]:
    """By operation, what is opened in its place."""
    taken = (
        ops.softmax, ops.log_softmax, ops.sigmoid_cross_entropy, ops.softmax_cross_entropy,
        ops.sparse_softmax_cross_entropy,
    )  # fmt: skip
    planned = planned_forms()
    return {operation: planned[operation] for operation in taken} | {
        convolution_input: _convolution_input,
        poolings.max_pooling_input: _max_pooling_input,
        poolings.average_pooling_input: _average_pooling_input,
        norm_factor: _norm_factor,
        global_norm_factor: _global_norm_factor,
        **sequence_forms(),
    }
