"""Operations on whole arrays, by functions of PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from autograd_nn import ops, random
from autograd_nn.engine.operation import part
from autograd_nn.engine.operations.poolings import counts
from autograd_nn.engine.transforms.own_rules import stopped
from autograd_nn.exporting.indices import keys_of, widths_around
from autograd_nn.exporting.recorded_steps import RecordedStep
from autograd_nn.exporting.torch_elements import ELEMENTS, as_tensor

# ---------------------------------------------------------------------- axes


def _transpose(out: RecordedStep, x: Any, axes: Any = None) -> Any:
    n = len(out.shape)
    return x.permute(tuple(range(n))[::-1] if axes is None else tuple(axes))


def _all_of_one_dtype(function: Any) -> Any:
    def rule(out: RecordedStep, *arrays: Any, axis: int = 0) -> Any:
        return function([as_tensor(x, out.dtype) for x in arrays], axis)

    return rule


def _split(out: RecordedStep, x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    whole = not np.ndim(indices_or_sections)
    parts = int(indices_or_sections) if whole else [int(n) for n in indices_or_sections]
    return torch.tensor_split(x, parts, dim=axis)


# ---------------------------------------------------------------------- elements


def _getitem(out: RecordedStep, x: Any, *arrays: Any, key: Any = "array") -> Any:
    keys = keys_of(key, arrays)
    dots = next((place for place, k in enumerate(keys) if k is Ellipsis), len(keys))
    for place, k in enumerate(keys):
        if isinstance(k, slice) and k.step is not None and k.step < 0:
            beside = keys[:place] if place < dots else keys[place:]
            axis = sum(other is not None for other in beside)
            x, keys[place] = _turned(x, axis if place < dots else -axis, k)
    # Arrays of whole numbers must be of one kind there.
    keys = [k.long() if hasattr(k, "long") and k.dtype != torch.bool else k for k in keys]
    return x[tuple(keys)]


def _turned(x: Any, axis: int, key: slice) -> tuple[Any, slice]:
    """The elements of a slice that goes backwards, and what is left to take of them."""
    if key.start is None and key.stop is None:
        return x.flip(axis), slice(None, None, -key.step)
    places = torch.tensor(range(*key.indices(x.shape[axis])), device=x.device)
    return x.index_select(axis, places), slice(None)


def _scatter(out: RecordedStep, x: Any, *arrays: Any, key: Any, shape: Any) -> Any:
    widths = widths_around(key, arrays, shape)
    if widths is not None:
        return functional.pad(x, [n for sides in reversed(widths) for n in sides])
    every = torch.arange(math.prod(shape), device=x.device).reshape(shape)
    places = _getitem(out, every, *arrays, key=key)
    flat = x.new_zeros(math.prod(shape)).index_add(0, places.reshape(-1), x.reshape(-1))
    return flat.reshape(shape)


def _embed(out: RecordedStep, table: Any, indices: Any) -> Any:
    rows = as_tensor(indices, torch.long)
    return functional.embedding(rows, table) if table.ndim == 2 else table[rows]


# ---------------------------------------------------------------------- sums and products


def _axes(x: Any, axis: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axis is None else tuple(np.ravel(axis).tolist())


def _reduced(function: Any) -> Any:
    """Over several axes, which are none where a number is given."""

    def rule(out: RecordedStep, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axes = _axes(x, axis)
        return function(x, axes, keepdims) if axes else x

    return rule


def _converted(function: Any) -> Any:
    return _reduced(lambda x, axes, keepdims: function(x, dim=axes, keepdim=keepdims))


def _summed(function: Any) -> Any:
    def rule(out: RecordedStep, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return _converted(function)(out, as_tensor(x, out.dtype), axis, keepdims)

    return rule


def _product(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    for axis in sorted((axis % x.ndim for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keepdims)
    return x


def _place_of(function: Any) -> Any:
    return lambda out, x, axis=None, keepdims=False: function(x, axis, keepdim=keepdims)


def _softmax(out: RecordedStep, x: Any, axis: Any = -1) -> Any:
    return torch.exp(_log_softmax(out, x, axis)) if np.ndim(axis) else torch.softmax(x, axis)


def _log_softmax(out: RecordedStep, x: Any, axis: Any = -1) -> Any:
    if np.ndim(axis):
        return x - torch.logsumexp(x, tuple(axis), keepdim=True)
    return torch.log_softmax(x, axis)


def _logsumexp(out: RecordedStep, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return torch.logsumexp(x, _axes(x, axis), keepdim=keepdims)


def _matmul(out: RecordedStep, x: Any, y: Any) -> Any:
    return torch.matmul(as_tensor(x, out.dtype), as_tensor(y, out.dtype))


def _einsum(out: RecordedStep, *inputs: Any, subscripts: str, optimize: Any = None) -> Any:
    return torch.einsum(subscripts, *(as_tensor(x, out.dtype) for x in inputs))


# ---------------------------------------------------------------------- windows


def _in_front(x: Any) -> Any:
    """(N, *S, C) as (N, C, *S), as PyTorch has it."""
    return x.movedim(-1, 1)


def _kernel_in_front(kernel: Any, n: int) -> Any:
    """(*K, C, O) as (O, C, *K). Some of PyTorch's gradients want it in one piece of memory."""
    return kernel.permute(n + 1, n, *range(n)).contiguous()


def _padded(x: Any, padding: Any, fill: float) -> Any:
    """(N, C, *S) with more around it, or less where that is negative."""
    if padding is None:
        return x
    return functional.pad(x, [n for sides in reversed(padding) for n in sides], value=fill)


def _convolution(
    out: RecordedStep,
    x: Any,
    kernel: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    n = len(out.shape) - 2
    run = getattr(functional, f"conv{n}d")
    x = _padded(_in_front(x), padding, 0.0)
    kernel = _kernel_in_front(kernel, n)
    made = run(x, kernel, None, strides or (1,) * n, 0, dilation or (1,) * n, groups)
    return made.movedim(1, -1)


def _convolution_input(
    out: RecordedStep,
    g: Any,
    kernel: Any,
    shape: Any,
    strides: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int = 1,
) -> Any:
    n = len(shape)
    run = getattr(functional, f"conv_transpose{n}d")
    kernel = _kernel_in_front(kernel, n)
    strides, dilation = strides or (1,) * n, dilation or (1,) * n
    made = run(_in_front(g), kernel, None, strides, 0, 0, groups, dilation)
    # What no window reaches is zero.
    sides = [
        (-before, before + length - made.shape[2 + axis])
        for axis, (length, (before, _)) in enumerate(
            zip(shape, padding or ((0, 0),) * n, strict=True)
        )
    ]
    return _padded(made, sides, 0.0).movedim(1, -1)


def _max_pooling(
    out: RecordedStep, x: Any, size: Any, strides: Any = None, padding: Any = None
) -> Any:
    run = getattr(functional, f"max_pool{len(size)}d")
    padded = _padded(_in_front(x), padding, -math.inf)
    return run(padded, tuple(size), strides or tuple(size)).movedim(1, -1)


def _average_pooling(
    out: RecordedStep, x: Any, size: Any, strides: Any = None, padding: Any = None
) -> Any:
    run = getattr(functional, f"avg_pool{len(size)}d")
    padded = _padded(_in_front(x), padding, 0.0)
    made = run(padded, tuple(size), strides or tuple(size)).movedim(1, -1)
    if padding is None:
        return made
    number = counts(np.empty(0), x.shape[1:-1], size, strides, padding)
    return made * torch.tensor(math.prod(size) / number, dtype=x.dtype, device=x.device)


ARRAYS = {
    part: lambda out, results, index: results[index],
    ops.reshape: lambda out, x, shape: x.reshape(shape),
    ops.squeeze: lambda out, x, axis=None: x.reshape(out.shape),
    ops.expand_dims: lambda out, x, axis: x.reshape(out.shape),
    ops.transpose: _transpose,
    ops.broadcast_to: lambda out, x, shape: as_tensor(x, out.dtype).expand(shape),
    ops.concatenate: _all_of_one_dtype(torch.cat),
    ops.stack: _all_of_one_dtype(torch.stack),
    ops.split: _split,
    ops.getitem: _getitem,
    ops.scatter: _scatter,
    ops.embed: _embed,
    ops.sum: _summed(torch.sum),
    ops.mean: _summed(torch.mean),
    ops.max: _converted(torch.amax),
    ops.min: _converted(torch.amin),
    ops.prod: _reduced(_product),
    ops.any: _converted(torch.any),
    ops.all: _converted(torch.all),
    ops.count_nonzero: lambda out, x, **how: _converted(torch.sum)(out, x != 0, **how),
    ops.argmax: _place_of(torch.argmax),
    ops.argmin: _place_of(torch.argmin),
    ops.cumsum: lambda out, x, axis: torch.cumsum(x, axis),
    ops.cumprod: lambda out, x, axis: torch.cumprod(x, axis),
    ops.softmax: _softmax,
    ops.log_softmax: _log_softmax,
    ops.logsumexp: _logsumexp,
    ops.matmul: _matmul,
    ops.einsum: _einsum,
    ops.convolution: _convolution,
    ops.convolution_input: _convolution_input,
    ops.max_pooling: _max_pooling,
    ops.average_pooling: _average_pooling,
}

# ---------------------------------------------------------------------- draws


def _bernoulli(out: RecordedStep, shape: Any, p: float, **_: Any) -> Any:
    return torch.rand(shape) >= 1 - p


def _normal(out: RecordedStep, shape: Any, mean: float, stddev: float, **_: Any) -> Any:
    return torch.randn(shape, dtype=out.dtype) * stddev + mean


def _uniform(out: RecordedStep, shape: Any, minval: float, maxval: float, **_: Any) -> Any:
    return torch.rand(shape, dtype=out.dtype) * (maxval - minval) + minval


DRAWS = {
    random._bernoulli: _bernoulli,
    random._normal: _normal,
    random._uniform: _uniform,
}

OPERATIONS = {**ELEMENTS, **ARRAYS, **DRAWS, stopped: ELEMENTS[ops.copy]}
"""How every operation is computed: rule(step, *inputs, **attributes)."""


def knows(operation: Any, inputs: tuple[Any, ...]) -> bool:
    """Whether an operation is computed as it is."""
    return operation in OPERATIONS
