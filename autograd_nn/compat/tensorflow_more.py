"""TensorFlow's names for what ``keras.ops`` has, and for Python's own ``if`` and ``for``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd_nn.compat import keras_ops as ops
from autograd_nn.compat.tensorflow_calls import named, of, reduction, running
from autograd_nn.compat.tensors import array_of, convert_to_tensor
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor


def _ops(names: str, inputs: int = 1) -> dict[str, Any]:
    return {name: of(getattr(ops, name), inputs) for name in names.split()}


def _special(name: str, inputs: int = 1) -> Any:
    def compute(*values: Any) -> Any:
        from autograd_nn import special  # SciPy takes time

        return getattr(special, name)(*values)

    return of(compute, inputs)


def _segments(name: str) -> Any:
    def compute(data: Any, segment_ids: Any, num_segments: int | None = None) -> Any:
        if name != "mean":
            return getattr(ops, f"segment_{name}")(data, segment_ids, num_segments)
        total = ops.segment_sum(data, segment_ids, num_segments)
        sizes = ops.segment_sum(ops.ones_like(data), segment_ids, num_segments)
        return total / ops.maximum(sizes, 1)

    return compute


def _confusion(labels: Any, predictions: Any, num_classes: int | None = None) -> Tensor:
    """Rows of true classes, columns of predicted ones, and how often both were there."""
    true, predicted = array_of(labels).ravel(), array_of(predictions).ravel()
    size = num_classes or int(max(true.max(), predicted.max())) + 1
    counts = np.zeros((size, size), np.int32)
    np.add.at(counts, (true, predicted), 1)
    return convert_to_tensor(counts)


def _band(x: Any, num_lower: int, num_upper: int) -> Any:
    x = np.tril(x, num_upper) if num_upper >= 0 else x
    return np.triu(x, -num_lower) if num_lower >= 0 else x


def _svd(x: Tensor, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    if not compute_uv:
        return np.linalg.svdvals(x)
    u, s, vh = np.linalg.svd(x, full_matrices=full_matrices)
    return s, u, vh.swapaxes(-1, -2)


_SEGMENTS = "sum mean max min prod"

MATH = {
    **named("acosh=arccosh asinh=arcsinh atanh=arctanh rint angle real"),
    **named("floormod=mod logical_xor", 2),
    **_ops("count_nonzero bincount erf erfc softsign log_sigmoid softmax log_softmax isin"),
    **_ops("divide_no_nan in_top_k", 2),
    **{f"segment_{name}": of(_segments(name)) for name in _SEGMENTS.split()},
    **{f"unsorted_segment_{name}": of(_segments(name)) for name in _SEGMENTS.split()},
    "cumsum": running(np.cumsum, 0),
    "cumprod": running(np.cumprod, 1),
    "lgamma": _special("gammaln"),
    "digamma": _special("digamma"),
    "xlogy": _special("xlogy", 2),
    "multiply_no_nan": of(lambda x, y: np.where(y == 0, y * 0, x * y), 2),
    "reduce_euclidean_norm": reduction(
        lambda x, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    ),
    "zero_fraction": of(lambda x: np.mean(x == 0)),
    "confusion_matrix": _confusion,
}
LINALG = {
    **_ops("logdet slogdet qr eigh"),
    "svd": of(_svd),
    "eigvalsh": of(np.linalg.eigvalsh),
    "matvec": of(lambda a, b: (a @ b[..., None])[..., 0], 2),
    "diag_part": of(lambda x: np.diagonal(x, axis1=-2, axis2=-1)),
    "band_part": of(_band),
    "cross": of(np.cross, 2),
    "lstsq": of(ops.lstsq, 2),
    "triangular_solve": of(lambda matrix, rhs, lower=True: ops.solve_triangular(
        matrix, rhs, lower=lower), 2),
    "global_norm": lambda t_list: np.sqrt(sum(np.sum(convert_to_tensor(t) ** 2) for t in t_list)),
}  # fmt: skip


# ---------------------------------------------------------------------- windows


def _lengths(given: Any, axes: int) -> Any:
    """Strides and sizes as TensorFlow has them, with or without those of samples and channels."""
    if isinstance(given, int):
        return given
    inner = tuple(given)[1:-1] if len(given) == axes + 2 else tuple(given)
    return inner * axes if len(inner) == 1 else inner


def _moved(compute: Callable[..., Any]) -> Any:
    def call(
        input: Any, filters: Any, strides: Any = 1, padding: str = "VALID", dilations: Any = 1
    ) -> Any:
        axes = len(input.shape) - 2
        how = {"strides": _lengths(strides, axes), "dilation_rate": _lengths(dilations or 1, axes)}
        return compute(input, filters, padding=padding.lower(), **how)

    return call


def _pooled(compute: Callable[..., Any]) -> Any:
    def call(input: Any, ksize: Any, strides: Any, padding: str) -> Any:
        axes = len(input.shape) - 2
        return compute(input, _lengths(ksize, axes), _lengths(strides, axes), padding.lower())

    return call


def _dropped(x: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    from autograd_nn.compat.keras_random import dropout

    return dropout(x, rate, noise_shape, seed)


def _normalized(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float
) -> Any:
    normal = (convert_to_tensor(x) - mean) / np.sqrt(variance + variance_epsilon)
    normal = normal if scale is None else normal * scale
    return normal if offset is None else normal + offset


def _weighted(labels: Any, logits: Any, pos_weight: Any) -> Any:
    """−pos_weight·y·log p − (1 − y)·log(1 − p) with p = sigmoid(logits)."""
    y, z = convert_to_tensor(labels), convert_to_tensor(logits)
    return (1 - y) * z + (1 + (pos_weight - 1) * y) * ops.softplus(-z)


NN = {
    "conv1d": lambda input, filters, stride=1, padding="VALID": _moved(ops.conv)(
        input, filters, stride, padding
    ),
    "conv2d": _moved(ops.conv),
    "depthwise_conv2d": _moved(ops.depthwise_conv),
    **{name: _pooled(ops.max_pool) for name in ("max_pool", "max_pool1d", "max_pool2d")},
    **{name: _pooled(ops.average_pool) for name in ("avg_pool", "avg_pool1d", "avg_pool2d")},
    "dropout": _dropped,
    "batch_normalization": _normalized,
    "weighted_cross_entropy_with_logits": _weighted,
    "crelu": of(lambda x: ops.relu(np.concatenate([x, -x], axis=-1))),
    "zero_fraction": MATH["zero_fraction"],
    "in_top_k": MATH["in_top_k"],
}


# ---------------------------------------------------------------------- control


def _split(value: Tensor, num_or_size_splits: Any, axis: int = 0) -> Any:
    if np.ndim(num_or_size_splits) == 0:
        return np.split(value, num_or_size_splits, axis)
    sizes = np.array(num_or_size_splits)
    sizes[sizes == -1] = value.shape[axis] - sizes[sizes != -1].sum()
    if sizes.sum() != value.shape[axis]:
        raise ArgumentError(
            f"`num_or_size_splits` {num_or_size_splits} must add up to {value.shape[axis]}, the "
            f"length of axis {axis}."
        )
    return np.split(value, np.cumsum(sizes)[:-1], axis)


def _folded(fn: Callable[..., Any], elems: Any, initializer: Any = None) -> list[Any]:
    """What fn(fn(x₁, x₂), x₃) … gives on the way, the first as it is where nothing begins."""
    parts = list(convert_to_tensor(elems))
    found = [parts.pop(0) if initializer is None else fn(initializer, parts.pop(0))]
    for part in parts:
        found.append(fn(found[-1], part))
    return found


def _while(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    return ops.while_loop(cond, body, loop_vars, maximum_iterations)


def _scattered(name: str) -> Any:
    return lambda tensor, indices, updates: ops.scatter_update(
        tensor, indices, updates, reduction=name
    )


TOP: dict[str, Any] = {
    "split": of(_split),
    "cond": lambda pred, true_fn, false_fn: ops.cond(pred, true_fn, false_fn),
    "while_loop": _while,
    "map_fn": lambda fn, elems: ops.map(fn, elems),
    "vectorized_map": lambda fn, elems: ops.map(fn, elems),
    "foldl": lambda fn, elems, initializer=None: _folded(fn, elems, initializer)[-1],
    "scan": lambda fn, elems, initializer=None: np.stack(_folded(fn, elems, initializer)),
    "scatter_nd": lambda indices, updates, shape: ops.scatter(indices, updates, shape),
    "tensor_scatter_nd_update": _scattered(None),  # type: ignore[arg-type]
    "tensor_scatter_nd_add": _scattered("add"),
    "searchsorted": of(ops.searchsorted, 2),
    "name_scope": lambda name: nullcontext(),
    "device": lambda name: nullcontext(),
    "TensorSpec": lambda shape, dtype=None, name=None: (tuple(shape), dtype),
}
