"""How much of the true values' variation the predictions follow."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import checked_keywords, integer, positive_integer
from autograd_nn.engine.errors import ArgumentError, ShapeError, suggestion
from autograd_nn.engine.taking import warn_outside
from autograd_nn.metrics.averages import Array, MeanOverSamples, fitting
from autograd_nn.metrics.metric import Metric
from autograd_nn.settings import floatx
from autograd_nn.targets import aligned

_SMALLEST = 1e-7


@final
class R2Score(Metric):
    """The share of the variance of the true values that the predictions explain; 1 is best.

    Formula      1 − Σ (y_true − y_pred)² / Σ (y_true − mean)², for each column
    Shapes       y and p (N, C), or (N,)
    Parameters   class_aggregation: "uniform_average", the mean of the columns, the default;
                 "variance_weighted_average"; None, one score for each column
                 num_regressors: how many inputs the model has, for the adjusted score; default 0
    Example      1 − (0 + 1) / (1 + 1)

    >>> R2Score()([[1.0], [3.0]], [[1.0], [4.0]])
    0.5
    """

    @checked_keywords
    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        known = ("uniform_average", "variance_weighted_average")
        if class_aggregation is not None and class_aggregation not in known:
            raise ArgumentError(
                f"`class_aggregation` must be None, {known[0]!r} or {known[1]!r}, got "
                f"{class_aggregation!r}.{suggestion(str(class_aggregation), known)}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = positive_integer("num_regressors", num_regressors, minimum=0)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self.num_samples = 0
        self.count: Any = 0.0
        self._mean: Any = 0.0
        self._variation: Any = 0.0  # Σ (y − mean)², and not Σ y² − N mean², which loses its digits
        self._error: Any = 0.0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors."""
        y, p = aligned(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
        if y.ndim not in (1, 2):
            raise ShapeError(f"R2Score takes values of shape (N,) or (N, C), got {y.shape}.")
        y, p = (values.reshape(len(y), -1).astype(np.float64) for values in (y, p))
        weight = np.ones(y.shape)
        if sample_weight is not None:
            given = as_array(sample_weight, "sample_weight")
            refuse_negative(given, "sample_weight")
            given = fitting(given, y)
            weight = np.broadcast_to(given.reshape(len(y), -1), y.shape)
        count = weight.sum(axis=0)
        mean = (weight * y).sum(axis=0) / np.where(count == 0, 1, count)
        whole = self.count + count
        apart = mean - self._mean
        share = count / np.where(whole == 0, 1, whole)
        self._variation = (
            self._variation + (weight * (y - mean) ** 2).sum(axis=0) + apart**2 * self.count * share
        )
        self._mean = self._mean + apart * share
        self._error = self._error + (weight * (y - p) ** 2).sum(axis=0)
        self.count = whole
        self.num_samples += y.size

    def result(self) -> Any:
        """A number, or without an aggregation one for each column; NaN of constant true values."""
        if not self.num_samples:
            return 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = 1 - self._error / self._variation
            scores = np.where(np.isinf(scores), 0, scores)
            score: Any = scores
            if self.class_aggregation == "uniform_average":
                score = scores.mean()
            elif self.class_aggregation == "variance_weighted_average":
                score = (self._variation * scores).sum() / self._variation.sum()
        score = self._adjusted(score)
        return np.asarray(score, floatx()) if np.ndim(score) else float(score)

    def _adjusted(self, score: Any) -> Any:
        if not self.num_regressors:
            return score
        left = self.num_samples - self.num_regressors - 1
        if left <= 0:
            warn_outside(
                f"R2Score cannot be adjusted for {self.num_regressors} regressors with "
                f"{self.num_samples} samples; the plain score is told.",
            )
            return score
        return 1 - (1 - score) * (self.num_samples - 1) / left


class Correlation(MeanOverSamples):
    """The mean of a correlation along an axis."""

    axis: int

    @checked_keywords
    def __init__(self, name: str | None = None, dtype: Any = None, axis: int = -1) -> None:
        super().__init__(dtype, name)
        self.axis = integer("axis", axis)

    def deviations(self, y_true: Array, y_pred: Array) -> tuple[Any, ...]:
        """Both means along the axis, and both without them."""
        y, p = aligned(y_true, y_pred)
        if not -y.ndim <= self.axis < y.ndim or y.shape[self.axis] < 2:
            raise ShapeError(
                f"{type(self).__name__}(axis={self.axis}) needs at least 2 values along that axis, "
                f"got shape {y.shape}. Along the samples it is axis=0."
            )
        y, p = y.astype(np.float64), p.astype(np.float64)
        means = [values.mean(axis=self.axis, keepdims=True) for values in (y, p)]
        return (*means, y - means[0], p - means[1])


@final
class PearsonCorrelation(Correlation):
    """How close true and predicted values are to a rising straight line: 1 is best.

    Formula      Σ (y − ȳ)(p − p̄) / √(Σ (y − ȳ)² Σ (p − p̄)²) along ``axis``, NaN of constant values
    Parameters   axis: default the last, which has one value where a model has one output: there
                 axis=0 is meant, the correlation of each batch
    Example      a straight line

    >>> print(f"{PearsonCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]):.4f}")
    1.0000
    """

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """One for each row."""
        _, _, y, p = self.deviations(y_true, y_pred)
        scale = np.sqrt((y * y).sum(axis=self.axis) * (p * p).sum(axis=self.axis))
        with np.errstate(divide="ignore", invalid="ignore"):
            return (y * p).sum(axis=self.axis) / scale


@final
class ConcordanceCorrelation(Correlation):
    """How close true and predicted values are to each other, in relation to their variance.

    Formula      2 cov(y, p) / (var y + var p + (ȳ − p̄)² + 1e-7) along ``axis``
    Parameters   axis: as of PearsonCorrelation
    Example      equal up to a constant: 2 · ⅔ / (⅔ + ⅔ + 1)

    >>> print(f"{ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]):.4f}")
    0.5714
    """

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """One for each row."""
        y_mean, p_mean, y, p = self.deviations(y_true, y_pred)
        apart = np.squeeze((y_mean - p_mean) ** 2, axis=self.axis)
        spread = (y * y).mean(axis=self.axis) + (p * p).mean(axis=self.axis) + apart
        return 2 * (y * p).mean(axis=self.axis) / (spread + _SMALLEST)


@checked_keywords
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """PearsonCorrelation before any mean: one value for each row."""
    metric = PearsonCorrelation(axis=axis)
    return metric.values(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))


@checked_keywords
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """ConcordanceCorrelation before any mean: one value for each row."""
    metric = ConcordanceCorrelation(axis=axis)
    return metric.values(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
