"""Convolution, and the two sums that its gradients are: each one's gradients are the other two.

Channels come last: x (…, *S, C), kernel (*K, C, O), out (…, *L, O). Without ``strides`` and
``dilation`` they are 1 for each of the axes K, without ``padding`` the kernel lies within x; it has
the zeros before and behind for each axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation


def _windows(x: Any, size: Any, strides: Any, padding: Any, dilation: Any) -> Any:
    """(…, *L, C, *K): what the kernel sees at each place, as a view."""
    n = len(size)
    strides, dilation = strides or (1,) * n, dilation or (1,) * n
    if padding is not None:
        x = np.pad(x, [(0, 0)] * (x.ndim - n - 1) + [*padding, (0, 0)])
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True))
    windows: Any = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(range(-n - 1, -1)))
    every = [slice(None, None, s) for s in strides]
    return windows[(..., *every, slice(None), *[slice(None, None, d) for d in dilation])]


def _convolution(
    x: Any,
    kernel: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    """The sum over C and K of windows · kernel."""
    if groups > 1:
        pairs = zip(np.split(x, groups, -1), np.split(kernel, groups, -1), strict=True)
        return np.concatenate([_convolution(*p, strides, padding, dilation) for p in pairs], -1)
    n = kernel.ndim - 2
    windows = _windows(x, kernel.shape[:n], strides, padding, dilation)
    return np.tensordot(windows, np.moveaxis(kernel, n, 0), n + 1)


def _convolution_kernel(
    x: Any,
    g: Any,
    size: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    """The sum over samples and places of windows · g, (*K, C, O)."""
    if groups > 1:
        pairs = zip(np.split(x, groups, -1), np.split(g, groups, -1), strict=True)
        parts = [_convolution_kernel(*p, size, strides, padding, dilation) for p in pairs]
        return np.concatenate(parts, -1)
    windows = _windows(x, size, strides, padding, dilation)
    summed = tuple(range(g.ndim - 1))
    return np.moveaxis(np.tensordot(windows, g, (summed, summed)), 0, len(size))


def _convolution_input(
    g: Any,
    kernel: Any,
    shape: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    """What every place of the kernel sends back, added up where it was seen: (…, *S, C)."""
    if groups > 1:
        pairs = zip(np.split(g, groups, -1), np.split(kernel, groups, -1), strict=True)
        parts = [_convolution_input(*p, shape, strides, padding, dilation) for p in pairs]
        return np.concatenate(parts, -1)
    n = kernel.ndim - 2
    strides, dilation = strides or (1,) * n, dilation or (1,) * n
    padding = padding or ((0, 0),) * n
    lengths = g.shape[-n - 1 : -1]
    whole = [before + s + behind for s, (before, behind) in zip(shape, padding, strict=True)]
    dtype = np.result_type(g, kernel)
    added: Any = np.zeros((*g.shape[: -n - 1], *whole, kernel.shape[n]), dtype)
    for place in np.ndindex(kernel.shape[:n]):
        rows = zip(place, lengths, strides, dilation, strict=True)
        seen = [slice(d * i, d * i + s * (length - 1) + 1, s) for i, length, s, d in rows]
        added[(..., *seen, slice(None))] += g @ np.swapaxes(kernel[place], -1, -2)
    inner = [slice(b, b + s) for s, (b, _) in zip(shape, padding, strict=True)]
    return added[(..., *inner, slice(None))]


def _for_each(function: Callable[[Any], Any], g: Any, out: Any) -> Any:
    """Of seeds that come along one more axis in front, one after the other."""
    return function(g) if g.ndim == out.ndim else np.stack([function(one) for one in g])


def _spatial(x: Any, n: int) -> tuple[int, ...]:
    return tuple(x.shape[-n - 1 : -1])


convolution: Operation = Operation(
    "convolution",
    symbol="∗",
    value=_convolution,
    gradients=(
        lambda g, out, x, kernel, **how: convolution_input(
            g, kernel, shape=_spatial(x, kernel.ndim - 2), **how
        ),
        lambda g, out, x, kernel, **how: _for_each(
            lambda one: convolution_kernel(x, one, size=tuple(kernel.shape[:-2]), **how),
            g,
            out,
        ),
    ),
)
convolution_input: Operation = Operation(
    "convolution_input",
    symbol="∗ᵀ",
    value=_convolution_input,
    gradients=(
        lambda h, out, g, kernel, shape, **how: convolution(h, kernel, **how),
        lambda h, out, g, kernel, shape, **how: _for_each(
            lambda one: convolution_kernel(one, g, size=tuple(kernel.shape[:-2]), **how),
            h,
            out,
        ),
    ),
)
convolution_kernel: Operation = Operation(
    "convolution_kernel",
    value=_convolution_kernel,
    gradients=(
        lambda v, out, x, g, size, **how: _for_each(
            lambda one: convolution_input(g, one, shape=_spatial(x, len(size)), **how), v, out
        ),
        lambda v, out, x, g, size, **how: _for_each(lambda one: convolution(x, one, **how), v, out),
    ),
)
