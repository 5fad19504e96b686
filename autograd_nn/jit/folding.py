"""What windows overlap in, added up: as loops over the rows of all windows."""

from __future__ import annotations

from autograd_nn.program import Instruction, inside

Where = tuple[str, int, tuple[int, ...]]
"""The flat array that a value is in, where it starts, and its strides."""


def folding(step: Instruction, windows: Where, whole: Where) -> list[str]:
    """The lines of a `folded`: everything 0, then every place of a window where it belongs."""
    shape, (lengths, strides, padding, dilation) = step.inputs[0].shape, step.inputs[1:]
    groups, up, kh, kw, c, across, n = shape
    (source, start, of), (target, first, into) = windows, whole
    lines: list[str] = []

    def nested(loops: list[tuple[str, int]], indent: str = "") -> str:
        for counter, length in loops:
            lines.append(f"{indent}for {counter} in range({length}):")
            indent += "    "
        return indent

    indent = nested([("i", step.output.size)])
    lines.append(f"{indent}{target}[{index(first, [('i', 1)])}] = 0")
    indent = nested([("g", groups), ("l", up), ("i", kh)])
    lines.append(f"{indent}row = {strides[0]} * l + {dilation[0]} * i - {padding[0][0]}")
    lines.append(f"{indent}if row < 0 or row >= {lengths[0]}:")
    lines.append(f"{indent}    continue")
    for j in range(kw):
        seen, places = inside(lengths[1], across, j * dilation[1] - padding[1][0], strides[1])
        count = places.stop - places.start
        if not count:
            continue
        to_first = first + seen.start * into[3]
        of_first = start + j * of[3] + places.start * of[5]
        loops, steps = [("j", c), ("k", count), ("m", n)], (strides[1] * into[3], of[5])
        if steps == (n, n):  # samples follow samples in both
            loops, steps = [("j", c), ("m", n * count)], (0, 0)
        to = [("g", into[0]), ("row", into[1]), ("j", into[2]), ("k", steps[0]), ("m", 1)]
        read = [("g", of[0]), ("l", of[1]), ("i", of[2]), ("j", of[4]), ("k", steps[1]), ("m", 1)]
        inner = nested(loops, indent)
        lines.append(f"{inner}{target}[{index(to_first, to)}] += {source}[{index(of_first, read)}]")
    return lines


def index(start: int, strides: list[tuple[str, int]]) -> str:
    """A place in a flat array, of where it starts and the strides of counters."""
    terms = [
        counter if stride == 1 else f"{stride} * {counter}" for counter, stride in strides if stride
    ]
    if start or not terms:
        terms.insert(0, str(start))
    return " + ".join(terms)
