"""Convolution and pooling as loops over places, which are their definition."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np


def places(
    shape: Any, size: Any, strides: Any = None, padding: Any = None, dilation: Any = None
) -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
    """Every place of the result, and of its window the places in the kernel and in the input."""
    once = (1,) * len(size)
    strides, dilation = strides or once, dilation or once
    padding = padding or ((0, 0),) * len(size)
    reach = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    lengths = [
        (sum(pad) + n - r) // s + 1
        for n, r, s, pad in zip(shape, reach, strides, padding, strict=True)
    ]
    for out in itertools.product(*map(range, lengths)):
        window = []
        for k in itertools.product(*map(range, size)):
            at = tuple(
                o * s + i * d - pad[0]
                for o, i, s, d, pad in zip(out, k, strides, dilation, padding, strict=True)
            )
            if all(0 <= a < n for a, n in zip(at, shape, strict=True)):
                window.append((k, at))
        yield out, window


def _triples(x: Any, kernel: Any, groups: int, **how: Any) -> Iterator[Any]:
    """What a convolution multiplies: places in the result, the input and the kernel."""
    samples, *shape, _ = x
    *size, channels, filters = kernel
    each = filters // groups
    for out, window in places(shape, size, **how):
        for k, at in window:
            for n, c, o in itertools.product(range(samples), range(channels), range(filters)):
                yield (n, *out, o), (n, *at, o // each * channels + c), (*k, c, o)


def _result(x: Any, kernel: Any, **how: Any) -> Any:
    shape, size = x[1:-1], kernel[:-2]
    last = max(out for out, _ in places(shape, size, **how))
    return (x[0], *(n + 1 for n in last), kernel[-1])


def convolved(x: Any, kernel: Any, groups: int = 1, **how: Any) -> Any:
    out = np.zeros(_result(x.shape, kernel.shape, **how))
    for to, at, k in _triples(x.shape, kernel.shape, groups, **how):
        out[to] += x[at] * kernel[k]
    return out


def convolved_input(g: Any, kernel: Any, shape: Any, groups: int = 1, **how: Any) -> Any:
    out = np.zeros((g.shape[0], *shape, kernel.shape[-2] * groups))
    for to, at, k in _triples(out.shape, kernel.shape, groups, **how):
        out[at] += g[to] * kernel[k]
    return out


def convolved_kernel(x: Any, g: Any, size: Any, groups: int = 1, **how: Any) -> Any:
    out = np.zeros((*size, x.shape[-1] // groups, g.shape[-1]))
    for to, at, k in _triples(x.shape, out.shape, groups, **how):
        out[k] += x[at] * g[to]
    return out


def _pooled(x: Any, size: Any, strides: Any = None, padding: Any = None) -> Iterator[Any]:
    for n, c in itertools.product(range(x[0]), range(x[-1])):
        for out, window in places(x[1:-1], size, strides or size, padding):
            yield (n, *out, c), [(n, *at, c) for _, at in window]


def _shape(x: Any, **how: Any) -> Any:
    return tuple(n + 1 for n in max(to for to, _ in _pooled(x, **how)))


def max_pooled(x: Any, **how: Any) -> Any:
    out = np.zeros(_shape(x.shape, **how))
    for to, window in _pooled(x.shape, **how):
        out[to] = max(x[at] for at in window)
    return out


def max_pooled_input(g: Any, x: Any, **how: Any) -> Any:
    out = np.zeros(x.shape)
    for to, window in _pooled(x.shape, **how):
        out[max(window, key=lambda at: x[at])] += g[to]
    return out


def max_pooled_taken(h: Any, x: Any, **how: Any) -> Any:
    out = np.zeros(_shape(x.shape, **how))
    for to, window in _pooled(x.shape, **how):
        out[to] = h[max(window, key=lambda at: x[at])]
    return out


def average_pooled(x: Any, **how: Any) -> Any:
    out = np.zeros(_shape(x.shape, **how))
    for to, window in _pooled(x.shape, **how):
        out[to] = sum(x[at] for at in window) / len(window)
    return out


def average_pooled_input(g: Any, shape: Any, **how: Any) -> Any:
    out = np.zeros((g.shape[0], *shape, g.shape[-1]))
    for to, window in _pooled(out.shape, **how):
        for at in window:
            out[at] += g[to] / len(window)
    return out


# By how many lengths there are, some of all that can be said.
CONVOLUTIONS: list[dict[str, Any]] = [
    {"strides": (1,), "padding": ((2, 0),), "dilation": (2,), "groups": 2},
    {},
    {"strides": (2, 1), "padding": ((1, 1), (0, 1)), "dilation": (1, 2), "groups": 2},
]
POOLINGS: list[dict[str, Any]] = [
    {"size": (2,), "strides": (2,), "padding": ((0, 1),)},
    {"size": (2, 3), "strides": (2, 2), "padding": ((0, 0), (1, 1))},
    {"size": (2, 2)},
]
# With three axes, of which programs have no form but that for a compiler.
SOLID_CONVOLUTION: dict[str, Any] = {
    "strides": (2, 1, 1), "padding": ((1, 0), (0, 1), (1, 1)), "dilation": (1, 2, 1), "groups": 2,
}  # fmt: skip
SOLID_POOLING: dict[str, Any] = {
    "size": (2, 2, 2), "strides": (1, 2, 1), "padding": ((0, 1), (0, 0), (1, 0)),
}  # fmt: skip
