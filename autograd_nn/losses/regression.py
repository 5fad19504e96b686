"""Losses for predicted quantities."""

from __future__ import annotations

import abc
from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.losses.loss import Loss
from autograd_nn.ops import absolute, square, subtract


class _OfDifferences(Loss):
    """One number for each output, averaged over the last axis: ``elements`` is the formula."""

    _averages_last_axis = True

    @checked_keywords
    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = None):
        super().__init__(reduction, name)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The formula of the class, the mean over the last axis."""
        return self._per_sample(self.elements(y_true, y_pred))

    @abc.abstractmethod
    def elements(self, y: Any, p: Any) -> Any:
        """One number for each output."""


@final
class MeanSquaredError(_OfDifferences):
    """The mean of the squared differences.

    Formula      (1/N) Σ (y_pred − y_true)²
    Gradient     2 (y_pred − y_true) / N
    Parameters   see Loss
    Example      ((3 − 1)² + (2 − 2)²) / 2 = 2

    >>> float(MeanSquaredError()([1.0, 2.0], [3.0, 2.0]))
    2.0
    """

    def elements(self, y: Any, p: Any) -> Any:
        """(p − y)² elementwise."""
        return square(subtract(p, y))


@final
class MeanAbsoluteError(_OfDifferences):
    """The mean of the absolute differences.

    Formula      (1/N) Σ |y_pred − y_true|
    Gradient     sign(y_pred − y_true) / N, 0 where they are equal
    Parameters   see Loss
    Example      (|3 − 1| + |2 − 2|) / 2 = 1

    >>> float(MeanAbsoluteError()([1.0, 2.0], [3.0, 2.0]))
    1.0
    """

    def elements(self, y: Any, p: Any) -> Any:
        """|p − y| elementwise."""
        return absolute(subtract(p, y))
