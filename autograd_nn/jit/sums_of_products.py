"""einsum where it is no product of matrices: loops over its letters."""

from __future__ import annotations

from collections.abc import Callable

from autograd_nn.jit.folding import Where, index
from autograd_nn.program import Instruction, Value


def sum_of_products(
    step: Instruction,
    place: Callable[[Value], Where],
    new: Callable[[str], str],
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
    lines: list[str] = []

    def opened(wanted: str | list[str], indent: str) -> str:
        for k in wanted:
            lines.append(f"{indent}for {counters[k]} in range({sizes[k]}):")
            indent += "    "
        return indent

    def element(value: Value, own: str) -> str:
        base, start, strides = place(value)
        at = [(counters[k], stride) for k, stride in zip(own, strides, strict=False)]
        return f"{base}[{index(start, at)}]"

    product = " * ".join(element(x, own) for x, own in zip(operands, letters, strict=True))
    target = element(step.output, result)
    outer = opened(result, "")
    if not inner:
        lines.append(f"{outer}{target} = {product}")
        return lines
    total = new("total")
    lines.append(f"{outer}{total} = 0.0")  # as all sums, in float64
    lines.append(f"{opened(inner, outer)}{total} = added({total}, {product})")
    lines.append(f"{outer}{target} = {step.output.dtype.name}({total})")
    return lines
