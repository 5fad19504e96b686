"""LSTM and GRU over a whole sequence, each as one operation.

The formula of one step is `lstm_step` or `gru_step`. All steps in one operation are faster: one
product of all inputs before the loop, and one for each gradient after it. In between arrays are by
feature, (U, N), so that each gate is in one piece. A gradient that is to be differentiated again
goes through the steps, recorded one by one.

What the gradient needs of every step is computed anew for it. In a program, where that is the same
call twice, it is one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.activation_functions import sigmoid
from autograd_nn.engine.operations.trigonometry import tanh
from autograd_nn.engine.tensor import Tensor

_IN_WORDS = "the chain rule through all steps, from the last to the first, added up"


def _kept(memory: Any, name: str, shape: Any, dtype: Any) -> Any:
    """New memory, or where a program keeps it from call to call, that of the call before."""
    if memory is None:
        return np.empty(shape, dtype)
    if name not in memory:
        memory[name] = np.empty(shape, dtype)
    return memory[name]


def _by_steps(step: Any, g: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The gradients of all inputs, by steps that are recorded."""
    from autograd_nn.engine.transforms.first_derivatives import vjp

    states = len(g) - 1
    mask = inputs[4 + states] if len(inputs) > 4 + states else None
    places = [place for place, x in enumerate(inputs[: 4 + states]) if x is not None]

    def again(*given: Any) -> Any:
        values: list[Any] = [None] * (4 + states)
        for place, value in zip(places, given, strict=True):
            values[place] = value
        x, kernel, recurrent_kernel, bias, *now = values
        outputs = []
        for t in range(x.shape[1]):
            before, now = now, step(x[:, t], *now, kernel, recurrent_kernel, bias)
            if mask is not None:
                now = [np.where(mask[:, t, None], *pair) for pair in zip(now, before, strict=True)]
            outputs.append(now[0])
        return np.stack(outputs, axis=1), *now

    values, pull = vjp(again, *(inputs[place] for place in places))
    pairs = zip(g, values, strict=True)
    seeds = tuple(np.zeros(x.shape, x.dtype) if d is None else d for d, x in pairs)
    found = dict(zip(places, pull(seeds), strict=True))
    return tuple(map(found.get, range(len(inputs))))


def _is_recorded(g: Any, inputs: Any) -> bool:
    return any(type(x) is Tensor for x in (*g, *inputs))


def _of_weights(x: Any, outputs: Any, dz: Any) -> tuple[Any, Any]:
    """The gradients of both kernels: what went into each step, times what came back to it."""
    back = dz.transpose(0, 2, 1)
    return (
        np.matmul(x.transpose(1, 2, 0), back).sum(axis=0),
        np.matmul(outputs[:-1], back).sum(axis=0),
    )


# ---------------------------------------------------------------------- LSTM


def lstm_step(
    x: Any, h: Any, c: Any, kernel: Any, recurrent_kernel: Any, bias: Any,
    activation: Any = tanh, gate: Any = sigmoid,
) -> tuple[Any, Any]:  # fmt: skip
    """The output and the cell after one step."""
    z = x @ kernel + h @ recurrent_kernel
    if bias is not None:
        z = z + bias
    i, f, new, o = np.split(z, 4, axis=-1)
    c = gate(f) * c + gate(i) * activation(new)
    return gate(o) * activation(c), c


def _lstm_run(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, c: Any, mask: Any = None,
    memory: Any = None,
) -> Any:  # fmt: skip
    samples, steps = x.shape[:2]
    units, kind = recurrent_kernel.shape[0], x.dtype
    # The gates i, f, c, o. As σ(z) = (1 + tanh(z / 2)) / 2, one call of tanh serves all four.
    column = np.full((4 * units, 1), 0.5, kind)
    column[2 * units : 3 * units] = 1
    factor = np.repeat(column, samples, axis=1)
    rest = 1 - factor
    gates = _kept(memory, "gates", (steps, 4 * units, samples), kind)
    np.matmul(kernel.T * column, x.transpose(1, 2, 0), out=gates)
    if bias is not None:
        gates += bias[:, None] * column
    turned = recurrent_kernel.T * column
    outputs = _kept(memory, "outputs", (steps + 1, units, samples), kind)
    cells = _kept(memory, "cells", (steps + 1, units, samples), kind)
    seen = _kept(memory, "seen", (steps, units, samples), kind)
    outputs[0], cells[0] = h.T, c.T
    product, taken = np.empty_like(factor), np.empty((units, samples), kind)
    i, f, new, o = gates.reshape(steps, 4, units, samples).swapaxes(0, 1)
    for t, (z, i_t, f_t, new_t, o_t, s, before, cell) in enumerate(
        zip(gates, i, f, new, o, seen, cells, cells[1:], strict=False)
    ):
        np.matmul(turned, outputs[t], out=product)
        z += product
        np.tanh(z, out=z)
        z *= factor
        z += rest
        np.multiply(f_t, before, out=cell)
        np.multiply(i_t, new_t, out=taken)
        cell += taken
        np.tanh(cell, out=s)
        np.multiply(o_t, s, out=outputs[t + 1])
        if mask is not None:
            np.copyto(cell, before, where=~mask[:, t])
            np.copyto(outputs[t + 1], outputs[t], where=~mask[:, t])
    every = outputs[1:].transpose(2, 0, 1)
    return every, outputs[-1].T, cells[-1].T, outputs, cells, gates, seen


def _lstm_backwards(
    g: Any, dh: Any, dc: Any, cells: Any, gates: Any, seen: Any, recurrent_kernel: Any,
    mask: Any = None, memory: Any = None,
) -> Any:  # fmt: skip
    steps, units, samples = seen.shape
    kind = seen.dtype
    i, f, new, o = gates.reshape(steps, 4, units, samples).swapaxes(0, 1)
    # What each gate's gradient is made of beside dc and dh, for all steps at once.
    dz = _kept(memory, "dz", (steps, 4, units, samples), kind)
    whole = dz.reshape(gates.shape)
    np.subtract(1, gates, out=whole)
    whole *= gates
    np.multiply(new, new, out=dz[:, 2])
    np.subtract(1, dz[:, 2], out=dz[:, 2])
    dz[:, 0] *= new
    dz[:, 1] *= cells[:-1]
    dz[:, 2] *= i
    dz[:, 3] *= seen
    slope = _kept(memory, "slope", seen.shape, kind)
    np.multiply(seen, seen, out=slope)
    np.subtract(1, slope, out=slope)
    slope *= o
    dh = np.zeros((units, samples), kind) if dh is None else dh.T.copy()
    dc = np.zeros((units, samples), kind) if dc is None else dc.T.copy()
    part = np.empty_like(dh)
    for t in range(steps - 1, -1, -1):
        if g is not None:
            dh += g[:, t].T
        if mask is not None:
            dh_past, dc_past = np.where(mask[:, t], 0, dh), np.where(mask[:, t], 0, dc)
            dh, dc = np.where(mask[:, t], dh, 0), np.where(mask[:, t], dc, 0)
        np.multiply(dh, slope[t], out=part)
        dc += part
        dz[t, :3] *= dc
        dz[t, 3] *= dh
        dc *= f[t]
        np.matmul(recurrent_kernel, whole[t], out=dh)
        if mask is not None:
            dh += dh_past
            dc += dc_past
    return whole, dh.T, dc.T


# With what its gradient needs: outputs and cells with those before the first step, gates, and
# activations of the cells.
_all_of_lstm = Operation("lstm_run", value=_lstm_run, gradients=(None,) * 7, batched=False)
# What is sent to the gates, before their activations, and to the states before the first step.
_lstm_back = Operation("lstm_back", value=_lstm_backwards, gradients=(None,) * 8, batched=False)


def _lstm_gradients(g: Any, out: Any, *inputs: Any) -> tuple[Any, ...]:
    if _is_recorded(g, inputs):
        return _by_steps(lstm_step, g, inputs)
    x, kernel, recurrent_kernel, _, _, _, *mask = inputs
    outputs, *saved = _all_of_lstm(*inputs)[3:]
    dz, dh, dc = _lstm_back(*g, *saved, recurrent_kernel, *mask)
    dx = np.matmul(kernel, dz).transpose(2, 0, 1)
    found = dx, *_of_weights(x, outputs, dz), dz.sum(axis=(0, 2)), dh, dc, None
    return found[: len(inputs)]


# Results: all outputs (N, T, U), and the last output and cell (N, U).
lstm = Operation(
    "lstm",
    value=lambda *inputs: _lstm_run(*inputs)[:3],
    gradients=_lstm_gradients,
    formula=(_IN_WORDS,) * 7,
    batched=False,
)


# ---------------------------------------------------------------------- GRU


def gru_step(
    x: Any, h: Any, kernel: Any, recurrent_kernel: Any, bias: Any,
    activation: Any = tanh, gate: Any = sigmoid,
) -> tuple[Any]:  # fmt: skip
    """The output after one step."""
    of_input, of_state = x @ kernel, h @ recurrent_kernel
    if bias is not None:
        of_input, of_state = of_input + bias[0], of_state + bias[1]
    xz, xr, xc = np.split(of_input, 3, axis=-1)
    hz, hr, hc = np.split(of_state, 3, axis=-1)
    z, r = gate(xz + hz), gate(xr + hr)
    return (z * h + (1 - z) * activation(xc + r * hc),)


def gru_step_reset_before(
    x: Any, h: Any, kernel: Any, recurrent_kernel: Any, bias: Any,
    activation: Any = tanh, gate: Any = sigmoid,
) -> tuple[Any]:  # fmt: skip
    """The same, with the gate r before the product: the state's part of c is (r · h) @ kernel."""
    units = h.shape[-1]
    of_input = x @ kernel
    if bias is not None:
        of_input = of_input + bias
    xz, xr, xc = np.split(of_input, 3, axis=-1)
    hz, hr = np.split(h @ recurrent_kernel[:, : 2 * units], 2, axis=-1)
    z, r = gate(xz + hz), gate(xr + hr)
    new = activation(xc + (r * h) @ recurrent_kernel[:, 2 * units :])
    return (z * h + (1 - z) * new,)


def _gru_run(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, mask: Any = None,
    memory: Any = None,
) -> Any:  # fmt: skip
    samples, steps = x.shape[:2]
    units, kind = recurrent_kernel.shape[0], x.dtype
    # The gates z and r halved, as in `_lstm`, and the new part c as it is.
    column = np.full((3 * units, 1), 0.5, kind)
    column[2 * units :] = 1
    gates = _kept(memory, "gates", (steps, 3 * units, samples), kind)
    np.matmul(kernel.T * column, x.transpose(1, 2, 0), out=gates)
    of_states = _kept(memory, "of_states", (steps, 3 * units, samples), kind)
    of_states[...] = 0
    if bias is not None:
        gates += bias[0][:, None] * column
        of_states += bias[1][:, None] * column
    turned = recurrent_kernel.T * column
    outputs = _kept(memory, "outputs", (steps + 1, units, samples), kind)
    outputs[0] = h.T
    product, part = np.empty((3 * units, samples), kind), np.empty((units, samples), kind)
    z, r, new = gates.reshape(steps, 3, units, samples).swapaxes(0, 1)
    of_new = of_states[:, 2 * units :]
    both, halved = gates[:, : 2 * units], of_states[:, : 2 * units]
    for t in range(steps):
        before, output = outputs[t], outputs[t + 1]
        np.matmul(turned, before, out=product)
        of_states[t] += product
        both[t] += halved[t]
        np.tanh(both[t], out=both[t])
        both[t] *= 0.5
        both[t] += 0.5
        np.multiply(r[t], of_new[t], out=part)
        new[t] += part
        np.tanh(new[t], out=new[t])
        np.subtract(before, new[t], out=output)
        output *= z[t]
        output += new[t]
        if mask is not None:
            np.copyto(output, before, where=~mask[:, t])
    return outputs[1:].transpose(2, 0, 1), outputs[-1].T, outputs, gates, of_new


def _gru_backwards(
    g: Any, dh: Any, outputs: Any, gates: Any, of_new: Any, recurrent_kernel: Any,
    mask: Any = None, memory: Any = None,
) -> Any:  # fmt: skip
    steps, units, samples = of_new.shape
    kind = of_new.dtype
    z, r, new = gates.reshape(steps, 3, units, samples).swapaxes(0, 1)
    # What is sent to c, z, r and hc for each unit of dh, for all steps at once: the first three go
    # on to the inputs, the last three to the state.
    dz = _kept(memory, "dz", (steps, 4, units, samples), kind)
    c_, z_, r_, hc = dz.swapaxes(0, 1)
    np.multiply(new, new, out=c_)
    np.subtract(1, c_, out=c_)
    np.subtract(1, z, out=z_)
    c_ *= z_
    z_ *= z
    np.subtract(outputs[:-1], new, out=hc)
    z_ *= hc
    np.multiply(c_, r, out=hc)
    np.subtract(1, r, out=r_)
    r_ *= hc
    r_ *= of_new
    dh = np.zeros((units, samples), kind) if dh is None else dh.T.copy()
    whole = dz.reshape(steps, 4 * units, samples)
    to_state = whole[:, units:]
    part = np.empty_like(dh)
    for t in range(steps - 1, -1, -1):
        if g is not None:
            dh += g[:, t].T
        if mask is not None:
            past, dh = np.where(mask[:, t], 0, dh), np.where(mask[:, t], dh, 0)
        dz[t] *= dh
        np.matmul(recurrent_kernel, to_state[t], out=part)
        dh *= z[t]
        dh += part
        if mask is not None:
            dh += past
    return whole, dh.T


# With what its gradient needs: outputs with that before the first step, gates, and the part of the
# state in c.
_all_of_gru = Operation("gru_run", value=_gru_run, gradients=(None,) * 6, batched=False)
# What is sent to c, z, r and the part of the state in c, and to the state before the first step.
_gru_back = Operation("gru_back", value=_gru_backwards, gradients=(None,) * 7, batched=False)


def _turned(x: Any, count: int) -> Any:
    """With the first of its columns behind the others."""
    return np.concatenate([x[..., count:], x[..., :count]], axis=-1)


def _gru_gradients(g: Any, out: Any, *inputs: Any) -> tuple[Any, ...]:
    if _is_recorded(g, inputs):
        return _by_steps(gru_step, g, inputs)
    x, kernel, recurrent_kernel, bias, _, *mask = inputs
    outputs, *saved = _all_of_gru(*inputs)[2:]
    dz, dh = _gru_back(*g, outputs, *saved, recurrent_kernel, *mask)
    units = recurrent_kernel.shape[0]
    of_inputs, of_state = dz[:, : 3 * units], dz[:, units:]
    dx = np.matmul(_turned(kernel, 2 * units), of_inputs).transpose(2, 0, 1)
    by_inputs, by_state = of_inputs.transpose(0, 2, 1), of_state.transpose(0, 2, 1)
    d_kernel = np.matmul(x.transpose(1, 2, 0), by_inputs).sum(axis=0)
    d_recurrent = np.matmul(outputs[:-1], by_state).sum(axis=0)
    d_bias = None
    if bias is not None:
        first = _turned(of_inputs.sum(axis=(0, 2)), units)
        d_bias = np.stack([first, of_state.sum(axis=(0, 2))])
    found = dx, _turned(d_kernel, units), d_recurrent, d_bias, dh, None
    return found[: len(inputs)]


# Results: all outputs (N, T, U), and the last one (N, U).
gru = Operation(
    "gru",
    value=lambda *inputs: _gru_run(*inputs)[:2],
    gradients=_gru_gradients,
    formula=(_IN_WORDS,) * 6,
    batched=False,
)

WITH_ALL_STEPS = {lstm: (_all_of_lstm, 3), gru: (_all_of_gru, 2)}
"""What gives beside the results, which are so many, what the gradient needs."""
