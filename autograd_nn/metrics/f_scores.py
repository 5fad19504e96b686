"""Precision and recall in one number."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ShapeError, suggestion
from autograd_nn.metrics.averages import fitting
from autograd_nn.metrics.metric import Metric
from autograd_nn.settings import floatx

_SMALLEST = 1e-7


class FScore(Metric):
    """The weighted harmonic mean of precision and recall, by class or for all."""

    beta: float

    def __init__(
        self, average: str | None, threshold: float | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__(dtype, name)
        averages = ("micro", "macro", "weighted")
        if average is not None and average not in averages:
            raise ArgumentError(
                f"`average` must be None, 'micro', 'macro' or 'weighted', got {average!r}."
                f"{suggestion(str(average), averages)}"
            )
        self.average = average
        self.threshold = (
            None
            if threshold is None
            else number_within("threshold", threshold, 0, 1, low_open=True)
        )
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self.true_positives: Any = 0.0
        self.false_positives: Any = 0.0
        self.false_negatives: Any = 0.0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch: labels in rows of 0 and 1 beside predictions of the same shape."""
        y, p = as_array(y_true, "y_true"), as_array(y_pred, "y_pred")
        if p.ndim != 2 or y.shape != p.shape:
            raise ShapeError(
                f"{type(self).__name__} takes rows of labels and of predictions, (N, C) both, got "
                f"`y_true` of shape {y.shape} and `y_pred` of shape {p.shape}. Integer labels "
                "become rows by to_categorical(y)."
            )
        if self.threshold is None:
            found = (p >= p.max(axis=-1, keepdims=True)) & (np.abs(p) > 1e-9)
        else:
            found = p > self.threshold
        y = y.astype(np.float64)
        weight: Any = np.ones(len(y))
        if sample_weight is not None:
            weight = as_array(sample_weight, "sample_weight")
            refuse_negative(weight, "sample_weight")
            weight = fitting(weight, y)
        weight = weight.reshape(len(y), -1)
        axis = None if self.average == "micro" else 0
        self.true_positives = self.true_positives + (weight * found * y).sum(axis=axis)
        self.false_positives = self.false_positives + (weight * found * (1 - y)).sum(axis=axis)
        self.false_negatives = self.false_negatives + (weight * ~found * y).sum(axis=axis)

    def result(self) -> Any:
        """A number, or without an average one for each class."""
        precision = self.true_positives / (self.true_positives + self.false_positives + _SMALLEST)
        recall = self.true_positives / (self.true_positives + self.false_negatives + _SMALLEST)
        squared = self.beta**2
        score = (1 + squared) * precision * recall / (squared * precision + recall + _SMALLEST)
        if self.average is None:
            return np.asarray(score, floatx())
        if self.average == "weighted":
            labels = self.true_positives + self.false_negatives
            return float((score * labels / (np.sum(labels) + _SMALLEST)).sum())
        return float(np.mean(score))


@final
class FBetaScore(FScore):
    """The harmonic mean of precision and recall, in which recall counts β² times.

    Formula      (1 + β²) · precision · recall / (β² · precision + recall)
    Shapes       y (N, C), rows of 0 and 1 · p (N, C)
    Parameters   average: None for one score for each class, the default; "micro" over all labels
                 together; "macro", the mean of the classes; "weighted", by how often they occur
                 beta β: more than 0, default 1
                 threshold: above it is predicted; default None, the largest of a row is
    """

    @checked_keywords
    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        self.beta = number_within("beta", beta, 0, math.inf, low_open=True)
        super().__init__(average, threshold, name, dtype)


@final
class F1Score(FScore):
    """The harmonic mean of precision and recall.

    Formula      2 · precision · recall / (precision + recall)
    Parameters   as of FBetaScore, with β = 1
    Example      class 0: precision ½ and recall 1; class 1: precision 1 and recall ½

    >>> score = F1Score(average="macro")
    >>> print(f"{score([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]):.4f}")
    0.6667
    """

    beta = 1.0

    @checked_keywords
    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, threshold, name, dtype)
