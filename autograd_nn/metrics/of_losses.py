"""The mean over all samples of what a loss says of each."""

from __future__ import annotations

import math
from typing import Any, ClassVar, final

import numpy as np

from autograd_nn import losses
from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from autograd_nn.metrics.averages import Array, MeanOverSamples
from autograd_nn.targets import aligned

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquareError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "RootMeanSquaredError",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]


@final
class MeanSquaredError(MeanOverSamples):
    """The mean of (y_true − y_pred)²."""

    @checked_keywords
    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The squared differences."""
        difference = _difference(y_true, y_pred)
        return difference * difference


MeanSquareError = MeanSquaredError


@final
class RootMeanSquaredError(MeanOverSamples):
    """The root of the mean of (y_true − y_pred)².

    Example      √((1 + 49) / 2) = 5

    >>> RootMeanSquaredError()([0.0, 0.0], [1.0, 7.0])
    5.0
    """

    @checked_keywords
    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The squared differences."""
        difference = _difference(y_true, y_pred)
        return difference * difference

    def result(self) -> float:
        """The root of the mean over all samples taken in since the last reset."""
        return math.sqrt(self._mean.mean())


@final
class MeanAbsoluteError(MeanOverSamples):
    """The mean of |y_true − y_pred|."""

    @checked_keywords
    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The absolute differences."""
        return np.abs(_difference(y_true, y_pred))


class OfLoss(MeanOverSamples):
    """The mean of a loss without arguments of its own; its formula is there."""

    _loss: ClassVar[str]

    @checked_keywords
    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self._formula = getattr(losses, self._loss)()

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The loss of each sample."""
        return self._formula.samples(y_true, y_pred)


@final
class MeanAbsolutePercentageError(OfLoss):
    """The mean of ``losses.MeanAbsolutePercentageError``: 100 |y_true − y_pred| / |y_true|."""

    _loss = "MeanAbsolutePercentageError"


@final
class MeanSquaredLogarithmicError(OfLoss):
    """The mean of ``losses.MeanSquaredLogarithmicError``: (log(1 + y_pred) − log(1 + y_true))²."""

    _loss = "MeanSquaredLogarithmicError"


@final
class LogCoshError(OfLoss):
    """The mean of ``losses.LogCosh``: log cosh(y_pred − y_true)."""

    _loss = "LogCosh"

    @checked_keywords
    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        super().__init__(name, dtype)


@final
class Poisson(OfLoss):
    """The mean of ``losses.Poisson``: y_pred − y_true log y_pred."""

    _loss = "Poisson"


@final
class KLDivergence(OfLoss):
    """The mean of ``losses.KLDivergence``: Σ y_true log(y_true / y_pred)."""

    _loss = "KLDivergence"


@final
class Hinge(OfLoss):
    """The mean of ``losses.Hinge``: max(1 − y_true y_pred, 0), y_true −1 or 1, or 0 or 1."""

    _loss = "Hinge"


@final
class SquaredHinge(OfLoss):
    """The mean of ``losses.SquaredHinge``: max(1 − y_true y_pred, 0)²."""

    _loss = "SquaredHinge"


@final
class CategoricalHinge(OfLoss):
    """The mean of ``losses.CategoricalHinge``: how the true class fails to exceed all others."""

    _loss = "CategoricalHinge"


@final
class CosineSimilarity(MeanOverSamples):
    """The mean of the cosine of the angle between the true and the predicted vector: 1 is best.

    The loss of this name is minus that.

    Parameters   axis: that of the vectors, default the last
    Example      (3·0 + 4·1)/5 = 0.8

    >>> CosineSimilarity()([[3.0, 4.0]], [[0.0, 2.0]])
    0.8
    """

    @checked_keywords
    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(dtype, name)
        self._formula = losses.CosineSimilarity(axis)
        self.axis = self._formula.axis

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The cosine of each vector."""
        return -self._formula.samples(y_true, y_pred)


@final
class BinaryCrossentropy(MeanOverSamples):
    """The mean of ``losses.BinaryCrossentropy``, from probabilities that are clipped, or logits.

    Parameters   from_logits, label_smoothing: see there
    """

    @checked_keywords
    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(dtype, name)
        self._formula = losses.BinaryCrossentropy(from_logits, label_smoothing)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The loss of each sample."""
        return self._formula.samples(y_true, y_pred)


@final
class CategoricalCrossentropy(MeanOverSamples):
    """The mean of ``losses.CategoricalCrossentropy``, from clipped probabilities, or logits.

    Parameters   from_logits, label_smoothing, axis: see there
    """

    @checked_keywords
    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype, name)
        self._formula = losses.CategoricalCrossentropy(from_logits, label_smoothing, axis)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The loss of each sample."""
        return self._formula.samples(y_true, y_pred)


@final
class SparseCategoricalCrossentropy(MeanOverSamples):
    """The mean of ``losses.SparseCategoricalCrossentropy``, of clipped probabilities, or logits.

    Parameters   from_logits, axis: see there
                 ignore_class: a label whose samples are not counted. Keras counts them as 0 here,
                 unlike in its loss, unless weights are given
    """

    @checked_keywords
    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype, name)
        self._formula = losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors."""
        y, p = self._formula.prepared(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
        values = self._formula.elements(y, p)
        counted = self._formula.counted(y, values)
        if counted is None:
            self._mean.add(values, sample_weight)
            return
        weight = counted.astype(np.float64)
        if sample_weight is not None:
            given = as_array(sample_weight, "sample_weight")
            weight *= given.reshape(given.shape + (1,) * (weight.ndim - given.ndim))
        self._mean.add(values, weight)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """The loss of each sample."""
        return self._formula.samples(y_true, y_pred)


def _difference(y_true: Array, y_pred: Array) -> Any:
    y_true, y_pred = aligned(y_true, y_pred)
    # Integer labels next to float32 would make float64; unsigned ones would wrap around.
    dtype = y_pred.dtype if y_pred.dtype.kind == "f" else np.float64
    return y_pred - y_true.astype(dtype, copy=False)
