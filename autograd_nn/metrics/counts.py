"""How many labels 0 and 1 are predicted rightly and wrongly, at one threshold or at many."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import (
    checked_keywords,
    integer,
    number_within,
    positive_integer,
)
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.metrics.averages import Array
from autograd_nn.metrics.metric import Metric
from autograd_nn.targets import aligned, weights_for


class AtThresholds(Metric):
    """True and false positives and negatives, weighted, for each threshold.

    Parameters   thresholds: a prediction above counts as positive
                 top_k: only the k largest of a row can be positive; without thresholds these are
                 class_id: of all columns only this one is counted
    """

    def __init__(
        self,
        thresholds: Any,
        name: str | None,
        dtype: Any,
        top_k: int | None = None,
        class_id: int | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self._limits = np.asarray(thresholds, np.float64)
        self.top_k = None if top_k is None else positive_integer("top_k", top_k)
        self.class_id = None if class_id is None else integer("class_id", class_id)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self.true_positives: Any = np.zeros(self._limits.shape)
        self.false_positives: Any = np.zeros(self._limits.shape)
        self.true_negatives: Any = np.zeros(self._limits.shape)
        self.false_negatives: Any = np.zeros(self._limits.shape)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch: labels 0 and 1 beside predictions of the same shape."""
        y, p = as_array(y_true, "y_true"), self._predictions(as_array(y_pred, "y_pred"))
        y, p = aligned(y, p)
        y = _as_labels(y, self.name)
        weight = np.ones(1)
        if sample_weight is not None:
            given = as_array(sample_weight, "sample_weight")
            refuse_negative(given, "sample_weight")
            weight = weights_for(np.broadcast_to(0.0, p.shape), given)
        if self.top_k is not None:
            p = _largest(p, self.top_k)
        if self.class_id is not None:
            if p.ndim < 2 or not -p.shape[-1] <= self.class_id < p.shape[-1]:
                raise ShapeError(
                    f"`class_id` {self.class_id} names no column of predictions of shape {p.shape}."
                )
            weight = np.broadcast_to(weight, p.shape)[..., self.class_id]
            y, p = y[..., self.class_id], p[..., self.class_id]
        self._add(y, p, np.broadcast_to(weight, p.shape))

    def _predictions(self, p: Array) -> Array:
        return p

    def _add(self, y: Array, p: Array, weight: Array) -> None:
        """Take in all labels and predictions together."""
        self._add_counts(*counted(self._limits, *(v.reshape(-1) for v in (y, p, weight))))

    def _add_counts(self, positive: Any, all_above: Any, labels: Any, everything: Any) -> None:
        wrong = all_above - positive
        self.true_positives = _with(self.true_positives, positive)
        self.false_positives = _with(self.false_positives, wrong)
        self.false_negatives = _with(self.false_negatives, labels - positive)
        self.true_negatives = _with(self.true_negatives, everything - labels - wrong)

    def _shown(self, values: Any) -> Any:
        """A number at one threshold, an array at several."""
        return float(values[0]) if len(self._limits) == 1 else values


def counted(limits: Array, y: Array, p: Array, weight: Array) -> tuple[Any, Any, Any, Any]:
    """The weights of labels 1 and of all that are above each limit; those of labels 1, of all."""
    # Compared in the dtype of the predictions: 0.1 in single precision is not above 0.1.
    limits = limits.astype(p.dtype) if p.dtype.kind == "f" else limits
    order = np.argsort(limits, kind="stable")
    passed = np.searchsorted(limits[order], p, side="left")  # how many limits are below p
    found = np.empty((2, len(limits)))
    for row, weights in enumerate((weight * y, weight)):
        sums = np.bincount(passed, weights, minlength=len(limits) + 1)
        found[row, order] = sums[::-1].cumsum()[::-1][1:]
    return *found, (weight * y).sum(), weight.sum()


def _with(sums: Any, more: Any) -> Any:
    return sums + more if sums.shape == more.shape else more


def as_thresholds(thresholds: Any, otherwise: float) -> list[float]:
    """One number of 0 to 1, or a list of them, as a list."""
    if thresholds is None:
        return [otherwise]
    given = thresholds if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    if not len(given):
        raise ArgumentError("`thresholds` is empty: give at least one number of [0, 1].")
    return [number_within("thresholds", each, 0, 1) for each in given]


def ratio(part: Any, whole: Any) -> Any:
    """One by the other, 0 where there is nothing to divide by."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def _as_labels(y: Array, name: str) -> Array:
    known = (y == 0) | (y == 1)
    if not known.all():
        index = tuple(int(i) for i in np.argwhere(~known)[0])
        raise ArgumentError(
            f"The metric `{name}` counts the labels 0 and 1, got {y[index]} at index {index}. Give "
            "integer labels of several classes as one-hot rows, to_categorical(y)."
        )
    return y.astype(np.float64)


def _largest(p: Array, k: int) -> Array:
    """The k largest of each row, the first of equal ones; the others as −∞."""
    if p.ndim < 2:
        raise ShapeError(f"`top_k` takes rows of predictions, got shape {p.shape}.")
    places = np.argsort(-p, axis=-1, kind="stable")[..., :k]
    kept = np.full(p.shape, -np.inf)
    np.put_along_axis(kept, places, np.take_along_axis(p, places, axis=-1), axis=-1)
    return kept


class _Count(AtThresholds):
    @checked_keywords
    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(as_thresholds(thresholds, 0.5), name, dtype)
        self.thresholds = thresholds


@final
class TruePositives(_Count):
    """How many labels 1 are predicted above the threshold.

    Parameters   thresholds: a number of 0 to 1, or a list of them, default 0.5
    Returns      a number, or with a list an array
    Example      of two labels 1 one is above 0.5

    >>> TruePositives()([1, 1, 0], [0.9, 0.3, 0.8])
    1.0
    """

    def result(self) -> Any:
        """The sum of the weights of those taken in since the last reset."""
        return self._shown(self.true_positives)


@final
class FalsePositives(_Count):
    """How many labels 0 are predicted above the threshold. See TruePositives."""

    def result(self) -> Any:
        """The sum of the weights of those taken in since the last reset."""
        return self._shown(self.false_positives)


@final
class TrueNegatives(_Count):
    """How many labels 0 are not predicted above the threshold. See TruePositives."""

    def result(self) -> Any:
        """The sum of the weights of those taken in since the last reset."""
        return self._shown(self.true_negatives)


@final
class FalseNegatives(_Count):
    """How many labels 1 are not predicted above the threshold. See TruePositives."""

    def result(self) -> Any:
        """The sum of the weights of those taken in since the last reset."""
        return self._shown(self.false_negatives)


class _Share(AtThresholds):
    @checked_keywords
    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        # Whatever is among the k largest counts where no threshold is given.
        otherwise = 0.5 if top_k is None else -1e10
        super().__init__(as_thresholds(thresholds, otherwise), name, dtype, top_k, class_id)
        self.thresholds = thresholds


@final
class Precision(_Share):
    """Which share of what is predicted as 1 is 1.

    Formula      TP / (TP + FP), 0 where nothing is predicted as 1
    Parameters   thresholds: a number of 0 to 1, or a list of them, default 0.5
                 top_k: only the k largest of a row count as predicted
                 class_id: of all columns only this one is counted
    Returns      a number, or with a list of thresholds an array
    Example      of two above 0.5 one is right

    >>> Precision()([1, 1, 0], [0.9, 0.3, 0.8])
    0.5
    """

    def result(self) -> Any:
        """The share of those taken in since the last reset."""
        positives = self.true_positives + self.false_positives
        return self._shown(ratio(self.true_positives, positives))


@final
class Recall(_Share):
    """Which share of what is 1 is predicted as 1.

    Formula      TP / (TP + FN), 0 where there is no label 1
    Parameters   as of Precision
    Example      of two labels 1 one is above 0.5

    >>> Recall()([1, 1, 0], [0.9, 0.3, 0.8])
    0.5
    """

    def result(self) -> Any:
        """The share of those taken in since the last reset."""
        labels = self.true_positives + self.false_negatives
        return self._shown(ratio(self.true_positives, labels))
