"""What a run starts from: the scale of its inputs, and what a model reaches that ignores them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
    to_categorical,
)
from autograd_nn.several import Several

_TINY = 1e-7  # a probability of 0 has no logit; this is where the losses clip


class StartingPoint(NamedTuple):
    """What the data say before the first step; None is what does not apply or cannot be told.

    ``input_scale`` is the root mean square of the feature of x with the largest, ``feature`` its
    index. ``base_loss`` and ``base_accuracy`` are those of the best answer that is the same for
    every sample: the shares of the classes, the mean, the median.
    """

    input_scale: float
    feature: tuple[int, ...]
    base_loss: float | None = None
    base_accuracy: float | None = None


def starting_point(data: Data, loss: Any) -> StartingPoint:
    """Look at the data of a run before its first step."""
    several = type(data.x) is Several
    scale, feature = max(map(_scale, data.x.arrays)) if several else _scale(data.x)
    # A sum over a batch depends on how many samples a batch has; of several outputs each has an
    # answer of its own.
    if getattr(loss, "reduction", "sum") == "sum" or type(data.y) is Several or data.y is None:
        return StartingPoint(scale, feature)
    y = np.asarray(data.y)
    if isinstance(loss, SparseCategoricalCrossentropy):
        y = to_categorical(y[..., 0] if y.ndim > 1 and y.shape[-1] == 1 else y)
    constant = _best_constant(y, data.weight, loss)
    if constant is None:
        return StartingPoint(scale, feature)
    answer = np.broadcast_to(constant, y.shape)
    value = float(loss(data.y, answer, sample_weight=data.weight))
    return StartingPoint(scale, feature, value, _majority(y, loss))


def _scale(x: Any) -> tuple[float, tuple[int, ...]]:
    """The root mean square of the feature with the largest, and its index."""
    rows = x.reshape(len(x), -1)
    squares = np.einsum("nf,nf->f", rows, rows, dtype=np.float64) / len(x)
    place = int(np.argmax(squares))
    feature = tuple(int(i) for i in np.unravel_index(place, x.shape[1:] or (1,)))
    return math.sqrt(squares[place]), feature


def _best_constant(y: Any, weight: Any, loss: Any) -> Any:
    """The one answer with the smallest loss over all samples, None where no formula is known."""
    if isinstance(loss, MeanAbsoluteError):
        return np.median(y, axis=0) if weight is None else None
    weights = None if weight is None or not np.any(weight) else weight
    mean = np.average(y, axis=0, weights=weights)
    if isinstance(loss, MeanSquaredError):
        return mean
    smoothing = getattr(loss, "label_smoothing", 0.0)
    if isinstance(loss, BinaryCrossentropy):
        p = np.clip(mean * (1 - smoothing) + smoothing / 2, _TINY, 1 - _TINY)
        return np.log(p / (1 - p)) if loss.from_logits else p
    if isinstance(loss, (CategoricalCrossentropy, SparseCategoricalCrossentropy)):
        p = np.clip(mean * (1 - smoothing) + smoothing / mean.shape[-1], _TINY, 1)
        p = p / p.sum()
        return np.log(p) if loss.from_logits else p
    return None


def _majority(y: Any, loss: Any) -> float | None:
    """The accuracy of always naming the most frequent class."""
    if isinstance(loss, BinaryCrossentropy):
        ones = np.mean(y, axis=0)
        return float(np.mean(np.maximum(ones, 1 - ones)))
    if isinstance(loss, (CategoricalCrossentropy, SparseCategoricalCrossentropy)):
        return float(np.max(np.mean(y.reshape(-1, y.shape[-1]), axis=0)))
    return None
