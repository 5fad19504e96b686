"""What kind of loop a step is compiled to."""

from __future__ import annotations

import numpy as np

from autograd_nn.jit import special_functions
from autograd_nn.jit.compiled_form import argument
from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import (
    ASTYPE,
    COPY,
    ELEMENTWISE,
    REDUCTIONS,
    UFUNCS,
    Function,
    Instruction,
    Value,
)

NORMS: frozenset[Function] = frozenset({norm_factor, global_norm_factor})
# Calls that look at one element of each operand, beside the ufuncs.
_LIKE_ELEMENTWISE = frozenset({ASTYPE, COPY, np.full, np.positive, np.zeros_like, np.ones_like}) | {
    np.fmod,
    np.logaddexp2,
    np.logical_xor,
    np.signbit,
    np.ldexp,
}
REDUCED = REDUCTIONS | {np.logical_or.reduce, np.logical_and.reduce}


def is_elementwise(step: Instruction) -> bool:
    """Whether every element of the result depends on one element of each operand."""
    function = UFUNCS.get(step.function, step.function)
    if step.attributes and function not in (np.full, ASTYPE):
        return False
    is_known = function in ELEMENTWISE or function in _LIKE_ELEMENTWISE
    return is_known or special_functions.name_of(function) is not None


def is_reduction(step: Instruction) -> bool:
    """Whether all elements along axes are reduced: with ``where`` or ``initial`` they are not."""
    is_known = step.function in REDUCED and len(step.inputs) <= 2
    return is_known and step.attributes.keys() <= {"axis", "keepdims", "dtype"}


def is_fold(step: Instruction) -> bool:
    """Whether all elements of an array become one."""
    if not is_reduction(step) or type(step.inputs[0]) is not Value:
        return False
    return len(reduced_axes(step)) == len(step.inputs[0].shape) or step.output.size == 1


def reduced_axes(step: Instruction) -> set[int]:
    """The axes along which a reduction goes."""
    length = len(step.inputs[0].shape)
    axis = argument(step, 1, "axis", 0)
    if axis is None or not length:  # a number may be reduced along an axis that it has not
        return set(range(length))
    return {a % length for a in (axis if isinstance(axis, tuple) else (axis,))}
