"""Running sums and products, and recurrences, as functions that Numba compiles."""

from __future__ import annotations

import math

import numpy as np

from autograd_nn.jit.compiled_form import CompiledForm, Former, argument, by_name, whole
from autograd_nn.program import METHODS, Function, Instruction

_RUNNING_SUM = """
def running_sum_FLOAT(x, out):
    groups, length, width = out.shape
    x = x.reshape(out.shape)
    for i in range(groups):
        for k in range(width):
            out[i, 0, k] = x[i, 0, k]
        for t in range(1, length):
            for k in range(width):
                out[i, t, k] = out[i, t - 1, k] + FLOAT(x[i, t, k])
"""
_RUNNING_PRODUCT = _RUNNING_SUM.replace("running_sum", "running_product").replace(
    "k] + F", "k] * F"
)

_RECURRENCE = """
def recurrence_FLOAT(a, b, out):
    groups, length, width = out.shape
    a, b = a.reshape(out.shape), b.reshape(out.shape)
    for i in range(groups):
        for k in range(width):
            out[i, 0, k] = b[i, 0, k]
        for t in range(1, length):
            for k in range(width):
                out[i, t, k] = b[i, t, k] + a[i, t, k] * out[i, t - 1, k]
"""


def _along(shape: tuple[int, ...], axis: int) -> tuple[int, int, int]:
    """The shape with the axes before and behind an axis as one each."""
    axis %= len(shape)
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def _accumulated(name: str, default: int | None) -> Former:
    def form(step: Instruction) -> CompiledForm:
        output = step.output
        axis = argument(step, 1, "axis", default)
        buffer = (1, output.size, 1) if axis is None else _along(output.shape, axis)
        given = step.inputs[:1]
        return CompiledForm(
            name, 1, (buffer,), whole(*output.shape), dtype=output.dtype, given=given
        )

    return form


def _recurrence(step: Instruction) -> CompiledForm:
    output = step.output
    buffer = _along(output.shape, step.attributes["axis"])
    shapes = (output.shape, output.shape)
    return CompiledForm("recurrence", 2, (buffer,), whole(*output.shape), shapes=shapes)


_sums, _products = _accumulated("running_sum", None), _accumulated("running_product", None)

TEXTS = by_name(_RUNNING_SUM, _RUNNING_PRODUCT, _RECURRENCE)
FORMS: dict[Function | str, Former] = {
    np.cumsum: _sums,
    np.cumprod: _products,
    METHODS["cumsum"]: _sums,
    np.add.accumulate: _accumulated("running_sum", 0),
    np.multiply.accumulate: _accumulated("running_product", 0),
    "recurrence": _recurrence,
}
