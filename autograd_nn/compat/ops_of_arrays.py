"""Of ``keras.ops`` what chooses, places and counts parts of arrays, and NumPy has not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import RECORDED, convert_to_tensor
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.settings import floatx
from autograd_nn.targets import to_categorical

__all__ = [
    "cast", "cdist", "cholesky_inverse", "convert_to_numpy", "convert_to_tensor",
    "depth_to_space", "divide_no_nan", "dtype", "extract_sequences", "get_item", "in_top_k",
    "is_tensor", "logdet", "logsumexp", "lstsq", "moments", "multi_hot", "norm", "normalize",
    "one_hot", "psnr", "rsqrt", "saturate_cast", "scatter", "scatter_update", "segment_max",
    "segment_min", "segment_prod", "segment_sum", "shape", "slice", "slice_update",
    "solve_triangular", "space_to_depth", "top_k", "unstack",
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


def _place(start_indices: Any, lengths: Any) -> tuple[Any, ...]:
    starts = np.asarray(start_indices).tolist()
    return tuple(_slice(s, s + n) for s, n in zip(starts, lengths, strict=True))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The part of this shape that begins there."""
    return convert_to_tensor(inputs)[_place(start_indices, shape)]


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """``inputs`` with the part that begins there replaced by ``updates``."""
    updates = convert_to_tensor(updates)
    return convert_to_tensor(inputs).at[_place(start_indices, updates.shape)].set(updates)


def _key(indices: Any) -> tuple[Any, ...]:
    """Indices, one in each row, as NumPy takes them."""
    return tuple(np.moveaxis(np.asarray(convert_to_tensor(indices).numpy()), -1, 0))


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
    return list(np.moveaxis(convert_to_tensor(x), axis, 0))


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
    """The sums of the rows of each number."""
    return _of_segments(np.sum, 0, data, segment_ids, num_segments)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The products of the rows of each number."""
    return _of_segments(np.prod, 1, data, segment_ids, num_segments)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The largest of the rows of each number; −∞ where there is none."""
    return _of_segments(np.max, -np.inf, data, segment_ids, num_segments)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The smallest of the rows of each number; ∞ where there is none."""
    return _of_segments(np.min, np.inf, data, segment_ids, num_segments)


def _of_segments(
    reduce: Callable[..., Any], empty: float, data: Any, segment_ids: Any, count: int | None
) -> Any:
    data, ids = convert_to_tensor(data), np.asarray(convert_to_tensor(segment_ids).numpy())
    count = int(ids.max(initial=-1)) + 1 if count is None else count
    if data.dtype.kind == "i" and empty in (np.inf, -np.inf):
        empty = getattr(np.iinfo(data.dtype), "max" if empty > 0 else "min")
    none = np.full(data.shape[1:], empty, data.dtype)
    rows = [np.flatnonzero(ids == n) for n in range(count)]
    return np.stack([convert_to_tensor(reduce(data[r], axis=0) if len(r) else none) for r in rows])


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Integer labels as rows (or along ``axis``) with a 1 at their place."""
    if isinstance(x, Placeholder):
        rows = np.equal(np.expand_dims(x, -1), np.arange(num_classes))
        return cast(np.moveaxis(rows, -1, axis), dtype or floatx())
    rows = to_categorical(convert_to_numpy(x), num_classes)
    return cast(np.moveaxis(rows, -1, axis), dtype or floatx())


def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """1 for each class that is among the labels of a row."""
    rows = one_hot(inputs, num_classes, axis, dtype)
    return np.max(rows, axis=1 if len(rows.shape) > 2 else 0)


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest along the last axis, the largest first, and where they stand."""
    x = convert_to_tensor(x)
    places = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, places, -1), convert_to_tensor(places)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the prediction of the right class is among the k largest."""
    predictions, labels = convert_to_tensor(predictions), convert_to_numpy(targets)
    own = np.take_along_axis(predictions, labels[..., None], -1)
    return np.sum(predictions > own, axis=-1) < k


# ---------------------------------------------------------------------- numbers


def rsqrt(x: Any) -> Any:
    """1 / √x."""
    return 1 / np.sqrt(convert_to_tensor(x))


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    return np.where(x2 == 0, 0, x1 / np.where(x2 == 0, 1, x2))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    from autograd_nn.ops import logsumexp as compute

    return compute(convert_to_tensor(x), axis=axis, keepdims=keepdims)


def logdet(x: Any) -> Any:
    """The logarithm of the determinant, without overflow."""
    return np.linalg.slogdet(convert_to_tensor(x))[1]


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix of which x is the factor of Cholesky."""
    inverse = np.linalg.inv(convert_to_tensor(x))
    turned = inverse.swapaxes(-1, -2)
    return inverse @ turned if upper else turned @ inverse


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The x that makes the squares of a·x − b small."""
    return np.linalg.lstsq(convert_to_tensor(a), convert_to_tensor(b), rcond)[0]


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """x of a·x = b, of a only what is below, or above, the diagonal and on it."""
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)


def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Mean and variance along axes."""
    x, axes = convert_to_tensor(x), tuple(axes) if isinstance(axes, list) else axes
    return np.mean(x, axis=axes, keepdims=keepdims), np.var(x, axis=axes, keepdims=keepdims)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors or matrices."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.linalg.norm(convert_to_tensor(x), ord, axis, keepdims)


def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """x divided by its norm along an axis, or by ``epsilon`` where that is more."""
    least = np.finfo(np.float32).tiny if epsilon is None else epsilon
    return x / np.maximum(norm(x, order, axis, keepdims=True), least)


def cdist(x: Any, y: Any) -> Any:
    """The distances between all rows of x and all of y."""
    x, y = convert_to_tensor(x), convert_to_tensor(y)
    return norm(x[..., :, None, :] - y[..., None, :, :], axis=-1)


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """How near two pictures are, in decibels: 20·log₁₀(max_val) − 10·log₁₀ of their mean square."""
    square = np.mean((convert_to_tensor(x1) - convert_to_tensor(x2)) ** 2)
    return 20 * math.log10(max_val) - 10 * np.log10(square)
