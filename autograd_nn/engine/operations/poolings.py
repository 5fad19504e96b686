"""The largest and the average of windows. Channels come last: x (…, *S, C), out (…, *L, C).

Without ``strides`` windows lie side by side, without ``padding`` within the input; it says for each
axis how much further they reach, before and behind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation


def _padded(x: Any, padding: Any, fill: float) -> Any:
    if padding is None:
        return x
    widths = [(0, 0)] * (x.ndim - len(padding) - 1) + [*padding, (0, 0)]
    return np.pad(x, widths, constant_values=fill)


def _seen(shape: Any, size: Any, strides: Any, padding: Any) -> Any:
    """For every place in a window, row by row, what of the padded input is there."""
    strides = strides or size
    whole = _whole(shape, padding)
    lengths = [(n - k) // step + 1 for n, k, step in zip(whole, size, strides, strict=True)]
    found = []
    for place in np.ndindex(*size):
        rows = zip(place, lengths, strides, strict=True)
        slices = [slice(i, i + step * (length - 1) + 1, step) for i, length, step in rows]
        found.append((..., *slices, slice(None)))
    return found


def _whole(shape: Any, padding: Any) -> list[int]:
    if padding is None:
        return [*shape]
    return [before + s + behind for s, (before, behind) in zip(shape, padding, strict=True)]


def _inner(x: Any, shape: Any, padding: Any) -> Any:
    if padding is None:
        return x
    return x[
        (..., *[slice(b, b + s) for s, (b, _) in zip(shape, padding, strict=True)], slice(None))
    ]


def _spatial(x: Any, size: Any) -> tuple[int, ...]:
    return tuple(x.shape[-len(size) - 1 : -1])


def _max_pooling(x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    seen = _seen(_spatial(x, size), size, strides, padding)
    x = _padded(x, padding, -np.inf)
    largest = x[seen[0]]
    for key in seen[1:]:
        largest = np.maximum(largest, x[key])
    return largest.copy()


def _winners(x: Any, size: Any, strides: Any, padding: Any) -> Any:
    """For every place in a window, whether the window's result is taken from there: of several
    that are equal from the first, row by row, and of NaN from the first too."""
    seen = _seen(_spatial(x, size), size, strides, padding)
    largest = _max_pooling(x, size, strides, padding)
    x = _padded(x, padding, -np.inf)
    free = np.ones(largest.shape, bool)
    found = []
    for key in seen:
        wins = free & ((x[key] == largest) | (x[key] != x[key]))
        free = free & ~wins
        found.append(wins)
    return zip(seen, found, strict=True)


def _max_pooling_input(g: Any, x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    """``g`` where the largest of each window was, 0 elsewhere."""
    shape, n = _spatial(x, size), len(size)
    added = np.zeros((*g.shape[: -n - 1], *_whole(shape, padding), x.shape[-1]), g.dtype)
    for key, wins in _winners(x, size, strides, padding):
        added[key] += np.where(wins, g, 0)
    return _inner(added, shape, padding)


def _max_pooling_taken(h: Any, x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    """Of each window the element of ``h`` where the largest of ``x`` is."""
    h = _padded(h, padding, 0)
    return sum(np.where(wins, h[key], 0) for key, wins in _winners(x, size, strides, padding))


max_pooling: Operation = Operation(
    "max_pooling",
    value=_max_pooling,
    gradients=(lambda g, out, x, **how: max_pooling_input(g, x, **how),),
)
max_pooling_input: Operation = Operation(
    "max_pooling_input",
    value=_max_pooling_input,
    gradients=(lambda h, out, g, x, **how: max_pooling_taken(h, x, **how), None),
)
max_pooling_taken: Operation = Operation(
    "max_pooling_taken",
    value=_max_pooling_taken,
    gradients=(lambda g, out, h, x, **how: max_pooling_input(g, x, **how), None),
)


def counts(like: Any, shape: Any, size: Any, strides: Any, padding: Any) -> Any:
    """How many elements of the input, and not of its padding, are in each window: (*L, 1)."""
    strides, padding = strides or size, padding or ((0, 0),) * len(size)
    number = np.ones(1)
    for s, k, step, (before, behind) in zip(shape, size, strides, padding, strict=True):
        starts = np.arange(0, before + s + behind - k + 1, step) - before
        inside = np.minimum(starts + k, s) - np.maximum(starts, 0)
        number = number[..., None] * inside
    return np.moveaxis(number, 0, -1).astype(like.dtype)


def _average_pooling(x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    shape = _spatial(x, size)
    whole = _padded(x, padding, 0)
    total = sum(whole[key] for key in _seen(shape, size, strides, padding))
    return total / counts(x, shape, size, strides, padding)


def _average_pooling_input(
    g: Any, shape: Any, size: Any, strides: Any = None, padding: Any = None
) -> Any:
    """``g`` in equal parts to all elements of each window."""
    part = g / counts(g, shape, size, strides, padding)
    added = np.zeros((*g.shape[: -len(size) - 1], *_whole(shape, padding), g.shape[-1]), g.dtype)
    for key in _seen(shape, size, strides, padding):
        added[key] += part
    return _inner(added, shape, padding)


average_pooling: Operation = Operation(
    "average_pooling",
    value=_average_pooling,
    gradients=(
        lambda g, out, x, **how: average_pooling_input(g, shape=_spatial(x, how["size"]), **how),
    ),
)
average_pooling_input: Operation = Operation(
    "average_pooling_input",
    value=_average_pooling_input,
    gradients=(lambda h, out, g, shape, **how: average_pooling(h, **how),),
)
