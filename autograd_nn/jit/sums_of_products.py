"""einsum where it is no product of matrices: loops over its letters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd_nn.jit.loops import Where, index, opened
from autograd_nn.jit.reducing import wide
from autograd_nn.program import Instruction, Value


def sum_of_products(
    step: Instruction, place: Callable[[Value], Where], new: Callable[[str], str]
) -> list[str]:
    """The loops, those of the letters that are summed over inside.

    Parameters   new: a name that nothing has
    """
    subscripts, *operands = step.inputs
    names, _, result = subscripts.partition("->")
    letters = names.split(",")
    sizes = {
        k: n
        for own, x in zip(letters, operands, strict=True)
        for k, n in zip(own, x.shape, strict=True)
    }
    counters = {k: new(k) for k in sizes}
    inner = [k for k in sizes if k not in result]

    def element(value: Value, own: str) -> str:
        base, start, strides = place(value)
        at = [(counters[k], stride) for k, stride in zip(own, strides, strict=False)]
        return f"{base}[{index(start, at)}]"

    dtype = wide(Instruction(np.add.reduce, (), {}, step.output))
    words = [element(x, own) for x, own in zip(operands, letters, strict=True)]
    product = " * ".join([f"{dtype}({words[0]})", *words[1:]])
    target = element(step.output, result)
    lines: list[str] = []
    outer = opened(lines, [(counters[k], sizes[k]) for k in result])
    if not inner:
        return [*lines, f"{outer}{target} = {product}"]
    total = new("total")
    lines.append(f"{outer}{total} = {dtype}(0)")
    inside = opened(lines, [(counters[k], sizes[k]) for k in inner], outer)
    return [
        *lines,
        f"{inside}{total} = added({total}, {product})",
        f"{outer}{target} = {step.output.dtype}({total})",
    ]
