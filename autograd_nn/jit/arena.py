"""Where in one array for each dtype the values of a compiled program are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.jit.allocation import Allocation, is_fold
from autograd_nn.jit.fusing import Item
from autograd_nn.program import Value

_ALIGNED = 64  # bytes: a line of the cache


@dataclass(eq=False)
class Span:
    """Memory of a value, needed from one item to another."""

    size: int
    dtype: np.dtype[Any]
    first: int
    last: int
    start: int = -1


class Rooms:
    """Places for what lives during a call; values whose lives do not meet can share one.

    Parameters   kept: what is read after the call, or was there before it
                 held: what has its own memory
    """

    def __init__(
        self, items: list[Item], placing: Allocation, kept: list[Value], held: list[Value]
    ) -> None:
        self._placing = placing
        self._held = set(held)
        self.spans: dict[Value, Span] = {}
        end = len(items)
        for position, item in enumerate(items):
            for value in [*written(item), *read(item)]:
                self._use(value, position)
        for value in kept:
            if (whole := placing.whole(value)) in self.spans:
                self.spans[whole].first, self.spans[whole].last = 0, end
        for position, item in enumerate(items):
            self._overwrite(position, item)
        self.sizes: dict[np.dtype[Any], int] = {}
        for span in sorted(dict.fromkeys(self.spans.values()), key=lambda span: -span.size):
            self._settle(span)

    def start(self, value: Value) -> int:
        """Where in the array of its dtype a value begins that owns its memory."""
        return self.spans[value].start

    def _use(self, value: Value, position: int) -> None:
        whole = self._placing.whole(value)
        if whole.role == "input" or whole in self._held or whole.kind != "array":
            return
        span = self.spans.get(whole)
        if span is None:
            span = self.spans[whole] = Span(whole.size, whole.dtype, position, position)
            if whole.role == "constant":
                span.first, span.last = 0, 1 << 30
        span.last = max(span.last, position)

    def _overwrite(self, position: int, item: Item) -> None:
        """A result of a loop takes the memory of an operand that is read for the last time."""
        if item.shape is None:
            return
        for value, target in item.stores:
            mine = self.spans.get(target)
            if mine is None or target is not value or mine.first != position:
                continue
            for operand in read(item):
                other = self.spans.get(operand)
                if (
                    other is not None
                    and other is not mine
                    and other.last == position
                    and operand.shape == item.shape
                    and operand.dtype == value.dtype
                ):
                    other.last = mine.last
                    self.spans[target] = other
                    break

    def _settle(self, span: Span) -> None:
        """The first place where no span stands that is needed at the same time."""
        length = -(-span.size * span.dtype.itemsize // _ALIGNED) * _ALIGNED // span.dtype.itemsize
        taken = sorted(
            (other.start, other.start + other.size)
            for other in set(self.spans.values())
            if other.start >= 0
            and other.dtype == span.dtype
            and other.first <= span.last
            and span.first <= other.last
        )
        start = 0
        for first, after in taken:
            if start + length <= first:
                break
            start = max(
                start, -(-after * span.dtype.itemsize // _ALIGNED) * _ALIGNED // span.dtype.itemsize
            )
        span.start = start
        self.sizes[span.dtype] = max(self.sizes.get(span.dtype, 0), start + length)


def aligned(size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Zeros that begin where a line of the cache does: vectors are then read in one piece."""
    line = _ALIGNED // dtype.itemsize
    room = np.zeros(size + line, dtype)
    start = -(room.ctypes.data // dtype.itemsize) % line
    return room[start : start + size]


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
