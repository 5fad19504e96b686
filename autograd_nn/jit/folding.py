"""What windows overlap in, added up: as loops over the rows of all windows."""

from __future__ import annotations

from autograd_nn.jit.loops import Where, index, opened
from autograd_nn.program import Instruction


def folding(step: Instruction, windows: Where, whole: Where) -> list[str]:
    """The lines of a `folded`: everything 0, then every place of a window where it belongs."""
    shape, (lengths, strides, padding, dilation) = step.inputs[0].shape, step.inputs[1:]
    groups, up, kh, kw, c, across, n = shape
    (source, start, of), (target, first, into) = windows, whole
    lines: list[str] = []

    indent = opened(lines, [("i", step.output.size)])
    lines.append(f"{indent}{target}[{index(first, [('i', 1)])}] = 0")
    indent = opened(lines, [("g", groups), ("l", up), ("i", kh)])
    lines.append(f"{indent}row = {strides[0]} * l + {dilation[0]} * i - {padding[0][0]}")
    lines.append(f"{indent}if row < 0 or row >= {lengths[0]}:")
    lines.append(f"{indent}    continue")
    indent = opened(lines, [("j", kw)], indent)
    stride = strides[1]
    lines.append(f"{indent}at = {dilation[1]} * j - {padding[1][0]}")
    lines.append(f"{indent}begin = max(0, -(at // {stride}))")
    lines.append(
        f"{indent}end = max(begin, min({across}, ({lengths[1] - 1} - at) // {stride} + 1))"
    )
    indent = opened(lines, [("c", c)], indent)
    to = [("g", into[0]), ("row", into[1]), ("c", into[2]), ("at", into[3])]
    read = [("g", of[0]), ("l", of[1]), ("i", of[2]), ("j", of[3]), ("c", of[4])]
    if stride * into[3] == of[5] == n:  # samples follow samples in both
        lines.append(f"{indent}for m in range({n} * begin, {n} * end):")
        steps = [("m", 1)], [("m", 1)]
    else:
        lines.append(f"{indent}for k in range(begin, end):")
        indent = opened(lines, [("m", n)], f"{indent}    ").removesuffix("    ")
        steps = [("k", stride * into[3]), ("m", 1)], [("k", of[5]), ("m", 1)]
    to_text, read_text = index(first, to + steps[0]), index(start, read + steps[1])
    lines.append(f"{indent}    {target}[{to_text}] += {source}[{read_text}]")
    return lines
