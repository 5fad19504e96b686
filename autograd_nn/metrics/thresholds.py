"""The best share that some threshold gives where another share is high enough."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.metrics.counts import AtThresholds, ratio


class Best(AtThresholds):
    """Counts at thresholds from 0 to 1, and the best of one share where another suffices."""

    def __init__(
        self, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        self.num_thresholds = positive_integer("num_thresholds", num_thresholds)
        limits = [0.5] if num_thresholds == 1 else np.linspace(0, 1, num_thresholds)
        super().__init__(limits, name, dtype, class_id=class_id)

    def best(self, share: str, where: str, least: float) -> float:
        """The largest ``share`` of the thresholds at which ``where`` is at least so large."""
        shares = {
            "sensitivity": (self.true_positives, self.false_negatives),
            "specificity": (self.true_negatives, self.false_positives),
            "precision": (self.true_positives, self.false_positives),
        }
        found, limit = (ratio(a, a + b) for a, b in (shares[share], shares[where]))
        return float(np.max(found, where=limit >= least, initial=0.0))


@final
class SensitivityAtSpecificity(Best):
    """The largest sensitivity TP / (TP + FN) where the specificity TN / (TN + FP) suffices.

    Parameters   specificity: the least one, 0 to 1
                 num_thresholds: how many are tried, evenly from 0 to 1, default 200
                 class_id: of all columns only this one is counted
    Example      above 0.3 … 0.8 one of two labels 1 and no label 0 is found

    >>> SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    0.5
    """

    @checked_keywords
    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.specificity = number_within("specificity", specificity, 0, 1)
        super().__init__(num_thresholds, class_id, name, dtype)

    def result(self) -> float:
        """Of everything taken in since the last reset."""
        return self.best("sensitivity", "specificity", self.specificity)


@final
class SpecificityAtSensitivity(Best):
    """The largest specificity TN / (TN + FP) where the sensitivity TP / (TP + FN) suffices.

    Parameters   sensitivity: the least one, 0 to 1; the others as of SensitivityAtSpecificity
    """

    @checked_keywords
    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.sensitivity = number_within("sensitivity", sensitivity, 0, 1)
        super().__init__(num_thresholds, class_id, name, dtype)

    def result(self) -> float:
        """Of everything taken in since the last reset."""
        return self.best("specificity", "sensitivity", self.sensitivity)


@final
class PrecisionAtRecall(Best):
    """The largest precision TP / (TP + FP) where the recall TP / (TP + FN) suffices.

    Parameters   recall: the least one, 0 to 1; the others as of SensitivityAtSpecificity
    """

    @checked_keywords
    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.recall = number_within("recall", recall, 0, 1)
        super().__init__(num_thresholds, class_id, name, dtype)

    def result(self) -> float:
        """Of everything taken in since the last reset."""
        return self.best("precision", "sensitivity", self.recall)


@final
class RecallAtPrecision(Best):
    """The largest recall TP / (TP + FN) where the precision TP / (TP + FP) suffices.

    Parameters   precision: the least one, 0 to 1; the others as of SensitivityAtSpecificity
    """

    @checked_keywords
    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.precision = number_within("precision", precision, 0, 1)
        super().__init__(num_thresholds, class_id, name, dtype)

    def result(self) -> float:
        """Of everything taken in since the last reset."""
        return self.best("sensitivity", "precision", self.precision)
