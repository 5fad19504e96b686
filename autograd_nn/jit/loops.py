"""Loops as text: how they are opened, over which axes they go, where in memory an element is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd_nn.jit.splitting import length_of_loop

Where = tuple[str, int, tuple[int, ...]]
"""The flat array that a value is in, where it starts, and its strides."""


def opened(
    lines: list[str], loops: Iterable[tuple[str, int]], indent: str = "", inside: int = 0
) -> str:
    """Begin loops, one in another; the indent of what is inside of them.

    Parameters   loops: of each its counter and how many rounds it has
                 inside: how many rounds all loops have that follow; 0 where LLVM may know them
    """
    loops = list(loops)
    for place, (counter, length) in enumerate(loops, 1):
        rounds = inside * math.prod(length for _, length in loops[place:])
        lines.append(f"{indent}for {counter} in range({length_of_loop(length, rounds)}):")
        indent += "    "
    return indent


def index(start: int, strides: Iterable[tuple[str, int]]) -> str:
    """A place in a flat array, of where it starts and the strides of counters."""
    terms = [
        counter if stride == 1 else f"{stride} * {counter}" for counter, stride in strides if stride
    ]
    if start or not terms:
        terms.insert(0, str(start))
    return " + ".join(terms)


def fewest_axes(
    shape: tuple[int, ...], operands: Sequence[tuple[tuple[int, ...], Where]]
) -> tuple[list[int], list[Where]]:
    """As few lengths of loops as will do for operands in this shape, and their places in them.

    Parameters   operands: of each its own shape, and where it is
    """
    places = []
    for own, (base, start, strides) in operands:
        lead = len(shape) - len(own)
        strides = tuple(
            0 if length == 1 else stride for length, stride in zip(own, strides, strict=True)
        )
        places.append((base, start, (0,) * lead + strides))
    axes: list[int] = []
    steps: list[list[int]] = [[] for _ in places]
    for axis, length in enumerate(shape):
        if length == 1:
            continue
        here = [strides[axis] for *_, strides in places]
        if axes and all(s[-1] == h * length for s, h in zip(steps, here, strict=True)):
            axes[-1] *= length
            for s, h in zip(steps, here, strict=True):
                s[-1] = h
        else:
            axes.append(length)
            for s, h in zip(steps, here, strict=True):
                s.append(h)
    return axes, [
        (base, start, tuple(strides))
        for (base, start, _), strides in zip(places, steps, strict=True)
    ]
