"""Steps that Numba compiles as functions of their own: the text of each, and how it is called."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.jit import lapack, ordering, running, sequences, solid_windows, vectorised
from autograd_nn.jit.compiled_form import CompiledForm, Former
from autograd_nn.program import Function, Instruction, Value

_FAMILIES = (sequences, running, lapack, ordering, solid_windows)
_FORMS: dict[Function | str, Former] = {
    k: f for family in _FAMILIES for k, f in family.FORMS.items()
}
_USED = sequences.USED | lapack.USED | ordering.USED


_KINDS = {"float32": str(ord("s")), "float64": str(ord("d"))}
"""What LAPACK is told of numbers."""


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


def definitions(form: CompiledForm, dtype: str, flags: str) -> dict[str, str]:
    """The texts of the function of a form and of what it calls, by their names; it comes last.

    Parameters   flags: with which Numba compiles them
    """
    found: dict[str, str] = {}
    for word in dict.fromkeys(re.findall(r"\w+", form.text)):
        if word == "tanh_FLOAT":
            texts: Mapping[str, str] = vectorised.definitions("tanh", dtype)
            found |= {name: f"@njit({flags})\n{text}" for name, text in texts.items()}
        elif word in lapack.DOORS:
            found[word] = lapack.DOORS[word]
        elif word in _USED and f"def {word}(" not in form.text:
            found |= definitions(form._replace(text=_USED[word]), dtype, flags)
    text = form.text.strip().replace("FLOAT", dtype).replace("KIND", _KINDS.get(dtype, ""))
    text = text.replace("SIZE", str(np.dtype(dtype).itemsize))
    return found | {_name_of(text): f"@njit({flags})\n{text}"}


def words(step: Instruction, place: Callable[[Value], tuple[str, int, Any]]) -> list[str]:
    """What the function is called with: arrays of the right shape in flat memory."""
    form = step.attributes["form"]

    def array(base: str, start: int, shape: tuple[int, ...]) -> str:
        return f"{base}[{start}:{start + math.prod(shape)}].reshape({shape})"

    found = [array(*place(x)[:2], x.shape) if type(x) is Value else repr(x) for x in step.inputs]
    found += ["None"] * (form.inputs - len(found))  # what was left out
    base, start, _ = place(step.output)
    for shape in form.buffers:
        found.append(array(base, start, shape))
        start += math.prod(shape)
    return found


def _name_of(text: str) -> str:
    return text.partition("(")[0].removeprefix("def ")


_TEXTS = [x for family in _FAMILIES for x in vars(family).values() if type(x) is str]
_DEFINED = [name for text in _TEXTS for name in re.findall(r"(?m)^def (\w+)\(", text)]
NAMES = (
    *lapack.DOORS,
    *(name.replace("FLOAT", dtype) for name in _DEFINED for dtype in ("float32", "float64")),
)
"""Those that the functions here take."""
