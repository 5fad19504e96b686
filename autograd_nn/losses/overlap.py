"""Losses of masks in pictures: how much of the true and the predicted area is not shared."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, integer, number_within
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import FormulaLoss
from autograd_nn.targets import check_fractions

_SMALLEST = 1e-7


class OfAreas(FormulaLoss):
    """One number for all of the batch, or with ``axis`` one for each sample."""

    axis: Any

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        advice = f"{type(self).__name__} takes masks of 0 and 1: divide a mask of 0 and 255 by 255."
        check_fractions(values, name, advice)

    def reduced(self, values: Any, sample_weight: Any = None, counted: Any = None) -> Any:
        """See Loss."""
        if sample_weight is not None and self.axis is None:
            raise ShapeError(
                f"{type(self).__name__} is one number for all of the batch, which has no weights "
                "of samples. Give it the axes of a sample, such as axis=(1, 2, 3)."
            )
        return super().reduced(values, sample_weight, counted)


@final
class Dice(OfAreas):
    """One minus twice the shared area, divided by both areas.

    Formula      1 − 2 Σ y p / (Σ y + Σ p + 1e-7), sums over ``axis``
    Shapes       y and p (N, H, W, C)
    Parameters   reduction, name, dtype: see Loss
                 axis: the axes of a sample, such as (1, 2, 3); default None, all of the batch
    Raises       ArgumentError for a mask outside of 0 … 1
    Example      1 − 2 · 0.5 / (1 + 1.5) = 0.6

    >>> print(f"{Dice()([[1.0, 0.0]], [[0.5, 1.0]]):.4f}")
    0.6000
    """

    @checked_keywords
    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = _axes(axis)

    def formula(self, y: Any, p: Any) -> Any:
        """One number, or one for each sample."""
        shared = np.sum(y * p, axis=self.axis)
        both = np.sum(y, axis=self.axis) + np.sum(p, axis=self.axis)
        return 1 - 2 * shared / (both + _SMALLEST)


@final
class Tversky(OfAreas):
    """One minus the shared area, divided by it and by weighted parts of what is not shared.

    Formula      1 − s / (s + α Σ y (1 − p) + β Σ (1 − y) p + 1e-7) with s = Σ y p
    Shapes       y and p (N, H, W, C)
    Parameters   alpha α, beta β: at least 0, default 0.5, which gives Dice. As in Keras α weighs
                 what the prediction misses, although Keras calls it the false positives
                 reduction, name, dtype: see Loss
                 axis: the axes of a sample, such as (1, 2, 3); default None, all of the batch
    Raises       ArgumentError for a mask outside of 0 … 1
    Example      1 − 0.5 / (0.5 + 0.5 · 0.5 + 0.5 · 1) = 0.6

    >>> print(f"{Tversky()([[1.0, 0.0]], [[0.5, 1.0]]):.4f}")
    0.6000
    """

    @checked_keywords
    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.alpha = number_within("alpha", alpha, 0, np.inf)
        self.beta = number_within("beta", beta, 0, np.inf)
        self.axis = _axes(axis)

    def formula(self, y: Any, p: Any) -> Any:
        """One number, or one for each sample."""
        shared = np.sum(y * p, axis=self.axis)
        missed = np.sum(y * (1 - p), axis=self.axis)
        invented = np.sum((1 - y) * p, axis=self.axis)
        return 1 - shared / (shared + self.alpha * missed + self.beta * invented + _SMALLEST)


@checked_keywords
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """Dice before any mean."""
    return Dice(axis=axis).samples(y_true, y_pred)


@checked_keywords
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None
) -> Any:
    """Tversky before any mean."""
    return Tversky(alpha, beta, axis=axis).samples(y_true, y_pred)


def _axes(axis: Any) -> Any:
    if axis is None or not isinstance(axis, (list, tuple)):
        return axis if axis is None else integer("axis", axis)
    return tuple(integer("axis", each) for each in axis)
