"""Arrays as batches: in memory, or read from where they are, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_nn.data import Data
from autograd_nn.settings import generator
from autograd_nn.several import Several, as_called
from autograd_nn.unread import IN_MEMORY, Unread


class Slices:
    """The batches of arrays, in a new order each time where they are shuffled.

    What has pieces that are read at once, such as the chunks of a Dask array, is not read sample by
    sample: the pieces come in a new order, and samples are mixed with those of the pieces that are
    in memory at the same time.
    """

    def __init__(self, data: Data, size: int, shuffle: bool) -> None:
        self.data, self.size, self._shuffle = data, size, shuffle
        # Which rows of those of a batch are read, where a process reads its share alone.
        self.cut: Callable[[int, int], slice] | None = None

    def __len__(self) -> int:
        return -(-len(self.data.x) // self.size)

    @property
    def is_in_pieces(self) -> bool:
        """Whether it is not read sample by sample."""
        return _edges(self.data) is not None

    def first(self) -> Any:
        """The first samples as a batch, whatever the order: no piece is kept for it."""
        rows = slice(0, min(self.size, len(self.data.x)))
        if self.cut is not None:
            rows = self.cut(rows.start, rows.stop)
        return _called(self.data.rows(rows))

    def __iter__(self) -> Iterator[Any]:
        edges = _edges(self.data)
        batches = self._anywhere() if edges is None else self._piece_by_piece(edges)
        return map(_called, batches)  # which keeps none

    def _anywhere(self) -> Iterator[Data]:
        return self.data.batches(self.size, self._order(len(self.data.x)), cut=self.cut)

    def _piece_by_piece(self, edges: list[int]) -> Iterator[Data]:
        size = self.size
        rest: Data | None = None  # fewer samples than a batch, which the next pieces fill up
        for pieces in self._groups(edges):
            held = _each(self.data, partial(_read, pieces))
            order = self._order(len(held.x))
            start = 0
            if rest is not None:
                start = size - len(rest.x)
                rest = _joined(rest, held.rows(order[:start]))
            while rest is None or len(rest.x) == size:
                if rest is not None:
                    yield rest
                    del rest  # before the next is taken out
                rest = held.rows(order[start : start + size])  # a copy: a batch keeps no piece
                start += size
            del held  # before the next pieces are read
        if rest is not None and len(rest.x):
            yield rest

    def _groups(self, edges: list[int]) -> Iterator[list[tuple[int, int]]]:
        """Pieces that are in memory at the same time, in the order in which they come."""
        pieces = list(pairwise(edges))
        bytes_of_one = sum(array.nbytes for array in _arrays(self.data)) / edges[-1]
        group: list[tuple[int, int]] = []
        size = 0.0
        for place in self._order(len(pieces)):
            first, last = pieces[place]
            size += (last - first) * bytes_of_one
            if group and size > IN_MEMORY:
                yield group
                group, size = [], (last - first) * bytes_of_one
            group.append((first, last))
        yield group

    def _order(self, number: int) -> Any:
        return generator("shuffle").permutation(number) if self._shuffle else np.arange(number)


def _called(data: Data) -> tuple[Any, ...]:
    return tuple(map(as_called, data))


def _arrays(data: Data) -> Iterator[Any]:
    for part in data:
        yield from part.arrays if type(part) is Several else () if part is None else (part,)


def _each(data: Data, function: Callable[[Any], Any]) -> Data:
    """What a function makes of each array."""

    def of(part: Any) -> Any:
        if type(part) is Several:
            return part.like(list(map(function, part.arrays)))
        return None if part is None else function(part)

    return Data(*map(of, data))


def _edges(data: Data) -> list[int] | None:
    """Where the pieces of the first array that has some begin and end."""
    unread = (array for array in _arrays(data) if type(array) is Unread)
    return next((array.bounds for array in unread if array.bounds is not None), None)


def _read(pieces: list[tuple[int, int]], array: Any) -> Any:
    """The samples of pieces, read one after the other; a large piece alone stays as it is."""
    if len(pieces) == 1:
        rows = slice(*pieces[0])
        return array.as_stored(rows) if type(array) is Unread else array[rows]
    count = sum(last - first for first, last in pieces)
    together = np.empty((count, *array.shape[1:]), array.dtype)
    place = 0
    for first, last in pieces:
        together[place : place + last - first] = array[first:last]
        place += last - first
    return together


def _joined(first: Data, second: Data) -> Data:
    """The samples of both, one after the other."""
    arrays = iter(list(_arrays(second)))
    return _each(first, lambda array: np.concatenate([array, next(arrays)]))
