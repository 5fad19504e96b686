"""Operations that go over a sequence or look up rows, as functions that Numba compiles.

They compute what the operations do in NumPy, in the same memory: arrays by feature, (U, N). All of
a step that is no product is one loop, of which the compiler makes vectors.
"""

from __future__ import annotations

from typing import Any

from autograd_nn.jit.compiled_form import CompiledForm, Former, by_name, whole
from autograd_nn.program import Function, Instruction

# Rows of a, and rows of b or of b turned over, at a number of numbers behind where they begin.
_PRODUCT = """
def product_FLOAT(a, b, at, b_stored, length_b, out, out_at, n):
    m, k = a.shape
    factors = FACTORS_FLOAT.ctypes.data
    gemm(
        KIND, b_stored, ROWS, n, m, k, factors, b.ctypes.data + SIZE * at, length_b,
        a.ctypes.data, k, factors + SIZE, out.ctypes.data + SIZE * out_at, n,
    )
"""

# ---------------------------------------------------------------------- LSTM

_LSTM = """
def lstm_run_FLOAT(
    x, kernel, recurrent_kernel, bias, h, c, mask, outputs, cells, gates, seen, of_inputs,
    of_state, part,
):
    samples, steps, features = x.shape
    units = h.shape[1]
    for j in range(4 * units):
        for i in range(features):
            of_inputs[j, i] = kernel[i, j]
        for i in range(units):
            of_state[j, i] = recurrent_kernel[i, j]
    for u in range(units):
        for n in range(samples):
            outputs[0, u, n], cells[0, u, n] = h[n, u], c[n, u]
    size, half = units * samples, FLOAT(0.5)
    for t in range(steps):
        product_FLOAT(
            of_inputs, x, t * features, COLUMNS, steps * features, gates, 4 * size * t, samples
        )
        product_FLOAT(of_state, outputs, size * t, ROWS, samples, part, 0, samples)
        for u in range(units):
            if bias is not None:
                for k in range(4):
                    for n in range(samples):
                        part[k * units + u, n] += bias[k * units + u]
            for n in range(samples):
                i = tanh_FLOAT(half * (gates[t, 0, u, n] + part[u, n]))
                f = tanh_FLOAT(half * (gates[t, 1, u, n] + part[units + u, n]))
                new = tanh_FLOAT(gates[t, 2, u, n] + part[2 * units + u, n])
                o = tanh_FLOAT(half * (gates[t, 3, u, n] + part[3 * units + u, n]))
                i, f, o = half * i + half, half * f + half, half * o + half
                cell = f * cells[t, u, n] + i * new
                s = tanh_FLOAT(cell)
                gates[t, 0, u, n], gates[t, 1, u, n] = i, f
                gates[t, 2, u, n], gates[t, 3, u, n] = new, o
                seen[t, u, n], cells[t + 1, u, n], outputs[t + 1, u, n] = s, cell, o * s
            if mask is not None:
                for n in range(samples):
                    if not mask[n, t]:
                        cells[t + 1, u, n] = cells[t, u, n]
                        outputs[t + 1, u, n] = outputs[t, u, n]
"""

_LSTM_BACK = """
def lstm_back_FLOAT(
    g, g_last, g_cell, cells, gates, seen, recurrent_kernel, mask, dz, dh, dc, past
):
    steps, units, samples = seen.shape
    gates = gates.reshape((steps, 4, units, samples))
    for u in range(units):
        for n in range(samples):
            dh[u, n] = 0 if g_last is None else g_last[n, u]
            dc[u, n] = 0 if g_cell is None else g_cell[n, u]
    one, size = FLOAT(1), units * samples
    for t in range(steps - 1, -1, -1):
        for u in range(units):
            if g is not None:
                for n in range(samples):
                    dh[u, n] += g[n, t, u]
            for n in range(samples):
                i, f = gates[t, 0, u, n], gates[t, 1, u, n]
                new, o = gates[t, 2, u, n], gates[t, 3, u, n]
                s, d = seen[t, u, n], dh[u, n]
                cell = dc[u, n] + d * (one - s * s) * o
                dz[t, 0, u, n] = cell * new * i * (one - i)
                dz[t, 1, u, n] = cell * cells[t, u, n] * f * (one - f)
                dz[t, 2, u, n] = cell * i * (one - new * new)
                dz[t, 3, u, n] = d * s * o * (one - o)
                past[u, n] = dc[u, n]
                dc[u, n] = cell * f
            if mask is not None:
                for n in range(samples):
                    if not mask[n, t]:
                        dc[u, n] = past[u, n]
                        for k in range(4):
                            dz[t, k, u, n] = 0
                    past[u, n] = 0 if mask[n, t] else dh[u, n]
        product_FLOAT(recurrent_kernel, dz, 4 * size * t, ROWS, samples, dh, 0, samples)
        if mask is not None:
            for u in range(units):
                for n in range(samples):
                    dh[u, n] += past[u, n]
"""


def _lstm_run(step: Instruction) -> CompiledForm:
    samples, steps, features = step.inputs[0].shape
    units = step.inputs[2].shape[0]
    buffers = (
        *((steps + 1, units, samples), (steps + 1, units, samples)),
        *((steps, 4, units, samples), (steps, units, samples)),
        *((4 * units, features), (4 * units, units), (4 * units, samples)),
    )

    def views(outputs: Any, cells: Any, gates: Any, seen: Any, *_: Any) -> tuple[Any, ...]:
        every, whole = outputs[1:].transpose(2, 0, 1), gates.reshape(steps, 4 * units, samples)
        return every, outputs[-1].T, cells[-1].T, outputs, cells, whole, seen

    return CompiledForm("lstm_run", 7, buffers, views)


def _lstm_back(step: Instruction) -> CompiledForm:
    steps, units, samples = step.inputs[5].shape
    buffers = (steps, 4, units, samples), *[(units, samples)] * 3

    def views(dz: Any, dh: Any, dc: Any, *_: Any) -> tuple[Any, ...]:
        return dz.reshape(steps, 4 * units, samples), dh.T, dc.T

    return CompiledForm("lstm_back", 8, buffers, views)


# ---------------------------------------------------------------------- GRU

_GRU = """
def gru_run_FLOAT(
    x, kernel, recurrent_kernel, bias, h, mask, outputs, gates, of_new, of_inputs, of_state, part
):
    samples, steps, features = x.shape
    units = h.shape[1]
    for j in range(3 * units):
        for i in range(features):
            of_inputs[j, i] = kernel[i, j]
        for i in range(units):
            of_state[j, i] = recurrent_kernel[i, j]
    for u in range(units):
        for n in range(samples):
            outputs[0, u, n] = h[n, u]
    size, half = units * samples, FLOAT(0.5)
    for t in range(steps):
        product_FLOAT(
            of_inputs, x, t * features, COLUMNS, steps * features, gates, 3 * size * t, samples
        )
        product_FLOAT(of_state, outputs, size * t, ROWS, samples, part, 0, samples)
        for u in range(units):
            if bias is not None:
                for k in range(3):
                    for n in range(samples):
                        gates[t, k, u, n] += bias[0, k * units + u]
                        part[k * units + u, n] += bias[1, k * units + u]
            for n in range(samples):
                before, of_h = outputs[t, u, n], part[2 * units + u, n]
                z = half * tanh_FLOAT(half * (gates[t, 0, u, n] + part[u, n])) + half
                r = half * tanh_FLOAT(half * (gates[t, 1, u, n] + part[units + u, n])) + half
                new = tanh_FLOAT(gates[t, 2, u, n] + r * of_h)
                gates[t, 0, u, n], gates[t, 1, u, n], gates[t, 2, u, n] = z, r, new
                of_new[t, u, n], outputs[t + 1, u, n] = of_h, new + z * (before - new)
            if mask is not None:
                for n in range(samples):
                    if not mask[n, t]:
                        outputs[t + 1, u, n] = outputs[t, u, n]
"""

_GRU_BACK = """
def gru_back_FLOAT(g, g_last, outputs, gates, of_new, recurrent_kernel, mask, dz, dh, past):
    steps, units, samples = of_new.shape
    gates = gates.reshape((steps, 3, units, samples))
    for u in range(units):
        for n in range(samples):
            dh[u, n] = 0 if g_last is None else g_last[n, u]
    one, size = FLOAT(1), units * samples
    for t in range(steps - 1, -1, -1):
        for u in range(units):
            if g is not None:
                for n in range(samples):
                    dh[u, n] += g[n, t, u]
            for n in range(samples):
                z, r, new = gates[t, 0, u, n], gates[t, 1, u, n], gates[t, 2, u, n]
                d = dh[u, n]
                c = d * (one - z) * (one - new * new)
                dz[t, 0, u, n] = c
                dz[t, 1, u, n] = d * (outputs[t, u, n] - new) * z * (one - z)
                dz[t, 2, u, n] = c * of_new[t, u, n] * r * (one - r)
                dz[t, 3, u, n] = c * r
                dh[u, n], past[u, n] = d * z, d
            if mask is not None:
                for n in range(samples):
                    if not mask[n, t]:
                        dh[u, n] = past[u, n]
                        for k in range(4):
                            dz[t, k, u, n] = 0
        product_FLOAT(
            recurrent_kernel, dz, 4 * size * t + size, ROWS, samples, past, 0, samples
        )
        for u in range(units):
            for n in range(samples):
                dh[u, n] += past[u, n]
"""


def _gru_run(step: Instruction) -> CompiledForm:
    samples, steps, features = step.inputs[0].shape
    units = step.inputs[2].shape[0]
    buffers = (
        *((steps + 1, units, samples), (steps, 3, units, samples), (steps, units, samples)),
        *((3 * units, features), (3 * units, units), (3 * units, samples)),
    )

    def views(outputs: Any, gates: Any, of_new: Any, *_: Any) -> tuple[Any, ...]:
        every, whole = outputs[1:].transpose(2, 0, 1), gates.reshape(steps, 3 * units, samples)
        return every, outputs[-1].T, outputs, whole, of_new

    return CompiledForm("gru_run", 6, buffers, views)


def _gru_back(step: Instruction) -> CompiledForm:
    steps, units, samples = step.inputs[4].shape
    buffers = (steps, 4, units, samples), *[(units, samples)] * 2

    def views(dz: Any, dh: Any, *_: Any) -> tuple[Any, ...]:
        return dz.reshape(steps, 4 * units, samples), dh.T

    return CompiledForm("gru_back", 7, buffers, views)


# ---------------------------------------------------------------------- rows of a table

_CHECKED = """
        row = int64(indices[k])
        if row < 0 or row >= rows or row != indices[k]:
            raise ValueError("An index is no row of the table: indices are whole numbers from 0.")
"""
_EMBED = f"""
def embed_FLOAT(table, indices, out):
    rows, width = len(table), out.shape[1]
    table = table.reshape((rows, width))
    indices = indices.reshape(indices.size)
    for k in range(indices.size):{_CHECKED}        for j in range(width):
            out[k, j] = table[row, j]
"""
_ADD_ROWS = f"""
def add_rows_FLOAT(x, indices, out):
    rows, width = out.shape
    indices, x = indices.reshape(indices.size), x.reshape((indices.size, width))
    out[:, :] = 0
    for k in range(indices.size):{_CHECKED}        for j in range(width):
            out[row, j] += x[k, j]
"""


def _embed(step: Instruction) -> CompiledForm:
    shape = step.output.shape
    rows = step.inputs[1].size
    return CompiledForm("embed", 2, ((rows, step.output.size // rows),), whole(*shape))


def _add_rows(step: Instruction) -> CompiledForm:
    shape = step.output.shape
    width = step.output.size // shape[0]
    return CompiledForm("add_rows", 2, ((shape[0], width),), whole(*shape))


TEXTS = by_name(_PRODUCT, _LSTM, _LSTM_BACK, _GRU, _GRU_BACK, _EMBED, _ADD_ROWS)
FORMS: dict[Function | str, Former] = {
    "lstm_run": _lstm_run,
    "lstm_back": _lstm_back,
    "gru_run": _gru_run,
    "gru_back": _gru_back,
    "embed": _embed,
    "add_rows": _add_rows,
}
