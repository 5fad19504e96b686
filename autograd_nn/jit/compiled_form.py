"""What is known of a step that Numba compiles as a function of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.jit import NotCompilable
from autograd_nn.program import Instruction, Value, label


class CompiledForm(NamedTuple):
    """A function with a text of its own, and what it writes into.

    It takes the ``inputs`` of the step, so many, None where one is, then an array for each of
    ``buffers``, shapes. ``views`` gives of these arrays the results. Where there is an ``error``,
    of the kind ``raised``, the function says by a truth value whether it is one.

    Parameters   shapes: to which the inputs are broadcast, where they are
                 dtype: of the buffers, where it is not that of the inputs
                 given: in place of the step's own inputs
    """

    name: str
    inputs: int
    buffers: tuple[tuple[int, ...], ...]
    views: Callable[..., tuple[Any, ...]]
    error: str = ""
    raised: str = "ValueError"
    shapes: tuple[tuple[int, ...], ...] = ()
    dtype: np.dtype[Any] | None = None
    given: tuple[Any, ...] | None = None


Former = Callable[[Instruction], CompiledForm]
"""Gives the form of a step."""


def argument(step: Instruction, place: int, name: str, default: Any = None) -> Any:
    """An argument of a call, which stands in its place or by its name."""
    if len(step.inputs) > place:
        return step.inputs[place]
    return step.attributes.get(name, default)


def only(step: Instruction, place: int, name: str, default: Any) -> None:
    """Refuse a step in which an argument that no form reads says something else."""
    value = argument(step, place, name, default)
    if type(value) is not type(default) or value != default:
        raise refused(step, f"with another {name} than {default!r}")


def by_name(*texts: str) -> dict[str, str]:
    """Definitions by the names of their functions, without the dtype."""
    return {text.partition("_FLOAT(")[0].split()[-1]: text for text in texts}


def whole(*shape: int) -> Callable[..., tuple[Any, ...]]:
    """The first buffer in this shape is the result."""
    return lambda out, *_: (out.reshape(shape),)


def shape_of(x: Any) -> tuple[int, ...]:
    """Of a Value or a number."""
    return x.shape if type(x) is Value else np.shape(x)


def refused(step: Instruction, why: str = "") -> NotCompilable:
    """What is said of a step without a compiled form."""
    where = f" in {step.scope}" if step.scope else ""
    what = label(step.function)
    way = ""
    if step.output.dtype.kind in "iu":
        way = " Whole numbers such as labels are computed before training, and given as y."
    return NotCompilable(
        f"There is no compiled form of {what}{' ' + why if why else ''}{where}.{way}"
    )
