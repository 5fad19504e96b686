"""Losses for predicted quantities."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, integer, number_within
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import FormulaLoss
from autograd_nn.ops import absolute, square, subtract
from autograd_nn.ops import log_cosh as logarithm_of_cosh

SMALLEST = 1e-7
"""What divides or goes into a logarithm is not taken for less, as in Keras."""


class OfDifferences(FormulaLoss):
    """One number for each output, averaged over the last axis."""

    _mean_axis = -1


@final
class MeanSquaredError(OfDifferences):
    """The mean of the squared differences.

    Formula      (1/N) Σ (y_pred − y_true)²
    Gradient     2 (y_pred − y_true) / N
    Parameters   see Loss
    Example      ((3 − 1)² + (2 − 2)²) / 2 = 2

    >>> float(MeanSquaredError()([1.0, 2.0], [3.0, 2.0]))
    2.0
    """

    def of_formula(self, y: Any, p: Any) -> Any:
        """(p − y)² elementwise: two nodes, which need no group."""
        return self.formula(y, p)

    def formula(self, y: Any, p: Any) -> Any:
        """(p − y)² elementwise."""
        return square(subtract(p, y))


MeanSquareError = MeanSquaredError


@final
class MeanAbsoluteError(OfDifferences):
    """The mean of the absolute differences.

    Formula      (1/N) Σ |y_pred − y_true|
    Gradient     sign(y_pred − y_true) / N, 0 where they are equal
    Parameters   see Loss
    Example      (|3 − 1| + |2 − 2|) / 2 = 1

    >>> float(MeanAbsoluteError()([1.0, 2.0], [3.0, 2.0]))
    1.0
    """

    def of_formula(self, y: Any, p: Any) -> Any:
        """|p − y| elementwise: two nodes, which need no group."""
        return self.formula(y, p)

    def formula(self, y: Any, p: Any) -> Any:
        """|p − y| elementwise."""
        return absolute(subtract(p, y))


@final
class MeanAbsolutePercentageError(OfDifferences):
    """The mean of the absolute differences in percent of the true values.

    Formula      (100/N) Σ |y_true − y_pred| / max(|y_true|, 1e-7)
    Gradient     100 sign(y_pred − y_true) / (N max(|y_true|, 1e-7))
    Parameters   see Loss. A true value of 0 makes it enormous, as it does in Keras
    Example      100 · (|2 − 1|/2 + |4 − 5|/4) / 2 = 37.5

    >>> float(MeanAbsolutePercentageError()([2.0, 4.0], [1.0, 5.0]))
    37.5
    """

    def formula(self, y: Any, p: Any) -> Any:
        """100 · |y − p| / max(|y|, 1e-7) elementwise."""
        return 100 * np.abs((y - p) / np.maximum(np.abs(y), SMALLEST))


@final
class MeanSquaredLogarithmicError(OfDifferences):
    """The mean of the squared differences of log(1 + …).

    Formula      (1/N) Σ (log(1 + max(y_pred, 1e-7)) − log(1 + max(y_true, 1e-7)))²
    Gradient     2 (log(1 + y_pred) − log(1 + y_true)) / ((1 + y_pred) N), 0 where y_pred ≤ 1e-7
    Parameters   see Loss. Values below 0 count as 0, as in Keras; true ones with a warning
    Example      (log 4 − log 2)² = 0.480453

    >>> print(f"{MeanSquaredLogarithmicError()([1.0], [3.0]):.6f}")
    0.480453
    """

    def check_true(self, y: Any, name: str) -> None:
        """Say which true values have no logarithm."""
        warn_of_negative(self, y, name, "count as 0")

    def formula(self, y: Any, p: Any) -> Any:
        """The square of log(1 + p) − log(1 + y) elementwise."""
        return np.square(np.log1p(np.maximum(p, SMALLEST)) - np.log1p(np.maximum(y, SMALLEST)))


@final
class Huber(FormulaLoss):
    """Half the squared difference, from δ on going on as a straight line.

    Formula      with a = |y_pred − y_true| and q = min(a, δ): (1/N) Σ q (a − q/2), which is
                 a²/2 up to δ and δ a − δ²/2 beyond
    Gradient     (y_pred − y_true) / N, clipped to [−δ, δ] / N
    Parameters   delta δ: where the parabola ends, more than 0, default 1
                 reduction, name, dtype: see Loss
    Example      (½ · 0.5² + (1 · 3 − ½)) / 2 = 1.3125

    >>> float(Huber()([0.0, 0.0], [0.5, 3.0]))
    1.3125
    """

    _mean_axis = -1

    @checked_keywords
    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.delta = number_within("delta", delta, 0, np.inf, low_open=True)

    def formula(self, y: Any, p: Any) -> Any:
        """q (a − q/2) elementwise."""
        a = np.abs(p - y)
        q = np.minimum(a, self.delta)
        return q * (a - 0.5 * q)


@final
class LogCosh(OfDifferences):
    """The logarithm of the hyperbolic cosine of the differences: a smooth absolute value.

    Formula      (1/N) Σ log cosh(y_pred − y_true), near d²/2 for small d and |d| − log 2 for large
    Gradient     tanh(y_pred − y_true) / N
    Parameters   see Loss
    Example      log cosh 1 = 0.433781

    >>> print(f"{LogCosh()([0.0], [1.0]):.6f}")
    0.433781
    """

    def formula(self, y: Any, p: Any) -> Any:
        """log cosh(p − y) elementwise."""
        return logarithm_of_cosh(p - y)


@final
class CosineSimilarity(FormulaLoss):
    """Minus the cosine of the angle between the true and the predicted vector: −1 is best.

    Formula      −Σ (y_true / ‖y_true‖) · (y_pred / ‖y_pred‖), norms of at least 1e-7
    Gradient     (cos · y_pred/‖y_pred‖ − y_true/‖y_true‖) / ‖y_pred‖ / N
    Parameters   axis: that of the vectors, default the last
                 reduction, name, dtype: see Loss
    Example      −(3·0 + 4·1)/5 = −0.8

    >>> float(CosineSimilarity()([[3.0, 4.0]], [[0.0, 2.0]]))
    -0.8
    """

    @checked_keywords
    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = integer("axis", axis)

    def formula(self, y: Any, p: Any) -> Any:
        """−cos of the angle, one number for each vector."""
        return -np.sum(self._unit(y) * self._unit(p), axis=self.axis)

    def _unit(self, v: Any) -> Any:
        norm = np.linalg.norm(v, axis=self.axis, keepdims=True)
        return v / np.maximum(norm, SMALLEST)


def warn_of_negative(loss: Any, y: Any, name: str, how: str) -> None:
    """Say that true values are below 0, where they should not be."""
    values = y._data if type(y) is Tensor else y
    if values.size and values.min() < 0:
        index = tuple(int(i) for i in np.argwhere(values < 0)[0])
        warn_outside(
            f"`{name}` has {values[index]} at index {index}, and {loss.name} is for true values "
            f"from 0 on: those below {how}.",
        )


@checked_keywords
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_pred − y_true)² over the last axis, one value per sample."""
    return MeanSquaredError().samples(y_true, y_pred)


@checked_keywords
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_pred − y_true| over the last axis, one value per sample."""
    return MeanAbsoluteError().samples(y_true, y_pred)


@checked_keywords
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """MeanAbsolutePercentageError without its mean over the batch: one value per sample."""
    return MeanAbsolutePercentageError().samples(y_true, y_pred)


@checked_keywords
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """MeanSquaredLogarithmicError without its mean over the batch: one value per sample."""
    return MeanSquaredLogarithmicError().samples(y_true, y_pred)


@checked_keywords
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Huber without its mean over the batch: one value per sample."""
    return Huber(delta).samples(y_true, y_pred)


@checked_keywords
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """LogCosh without its mean over the batch: one value per sample."""
    return LogCosh().samples(y_true, y_pred)


@checked_keywords
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """CosineSimilarity without its mean over the batch: one value per sample."""
    return CosineSimilarity(axis).samples(y_true, y_pred)
