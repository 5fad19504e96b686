"""Arrays as batches: in memory, or read from where they are, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

    def __iter__(self) -> Iterator[Any]:
        edges = _edges(self.data)
        batches = self._anywhere() if edges is None else self._piece_by_piece(edges)
        for batch in batches:
            yield tuple(as_called(part) for part in batch)

    def _anywhere(self) -> Iterator[Data]:
        order = self._order(len(self.data.x))
        for start in range(0, len(order), self.size):
            rows = slice(start, min(start + self.size, len(order)))
            if self.cut is not None:
                rows = self.cut(rows.start, rows.stop)
            yield self.data.rows(order[rows])

    def _piece_by_piece(self, edges: list[int]) -> Iterator[Data]:
        size = self.size
        rest: Data | None = None  # fewer samples than a batch, which the next pieces fill up
        for pieces in self._groups(edges):
            held = _joined([_as_stored(self.data, slice(*piece)) for piece in pieces])
            order = self._order(len(held.x))
            start = 0
            if rest is not None:
                start = size - len(rest.x)
                rest = _joined([rest, held.rows(order[:start])])
            while rest is None or len(rest.x) == size:
                if rest is not None:
                    yield rest
                rest = held.rows(order[start : start + size])  # a copy: a batch keeps no piece
                start += size
            del held  # before the next pieces are read
        if rest is not None and len(rest.x):
            yield rest

    def _groups(self, edges: list[int]) -> Iterator[list[tuple[int, int]]]:
        """Pieces that are in memory at the same time, in the order in which they come."""
        pieces = list(pairwise(edges))
        bytes_of_one = sum(_nbytes(part) for part in self.data if part is not None) / edges[-1]
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


def _parts(array: Any) -> list[Any]:
    return array.arrays if type(array) is Several else [array]


def _edges(data: Data) -> list[int] | None:
    """Where the pieces of the first array that has some begin and end."""
    for part in data:
        for array in _parts(part):
            if type(array) is Unread and array.bounds is not None:
                return array.bounds
    return None


def _nbytes(array: Any) -> int:
    return sum(one.nbytes for one in _parts(array))


def _as_stored(data: Data, rows: slice) -> Data:
    """Rows as they are stored: in the dtype that is wanted there would be a second copy of them."""

    def read(array: Any) -> Any:
        if type(array) is Several:
            return array.like([read(one) for one in array.arrays])
        return array.as_stored(rows) if type(array) is Unread else array[rows]

    return Data(*(None if part is None else read(part) for part in data))


def _joined(parts: list[Data]) -> Data:
    """The samples of all, one after the other."""
    if len(parts) == 1:
        return parts[0]

    def together(arrays: list[Any]) -> Any:
        if type(arrays[0]) is Several:
            columns = zip(*(several.arrays for several in arrays), strict=True)
            return arrays[0].like([np.concatenate(column) for column in columns])
        return np.concatenate(arrays)

    columns = zip(*parts, strict=True)
    return Data(*(None if column[0] is None else together(list(column)) for column in columns))
