"""Steps that are one call of a function with a text of its own: the form of each, and its call."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.jit import lapack, ordering, running, sequences, solid_windows
from autograd_nn.jit.compiled_form import CompiledForm, Former
from autograd_nn.jit.loops import Where
from autograd_nn.program import Function, Instruction, Value

_FAMILIES = (sequences, running, lapack, ordering, solid_windows)
_FORMS: dict[Function | str, Former] = {
    k: f for family in _FAMILIES for k, f in family.FORMS.items()
}


def form_of(step: Instruction) -> CompiledForm | None:
    """The form of a step, None where there is none."""
    function = step.function
    if type(function) is Operation:
        former = None if function.is_own else _FORMS.get(function.name)
    else:
        former = _FORMS.get(function)
    return None if former is None else former(step)


def makes_one_array(maker: Instruction) -> bool:
    """Whether it is a function that is compiled by itself and writes the result, nothing else."""
    form, output = form_of(maker), maker.output
    if form is None or output.kind != "array" or len(form.buffers) != 1:
        return False
    (view,) = form.views(np.empty(form.buffers[0], form.dtype or output.dtype))
    is_whole = view.size == math.prod(form.buffers[0]) and view.flags.c_contiguous
    return is_whole and view.shape == output.shape and view.dtype == output.dtype


def written(step: Instruction, place: Callable[[Value], Where]) -> list[str]:
    """The lines of the call, with arrays of the right shape in flat memory."""
    form = step.attributes["form"]

    def array(base: str, start: int, shape: tuple[int, ...]) -> str:
        return f"{base}[{start}:{start + math.prod(shape)}].reshape({shape})"

    found = [array(*place(x)[:2], x.shape) if type(x) is Value else repr(x) for x in step.inputs]
    found += ["None"] * (form.inputs - len(found))  # what was left out
    base, start, _ = place(step.output)
    for shape in form.buffers:
        found.append(array(base, start, shape))
        start += math.prod(shape)
    call = f"{form.name}_{step.output.dtype.name}({', '.join(found)})"
    if not form.error:
        return [call]
    return [f"if {call}:", f"    raise {form.raised}({form.error!r})"]
