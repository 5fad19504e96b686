"""What a rule returned, brought to the shape and dtype of its input: broadcasting undone, once."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor

_array = np.ndarray


def fitted(d: Any, like: Any, node: Tensor, slot: int) -> Any:
    """A rule's result with the shape and the dtype of its input: broadcasting undone, once."""
    shape, dtype = like.shape, like.dtype
    # The two commonest cases first: the bias of a batch, where a product with ones takes a third
    # of the time of add.reduce, and the gradient of a mean or a sum.
    if type(d) is _array:
        have = d.shape
        if len(have) == 2 and have[1:] == shape and d.dtype is dtype:
            return _ones(have[0], dtype).dot(d)
    elif type(d) is dtype.type and shape:
        return _filled(shape, dtype, d)
    else:
        d = np.array(d)  # a copy: the sweep relies on what comes back being nobody else's
    if d.dtype.kind not in "fiub":
        raise ArgumentTypeError(
            f"The gradient rule of {node.operation.name} for input {slot} must return real "  # type: ignore[union-attr]
            f"numbers, got {'None' if d.dtype.kind == 'O' and d[()] is None else d.dtype}."
        )
    if d.shape != shape:
        d = _reshaped(d, shape, node, slot)
    if type(like) is not _array:
        return dtype.type(d[()])
    return d if d.dtype == dtype else d.astype(dtype)


def fitted_recorded(d: Any, x: Tensor, node: Tensor, slot: int) -> Any:
    """The same for a rule that was run on Tensors, with recorded operations."""
    kept: Any
    if type(d) is not Tensor:
        return Tensor(np.asarray(fitted(d, x._data, node, slot)), requires_grad=False)
    if d.shape != x.shape:
        leading, stretched = summed_axes(d.shape, x.shape)
        try:
            if stretched or leading:
                kept = d.sum(axis=stretched, keepdims=True) if stretched else d
                kept = kept.sum(axis=leading) if leading else kept
            else:
                kept = np.broadcast_to(d, x.shape)
        except ValueError:
            raise _misfit(d.shape, x.shape, node, slot) from None
        if kept.shape != x.shape:
            raise _misfit(d.shape, x.shape, node, slot)
        d = kept
    return d if d.dtype == x.dtype else d.astype(x.dtype)


@functools.lru_cache(maxsize=32)
def _ones(length: int, dtype: Any) -> Any:
    """Kept from batch to batch, and only read."""
    return _filled((length,), dtype, 1)


def _filled(shape: tuple[int, ...], dtype: Any, value: Any) -> Any:
    """np.full in a third of its time."""
    array = np.empty(shape, dtype)
    array[...] = value
    return array


def _reshaped(d: Any, shape: tuple[int, ...], node: Tensor, slot: int) -> Any:
    leading, stretched = summed_axes(d.shape, shape)
    if leading or stretched:
        kept = d.sum(axis=stretched, keepdims=True).sum(axis=leading)
        if kept.shape != shape:
            raise _misfit(d.shape, shape, node, slot)
        return kept
    try:
        return _filled(shape, d.dtype, d)
    except ValueError:
        raise _misfit(d.shape, shape, node, slot) from None


def summed_axes(
    have: tuple[int, ...], want: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that broadcasting added in front, and those it stretched from length 1."""
    extra = max(0, len(have) - len(want))
    offset = len(want) - len(have)
    leading = tuple(range(extra))
    stretched = tuple(
        axis for axis in range(extra, len(have)) if have[axis] != 1 and want[axis + offset] == 1
    )
    return leading, stretched


def _misfit(have: Any, want: Any, node: Tensor, slot: int) -> ShapeError:
    return ShapeError(
        f"The gradient rule of {node.operation.name} for input {slot} returned shape {have}, "  # type: ignore[union-attr]
        f"which neither broadcasts to the input's shape {want} nor sums down to it."
    )
