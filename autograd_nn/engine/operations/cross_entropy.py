"""Cross-entropies: from probabilities as written, and from logits as one stable operation.

The operations from logits take the probabilities ``p`` as a third input that they do not use: it
stays visible in pictures as the branch that the fused loss bypasses, and receives no gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.activation_functions import (
    are_finite,
    below_largest,
    log_softmax,
    sigmoid,
    sigmoid_slope,
    softmax,
)
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.operations.reductions import widened

EPSILON = 1e-7
"""Probabilities are clipped to [EPSILON, 1 − EPSILON], as Keras clips them."""


def _clipped(p: Any) -> Any:
    return np.clip(widened(p), EPSILON, 1 - EPSILON)


_LARGEST_HALF = 65504.0


def _kept_finite(d: Any, p: Any) -> Any:
    """A gradient: where p is in half precision, in which 1 / EPSILON is too large, the largest."""
    if np.result_type(p) == np.float16:
        return np.clip(d, -_LARGEST_HALF, _LARGEST_HALF)
    return d


# ------------------------------------------------------------------ from probabilities


def _binary(p: Any, y: Any) -> Any:
    q = _clipped(p)
    loss = -(y * np.log(q) + (1 - y) * np.log(1 - q))
    return loss.astype(np.result_type(p), copy=False)


# The gradient uses the clipped p and is not switched off beyond the clip: a prediction that is
# confidently wrong keeps its (large, finite) gradient. `check_gradients` disagrees there.
binary_cross_entropy = Operation(
    "binary_cross_entropy",
    symbol="BCE",
    value=_binary,
    gradients=(
        lambda g, out, p, y: _kept_finite(g * ((1 - y) / (1 - _clipped(p)) - y / _clipped(p)), p),
        lambda g, out, p, y: g * (np.log(1 - _clipped(p)) - np.log(_clipped(p))),
    ),
    formula=(
        lambda g, out, p, y: g * ((1 - y) / (1 - p) - y / p),
        lambda g, out, p, y: g * (np.log(1 - p) - np.log(p)),
    ),
)


def _categorical(p: Any, y: Any) -> Any:
    loss = -(y * np.log(_clipped(p))).sum(axis=-1)
    return loss.astype(np.result_type(p), copy=False)


categorical_cross_entropy = Operation(
    "categorical_cross_entropy",
    symbol="CCE",
    value=_categorical,
    gradients=(
        lambda g, out, p, y: _kept_finite(-g[..., None] * y / _clipped(p), p),
        lambda g, out, p, y: -g[..., None] * np.log(_clipped(p)),
    ),
    formula=(
        lambda g, out, p, y: -g[..., None] * y / p,
        lambda g, out, p, y: -g[..., None] * np.log(p),
    ),
)


def _taken(rows: Any, labels: Any) -> Any:
    """Of each row the element that its label names."""
    if not hasattr(labels, "shape"):
        raise TypeError(f"labels must be an array of integers, got {labels!r}.")
    if isinstance(labels, (np.ndarray, np.generic)):
        labels = _checked_labels(labels, rows.shape[-1])
        if labels.shape == rows.shape[:-1] and labels.ndim == 1:  # a quarter of the time
            return rows[np.arange(len(labels)), labels]
    return np.take_along_axis(rows, labels[..., None], axis=-1)[..., 0]


def _checked_labels(labels: Any, classes: int) -> Any:
    """Integers that each name a class; NumPy would count a negative one from the end.

    The errors are Python's own, as a saved program has no others.
    """
    if labels.dtype.kind not in "iu":
        whole = labels.astype(np.intp)
        if not (whole == labels).all():
            raise TypeError(f"labels must be integers, got {labels.dtype} with fractions.")
        labels = whole
    least, most = np.minimum.reduce, np.maximum.reduce
    if labels.size and not (least(labels, axis=None) >= 0 and most(labels, axis=None) < classes):
        index = tuple(int(i) for i in np.argwhere((labels < 0) | (labels >= classes))[0])
        raise ValueError(
            f"the label {labels[index]} at index {index} names none of the {classes} classes: "
            f"labels go from 0 to {classes - 1}."
        )
    return labels


def _one_hot(labels: Any, classes: int) -> Any:
    return labels[..., None] == np.arange(classes)


# For formulas alone, which name it; the rules are faster without.
_named_one_hot = Operation("one_hot", value=_one_hot, gradients=(None,))

sparse_categorical_cross_entropy = Operation(
    "sparse_categorical_cross_entropy",
    symbol="sparse CCE",
    value=lambda p, labels: (
        -np.log(_clipped(_taken(p, labels))).astype(np.result_type(p), copy=False)
    ),
    gradients=(
        lambda g, out, p, labels: chosen(
            _one_hot(labels, p.shape[-1]), _kept_finite(-g[..., None] / _clipped(p), p)
        ),
        None,
    ),
    formula=(
        lambda g, out, p, labels: -g[..., None] * _named_one_hot(labels, classes=p.shape[-1]) / p,
        None,
    ),
)

# ------------------------------------------------------------------ from logits


def _sigmoid_value(z: Any, y: Any, p: Any = None) -> Any:
    # −y log σ(z) − (1 − y) log(1 − σ(z)) without σ: nothing overflows, nothing rounds to log(0).
    e = np.exp(-np.abs(z))
    # Of an infinite logit e is 0, and argmin finds a NaN before; e.all() takes thrice as long.
    if not e.size or e.item(e.argmin()) > 0:
        return np.maximum(z, 0) - z * y + np.log1p(e)
    # max(z, 0) − z·y is z·(h − y) with h = 1 above 0, and 0 where these agree, however far out.
    wrong = np.heaviside(z, 1) - y
    return np.where(wrong == 0, 0, z) * wrong + np.log1p(e)


def _residual(z: Any, y: Any) -> Any:
    # With s = σ(−|z|), which is small and exact, σ(z) is s or 1 − s, by the sign of z: the 1 meets
    # the label before s is added, so a right prediction keeps the digits of its small residual.
    # −0.0 + 0.0 is 0.0: the two have to agree on the sign of zero.
    e = np.exp(-np.abs(z))
    return (np.heaviside(z, 1) - y) - np.copysign(e / (1 + e), z + 0.0)


# σ(z) − y: what the cross-entropy of a sigmoid sends back.
sigmoid_residual = Operation(
    "sigmoid_residual",
    symbol="σ−y",
    value=_residual,
    gradients=(lambda g, out, z, y: g * sigmoid_slope(z), lambda g, out, z, y: -g),
)

sigmoid_cross_entropy = Operation(
    "sigmoid_cross_entropy",
    symbol="BCE(σ)",
    value=_sigmoid_value,
    gradients=(
        lambda g, out, z, y, p=None: g * sigmoid_residual(z, y),
        lambda g, out, z, y, p=None: -g * z,
        None,
    ),
    formula=(lambda g, out, z, y, p=None: g * (sigmoid(z) - y), None, None),
)


def _log_total(z: Any) -> tuple[Any, Any]:
    """z − the largest logit of each row, and log Σ exp of that accurate near 0.

    The largest term is 1: left out of the sum, log1p keeps the digits of a small remainder.
    """
    below = below_largest(z)
    terms = np.exp(below)
    np.put_along_axis(terms, z.argmax(axis=-1)[..., None], 0, axis=-1)
    return below, np.log1p(np.add.reduce(terms, axis=-1))


def _softmax_value(z: Any, y: Any, p: Any = None) -> Any:
    if z.dtype == np.float16:
        return _softmax_value(widened(z), y).astype(z.dtype)
    below, log_total = _log_total(z)
    if are_finite(below):
        return (y * (log_total[..., None] - below)).sum(axis=-1)
    # A class that is not asked for counts nothing, also where its logit is −∞.
    return (y * np.where(y == 0, 0, log_total[..., None] - below)).sum(axis=-1)


softmax_cross_entropy = Operation(
    "softmax_cross_entropy",
    symbol="CCE(softmax)",
    value=_softmax_value,
    gradients=(
        lambda g, out, z, y, p=None: (
            g[..., None] * (softmax(z) * y.sum(axis=-1, keepdims=True) - y)
        ),
        lambda g, out, z, y, p=None: -g[..., None] * log_softmax(z),
        None,
    ),
)


def _sparse_value(z: Any, labels: Any, p: Any = None) -> Any:
    if z.dtype == np.float16:
        return _sparse_value(widened(z), labels).astype(z.dtype)
    below, log_total = _log_total(z)
    return log_total - _taken(below, labels)


sparse_softmax_cross_entropy = Operation(
    "sparse_softmax_cross_entropy",
    symbol="sparse CCE(softmax)",
    value=_sparse_value,
    gradients=(
        lambda g, out, z, labels, p=None: (
            g[..., None] * (softmax(z) - _one_hot(labels, z.shape[-1]))
        ),
        None,
        None,
    ),
    formula=(
        lambda g, out, z, labels, p=None: (
            g[..., None] * (softmax(z) - _named_one_hot(labels, classes=z.shape[-1]))
        ),
        None,
        None,
    ),
)
