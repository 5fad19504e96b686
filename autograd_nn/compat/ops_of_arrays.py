"""Of ``keras.ops`` what chooses, places and counts parts of arrays, and NumPy has not."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.compat.tensors import RECORDED, convert_to_tensor
from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.operations.positions import stable_argsort
from autograd_nn.engine.tensor import Tensor
from autograd_nn.samples import array_of
from autograd_nn.settings import floatx

__all__ = [
    "cast", "convert_to_numpy", "convert_to_tensor", "depth_to_space", "dtype", "extract_sequences",
    "get_item", "in_top_k", "is_tensor", "multi_hot", "one_hot", "saturate_cast", "scatter",
    "scatter_update", "segment_max", "segment_min", "segment_prod", "segment_sum", "shape", "slice",
    "slice_update", "space_to_depth", "take_along_axis", "top_k", "unstack",
]  # fmt: skip

_slice = slice


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """The values as an array."""
    return np.asarray(convert_to_tensor(x).numpy())


def cast(x: Any, dtype: Any) -> Any:
    """The same in another dtype."""
    return convert_to_tensor(x, dtype)


def saturate_cast(x: Any, dtype: Any) -> Any:
    """The same in another dtype, numbers beyond its range at the end of that."""
    wanted = np.dtype(dtype)
    if wanted.kind == "b":
        return cast(x, wanted)
    limits: Any = np.finfo(wanted) if wanted.kind == "f" else np.iinfo(wanted)
    return cast(np.clip(convert_to_tensor(x), limits.min, limits.max), wanted)


def dtype(x: Any) -> str:
    """The name of the dtype."""
    return str(convert_to_tensor(x).dtype)


def shape(x: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(x.shape)


def is_tensor(x: Any) -> bool:
    """Whether it is a Tensor, or a placeholder of one."""
    return isinstance(x, RECORDED)


# ---------------------------------------------------------------------- parts


def get_item(x: Any, key: Any) -> Any:
    """``x[key]``."""
    return convert_to_tensor(x)[key]


def _place(start_indices: Any, lengths: Any, shape: Any) -> tuple[Any, ...]:
    starts = np.asarray(start_indices).tolist()
    if not len(starts) == len(lengths) == len(shape):
        raise ShapeError(
            f"A start and a length are needed for each of {len(shape)} axes, got {starts} and "
            f"{tuple(lengths)}."
        )
    ends = [n if m == -1 else s + m for s, m, n in zip(starts, lengths, shape, strict=True)]
    if not all(
        0 <= s <= e and (n is None or e <= n) for s, e, n in zip(starts, ends, shape, strict=True)
    ):
        raise ShapeError(
            f"The part of shape {tuple(lengths)} that begins at {tuple(starts)} is not all within "
            f"{tuple(shape)}."
        )
    return tuple(map(_slice, starts, ends))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The part of this shape that begins there; -1 goes to the end of an axis."""
    inputs = convert_to_tensor(inputs)
    return inputs[_place(start_indices, shape, inputs.shape)]


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """``inputs`` with the part that begins there replaced by ``updates``."""
    inputs, updates = convert_to_tensor(inputs), convert_to_tensor(updates)
    return inputs.at[_place(start_indices, updates.shape, inputs.shape)].set(updates)


def _whole(x: Any) -> Any:
    """Whole numbers that say where: what is given as an array stays one, and what is computed a
    Tensor, so that a program computes it anew."""
    return x if isinstance(x, RECORDED) else np.asarray(array_of(x))


def _key(indices: Any) -> tuple[Any, ...]:
    """Indices, one in each row, as NumPy takes them."""
    indices = _whole(indices)
    return tuple(indices[..., i] for i in range(indices.shape[-1]))


def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Zeros with values at their indices, which are rows; those of one place are added up."""
    values = convert_to_tensor(values)
    zeros = Tensor(np.zeros(tuple(shape), values.dtype), requires_grad=False)
    return zeros.at[_key(indices)].add(values)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """``inputs`` with others at indices, which are rows; with reduction="add" added to them."""
    if reduction not in (None, "add"):
        raise ArgumentError(f"`reduction` must be None or 'add', got {reduction!r}.")
    place = convert_to_tensor(inputs).at[_key(indices)]
    updates = convert_to_tensor(updates)
    return place.set(updates) if reduction is None else place.add(updates)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The parts along an axis, as a list."""
    parts = list(np.moveaxis(convert_to_tensor(x), axis, 0))
    if num is not None and num != len(parts):
        raise ShapeError(f"There are {len(parts)} parts along axis {axis}, and not `num` {num}.")
    return parts


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Elements along an axis, a place for each; with None along all of x, flat."""
    x, indices = convert_to_tensor(x), _whole(indices)
    return np.take_along_axis(x, np.ravel(indices) if axis is None else indices, axis)


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Windows along the last axis, one behind the other."""
    x = convert_to_tensor(x)
    starts = np.arange(0, x.shape[-1] - sequence_length + 1, sequence_stride)
    return x[..., starts[:, None] + np.arange(sequence_length)]


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Pictures in blocks, the elements of each behind one another as channels."""
    x, b = convert_to_tensor(x), block_size
    if data_format == "channels_last":
        n, h, w, c = x.shape
        blocks = x.reshape(n, h // b, b, w // b, b, c).transpose(0, 1, 3, 2, 4, 5)
        return blocks.reshape(n, h // b, w // b, b * b * c)
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // b, b, w // b, b).transpose(0, 1, 3, 5, 2, 4)
    return blocks.reshape(n, c * b * b, h // b, w // b)


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """What `space_to_depth` took apart."""
    x, b = convert_to_tensor(x), block_size
    if data_format == "channels_last":
        n, h, w, c = x.shape
        blocks = x.reshape(n, h, w, b, b, c // (b * b)).transpose(0, 1, 3, 2, 4, 5)
        return blocks.reshape(n, h * b, w * b, c // (b * b))
    n, c, h, w = x.shape
    blocks = x.reshape(n, c // (b * b), b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
    return blocks.reshape(n, c // (b * b), h * b, w * b)


# ---------------------------------------------------------------------- segments and classes


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The sums of the rows of each number; rows of numbers beyond the segments are left out."""
    data, ids, count = _segments(data, segment_ids, num_segments)
    zeros = Tensor(np.zeros((count + 1, *data.shape[1:]), data.dtype), requires_grad=False)
    return zeros.at[np.where((ids < 0) | (ids > count), count, ids)].add(data)[:count]


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The products of the rows of each number; 1 where there is none."""
    data, ids, count = _segments(data, segment_ids, num_segments)
    is_of = np.equal(np.arange(count)[:, None], ids)
    wide = is_of.reshape(count, -1, *[1] * (len(data.shape) - 1))
    return np.prod(np.where(wide, data, data.dtype.type(1)), axis=1)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The largest of the rows of each number, of several the last; −∞ where there is none."""
    data, ids, count = _segments(data, segment_ids, num_segments)
    return _largest(data, ids, count, _ends(data.dtype)[0])


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The smallest of the rows of each number, of several the last; ∞ where there is none."""
    data, ids, count = _segments(data, segment_ids, num_segments)
    return -_largest(-data, ids, count, -_ends(data.dtype)[1])


def _segments(data: Any, segment_ids: Any, count: int | None) -> tuple[Any, Any, int]:
    data, ids = convert_to_tensor(data), _whole(segment_ids)
    if ids.shape != data.shape[:1]:
        raise ShapeError(
            f"`segment_ids` must have one number for each of {data.shape[0]} rows, got shape "
            f"{ids.shape}."
        )
    if count is None:
        count = int(convert_to_numpy(ids).max(initial=-1)) + 1
    return data, ids, count


def _ends(dtype: Any) -> tuple[Any, Any]:
    if dtype.kind == "f":
        return -np.inf, np.inf
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def _largest(data: Any, ids: Any, count: int, none: Any) -> Any:
    """Rows ordered by their elements and then by their numbers: the last of each is the largest."""
    by_value = stable_argsort(data, axis=0)
    by_number = stable_argsort(convert_to_tensor(ids)[by_value], axis=0)
    order = np.take_along_axis(by_value, by_number, 0)
    sizes = np.sum(np.equal(np.arange(count)[:, None], ids), axis=1)
    last = np.sum(ids < 0) + np.cumsum(sizes) - 1
    found = np.take_along_axis(data, np.take(order, np.maximum(last, 0), axis=0), 0)
    is_there = np.reshape(sizes > 0, (count, *[1] * (len(data.shape) - 1)))
    return np.where(is_there, found, data.dtype.type(none))


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Integer labels as rows (or along ``axis``) with a 1 at their place; others as zeros."""
    classes = np.arange(positive_integer("num_classes", num_classes))
    rows = np.equal(np.expand_dims(convert_to_tensor(x), -1), classes)
    return cast(np.moveaxis(rows, -1, axis), dtype or floatx())


def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """1 for each class that is among the labels of a row."""
    rows = one_hot(inputs, num_classes, axis, dtype)
    return np.max(rows, axis=1 if len(rows.shape) > 2 else 0)


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest along the last axis, the largest first, and where they stand."""
    x = convert_to_tensor(x)
    if not 0 <= k <= x.shape[-1]:
        raise ArgumentError(f"`k` must be from 0 to {x.shape[-1]}, the length of a row, got {k}.")
    places = convert_to_tensor(stable_argsort(-x, axis=-1))[..., :k]
    return np.take_along_axis(x, places, -1), cast(places, "int32")


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the prediction of the right class is among the k largest."""
    predictions, labels = convert_to_tensor(predictions), _whole(targets)
    own = np.take_along_axis(predictions, np.expand_dims(labels, -1), -1)
    return np.sum(predictions > own, axis=-1) < k
