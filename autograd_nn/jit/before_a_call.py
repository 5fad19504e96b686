"""What NumPy puts into arrays before the machine code runs.

Random draws, in their order, and the content of arrays of the user that lie in memory in another
way than machine code takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.program import Instruction, Instructions, Value, run


class Filled(NamedTuple):
    """The array that the machine code reads, and what it is filled with before every call."""

    array: np.ndarray[Any, Any]
    content: Callable[[], Any]

    def fill(self) -> None:
        np.copyto(self.array, self.content())


def draws_first(steps: Instructions) -> tuple[Instructions, dict[Value, Filled]]:
    """The steps without those that draw, and the arrays that are read in place of them."""
    drawn: dict[Value, Filled] = {}
    new: dict[Value, Any] = {}
    rest: list[Instruction] = []
    for step in steps.steps:
        read, output = step.read(), step.output
        if output.kind == "array" and read and all(x.kind == "generator" for x in read):
            value = Value(output.name, output.shape, output.dtype, "array", "array")
            drawn[value] = Filled(np.empty(output.shape, output.dtype), _draw_of(step))
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


def lying_otherwise(steps: Instructions, arrays: Mapping[Value, Any]) -> dict[Value, Filled]:
    """Copies of arrays of the user that are read and do not lie as machine code takes them."""
    moved = {held for held, _ in steps.updates}
    return {
        value: Filled(
            np.array(array, array.dtype.newbyteorder("="), order="C"), partial(np.asarray, array)
        )
        for value in steps.leaves()
        if value.role in ("parameter", "array") and value not in moved
        for array in [arrays.get(value)]
        if type(array) is np.ndarray and not (array.flags.carray and array.dtype.isnative)
    }
