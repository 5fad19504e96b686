"""How much of what is labelled or predicted as a class is both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import (
    checked_keywords,
    integer,
    number_within,
    positive_integer,
    true_or_false,
)
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.metrics.averages import Array
from autograd_nn.metrics.metric import Metric
from autograd_nn.targets import check_labels, integer_labels, weights_for

_SMALLEST = 1e-7


class Intersections(Metric):
    """Counts of every pair of a label and a predicted class, weighted."""

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None,
        dtype: Any,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype, name)
        self.num_classes = positive_integer("num_classes", num_classes)
        ids = range(num_classes) if target_class_ids is None else target_class_ids
        if not isinstance(ids, Iterable) or isinstance(ids, str):
            raise ArgumentTypeError(
                f"`target_class_ids` must be a list of classes, got {ids!r}. Write [{ids!r}]."
            )
        self.target_class_ids = [integer("target_class_ids", each) for each in ids]
        if not all(0 <= each < num_classes for each in self.target_class_ids):
            raise ArgumentError(
                f"`target_class_ids` must be from 0 to {num_classes - 1}, got {list(ids)}."
            )
        self.ignore_class = None if ignore_class is None else integer("ignore_class", ignore_class)
        self.sparse_y_true = true_or_false("sparse_y_true", sparse_y_true)
        self.sparse_y_pred = true_or_false("sparse_y_pred", sparse_y_pred)
        self.axis = integer("axis", axis)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self.total_cm = np.zeros((self.num_classes, self.num_classes))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch of labels and of predicted classes, or of rows for them."""
        y, p = as_array(y_true, "y_true"), self._predictions(as_array(y_pred, "y_pred"))
        y = y if self.sparse_y_true else y.argmax(axis=self.axis)
        p = p if self.sparse_y_pred else p.argmax(axis=self.axis)
        if y.size != p.size:
            raise ShapeError(
                f"`y_true` and `y_pred` do not name equally many classes: {y.shape} and {p.shape}."
            )
        weight = np.ones(y.size)
        if sample_weight is not None:
            given = as_array(sample_weight, "sample_weight")
            refuse_negative(given, "sample_weight")
            weight = np.broadcast_to(
                weights_for(np.broadcast_to(0.0, y.shape), given), y.shape
            ).reshape(-1)
        labels, found = self._classes(y, "y_true"), self._classes(p, "y_pred")
        counts = np.ones(y.size, bool)
        if self.ignore_class is not None:
            counts = labels != self.ignore_class
        pairs = labels[counts] * self.num_classes + found[counts]
        sums = np.bincount(pairs, weight[counts], minlength=self.num_classes**2)
        self.total_cm = self.total_cm + sums.reshape(self.total_cm.shape)

    def _predictions(self, p: Array) -> Array:
        return p

    def _classes(self, values: Array, name: str) -> Array:
        labels = integer_labels(values, name).reshape(-1)
        allowed = labels if self.ignore_class is None else labels[labels != self.ignore_class]
        check_labels(allowed, self.num_classes, name)
        return labels

    def result(self) -> float:
        """The mean over the classes that are asked for and occur."""
        both = self.total_cm.diagonal()
        either = self.total_cm.sum(axis=0) + self.total_cm.sum(axis=1) - both
        both, either = both[self.target_class_ids], either[self.target_class_ids]
        occur = either > 1e-9
        shares = np.where(occur, both / (either + _SMALLEST), 0)
        return float(shares.sum() / (occur.sum() + _SMALLEST))


@final
class IoU(Intersections):
    """Of what is labelled or predicted as a class, the share that is both.

    Formula      TP / (TP + FP + FN), the mean over the classes that are asked for and occur
    Parameters   num_classes: how many classes there are
                 target_class_ids: those that are asked for
                 ignore_class: a label that does not count
                 sparse_y_true, sparse_y_pred: integers, the default, or rows along ``axis`` whose
                 largest is meant
    Raises       ArgumentError for a label out of range, which Keras leaves out
    Example      class 0: 1 both of 1 + 1 + 1, for it and for class 1

    >>> print(f"{IoU(2, [0, 1])([0, 0, 1, 1], [0, 1, 0, 1]):.4f}")
    0.3333
    """

    @checked_keywords
    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        sparse = sparse_y_true, sparse_y_pred
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, *sparse, axis)


@final
class MeanIoU(Intersections):
    """``IoU`` of all classes."""

    @checked_keywords
    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        sparse = sparse_y_true, sparse_y_pred
        super().__init__(num_classes, None, name, dtype, ignore_class, *sparse, axis)


@final
class BinaryIoU(Intersections):
    """``IoU`` of two classes, of which a prediction from the threshold on means 1.

    Parameters   target_class_ids: default both
                 threshold: default 0.5. A prediction equal to it means 1 here, as in Keras, and 0
                 in BinaryAccuracy
    """

    @checked_keywords
    def __init__(
        self,
        target_class_ids: Any = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = number_within("threshold", threshold, 0, 1)

    def _predictions(self, p: Array) -> Array:
        return (p >= self.threshold).astype(np.intp)


@final
class OneHotIoU(Intersections):
    """``IoU`` of labels in one-hot rows, and of predictions in rows of probabilities."""

    @checked_keywords
    def __init__(
        self,
        num_classes: int,
        target_class_ids: Any,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        sparse = False, sparse_y_pred
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, *sparse, axis)


@final
class OneHotMeanIoU(Intersections):
    """``OneHotIoU`` of all classes."""

    @checked_keywords
    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        sparse = False, sparse_y_pred
        super().__init__(num_classes, None, name, dtype, ignore_class, *sparse, axis)
