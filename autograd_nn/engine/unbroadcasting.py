"""What a rule returned, brought to the shape and dtype of its input: broadcasting undone, once."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.batched import Batched, OneByOne
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor, new_leaf

_array = np.ndarray


if TYPE_CHECKING:
    from typing import Protocol

    class Kind(Protocol):
        """What differs between numbers, Tensors, and the values of a program."""

        def value(self, d: Any, node: Tensor, slot: int) -> Any:
            """A rule's result as a value of this kind, which has shape, dtype, sum and astype."""
            ...

        def row_sum(self, d: Any) -> Any:
            """The sum of the rows of a matrix."""
            ...

        def spread(self, d: Any, shape: tuple[int, ...]) -> Any:
            """``d`` in a larger shape; a ValueError where it does not broadcast."""
            ...


class _Numbers:
    """NumPy's arrays and scalars."""

    def value(self, d: Any, node: Tensor, slot: int) -> Any:
        if type(d) is not _array:
            if isinstance(d, np.floating):
                return d
            d = np.array(d)
        if d.dtype.kind not in "fiub":
            raise ArgumentTypeError(
                f"The gradient rule of {node.operation.name} for input {slot} must return real "  # type: ignore[union-attr]
                f"numbers, got {'None' if d.dtype.kind == 'O' and d[()] is None else d.dtype}."
            )
        return d if d.ndim else d[()]

    def row_sum(self, d: Any) -> Any:
        # A product with ones takes a third of the time of add.reduce.
        return _ones(len(d), d.dtype).dot(d)

    def spread(self, d: Any, shape: tuple[int, ...]) -> Any:
        return _filled(shape, d.dtype, d)


class _Recorded:
    """Tensors: what is done is recorded."""

    def value(self, d: Any, node: Tensor, slot: int) -> Any:
        return d if type(d) is Tensor else new_leaf(NUMBERS.value(d, node, slot).copy())

    def row_sum(self, d: Any) -> Any:
        return d.sum(axis=0)

    def spread(self, d: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(d, shape)


class _Examples:
    """Batched values."""

    def value(self, d: Any, node: Tensor, slot: int) -> Any:
        if type(d) is not Batched:
            raise OneByOne
        return d

    def row_sum(self, d: Any) -> Any:
        return d.sum(axis=0)

    def spread(self, d: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(d, shape)


NUMBERS: Kind = _Numbers()
RECORDED: Kind = _Recorded()
EXAMPLES: Kind = _Examples()


def unbroadcast(
    d: Any, like: Any, node: Tensor, slot: int, kind: Kind = NUMBERS, batch: tuple[int, ...] = ()
) -> Any:
    """A rule's result with the shape and the dtype of its input.

    Axes that broadcasting added or stretched are summed; what is smaller than the input stands
    for the same gradient everywhere.

    Parameters   batch: (), or (K,) where K gradients come at once, along a first axis that stays
    """
    shape, dtype = like.shape, like.dtype
    if kind is NUMBERS and not batch:
        # Their two commonest cases first: the bias of a batch, and the gradient of a sum.
        if type(d) is _array:
            have = d.shape
            if len(have) == 2 and have[1:] == shape and d.dtype is dtype:
                return _ones(have[0], dtype).dot(d)
        elif type(d) is dtype.type:
            return _filled(shape, dtype, d) if shape else d
    if kind is not NUMBERS or type(d) is not _array or d.dtype is not dtype or not d.ndim:
        d = kind.value(d, node, slot)
    if batch:
        shape = (*batch, *shape)
        if d.shape == shape and d.dtype is dtype:
            return d
        if 0 < d.ndim < len(shape):  # what is missing is missing behind the first axis
            d = d.reshape((*batch, *(1,) * (len(shape) - d.ndim), *d.shape[1:]))
    have = d.shape
    if have != shape:
        if len(have) == 2 and have[1:] == shape and d.dtype == dtype and not batch:
            return kind.row_sum(d)
        d = _reshaped(d, shape, kind, len(batch)) if have else kind.spread(d, shape)
        if d.shape != shape:
            raise ShapeError(
                f"The gradient rule of {node.operation.name} for input {slot} returned shape "  # type: ignore[union-attr]
                f"{have}, which neither broadcasts to the input's shape {shape} nor sums down to "
                "it."
            )
    # An array that was pickled has an equal dtype which is another object: a copy, as elsewhere.
    return d if d.dtype is dtype else d.astype(dtype)


def _reshaped(d: Any, shape: tuple[int, ...], kind: Kind, front: int) -> Any:
    leading, stretched = _summed_axes(d.shape, shape, front)
    if d.dtype == np.float16 and (leading or stretched):
        d = d.astype(np.float32)  # half precision does not add up: 2048 + 1 is 2048
    if stretched:
        d = d.sum(axis=stretched, keepdims=True)
    if leading:
        d = d.sum(axis=leading)
    if leading or stretched:
        return d
    with contextlib.suppress(ValueError):
        return kind.spread(d, shape)
    return d


def _summed_axes(
    have: tuple[int, ...], want: tuple[int, ...], front: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that broadcasting added, behind so many that stay, and those it stretched from 1."""
    extra = max(0, len(have) - len(want))
    offset = len(want) - len(have)
    leading = tuple(range(front, front + extra))
    stretched = tuple(
        axis
        for axis in range(front + extra, len(have))
        if have[axis] != 1 and want[axis + offset] == 1
    )
    return leading, stretched


@functools.lru_cache(maxsize=32)
def _ones(length: int, dtype: Any) -> Any:
    """Kept from batch to batch, and only read."""
    return np.ones(length, dtype)


def _filled(shape: tuple[int, ...], dtype: Any, d: Any) -> Any:
    """np.full in a third of its time, and unlike np.broadcast_to memory of its own."""
    array = np.empty(shape, dtype)
    array[...] = d
    return array
