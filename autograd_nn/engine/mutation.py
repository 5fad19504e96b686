"""What happens when data change in place: a clock, and snapshots of what a user got hold of."""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context, ContextVar
from itertools import starmap
from operator import call, setitem
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.observing import noted

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

    __slots__ = (
        *("choices", "copy", "handed_out", "made_by", "mask", "older", "origin", "source"),
        "taken",
    )

    def __init__(
        self,
        copy: Any = None,
        handed_out: int = 0,
        older: float = 0,
        origin: str | None = None,
        taken: dict[Any, Any] | None = None,
        source: Any = None,
        made_by: tuple[Any, ...] | None = None,
    ) -> None:
        self.copy = copy  # the data as it was when handed out, None when it was not
        self.handed_out = handed_out  # the clock at that time
        self.older = older  # the last change before that time
        self.origin = origin
        self.taken = taken  # by place; see `taking.py`
        self.source = source  # the array of the user that the data are a copy of
        # Of a constant: the operation, inputs and attributes that it was computed by, which result
        # it is where there are several, and how many operations on constants that were.
        self.made_by = made_by
        self.mask: Any = None  # of the steps of a sequence; see `layers/masks.py`
        # What decided how long it is, None where nobody asked yet; see `taking.py`.
        self.choices: tuple[Any, ...] | None = None


def source_of(tensor: Tensor) -> Any:
    """The array of the user that the data of a leaf are a copy of, None where there is none."""
    return None if tensor._leaf is None else tensor._leaf.source


def made_by(tensor: Tensor) -> tuple[Any, ...] | None:
    """The operation, inputs and attributes that a constant was computed by, where it is that yet,
    and of several results its index.

    It is not when somebody changed it since, and not when that was not remembered.
    """
    leaf = tensor._leaf
    if leaf is None or leaf.made_by is None:
        return None
    if leaf.copy is not None and not _same(leaf.copy, tensor._data):
        return None
    return leaf.made_by[:4]


_undoing: ContextVar[undone | None] = ContextVar("autograd_nn_undoing", default=None)
_undoing.set(None)


class undone:
    """Put back, at the end, data that are assigned inside, and generators that are drawn from.

    Parameters   unless: asked after an exception, and where it says so nothing is put back;
                 without an exception nothing is, then
    """

    __slots__ = ("_around", "_unless", "changed")

    def __init__(self, unless: Callable[[], bool] | None = None) -> None:
        self._unless = unless
        # By what was changed the function that puts it back.
        self.changed: dict[Any, Callable[[], None]] = {}

    def __enter__(self) -> None:
        self._around = _undoing.get()
        _undoing.set(self)

    def __exit__(self, kind: Any, *_: object) -> None:
        if self._unless is None or (kind is not None and not self._unless()):
            for put_back in self.changed.values():
                put_back()
        elif self._around is not None:
            for what, put_back in self.changed.items():
                self._around.changed.setdefault(what, put_back)
        # At last: when it is interrupted before, all of it is done again.
        _undoing.set(self._around)


def keep(changed: Iterable[Any]) -> None:
    """Leave what was changed as it is now, also where all changes are to be undone.

    That is for what was only made there, such as a weight that gets its first data.
    """
    inner = _undoing.get()
    while inner is not None:
        for what in changed:
            inner.changed.pop(what, None)
        inner = inner._around


def finish_undoing(around: Context) -> None:
    """Leave what is undone inside of ``around``, where an interrupt kept that from being left."""
    before = around.run(_undoing.get)
    while (inner := _undoing.get()) is not before and inner is not None:
        inner.__exit__(KeyboardInterrupt)


def before_change(what: Any, remember: Callable[[Any], Callable[[], None]]) -> None:
    """Have ``what`` put back where that is wanted; ``remember`` gives the function that does it."""
    inner = _undoing.get()
    if inner is not None and what not in inner.changed:
        inner.changed[what] = remember(what)


def _as_it_was(tensor: Tensor) -> Callable[[], None]:
    data = tensor._data
    before = data.copy() if type(data) is _array else data
    return lambda: put(tensor, before)


def assign(tensor: Tensor, value: Any) -> None:
    """Put new data into a leaf, in place, and tell the clock."""
    noted("a change of data")
    put(tensor, value)


def put(tensor: Tensor, value: Any) -> None:
    """`assign`, of which nobody else is told."""
    before_change(tensor, _as_it_was)
    clock.now += 1
    data = tensor._data
    if type(data) is _array:
        if value is not data:
            data[...] = value
    else:
        tensor._data = data.dtype.type(value)
    tensor._clock = clock.now
    tensor._leaf = None


def assign_all(changes: Iterable[tuple[Tensor, Any]], others: Iterable[tuple[Any, ...]]) -> None:
    """Put new data into leaves, and make the calls ``others``, as a whole or not at all.

    A signal's handler, such as that of Ctrl-C, runs between two instructions of Python and never
    inside a call of C. So all of it is one call of C.

    Parameters   changes: leaves, and for each data of its shape
                 others: functions of C with their arguments
    """
    noted("a change of data")
    now = clock.now = clock.now + 1
    calls: list[tuple[Any, ...]] = []
    for tensor, value in changes:
        data = tensor._data
        if type(data) is _array:
            calls.append((setitem, data, ..., value))
        else:
            calls.append((setattr, tensor, "_data", data.dtype.type(value)))
        tensor._clock = now
        tensor._leaf = None
    calls += others
    deque(starmap(call, calls), 0)


def put_all(changes: list[tuple[Tensor, Any]]) -> None:
    """`assign` of many, as a whole or not at all, and put back where that is wanted."""
    for tensor, _ in changes:
        before_change(tensor, _as_it_was)
    assign_all(changes, [])


def changed_in_place(tensors: list[Tensor]) -> None:
    """Tell the clock that the data of leaves were changed, all at once."""
    noted("a change of data")
    now = clock.now = clock.now + 1
    for tensor in tensors:
        tensor._clock = now
        tensor._leaf = None


def hand_out(tensor: Tensor) -> None:
    """Keep a snapshot of a leaf's array before a user gets hold of it."""
    before = tensor._leaf
    if before is not None and before.handed_out is clock.now and _nothing_recorded_since():
        return  # the snapshot still tells all: t.data[i] in a loop does not compare every time
    clock.now += 1
    data = tensor._data
    older: float = tensor._clock
    origin = taken = made_by = None
    if before is not None:
        origin, taken, made_by = before.origin, before.taken, before.made_by
        if before.copy is not None:
            changed = not _same(before.copy, data)
            older = before.handed_out if changed else before.older
            if not changed:
                data = before.copy
    copy = data if before is not None and data is before.copy else data.copy()
    tensor._leaf = Leaf(copy, clock.now, older, origin, taken, made_by=made_by)
    if before is not None:
        tensor._leaf.mask = before.mask
    tensor._clock = math.inf


def _nothing_recorded_since() -> bool:
    """Whether no node lives that was recorded since the clock's last count.

    A node keeps the very number that the clock had, so the references to it say how many there
    are: beside nodes it is held by the clock, by the leaf that was handed out, and here.
    """
    return sys.getrefcount(clock.now) <= 3


def changed_since(tensor: Tensor, node: Tensor) -> bool:
    """Whether an input was changed after ``node`` was recorded with it."""
    return changed_after(tensor, node._clock)


def changed_after(tensor: Tensor, time: float) -> bool:
    """Whether the data of a leaf were changed after this count of the clock."""
    if tensor._clock <= time:
        return False
    leaf = tensor._leaf
    if leaf is None or leaf.copy is None:
        return True
    if leaf.older > time:
        return True
    return time < leaf.handed_out and not _same(leaf.copy, tensor._data)


def _same(before: Any, now: Any) -> bool:
    """Whether all bits are equal, of NaN too; told from the bits it takes a tenth of the time."""
    bits = _BITS.get(before.itemsize)
    if bits is None:
        return bool(np.array_equal(before, now, equal_nan=before.dtype.kind == "f"))
    return bool((before.view(bits) == now.view(bits)).all())
