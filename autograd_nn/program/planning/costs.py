"""What steps cost: floating-point operations, and the memory that lives at one time."""

from __future__ import annotations

import itertools

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.program.calls import (
    AS_REDUCTION,
    ELEMENTWISE,
    METHODS,
    PRODUCTS,
    UFUNCS,
    VIEWS,
    is_reduction,
)
from autograd_nn.program.planning.places import last_uses
from autograd_nn.program.values import Instruction, Instructions, Value

# What counts as how many operations for an element: the weights that F. H. McMahon gave (The
# Livermore Fortran Kernels, 1986), 4 for a division or a root, 8 for an exponential or a sine.
_FOUR = {"divide", "floor_divide", "remainder", "reciprocal", "sqrt", "cbrt", "hypot"}
_EIGHT = {
    *("power", "float_power", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
    *("logaddexp", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
}
_NONE = {"positive"}
_REDUCED = {*AS_REDUCTION, np.mean, *(METHODS[name] for name in ("mean", "var", "std"))}


def multiplications(step: Instruction) -> int:
    """The floating-point operations of a matrix product, 2·m·k·n, and 0 for any other step."""
    if step.function not in PRODUCTS:
        return 0
    first = step.inputs[0]
    return 2 * step.output.size * (first.shape[-1] if type(first) is Value and first.shape else 1)


def work(step: Instruction) -> int | None:
    """The floating-point operations of a step; None for a function that nothing is known of."""
    if type(step.function) is Operation:
        return None
    if step.function in PRODUCTS:
        return multiplications(step)
    function = UFUNCS.get(step.function, step.function)
    size = step.output.size
    if function in ELEMENTWISE:
        name = getattr(function, "__name__", "")
        return size * (4 if name in _FOUR else 8 if name in _EIGHT else 0 if name in _NONE else 1)
    if function is np.clip:
        return 2 * size
    if is_reduction(function) or function in _REDUCED:
        first = step.inputs[0]
        return first.size if type(first) is Value else 0
    return 0  # moves data


def peak_bytes(steps: Instructions) -> int:
    """The most that lives at one time, were every result made anew and dropped after its last use.

    Views take nothing; arrays that are given or live on are not counted.
    """
    last = last_uses(steps)
    change = [0] * (len(steps.steps) + 2)  # before every step
    for index, step in enumerate(steps.steps):
        if step.function not in VIEWS and step.output.kind == "array":
            change[index] += step.output.nbytes
            change[last[step.output] + 1] -= step.output.nbytes
    return max(itertools.accumulate(change))
