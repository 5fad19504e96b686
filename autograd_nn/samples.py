"""Samples one after the other, as TensorFlow's ``data.Dataset`` gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.settings import floatx, generator


class Dataset:
    """Samples that can be gone through again and again, each a Tensor or a structure of them.

    Structures are tuples and dicts. Every method gives a new Dataset.

    >>> batches = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 1])).batch(2)
    >>> [(x.tolist(), y.tolist()) for x, y in batches]
    [([1.0, 2.0], [0, 1]), ([3.0], [1])]
    """

    def __init__(self, samples: Callable[[], Iterator[Any]], length: int | None = None) -> None:
        self._samples = samples  # of arrays: Tensors are made when somebody looks
        self._length = length

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """One sample for each entry along the first axis of every array.

        Raises       ShapeError where the arrays do not have the same number of samples
        """
        arrays = mapped(array_of, tensors)
        lengths: dict[int, Any] = {}
        mapped(lambda array: lengths.setdefault(len(array), array), arrays)
        if len(lengths) != 1:
            shapes = ", ".join(str(array.shape) for array in lengths.values())
            raise ShapeError(f"The arrays must have the same number of samples, got {shapes}.")
        (count,) = lengths
        return Dataset(
            lambda: (mapped(lambda array: array[i], arrays) for i in range(count)),  # noqa: B023
            count,
        )

    @staticmethod
    def range(*ends: int) -> Dataset:
        """The integers of Python's `range`."""
        return Dataset.from_tensor_slices(np.arange(*ends))

    @staticmethod
    def zip(*datasets: Dataset) -> Dataset:
        """Tuples of a sample of each, as many as the shortest has."""
        parts = datasets[0] if isinstance(datasets[0], tuple) else datasets
        lengths = [part._length for part in parts if part._length is not None]
        return Dataset(
            lambda: zip(*(part._samples() for part in parts), strict=False),
            min(lengths, default=None),
        )

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """So many samples in one, along a new first axis; the last may have fewer."""
        size = positive_integer("batch_size", batch_size)

        def batches() -> Iterator[Any]:
            samples = self._samples()
            while found := list(islice(samples, size)):
                if len(found) == size or not drop_remainder:
                    yield stacked(found)

        left = self._length
        if left is not None:
            left = left // size if drop_remainder else -(-left // size)
        return Dataset(batches, left)

    def shuffle(self, buffer_size: int, seed: int | None = None, **_: Any) -> Dataset:
        """In a new order each time: one of ``buffer_size`` samples at hand is taken at random."""
        size = positive_integer("buffer_size", buffer_size)
        source = generator("shuffle", seed)

        def shuffled() -> Iterator[Any]:
            samples = self._samples()
            held = list(islice(samples, size))
            while held:
                place = int(source.integers(len(held)))
                taken = held[place]
                following = next(samples, None)
                if following is None:
                    held[place] = held[-1]
                    held.pop()
                else:
                    held[place] = following
                yield taken

        return Dataset(shuffled, self._length)

    def map(self, map_func: Callable[..., Any], **_: Any) -> Dataset:
        """What ``map_func`` makes of every sample; a tuple comes as several arguments."""

        def made() -> Iterator[Any]:
            for sample in self:
                yield mapped(
                    array_of, map_func(*sample) if type(sample) is tuple else map_func(sample)
                )

        return Dataset(made, self._length)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The samples for which ``predicate`` is true; a tuple comes as several arguments."""

        def kept() -> Iterator[Any]:
            for sample in self:
                if predicate(*sample) if type(sample) is tuple else predicate(sample):
                    yield mapped(array_of, sample)

        return Dataset(kept)

    def concatenate(self, dataset: Dataset) -> Dataset:
        """These samples, and then those."""
        lengths = (self._length, dataset._length)
        length = None if None in lengths else sum(lengths)  # type: ignore[arg-type]
        return Dataset(lambda: chain(self._samples(), dataset._samples()), length)

    def unbatch(self) -> Dataset:
        """The samples of batches, one by one."""

        def ones() -> Iterator[Any]:
            for batch in self._samples():
                yield from Dataset.from_tensor_slices(batch)._samples()

        return Dataset(ones)

    def repeat(self, count: int | None = None) -> Dataset:
        """The samples so many times, None without end."""
        times = repeat(None) if count is None else range(count)
        length = None if count is None or self._length is None else self._length * count
        return Dataset(lambda: chain.from_iterable(self._samples() for _ in times), length)

    def take(self, count: int) -> Dataset:
        """The first samples."""
        length = count if self._length is None else min(count, self._length)
        return Dataset(lambda: islice(self._samples(), count), length)

    def skip(self, count: int) -> Dataset:
        """The samples after the first."""
        length = None if self._length is None else max(0, self._length - count)
        return Dataset(lambda: islice(self._samples(), count, None), length)

    def enumerate(self, start: int = 0) -> Dataset:
        """Pairs of a number and a sample."""
        return Dataset(lambda: enumerate(self._samples(), start), self._length)

    def prefetch(self, buffer_size: int = 1) -> Dataset:
        """Itself: everything is in memory."""
        return self

    def cache(self) -> Dataset:
        """Itself: everything is in memory."""
        return self

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The samples as arrays."""
        return self._samples()

    def __iter__(self) -> Iterator[Any]:
        return (mapped(tensor_of, sample) for sample in self._samples())

    def __len__(self) -> int:
        if self._length is None:
            raise ArgumentTypeError(
                "How many samples this Dataset has is not known before it was gone through."
            )
        return self._length


def array_of(value: Any) -> Any:
    """A value as an array; numbers written by hand, also in lists, in ``floatx`` and int32."""
    if type(value) is Tensor:
        return value.numpy()
    array = np.asarray(value)
    if isinstance(value, (np.ndarray, np.generic)) or array.dtype.kind not in "fi":
        return array
    narrow = array.astype(floatx() if array.dtype.kind == "f" else np.int32)
    return narrow if array.dtype.kind == "f" or (narrow == array).all() else array


def mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """A tuple or a dict with what a function makes of every value in it."""
    if isinstance(structure, tuple):
        return tuple(mapped(function, part) for part in structure)
    if isinstance(structure, dict):
        return {key: mapped(function, part) for key, part in structure.items()}
    return function(structure)


def tensor_of(value: Any) -> Any:
    """An array as a Tensor that wants no gradient."""
    return Tensor(value, requires_grad=False)


def stacked(samples: list[Any]) -> Any:
    """Samples along a new first axis."""
    first = samples[0]
    if isinstance(first, tuple):
        return tuple(stacked(list(parts)) for parts in zip(*samples, strict=True))
    if isinstance(first, dict):
        return {key: stacked([sample[key] for sample in samples]) for key in first}
    return np.stack(samples)
