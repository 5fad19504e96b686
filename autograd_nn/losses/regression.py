"""Losses for predicted quantities."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.losses.loss import Loss
from autograd_nn.ops import absolute, square, subtract


@final
class MeanSquaredError(Loss):
    """The mean of the squared differences.

    Formula      (1/N) Σ (y_pred − y_true)²
    Gradient     2 (y_pred − y_true) / N
    Parameters   see Loss
    Example      ((3 − 1)² + (2 − 2)²) / 2 = 2

    >>> float(MeanSquaredError()([1.0, 2.0], [3.0, 2.0]))
    2.0
    """

    _averages_last_axis = True

    @checked_keywords
    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None):
        super().__init__(reduction, name)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(y_pred − y_true)², the mean over the last axis."""
        return self._per_sample(self.elements(y_true, y_pred))

    def elements(self, y: Any, p: Any) -> Any:
        """(p − y)² elementwise."""
        return square(subtract(p, y))


@final
class MeanAbsoluteError(Loss):
    """The mean of the absolute differences.

    Formula      (1/N) Σ |y_pred − y_true|
    Gradient     sign(y_pred − y_true) / N, 0 where they are equal
    Parameters   see Loss
    Example      (|3 − 1| + |2 − 2|) / 2 = 1

    >>> float(MeanAbsoluteError()([1.0, 2.0], [3.0, 2.0]))
    1.0
    """

    _averages_last_axis = True

    @checked_keywords
    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None):
        super().__init__(reduction, name)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """|y_pred − y_true|, the mean over the last axis."""
        return self._per_sample(self.elements(y_true, y_pred))

    def elements(self, y: Any, p: Any) -> Any:
        """|p − y| elementwise."""
        return absolute(subtract(p, y))
