"""Where in one array for each dtype the values of a compiled program are kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.fusing import Item
from autograd_nn.jit.kinds import is_fold
from autograd_nn.program import Value

_LINE = 16  # numbers; vectors that lie across two lines of the cache cost 3 % of a step


class Arena:
    """Where what lives during a call begins, and how much of each dtype there is.

    What is not read any more gives its place to another of the same size.

    Parameters   kept: what is read after the call, or was there before it
                 held: what has its own memory
    """

    def __init__(
        self, items: list[Item], placing: Allocation, kept: list[Value], held: list[Value]
    ) -> None:
        self.starts: dict[Value, int] = {}
        self.sizes: dict[np.dtype[Any], int] = {}
        have_own = set(held)
        first: dict[Value, int] = {}
        last: dict[Value, int] = {}
        for position, item in enumerate(items):
            for value in [*written(item), *read(item)]:
                whole = placing.whole(value)
                if whole.kind == "array" and whole.role != "input" and whole not in have_own:
                    first.setdefault(whole, position)
                    last[whole] = position
        for value in {*map(placing.whole, kept), *(v for v in first if v.role == "constant")}:
            if value in first:
                first[value], last[value] = 0, len(items)
        free: dict[tuple[np.dtype[Any], int], list[int]] = {}
        beginning, ending = _by_position(first), _by_position(last)
        for position in range(len(items)):
            for value in beginning.get(position, ()):
                left = free.get((value.dtype, value.size))
                end = self.sizes.setdefault(value.dtype, 0)
                self.starts[value] = left.pop() if left else end
                if self.starts[value] == end:
                    self.sizes[value.dtype] = end + -(-value.size // _LINE) * _LINE
            for value in ending.get(position, ()):
                free.setdefault((value.dtype, value.size), []).append(self.starts[value])


def _by_position(positions: dict[Value, int]) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = {}
    for value, position in positions.items():
        found.setdefault(position, []).append(value)
    return found


def aligned(size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Zeros that begin where a line of the cache does."""
    whole = np.zeros(size + _LINE, dtype)
    start = -(whole.ctypes.data // dtype.itemsize) % _LINE
    return whole[start : start + size]


def read(item: Item) -> list[Value]:
    """The arrays that an item reads from memory."""
    made = {s.output for s in item.steps if not is_fold(s)} if item.shape is not None else set()
    found: dict[Value, None] = {}
    for step in item.steps:
        for value in step.read():
            if (
                value in made
                or value.kind != "array"
                or (item.shape is not None and is_number(value))
            ):
                continue
            found.setdefault(value)
    return list(found)


def written(item: Item) -> list[Value]:
    """The arrays that an item writes into memory."""
    targets = [target for _, target in item.stores]
    for step in item.steps:
        if (item.shape is None or is_fold(step)) and step.output.kind == "array":
            targets.append(step.output)
    return targets


def is_number(value: Value) -> bool:
    """Whether a constant is written into the text."""
    return value.role == "constant" and value.size == 1
