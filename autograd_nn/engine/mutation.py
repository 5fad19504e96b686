"""What happens when data change in place: a clock, and snapshots of what a user got hold of."""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Iterable
from itertools import starmap
from operator import call, setitem
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.recording import had_effect, looked

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

_array = np.ndarray
_BITS = {size: np.dtype(f"i{size}") for size in (1, 2, 4, 8)}


class Clock:
    """Counts changes of data.

    A recorded node keeps the count of its making; an input whose own count is higher was changed
    afterwards (one comparison of integers per edge in the reverse sweep).
    """

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = Clock()


class Leaf:
    """What only some Tensors carry: data handed out to the user, where they come from, and what
    was taken from them."""

    __slots__ = ("copy", "handed_out", "older", "origin", "source", "taken")

    def __init__(
        self,
        copy: Any = None,
        handed_out: int = 0,
        older: float = 0,
        origin: str | None = None,
        taken: list[Any] | None = None,
        source: Any = None,
    ) -> None:
        self.copy = copy  # the data as it was when handed out, None when it was not
        self.handed_out = handed_out  # the clock at that time
        self.older = older  # the last change before that time
        self.origin = origin
        self.taken = taken  # see `taking.py`
        self.source = source  # the array of the user that the data are a copy of


def source_of(tensor: Tensor) -> Any:
    """The array of the user that the data of a leaf are a copy of, None where there is none."""
    return None if tensor._leaf is None else tensor._leaf.source


def assign(tensor: Tensor, value: Any) -> None:
    """Put new data into a leaf, in place, and tell the clock."""
    had_effect("a change of data")
    clock.now += 1
    data = tensor._data
    if type(data) is _array:
        if value is not data:
            data[...] = value
    else:
        tensor._data = data.dtype.type(value)
    tensor._clock = clock.now
    tensor._leaf = None


def assign_all(changes: Iterable[tuple[Tensor, Any]], others: list[tuple[Any, ...]]) -> None:
    """Put new data into leaves, and make the calls ``others``, as a whole or not at all.

    A signal's handler, such as that of Ctrl-C, runs between two instructions of Python and never
    inside a call of C. So all of it is one call of C.

    Parameters   changes: leaves, and for each data of its shape
                 others: functions of C with their arguments
    """
    had_effect("a change of data")
    clock.now += 1
    calls = others
    for tensor, value in changes:
        data = tensor._data
        if type(data) is not _array:
            calls.append((setattr, tensor, "_data", data.dtype.type(value)))
        elif value is not data:
            calls.append((setitem, data, ..., value))
        tensor._clock = clock.now
        tensor._leaf = None
    deque(starmap(call, calls), 0)


def changed_in_place(tensors: list[Tensor]) -> None:
    """Tell the clock that the data of leaves were changed, all at once."""
    looked("a change of data")
    clock.now += 1
    for tensor in tensors:
        tensor._clock = clock.now
        tensor._leaf = None


def hand_out(tensor: Tensor) -> None:
    """Keep a snapshot of a leaf's array before a user gets hold of it."""
    before = tensor._leaf
    if before is not None and before.handed_out is clock.now and _nothing_recorded_since():
        return  # the snapshot still tells all: t.data[i] in a loop does not compare every time
    clock.now += 1
    data = tensor._data
    older: float = tensor._clock
    origin = taken = None
    if before is not None:
        origin, taken = before.origin, before.taken
        if before.copy is not None:
            changed = not _same(before.copy, data)
            older = before.handed_out if changed else before.older
            if not changed:
                data = before.copy
    copy = data if before is not None and data is before.copy else data.copy()
    tensor._leaf = Leaf(copy, clock.now, older, origin, taken)
    tensor._clock = math.inf


def _nothing_recorded_since() -> bool:
    """Whether no node lives that was recorded since the clock's last count.

    A node keeps the very number that the clock had, so the references to it say how many there
    are: beside nodes it is held by the clock, by the leaf that was handed out, and here.
    """
    return sys.getrefcount(clock.now) <= 3


def changed_since(tensor: Tensor, node: Tensor) -> bool:
    """Whether an input was changed after ``node`` was recorded with it."""
    if tensor._clock <= node._clock:
        return False
    leaf = tensor._leaf
    if leaf is None or leaf.copy is None:
        return True
    if leaf.older > node._clock:
        return True
    return node._clock < leaf.handed_out and not _same(leaf.copy, tensor._data)


def _same(before: Any, now: Any) -> bool:
    """Whether all bits are equal, of NaN too; told from the bits it takes a tenth of the time."""
    bits = _BITS.get(before.itemsize)
    if bits is None:
        return bool(np.array_equal(before, now, equal_nan=before.dtype.kind == "f"))
    return bool((before.view(bits) == now.view(bits)).all())
