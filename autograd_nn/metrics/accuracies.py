"""How often a prediction is right."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import (
    checked_keywords,
    number_within,
    positive_integer,
    true_or_false,
)
from autograd_nn.engine.errors import ShapeError
from autograd_nn.metrics.averages import Array, MeanOverSamples
from autograd_nn.settings import floatx
from autograd_nn.targets import aligned


@final
class Accuracy(MeanOverSamples):
    """How often a prediction equals its label exactly."""

    @checked_keywords
    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether they are equal."""
        y_true, y_pred = aligned(y_true, y_pred)
        return y_true == y_pred


@final
class BinaryAccuracy(MeanOverSamples):
    """How often a label 0 or 1 is on the side of the threshold where its prediction is.

    Formula      y_true == (y_pred > threshold); a prediction equal to the threshold means 0
    Parameters   threshold: default 0.5 for probabilities; 0 for logits
    Example      right, right, wrong (0.5 is not above 0.5), right: 3/4

    >>> accuracy = BinaryAccuracy()
    >>> accuracy.update_state([1, 0, 1, 0], [0.9, 0.2, 0.5, 0.5])
    >>> accuracy.result()
    0.75
    """

    @checked_keywords
    def __init__(
        self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(dtype, name)
        self.threshold = number_within(
            "threshold", threshold, -math.inf, math.inf, low_open=True, high_open=True
        )

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether they are on one side."""
        y_true, y_pred = aligned(y_true, y_pred)
        return y_true == (y_pred > self.threshold)


@final
class CategoricalAccuracy(MeanOverSamples):
    """How often the largest prediction stands where the one of a one-hot label is.

    Shapes       y_true (N, C) · y_pred (N, C), probabilities or logits
    """

    @checked_keywords
    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether the largest stand at one place."""
        refuse_other_than_one_hot(y_true, y_pred)
        return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


@final
class SparseCategoricalAccuracy(MeanOverSamples):
    """How often the largest prediction stands at the place that an integer label names.

    Shapes       y_true (N,) or (N, 1) · y_pred (N, C), probabilities or logits
    """

    @checked_keywords
    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether the largest stands at the place of the label."""
        return labels_beside(y_true, y_pred) == y_pred.argmax(axis=-1)


@final
class TopKCategoricalAccuracy(MeanOverSamples):
    """How often the one of a one-hot label stands at one of the k largest predictions.

    Shapes       y_true (N, C) · y_pred (N, C), probabilities or logits
    Parameters   k: how many are looked at, default 5. Where several are equal, all count
    Example      The second largest is not the largest

    >>> TopKCategoricalAccuracy(k=1)([[0, 1, 0]], [[0.6, 0.3, 0.1]])
    0.0
    >>> TopKCategoricalAccuracy(k=2)([[0, 1, 0]], [[0.6, 0.3, 0.1]])
    1.0
    """

    @checked_keywords
    def __init__(
        self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(dtype, name)
        self.k = positive_integer("k", k)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether fewer than k are larger."""
        refuse_other_than_one_hot(y_true, y_pred)
        return _among_largest(y_true.argmax(axis=-1), y_pred, self.k)


@final
class SparseTopKCategoricalAccuracy(MeanOverSamples):
    """How often an integer label names one of the k largest predictions.

    Shapes       y_true (N,) or (N, 1) · y_pred (N, C), probabilities or logits
    Parameters   k: how many are looked at, default 5. Where several are equal, all count
                 from_sorted_ids: y_pred are labels, the best first, default False
    """

    @checked_keywords
    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.k = positive_integer("k", k)
        self.from_sorted_ids = true_or_false("from_sorted_ids", from_sorted_ids)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether fewer than k are larger, or are named before."""
        labels = labels_beside(y_true, y_pred)
        if self.from_sorted_ids:
            return (labels[..., None] == y_pred[..., : self.k]).any(axis=-1)
        return _among_largest(labels.astype(np.intp), y_pred, self.k)


@checked_keywords
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """BinaryAccuracy before any mean: 1.0 or 0.0 for each label."""
    return _each(BinaryAccuracy(threshold=threshold), y_true, y_pred)


@checked_keywords
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """CategoricalAccuracy before any mean: 1.0 or 0.0 for each sample."""
    return _each(CategoricalAccuracy(), y_true, y_pred)


@checked_keywords
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """SparseCategoricalAccuracy before any mean: 1.0 or 0.0 for each sample."""
    return _each(SparseCategoricalAccuracy(), y_true, y_pred)


@checked_keywords
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """TopKCategoricalAccuracy before any mean: 1.0 or 0.0 for each sample."""
    return _each(TopKCategoricalAccuracy(k), y_true, y_pred)


@checked_keywords
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """SparseTopKCategoricalAccuracy before any mean: 1.0 or 0.0 for each sample."""
    metric = SparseTopKCategoricalAccuracy(k, from_sorted_ids=from_sorted_ids)
    return _each(metric, y_true, y_pred)


def _each(metric: MeanOverSamples, y_true: Any, y_pred: Any) -> Any:
    values = metric.values(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
    return values.astype(floatx())


def _among_largest(labels: Array, y_pred: Array, k: int) -> Any:
    own = np.take_along_axis(y_pred, labels[..., None], axis=-1)
    return np.less((y_pred > own).sum(axis=-1), k)


def labels_beside(y_true: Array, y_pred: Array) -> Array:
    """Integer labels, one for each row of the predictions."""
    labels = y_true
    if labels.ndim == y_pred.ndim and labels.ndim and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if y_pred.ndim == 0 or labels.shape != y_pred.shape[:-1]:
        raise _misfit(y_true, y_pred, "there is one integer label for each row of predictions")
    return labels


def refuse_other_than_one_hot(y_true: Array, y_pred: Array) -> None:
    """Refuse labels that are not in rows like those of the predictions."""
    if y_true.shape != y_pred.shape or y_pred.ndim == 0:
        raise _misfit(y_true, y_pred, "one-hot labels have the shape of the predictions")


def _misfit(y_true: Array, y_pred: Array, expected: str) -> ShapeError:
    return ShapeError(
        f"`y_true` of shape {y_true.shape} and `y_pred` of shape {y_pred.shape} "
        f"do not fit: {expected}."
    )
