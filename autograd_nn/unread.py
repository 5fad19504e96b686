"""Arrays that are not in memory: rows of a file or of a Dask array, read when they are wanted."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_nn.arrays import BLOCK, as_array, cast, refuse_not_finite
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.frames import is_frame, refuse_columns
from autograd_nn.several import Several

Array = np.ndarray

IN_MEMORY = 2**25
"""What takes up to so many bytes is read as a whole; of what takes more, so much at once."""

_PIECE = 2**20  # bytes, of what has no pieces of its own


class Unread:
    """Samples that are cut as an array is, and read only where they are cut.

    Parameters   source: a memory map, a Dask array, a dataset of HDF5: what gives rows by slices
                 dtype: in which rows are given
                 places: which rows of the source these are, a range or ascending numbers
                 edges: where its pieces begin and end that are read at once; None where any rows
                 are as near as others
    """

    __slots__ = ("_edges", "_places", "_source", "bounds", "dtype", "shape")

    def __init__(self, source: Any, dtype: Any, places: Any, edges: Array | None) -> None:
        self._source = source
        self._places = places
        self._edges = edges
        self.dtype = np.dtype(dtype)
        self.shape = (len(places), *map(int, source.shape[1:]))
        self.bounds: list[int] | None = None  # the edges, counted in these rows
        if edges is not None and type(places) is range:
            self.bounds = np.unique(np.clip(edges - places.start, 0, len(places))).tolist()
        elif edges is not None:
            self.bounds = np.unique(np.searchsorted(places, edges)).tolist()

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes they would take."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Array:
        """Rows, read into memory of their own, by a slice or by numbers."""
        read = self.as_stored(rows)
        return read.copy() if read.dtype == self.dtype else cast(read, self.dtype, "x")

    def as_stored(self, rows: Any) -> Array:
        """The same in the dtype that they are stored in, and where they are, if that can be."""
        places = _chosen(self._places, rows)
        if self._edges is None:
            return np.asarray(self._source[_slice(places) if type(places) is range else places])
        if type(places) is range:
            return self._computed(places.start, places.stop)
        first = int(places.min())
        return self._computed(first, int(places.max()) + 1)[places - first]

    def _computed(self, first: int, last: int) -> Array:
        rows = self._source[first:last]
        if hasattr(rows, "to_delayed"):
            chunks = rows.to_delayed().ravel()
            # Of a single chunk that itself: compute() of the array would copy it.
            rows = (chunks[0] if len(chunks) == 1 else rows).compute()
        read = as_array(rows, "x")
        if read.shape != (last - first, *self.shape[1:]):
            raise ShapeError(
                f"Rows {first} to {last} of a {type(self._source).__name__} came with shape "
                f"{read.shape}, and it says {(last - first, *self.shape[1:])}. Where a function in "
                "map_blocks leaves rows out, call its compute_chunk_sizes() first."
            )
        return read

    def part(self, chosen: Any) -> Unread:
        """Some of the samples, of which nothing is read yet; numbers must ascend."""
        return Unread(self._source, self.dtype, _chosen(self._places, chosen), self._edges)

    def in_dtype(self, dtype: Any) -> Unread:
        """The same samples, given in this dtype."""
        return Unread(self._source, dtype, self._places, self._edges)

    def pieces(self, rows: int) -> Iterator[tuple[int, int]]:
        """The first and last rows of what is read at once, so many where any are as near."""
        if self.bounds is None:
            return pairwise([*range(0, len(self), rows), len(self)])
        return pairwise(self.bounds)

    def refuse_bad(self, name: str) -> None:
        """Read all of it once, and refuse NaN, infinity and what has no place in the dtype."""
        rows = max(1, BLOCK * len(self) // max(self.size, 1))
        for first, end in self.pieces(rows):
            piece = self.as_stored(slice(first, end))
            for start in range(0, len(piece), rows):
                block = piece[start : start + rows]
                called = f"{name}[{first + start}:{first + start + len(block)}]"
                with np.errstate(over="ignore"):  # in the squares of what is then found too large
                    refuse_not_finite(block, called)
                if block.dtype != self.dtype:
                    cast(block, self.dtype, called)
            del piece, block  # before the next is read


def _slice(places: range) -> slice:
    return slice(places.start, places.stop)


def _chosen(places: Any, rows: Any) -> Any:
    if isinstance(rows, slice) or type(places) is Array:
        return places[rows]
    return np.asarray(rows) + places.start


def part_of(array: Any, chosen: Any) -> Any:
    """Some of the samples of an array, of several, or of what is stored, which is not read."""
    if type(array) is Several:
        return array.like([part_of(one, chosen) for one in array.arrays])
    if type(array) is Array and not isinstance(chosen, slice):
        array = left_in_file(array, array.dtype)
    return array.part(chosen) if type(array) is Unread else array[chosen]


def is_unread(array: Any) -> bool:
    """Whether an array, or one of several, is read when it is wanted."""
    if type(array) is Several:
        return any(map(is_unread, array.arrays))
    return type(array) is Unread


def left_in_file(array: Array, dtype: Any) -> Any:
    """An array that is mapped from a file and large, to be read in this dtype; else as it is."""
    if array.nbytes > IN_MEMORY and _is_mapped(array):
        return Unread(array, dtype, range(len(array)), None)
    return array


def _is_mapped(array: Array) -> bool:
    base: Any = array
    while isinstance(base, Array):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return isinstance(base, mmap.mmap)


def from_elsewhere(value: Any, name: str, may_stay: bool) -> Any:
    """What is not in memory: read, or as `Unread` where it is large and may stay where it is.

    Anything else comes back as it is.
    """
    if type(value).__module__ == "dask.delayed":  # which says that it has any attribute
        raise ArgumentTypeError(
            f"`{name}` is a Delayed of Dask, of which shape and dtype are not known. Give what "
            f"{name}.compute() makes of it, or dask.array.from_delayed({name}, shape, dtype)."
        )
    if hasattr(value, "to_dask_array"):
        value = _of_dask_frame(value, name)
    is_in_chunks = all(hasattr(value, part) for part in ("chunks", "shape", "dtype"))
    if not is_in_chunks or hasattr(value, "columns") or not value.shape:
        return value
    if getattr(value.dtype, "kind", "O") not in "fiub":
        return value
    if any(math.isnan(length) for length in value.shape):
        raise ArgumentError(
            f"`{name}` is a Dask array of unknown length, shape {value.shape}. Call "
            f"{name}.compute_chunk_sizes() first."
        )
    length = int(value.shape[0])
    found = Unread(value, value.dtype, range(length), _edges(value, length))
    if may_stay and found.nbytes > IN_MEMORY:
        return found
    # One piece after the other: at once, each would be computed from its part of all the rest.
    array = np.empty(found.shape, found.dtype)
    for start, stop in found.pieces(1):
        array[start:stop] = found[start:stop]
    return array


def _edges(value: Any, length: int) -> Array:
    chunks = value.chunks
    if isinstance(chunks, tuple) and chunks and isinstance(chunks[0], tuple):  # of Dask
        return np.cumsum([0, *chunks[0]])
    rows = max(1, _PIECE * length // max(1, math.prod(value.shape) * value.dtype.itemsize))
    if chunks:  # of HDF5: whole ones
        rows = -(-rows // chunks[0]) * chunks[0]
    return np.array([*range(0, length, rows), length])


def _of_dask_frame(frame: Any, name: str) -> Any:
    """A Dask frame or series as an array of known length."""
    kinds = frame.dtypes.items() if is_frame(frame) else [(frame.name, frame.dtype)]
    bad = [f"{of!r} ({kind})" for of, kind in kinds if getattr(kind, "kind", "O") not in "fiub"]
    refuse_columns(bad, name)
    return frame.to_dask_array(lengths=True)
