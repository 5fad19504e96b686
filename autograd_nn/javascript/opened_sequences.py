"""LSTM and GRU over a whole sequence as calls of NumPy, one step after the other.

What the operations write into memory that is there, these make: results and gradients are the same
to rounding. Arrays between the steps are by feature, (U, N), as there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations import whole_sequences


def _lstm_run(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, c: Any, mask: Any = None
) -> tuple[Any, ...]:
    outputs, cells, gates, seen = [h], [c], [], []
    for t in range(x.shape[1]):
        z = x[:, t] @ kernel + h @ recurrent_kernel
        i, f, new, o = np.split(z if bias is None else z + bias, 4, axis=-1)
        i, f, new, o = ops.sigmoid(i), ops.sigmoid(f), np.tanh(new), ops.sigmoid(o)
        cell = f * c + i * new
        seen.append(np.tanh(cell))
        h, c = _unless_masked(mask, t, (o * seen[-1], cell), (h, c))
        outputs.append(h)
        cells.append(c)
        gates.append(np.concatenate([i, f, new, o], axis=-1))
    every = np.stack(outputs[1:], axis=1)
    return every, h, c, *map(_by_feature, (outputs, cells, gates, seen))


def _lstm_backwards(
    g: Any, dh: Any, dc: Any, cells: Any, gates: Any, seen: Any, recurrent_kernel: Any,
    mask: Any = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    steps, units, samples = seen.shape
    nothing = np.zeros((units, samples), seen.dtype)
    dh, dc = (nothing if d is None else d.T for d in (dh, dc))
    found = []
    for t in reversed(range(steps)):
        i, f, new, o = (gates[t, k * units : (k + 1) * units] for k in range(4))
        dh = dh if g is None else dh + g[:, t].T
        (dh, dc), past = _parted(mask, t, dh, dc)
        dc = dc + dh * ((1 - seen[t] * seen[t]) * o)
        of_gates = [
            (1 - i) * i * new * dc,
            (1 - f) * f * cells[t] * dc,
            (1 - new * new) * i * dc,
            (1 - o) * o * seen[t] * dh,
        ]
        found.append(np.concatenate(of_gates, axis=0))
        dh, dc = _added(past, recurrent_kernel @ found[-1], dc * f)
    return np.stack(found[::-1], axis=0), dh.T, dc.T


def _gru_run(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, mask: Any = None
) -> tuple[Any, ...]:
    outputs, gates, of_new = [h], [], []
    for t in range(x.shape[1]):
        of_input, of_state = x[:, t] @ kernel, h @ recurrent_kernel
        if bias is not None:
            of_input, of_state = of_input + bias[0], of_state + bias[1]
        xz, xr, xc = np.split(of_input, 3, axis=-1)
        hz, hr, hc = np.split(of_state, 3, axis=-1)
        z, r = ops.sigmoid(xz + hz), ops.sigmoid(xr + hr)
        new = np.tanh(xc + r * hc)
        (h,) = _unless_masked(mask, t, (z * (h - new) + new,), (h,))
        outputs.append(h)
        gates.append(np.concatenate([z, r, new], axis=-1))
        of_new.append(hc)
    return np.stack(outputs[1:], axis=1), h, *map(_by_feature, (outputs, gates, of_new))


def _gru_backwards(
    g: Any, dh: Any, outputs: Any, gates: Any, of_new: Any, recurrent_kernel: Any, mask: Any = None
) -> tuple[Any, Any]:
    steps, units, samples = of_new.shape
    dh = np.zeros((units, samples), of_new.dtype) if dh is None else dh.T
    found = []
    for t in reversed(range(steps)):
        z, r, new = (gates[t, k * units : (k + 1) * units] for k in range(3))
        dh = dh if g is None else dh + g[:, t].T
        (dh,), past = _parted(mask, t, dh)
        to_new = (1 - new * new) * (1 - z) * dh
        to_state = to_new * r
        of_gates = [
            to_new,
            (1 - z) * z * (outputs[t] - new) * dh,
            (1 - r) * to_state * of_new[t],
            to_state,
        ]
        found.append(np.concatenate(of_gates, axis=0))
        (dh,) = _added(past, recurrent_kernel @ found[-1][units:] + dh * z)
    return np.stack(found[::-1], axis=0), dh.T


def _by_feature(arrays: list[Any]) -> Any:
    """(T, U, N) of arrays (N, U)."""
    return np.stack([x.T for x in arrays], axis=0)


def _unless_masked(mask: Any, t: int, now: tuple[Any, ...], before: tuple[Any, ...]) -> Any:
    if mask is None:
        return now
    return [np.where(mask[:, t, None], *pair) for pair in zip(now, before, strict=True)]


def _parted(mask: Any, t: int, *gradients: Any) -> tuple[tuple[Any, ...], tuple[Any, ...] | None]:
    """What goes through a step, and what goes past it, where it was masked."""
    if mask is None:
        return gradients, None
    through = tuple(np.where(mask[:, t], d, 0) for d in gradients)
    return through, tuple(np.where(mask[:, t], 0, d) for d in gradients)


def _added(past: tuple[Any, ...] | None, *gradients: Any) -> tuple[Any, ...]:
    if past is None:
        return gradients
    return tuple(d + p for d, p in zip(gradients, past, strict=True))


def sequence_forms() -> Mapping[Operation, Callable[..., Any]]:
    """By operation what is opened in its place."""
    (all_of_lstm, lstm_results), (all_of_gru, gru_results) = (
        whole_sequences.WITH_ALL_STEPS[operation] for operation in (ops.lstm, ops.gru)
    )
    return {
        ops.lstm: lambda *inputs: _lstm_run(*inputs)[:lstm_results],
        all_of_lstm: _lstm_run,
        whole_sequences._lstm_back: _lstm_backwards,
        ops.gru: lambda *inputs: _gru_run(*inputs)[:gru_results],
        all_of_gru: _gru_run,
        whole_sequences._gru_back: _gru_backwards,
    }
