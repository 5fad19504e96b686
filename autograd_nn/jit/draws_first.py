"""Random draws of a program: NumPy makes them, in their order, before the machine code runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.program import Instruction, Instructions, Value, run


class Draw(NamedTuple):
    """The array that the machine code reads, and what it is filled with before every call."""

    array: np.ndarray[Any, Any]
    draw: Callable[[], Any]


def draws_first(steps: Instructions) -> tuple[Instructions, dict[Value, Draw]]:
    """The steps without those that draw, and the arrays that are read in place of them."""
    drawn: dict[Value, Draw] = {}
    new: dict[Value, Any] = {}
    rest: list[Instruction] = []
    for step in steps.steps:
        read, output = step.read(), step.output
        if output.kind == "array" and read and all(x.kind == "generator" for x in read):
            value = Value(output.name, output.shape, output.dtype, "array", "array")
            drawn[value] = Draw(np.empty(output.shape, output.dtype), _draw_of(step))
            new[output] = value
        else:
            rest.append(step.replaced(new) if new else step)
    if not drawn:
        return steps, drawn
    return steps.rewritten(rest, lambda value: new.get(value, value)), drawn


def _draw_of(step: Instruction) -> Callable[[], Any]:
    sources = {x: x.data for x in step.read()}
    bound = step.replaced(sources)
    return lambda: run(bound.function, bound.inputs, bound.attributes)
