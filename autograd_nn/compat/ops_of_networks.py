"""Of ``keras.ops`` what layers and losses compute, with the weights given: they compute it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn import layers, losses
from autograd_nn.backend import epsilon as smallest
from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers.attention import both, causal_mask, masked_softmax
from autograd_nn.layers.placeholder import Placeholder

__all__ = [
    "adaptive_average_pool", "adaptive_max_pool", "average_pool", "batch_normalization",
    "binary_crossentropy", "categorical_crossentropy", "conv", "conv_transpose", "depthwise_conv",
    "dot_product_attention", "layer_normalization", "max_pool", "rms_normalization",
    "separable_conv", "sparse_categorical_crossentropy",
]  # fmt: skip


# ---------------------------------------------------------------------- windows


def _layer(stem: str, x: Any, *arguments: Any, **options: Any) -> Any:
    """The layer of a family for inputs of so many axes, such as Conv2D."""
    return getattr(layers, stem.replace("#", str(len(x.shape) - 2)))(*arguments, **options)


def _with_kernels(layer: Any, x: Any, **kernels: Any) -> Any:
    """What a layer without a bias gives, whose kernels are given."""
    if isinstance(x, Placeholder):
        raise ArgumentTypeError(
            f"In a functional model the layer {type(layer).__name__} does this, and keeps the "
            "kernel. In a layer of your own ops are called on what comes to `call`."
        )
    for name, kernel in kernels.items():
        setattr(layer, name, kernel)
    layer.bias = None
    layer._built = True
    return layer.call(x)


def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """A kernel (lengths, C, O) moved over rows, pictures or volumes; see the layer Conv2D."""
    x, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    *size, seen, filters = kernel.shape
    channels = x.shape[1 if data_format == "channels_first" else -1]
    groups = {} if channels is None else {"groups": max(1, channels // seen)}
    layer = _layer(
        "Conv#D", x, filters, size, strides, padding, data_format, dilation_rate, **groups
    )
    return _with_kernels(layer, x, kernel=kernel)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Every number times a kernel (lengths, O, C), added up; see the layer Conv2DTranspose."""
    x, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    *size, filters, _ = kernel.shape
    layer = _layer(
        "Conv#DTranspose", x, filters, size, strides, padding, output_padding, data_format,
        dilation_rate,
    )  # fmt: skip
    return _with_kernels(layer, x, kernel=kernel)


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """A kernel (lengths, C, M) over each channel by itself; see the layer DepthwiseConv2D."""
    x, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    *size, _, times = kernel.shape
    layer = _layer("DepthwiseConv#D", x, size, strides, padding, times, data_format, dilation_rate)
    return _with_kernels(layer, x, kernel=kernel)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """`depthwise_conv`, then the channels of each place mixed; see the layer SeparableConv2D."""
    x = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(x, pointwise_kernel, data_format=data_format)


def max_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The largest number of every window; see the layer MaxPooling2D."""
    x = convert_to_tensor(inputs)
    return _layer("MaxPooling#D", x, pool_size, strides, padding, data_format)(x)


def average_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The average of every window; see the layer AveragePooling2D."""
    x = convert_to_tensor(inputs)
    return _layer("AveragePooling#D", x, pool_size, strides, padding, data_format)(x)


def adaptive_max_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """The largest numbers of so many windows; see the layer AdaptiveMaxPooling2D."""
    x = convert_to_tensor(inputs)
    return _layer("AdaptiveMaxPooling#D", x, output_size, data_format)(x)


def adaptive_average_pool(inputs: Any, output_size: Any, data_format: Any = None) -> Any:
    """The averages of so many windows; see the layer AdaptiveAveragePooling2D."""
    x = convert_to_tensor(inputs)
    return _layer("AdaptiveAveragePooling#D", x, output_size, data_format)(x)


# ---------------------------------------------------------------------- normalization, attention


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """(x − mean) / √(variance + epsilon) · scale + offset, all of them along an axis."""
    x = convert_to_tensor(x)
    shape = [1] * len(x.shape)
    shape[axis] = -1
    along = [
        None if part is None else convert_to_tensor(part).reshape(shape)
        for part in (mean, variance, scale, offset)
    ]
    mean, variance, scale, offset = along
    normal = (x - mean) / np.sqrt(variance + epsilon)
    normal = normal if scale is None else normal * scale
    return normal if offset is None else normal + offset


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """(x − mean) / √(variance + epsilon) · gamma + beta, mean and variance along axes of x."""
    x = convert_to_tensor(x)
    axis = tuple(axis) if isinstance(axis, list) else axis
    mean, variance = np.mean(x, axis=axis, keepdims=True), np.var(x, axis=axis, keepdims=True)
    normal = (x - mean) / np.sqrt(variance + (smallest() if epsilon is None else epsilon))
    normal = normal if gamma is None else normal * convert_to_tensor(gamma)
    return normal if beta is None else normal + convert_to_tensor(beta)


def rms_normalization(
    x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """x / √(mean of x² + epsilon) · scale, the mean along axes of x."""
    x = convert_to_tensor(x)
    axis = tuple(axis) if isinstance(axis, list) else axis
    mean = np.mean(x * x, axis=axis, keepdims=True)
    normal = x / np.sqrt(mean + (smallest() if epsilon is None else epsilon))
    return normal if scale is None else normal * convert_to_tensor(scale)


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: Any = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """softmax(query · keyᵀ · scale + bias) · value for every head: (N, T, H, D) → (N, T, H, D).

    Parameters   scale: None takes 1 / √D
                 bias, mask: of the scores (N, H, T, S); where the mask is false nothing is seen
                 is_causal: a query sees no keys that come later
    """
    q, k, v = (np.transpose(convert_to_tensor(x), (0, 2, 1, 3)) for x in (query, key, value))
    if k.shape[1] != q.shape[1]:  # several heads of queries for one of keys
        k, v = (np.repeat(x, q.shape[1] // k.shape[1], axis=1) for x in (k, v))
    scores = q @ k.swapaxes(-1, -2) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    scores = scores if bias is None else scores + convert_to_tensor(bias)
    if attn_logits_soft_cap is not None:
        scores = np.tanh(scores / attn_logits_soft_cap) * attn_logits_soft_cap
    seen = None if mask is None else convert_to_tensor(mask)
    seen = both(seen, causal_mask(*scores.shape[-2:]) if is_causal else None)
    return np.transpose(masked_softmax(scores, seen) @ v, (0, 2, 1, 3))


# ---------------------------------------------------------------------- losses


def _elements(loss: Any, target: Any, output: Any) -> Any:
    return loss.elements(*loss.prepared(target, convert_to_tensor(output)))


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """−y·log(p) − (1 − y)·log(1 − p) of every element."""
    return _elements(losses.BinaryCrossentropy(from_logits), target, output)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """−Σ y·log(p) over the classes."""
    return _elements(losses.CategoricalCrossentropy(from_logits, axis=axis), target, output)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """−log(p) of the class that is the label."""
    return _elements(losses.SparseCategoricalCrossentropy(from_logits, axis=axis), target, output)
