"""Operations of a planned program as several steps, for who has no call for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.program.calls import Function
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.tracing import Trace, Traced
from autograd_nn.program.values import Instruction, Instructions, Value


def opened(steps: Instructions, forms: Mapping[Function, Callable[..., Any]]) -> Instructions:
    """The same program with some operations as the steps that their forms are."""
    if not any(step.function in forms for step in steps.steps):
        return steps
    found: list[Instruction] = []
    new: dict[Value, Value] = {}
    for step in steps.steps:
        step = step.replaced(new)
        form = forms.get(step.function)
        if form is None:
            found.append(step)
            continue
        trace = Trace({})
        trace.phase, trace.scope = step.phase, step.scope
        with np.errstate(all="ignore"):
            made = form(*(_traced(trace, x) for x in step.inputs), **step.attributes)
        made.value.name = step.output.name
        new[step.output] = made.value
        found += trace.steps
    return simplified(steps.rewritten(found, lambda value: new.get(value, value)))


def _traced(trace: Trace, item: Any) -> Any:
    return Traced(trace, item, np.ones(item.shape, item.dtype)) if type(item) is Value else item
