"""Activations: the functions between the layers of a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.binding import unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.operations.reductions import from_the_end, total, widened
from autograd_nn.engine.tensor import Tensor


def logistic(x: Any) -> Any:
    """The value of `sigmoid`."""
    # exp of a negative number only, so that nothing overflows: 1/(1+e^-x) for x ≥ 0, else
    # e^x/(1+e^x). The numerator, 1 or e^x, is the larger of e^-|x| and the sign.
    e = np.exp(-np.abs(x))
    return np.maximum(e, np.sign(x)) / (1 + e)


def _sigmoid_slope(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    t = 1 + e
    return e / (t * t)


# σ'(x) = σ(x)·(1 − σ(x)) = e^-|x| / (1 + e^-|x|)². An operation of its own, because the first form
# loses all its digits where σ is near 1, and the second cannot be differentiated again at 0.
sigmoid_slope: Operation = Operation(
    "sigmoid_slope",
    symbol="σ′",
    value=_sigmoid_slope,
    gradients=(lambda g, out, x: -g * out * np.tanh(x / 2),),
)

sigmoid: Operation = Operation(
    "sigmoid",
    symbol="σ",
    value=logistic,
    gradients=(lambda g, out, x: g * sigmoid_slope(x),),
    formula=(lambda g, out, x: g * out * (1 - out),),
)

# log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow.
softplus = Operation(
    "softplus",
    value=lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    gradients=(lambda g, out, x: g * sigmoid(x),),
)


def _relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    if not (negative_slope or threshold):
        y = np.maximum(x, 0)
        return y if max_value is None else np.minimum(y, max_value)
    y = x if max_value is None else np.minimum(np.maximum(x, 0), max_value)
    below = negative_slope * (x - threshold) if negative_slope else 0
    return np.where(x > threshold, y, below)


def _relu_gradient(
    g: Any,
    out: Any,
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Any:
    above = x > threshold
    passed = chosen(above if max_value is None else above & (x < max_value), g)
    return passed + chosen(~above, negative_slope * g) if negative_slope else passed


# At 0 the derivative 0 is chosen.
relu = Operation("relu", value=_relu, gradients=(_relu_gradient,))


def are_finite(x: Any) -> bool:
    """Whether all are finite, and their squares too: a third of the time of np.isfinite(x).all().

    Infinities are rare and their limits cost as much as the rest, so it is asked first.
    """
    return np.vdot(x, x) < np.inf


def below_largest(x: Any, axis: int = -1) -> Any:
    """x minus the largest along the axis: 0 there also where it is infinite, as in the limit."""
    largest = np.maximum.reduce(x, axis=axis, keepdims=True)
    if are_finite(largest):
        return x - largest
    return np.subtract(x, largest, out=np.zeros(x.shape, x.dtype), where=x != largest)


def _softmax(x: Any, axis: int = -1) -> Any:
    if x.dtype == np.float16:
        return _softmax(widened(x), axis).astype(x.dtype)
    e = np.exp(below_largest(x, axis))
    return e / total(e, axis, keepdims=True)


def _softmax_gradient(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    axes = from_the_end(axis, out.ndim)
    return out * (g - (g * out).sum(axis=axes, keepdims=True))


softmax = Operation("softmax", value=_softmax, gradients=(_softmax_gradient,))


def _log_softmax(x: Any, axis: int = -1) -> Any:
    if x.dtype == np.float16:
        return _log_softmax(widened(x), axis).astype(x.dtype)
    shifted = below_largest(x, axis)
    return shifted - np.log(total(np.exp(shifted), axis, keepdims=True))


def _log_softmax_gradient(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    axes = from_the_end(axis, out.ndim)
    return g - np.exp(out) * g.sum(axis=axes, keepdims=True)


log_softmax = Operation("log_softmax", value=_log_softmax, gradients=(_log_softmax_gradient,))


def _along_axis(operation: Operation) -> Any:
    def method(self: Tensor, axis: int = -1) -> Any:
        return apply(operation, self) if axis == -1 else apply(operation, self, axis=axis)

    method.__name__ = operation.name
    method.__doc__ = f"The {operation.name} along ``axis``, the last when not given."
    return method


Tensor.sigmoid = unary_method(sigmoid)
Tensor.softplus = unary_method(softplus)
Tensor.relu = unary_method(relu)
Tensor.softmax = _along_axis(softmax)
Tensor.log_softmax = _along_axis(log_softmax)
