"""Activations that are put together from pieces.

Where two pieces meet the slope is that of the flat one, or, where none is flat, of the left one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.operations.reductions import from_the_end

leaky_relu = Operation(
    "leaky_relu",
    value=lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope * x),
    gradients=(lambda g, out, x, negative_slope=0.2: np.where(x > 0, g, negative_slope * g),),
)

relu6 = Operation(
    "relu6",
    value=lambda x: np.minimum(np.maximum(x, 0), 6),
    gradients=(lambda g, out, x: chosen((x > 0) & (x < 6), g),),
)

# e^x − 1 is taken of a negative number only, so that nothing overflows.
elu = Operation(
    "elu",
    value=lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    gradients=(
        lambda g, out, x, alpha=1.0: np.where(x > 0, g, g * (alpha * np.exp(np.minimum(x, 0)))),
    ),
)

celu = Operation(
    "celu",
    value=lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha)),
    gradients=(
        lambda g, out, x, alpha=1.0: np.where(x > 0, g, g * np.exp(np.minimum(x, 0) / alpha)),
    ),
)

# G. Klambauer et al., Self-Normalizing Neural Networks, 2017: with these two numbers the mean 0 and
# the variance 1 of inputs are kept.
SCALE = 1.0507009873554804934193349852946
ALPHA = 1.6732632423543772848170429916717

selu = Operation(
    "selu",
    value=lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))),
    gradients=(
        lambda g, out, x: SCALE * np.where(x > 0, g, g * (ALPHA * np.exp(np.minimum(x, 0)))),
    ),
)

hard_sigmoid = Operation(
    "hard_sigmoid",
    value=lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    gradients=(lambda g, out, x: chosen((x > -3) & (x < 3), g / 6),),
)

hard_silu = Operation(
    "hard_silu",
    value=lambda x: np.where(x > 3, x, np.where(x <= -3, 0, x * ((x + 3) / 6))),
    gradients=(
        lambda g, out, x: np.where(x > 3, g, chosen((x > -3) & (x <= 3), g * ((2 * x + 3) / 6))),
    ),
)

hard_tanh = Operation(
    "hard_tanh",
    value=lambda x: np.minimum(np.maximum(x, -1), 1),
    gradients=(lambda g, out, x: chosen((x > -1) & (x < 1), g),),
)

sparse_sigmoid = Operation(
    "sparse_sigmoid",
    value=lambda x: np.minimum(np.maximum(x + 1, 0), 2) / 2,
    gradients=(lambda g, out, x: chosen((x > -1) & (x < 1), g / 2),),
)

sparse_plus = Operation(
    "sparse_plus",
    value=lambda x: np.where(x > 1, x, np.square(np.minimum(np.maximum(x + 1, 0), 2)) / 4),
    gradients=(lambda g, out, x: g * sparse_sigmoid(x),),
)

hard_shrink = Operation(
    "hard_shrink",
    value=lambda x, threshold=0.5: np.where(np.abs(x) > threshold, x, 0),
    gradients=(lambda g, out, x, threshold=0.5: chosen(np.abs(x) > threshold, g),),
)

soft_shrink = Operation(
    "soft_shrink",
    value=lambda x, threshold=0.5: x - np.minimum(np.maximum(x, -threshold), threshold),
    gradients=(lambda g, out, x, threshold=0.5: chosen(np.abs(x) > threshold, g),),
)

threshold = Operation(
    "threshold",
    value=lambda x, threshold=0.0, default_value=0.0: np.where(x > threshold, x, default_value),
    gradients=(lambda g, out, x, threshold=0.0, default_value=0.0: chosen(x > threshold, g),),
)


def _sparsemax(x: Any, axis: int = -1) -> Any:
    # What stays positive are the k largest with 1 + k·z > z₁ + … + z_k. Each element is compared
    # with every other and nothing is sorted: n² comparisons for n classes.
    z = np.swapaxes(x - x.max(axis=axis, keepdims=True), axis, -1)
    larger = (z[..., None, :] >= z[..., :, None]).astype(z.dtype)
    stays = 1 + larger.sum(axis=-1) * z > (larger * z[..., None, :]).sum(axis=-1)
    stays = stays.astype(z.dtype)
    sum_, count = (stays * z).sum(axis=-1, keepdims=True), stays.sum(axis=-1, keepdims=True)
    return np.swapaxes(np.maximum(z - (sum_ - 1) / count, 0), axis, -1)


def _sparsemax_gradient(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    axes, stays = from_the_end(axis, out.ndim), (out > 0).astype(out.dtype)
    mean = (stays * g).sum(axis=axes, keepdims=True) / stays.sum(axis=axis, keepdims=True)
    return stays * (g - mean)


# A. Martins, R. Astudillo, From Softmax to Sparsemax, 2016: the nearest probabilities to x.
sparsemax = Operation("sparsemax", value=_sparsemax, gradients=(_sparsemax_gradient,))
