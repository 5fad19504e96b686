"""Recurrent networks and tables as loops over samples, steps and units, for samples."""

from __future__ import annotations

from typing import Any

import numpy as np


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def lstm(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, c: Any, mask: Any = None
) -> tuple[Any, Any, Any]:
    """Gates i, f, c, o of one sample after the other."""
    units = h.shape[1]
    outputs, last = np.zeros((*x.shape[:2], units)), np.zeros((2, len(x), units))
    for n in range(len(x)):
        state, cell = h[n], c[n]
        for t in range(x.shape[1]):
            if mask is None or mask[n, t]:
                z = x[n, t] @ kernel + state @ recurrent_kernel
                z = z if bias is None else z + bias
                i, f, new, o = (z[k * units : (k + 1) * units] for k in range(4))
                cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(new)
                state = _sigmoid(o) * np.tanh(cell)
            outputs[n, t] = state
        last[:, n] = state, cell
    return outputs, last[0], last[1]


def gru(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, mask: Any = None
) -> tuple[Any, Any]:
    """Gates z, r and the new part of one sample after the other."""
    units = h.shape[1]
    outputs, last = np.zeros((*x.shape[:2], units)), np.zeros(h.shape)
    first, second = np.zeros((2, 3 * units)) if bias is None else bias
    for n in range(len(x)):
        state = h[n]
        for t in range(x.shape[1]):
            if mask is None or mask[n, t]:
                a, b = x[n, t] @ kernel + first, state @ recurrent_kernel + second
                z = _sigmoid(a[:units] + b[:units])
                r = _sigmoid(a[units : 2 * units] + b[units : 2 * units])
                new = np.tanh(a[2 * units :] + r * b[2 * units :])
                state = z * state + (1 - z) * new
            outputs[n, t] = state
        last[n] = state
    return outputs, last


def added_rows(x: Any, indices: Any, rows: int) -> Any:
    """Every row of x added to that of its number."""
    whole = np.zeros((rows, *x.shape[indices.ndim :]))
    for place in np.ndindex(indices.shape):
        whole[int(indices[place])] += x[place]
    return whole
