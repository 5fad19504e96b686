"""Losses of margins: nothing is lost by a prediction that is right by a margin of 1."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import BY_HAND, FormulaLoss
from autograd_nn.targets import as_prediction, as_target, check_fractions, check_one_hot


class OfMargins(FormulaLoss):
    """Labels −1 and 1, or 0 and 1, beside predictions of any size; the mean over the last axis."""

    _mean_axis = -1

    def check_true(self, y: Any, name: str) -> None:
        """From −1 to 1."""
        values = y._data if type(y) is Tensor else y
        if values.size and not (values.min() >= -1 and values.max() <= 1):
            index = tuple(int(i) for i in np.argwhere(~(abs(values) <= 1))[0])
            raise ArgumentError(
                f"`{name}` must hold the labels −1 and 1, or 0 and 1, for {type(self).__name__}, "
                f"got {values[index]} at index {index}."
            )


def shortfall(y: Any, p: Any) -> Any:
    """What is missing for a margin of 1: max(1 − y p, 0), where the labels 0 and 1 are −1 and 1."""
    are_0_and_1 = np.max(np.abs(y * (1 - y))) == 0
    return np.maximum(1 - np.where(are_0_and_1, 2 * y - 1, y) * p, 0)


@final
class Hinge(OfMargins):
    """The mean of what is missing for a margin of 1.

    Formula      (1/N) Σ max(1 − y_true y_pred, 0), y_true −1 or 1; where all are 0 or 1, 0 is −1
    Gradient     −y_true / N where the margin is less than 1, else 0; half of it at 1
    Parameters   see Loss
    Example      (max(1 − 0.5, 0) + max(1 + 2, 0)) / 2 = 1.75

    >>> float(Hinge()([1.0, -1.0], [0.5, 2.0]))
    1.75
    """

    def formula(self, y: Any, p: Any) -> Any:
        """max(1 − y p, 0) elementwise."""
        return shortfall(y, p)


@final
class SquaredHinge(OfMargins):
    """The mean of the squares of what is missing for a margin of 1.

    Formula      (1/N) Σ max(1 − y_true y_pred, 0)², y_true −1 or 1; where all are 0 or 1, 0 is −1
    Gradient     −2 y_true max(1 − y_true y_pred, 0) / N
    Parameters   see Loss
    Example      ((1 − 0.5)² + (1 + 2)²) / 2 = 4.625

    >>> float(SquaredHinge()([1.0, -1.0], [0.5, 2.0]))
    4.625
    """

    def formula(self, y: Any, p: Any) -> Any:
        """max(1 − y p, 0)² elementwise."""
        return np.square(shortfall(y, p))


@final
class CategoricalHinge(FormulaLoss):
    """By how much the prediction of the true class fails to exceed all others by 1.

    Formula      max(max((1 − y_true) y_pred) − Σ y_true y_pred + 1, 0) over the classes
    Shapes       y (N, C), one-hot rows · p (N, C)
    Parameters   see Loss. Where all other classes are predicted below 0, the largest of them
                 counts as 0: the true class's own product (1 − 1) · p is 0, as in Keras
    Raises       ShapeError for integer labels, with the two ways out
    Example      max(0.6 − 0.4 + 1, 0) = 1.2

    >>> print(f"{CategoricalHinge()([[0.0, 1.0]], [[0.6, 0.4]]):.4f}")
    1.2000
    """

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """Both in one shape, and y in one-hot rows."""
        p = as_prediction(y_pred, names[1])
        check_one_hot(as_target(y_true, p, names[0]), p, names)
        return super().fitted(y_true, p, names)

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        check_fractions(values, name, "CategoricalHinge takes one-hot rows.")

    def formula(self, y: Any, p: Any) -> Any:
        """One number for each row."""
        others = np.max((1 - y) * p, axis=-1)
        return np.maximum(others - np.sum(y * p, axis=-1) + 1, 0)


@checked_keywords
def hinge(y_true: Any, y_pred: Any) -> Any:
    """Hinge without its mean over the batch: one value per sample."""
    return Hinge().samples(y_true, y_pred)


@checked_keywords
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """SquaredHinge without its mean over the batch: one value per sample."""
    return SquaredHinge().samples(y_true, y_pred)


@checked_keywords
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """CategoricalHinge without its mean over the batch: one value per sample."""
    return CategoricalHinge().samples(y_true, y_pred)
