"""Exponents and logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.binding import unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.activation_functions import sigmoid
from autograd_nn.engine.operations.reductions import reduction_method, restored, total, widened
from autograd_nn.engine.tensor import Tensor

exp = Operation("exp", numpy=np.exp, value=np.exp, gradients=(lambda g, out, x: g * out,))

# e^x and not out + 1, which is 0 where x is below −37.
expm1 = Operation(
    "expm1", numpy=np.expm1, value=np.expm1, gradients=(lambda g, out, x: g * np.exp(x),)
)

log = Operation("log", numpy=np.log, value=np.log, gradients=(lambda g, out, x: g / x,))

log1p = Operation(
    "log1p", numpy=np.log1p, value=np.log1p, gradients=(lambda g, out, x: g / (1 + x),)
)

exp2 = Operation(
    "exp2", numpy=np.exp2, value=np.exp2, gradients=(lambda g, out, x: g * out * np.log(2),)
)

log2 = Operation(
    "log2", numpy=np.log2, value=np.log2, gradients=(lambda g, out, x: g / (x * np.log(2)),)
)

log10 = Operation(
    "log10", numpy=np.log10, value=np.log10, gradients=(lambda g, out, x: g / (x * np.log(10)),)
)


def _share_of_first(x: Any, y: Any, scale: float = 1.0) -> Any:
    # eˣ/(eˣ + eʸ) as the sigmoid of the difference. Of two infinities each has half.
    return sigmoid(np.where(x == y, 0, x - y) * scale)


logaddexp = Operation(
    "logaddexp",
    numpy=np.logaddexp,
    value=np.logaddexp,
    gradients=(
        lambda g, out, x, y: g * _share_of_first(x, y),
        lambda g, out, x, y: g * _share_of_first(y, x),
    ),
    formula=(lambda g, out, x, y: g * np.exp(x - out), lambda g, out, x, y: g * np.exp(y - out)),
)

logaddexp2 = Operation(
    "logaddexp2",
    numpy=np.logaddexp2,
    value=np.logaddexp2,
    gradients=(
        lambda g, out, x, y: g * _share_of_first(x, y, np.log(2)),
        lambda g, out, x, y: g * _share_of_first(y, x, np.log(2)),
    ),
    formula=(lambda g, out, x, y: g * 2 ** (x - out), lambda g, out, x, y: g * 2 ** (y - out)),
)


# I₀(x) = (1/π)∫ e^(x·cos θ) dθ over 0 … π. With so many points the rule of midpoints is exact to
# rounding for every x whose result is a number, and so are its derivatives.
def _i0_slope(x: Any) -> Any:
    cosines = np.cos((np.arange(256) + 0.5) * (np.pi / 256))
    return (np.exp(x[..., None] * cosines) * cosines).mean(axis=-1)


# For formulas alone, which name it.
_named_i1 = Operation("i1", value=_i0_slope, gradients=(None,))

i0 = Operation(
    "i0",
    numpy=np.i0,
    value=np.i0,
    gradients=(lambda g, out, x: g * _i0_slope(x),),
    formula=(lambda g, out, x: g * _named_i1(x),),
)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    # Shifted by the largest, so that exp cannot overflow. Where that is infinite it is the result,
    # and zeros are summed instead: no ∞ − ∞, and no warning.
    if x.dtype == np.float16:
        return _logsumexp(widened(x), axis, keepdims).astype(x.dtype)
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    finite = np.isfinite(largest)
    terms = np.exp(np.where(finite, x, 0) - np.where(finite, largest, 0))
    out = np.where(finite, np.log(total(terms, axis, keepdims=True)) + largest, largest)
    if keepdims:
        return out
    return out.squeeze(axis) if axis is not None else out.reshape(())


def _logsumexp_gradient(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if x.dtype == np.float16:  # where the sum of the shares is 1 only nearly, or infinite
        x = widened(x)
        out = logsumexp(x, axis=axis, keepdims=keepdims)
    whole = restored(out, out, x, axis, keepdims)
    # ∞ − ∞ would be NaN: logits of +∞ share the sum, and where all are −∞ the gradient is 0.
    finite = np.isfinite(whole)
    ends = np.where(x == np.inf, 0.0, -np.inf)
    terms = np.exp(np.where(finite, x, ends) - np.where(finite, whole, 0))
    # Their sum is 1, but for what was rounded in a large result: in float32 2e-4 of 1e4.
    together = terms.sum(axis=axis, keepdims=True)
    share = terms / np.where(together == 0, 1, together)
    return restored(g, out, x, axis, keepdims) * share


logsumexp = Operation(
    "logsumexp",
    value=_logsumexp,
    gradients=(_logsumexp_gradient,),
    formula=(
        lambda g, out, x, axis=None, keepdims=False: (
            restored(g, out, x, axis, keepdims) * np.exp(x - restored(out, out, x, axis, keepdims))
        ),
    ),
)

Tensor.exp = unary_method(exp)
Tensor.expm1 = unary_method(expm1)
Tensor.log = unary_method(log)
Tensor.log1p = unary_method(log1p)
Tensor.exp2 = unary_method(exp2)
Tensor.log2 = unary_method(log2)
Tensor.log10 = unary_method(log10)
Tensor.logsumexp = reduction_method(logsumexp)
