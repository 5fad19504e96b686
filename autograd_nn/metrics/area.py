"""The area under the curve that two shares make while the threshold goes from 0 to 1."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.activations import sigmoid
from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentError, ShapeError, suggestion
from autograd_nn.engine.taking import warn_outside
from autograd_nn.metrics.averages import Array
from autograd_nn.metrics.counts import AtThresholds, as_thresholds, counted, ratio

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "minoring", "majoring")
# The first and the last threshold are beyond 0 and 1, as in Keras.
_BEYOND = 1e-7


@final
class AUC(AtThresholds):
    """The area under a curve: 1 for a perfect order of the predictions, 0.5 for a random one.

    Formula      ROC: the true positive rate TP/(TP + FN) over the false positive rate FP/(FP + TN);
                 PR: the precision TP/(TP + FP) over the recall; by trapezoids between thresholds.
                 With PR and interpolation as Davis and Goadrich (2006) interpolate
    Parameters   num_thresholds: how many, evenly from 0 to 1, default 200
                 curve: "ROC", "PR" or "PRGAIN", default "ROC"
                 summation_method: "interpolation", "minoring" or "majoring", default the first
                 thresholds: a list of them in place of ``num_thresholds``
                 multi_label: an area for each column, of which the mean is told, default False
                 num_labels: how many columns there are
                 label_weights: of the columns, in that mean
                 from_logits: y_pred are the numbers before the sigmoid, default False
    Example      of four pairs of a label 1 and a label 0 three are in the right order

    >>> print(f"{AUC()([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]):.3f}")
    0.750
    """

    @checked_keywords
    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        self.curve = _one_of("curve", curve, _CURVES)
        self.summation_method = _one_of("summation_method", summation_method, _METHODS)
        self.thresholds = thresholds
        if thresholds is None:
            self.num_thresholds = positive_integer("num_thresholds", num_thresholds, minimum=2)
            inner = np.linspace(0, 1, num_thresholds)[1:-1]
        else:
            inner = np.sort(as_thresholds(thresholds, 0.5))
            self.num_thresholds = len(inner) + 2
        self.multi_label = true_or_false("multi_label", multi_label)
        self.from_logits = true_or_false("from_logits", from_logits)
        if num_labels is not None and not multi_label:
            raise ArgumentError("`num_labels` is for multi_label=True only.")
        self.num_labels = num_labels
        given = None if label_weights is None else as_array(label_weights, "label_weights")
        self.label_weights = None if given is None else given.astype(np.float64)
        super().__init__([-_BEYOND, *inner, 1 + _BEYOND], name, dtype)

    def _predictions(self, p: Array) -> Array:
        if self.from_logits:
            return np.asarray(sigmoid(p))
        if p.size and not (p.min() >= 0 and p.max() <= 1):
            warn_outside(
                f"The metric `{self.name}` got predictions outside of 0 … 1, which it takes for 0 "
                "or 1. For logits write AUC(from_logits=True).",
            )
            p = np.clip(p, 0, 1)
        return p

    def _add(self, y: Array, p: Array, weight: Array) -> None:
        """Take in labels and predictions, for each column by itself where that is wanted."""
        if not self.multi_label:
            if self.label_weights is not None:
                weight = weight * self.label_weights
            super()._add(y, p, weight)
            return
        if p.ndim != 2 or self.num_labels not in (None, p.shape[1]):
            wanted = "C" if self.num_labels is None else self.num_labels
            raise ShapeError(
                f"AUC(multi_label=True) takes predictions of shape (N, {wanted}), got {p.shape}."
            )
        found = [counted(self._limits, y[:, c], p[:, c], weight[:, c]) for c in range(p.shape[1])]
        self._add_counts(*(np.stack(each, axis=-1) for each in zip(*found, strict=True)))

    def result(self) -> float:
        """The area for everything taken in since the last reset."""
        by_label = self._interpolated() if self._is_interpolated else self._summed()
        if not self.multi_label:
            return float(by_label)
        if self.label_weights is None:
            return float(by_label.mean())
        return float(ratio((by_label * self.label_weights).sum(), self.label_weights.sum()))

    @property
    def _is_interpolated(self) -> bool:
        return self.curve == "PR" and self.summation_method == "interpolation"

    def _interpolated(self) -> Any:
        """Between two thresholds precision is no straight line over recall, as TP over FP is."""
        tp, positives = self.true_positives, self.true_positives + self.false_positives
        slope = ratio(tp[:-1] - tp[1:], np.maximum(positives[:-1] - positives[1:], 0))
        intercept = tp[1:] - slope * positives[1:]
        both = (positives[:-1] > 0) & (positives[1:] > 0)
        log_ratio = np.log(np.where(both, ratio(positives[:-1], positives[1:]), 1))
        steps = slope * (tp[:-1] - tp[1:] + intercept * log_ratio)
        return ratio(steps, tp[1:] + self.false_negatives[1:]).sum(axis=0)

    def _summed(self) -> Any:
        x, y = self._points()
        if self.summation_method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2
        else:
            choose = np.minimum if self.summation_method == "minoring" else np.maximum
            heights = choose(y[:-1], y[1:])
        return ((x[:-1] - x[1:]) * heights).sum(axis=0)

    def _points(self) -> tuple[Any, Any]:
        tp, fp = self.true_positives, self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        recall = ratio(tp, tp + fn)
        if self.curve == "ROC":
            return ratio(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, ratio(tp, tp + fp)
        # Flach and Kull (2015): both as a gain over predicting 1 always.
        scale = ratio(tp + fn, tn + fp)
        recall_gain = np.where(tp == 0, 0, 1 - scale * ratio(fn, tp))
        return np.maximum(recall_gain, 0), np.where(tp == 0, 1, 1 - scale * ratio(fp, tp))


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    for one in known:
        if isinstance(value, str) and value.lower() == one.lower():
            return one
    raise ArgumentError(
        f"`{name}` must be one of {', '.join(map(repr, known))}, got {value!r}."
        f"{suggestion(str(value), known)}"
    )
