"""Cross-entropies that look past the samples that are right already."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import checked_keywords, integer, number_within
from autograd_nn.losses.crossentropy import SeveralClasses, TwoClasses, flag
from autograd_nn.ops import (
    binary_cross_entropy,
    kept_positive,
    log_softmax,
    sigmoid,
    sigmoid_cross_entropy,
    softmax,
)


@final
class BinaryFocalCrossentropy(TwoClasses):
    """The cross-entropy of two classes, times a power of how far the prediction is off.

    Formula      with BCE as in BinaryCrossentropy and the error q = y(1 − p) + (1 − y)p:
                 q^γ · BCE; balanced, times y·α + (1 − y)(1 − α)
    Parameters   apply_class_balancing: whether α is used, default False
                 alpha α: the weight of class 1, 0 to 1, default 0.25
                 gamma γ: the power, at least 0, default 2; 0 gives BinaryCrossentropy
                 from_logits, label_smoothing, axis, reduction, name, dtype: see BinaryCrossentropy
    Example      0.5² · −log 0.5 = 0.173287

    >>> print(f"{BinaryFocalCrossentropy()([[1.0]], [[0.5]]):.6f}")
    0.173287
    """

    @checked_keywords
    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.apply_class_balancing = flag("apply_class_balancing", apply_class_balancing)
        self.alpha = number_within("alpha", alpha, 0, 1)
        self.gamma = number_within("gamma", gamma, 0, np.inf)
        self.from_logits = flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)
        self.axis = integer("axis", axis)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        return self._focused(y * (1 - p) + (1 - y) * p, y) * binary_cross_entropy(p, y)

    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        # 1 − σ(z) is σ(−z), which keeps its digits where σ is near 1.
        error = y * sigmoid(-z) + (1 - y) * sigmoid(z)
        return self._focused(error, y) * sigmoid_cross_entropy(z, y, *bypassed)

    def _focused(self, error: Any, y: Any) -> Any:
        factor = error**self.gamma
        if not self.apply_class_balancing:
            return factor
        return (y * self.alpha + (1 - y) * (1 - self.alpha)) * factor


@final
class CategoricalFocalCrossentropy(SeveralClasses):
    """The cross-entropy of several classes, each times a power of what its prediction lacks.

    Formula      −Σ_C α (1 − p)^γ y log p, the rows of p scaled to the sum 1
    Parameters   alpha α: a factor, or one for each class, default 0.25
                 gamma γ: the power, at least 0, default 2
                 from_logits, label_smoothing, axis, reduction, name, dtype: see
                 CategoricalCrossentropy
    Example      0.25 · (1 − 0.25)² · −log 0.25 = 0.194948

    >>> print(f"{CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.75, 0.25]]):.6f}")
    0.194948
    """

    @checked_keywords
    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.alpha = as_array(alpha, "alpha", np.float64).tolist()
        self.gamma = number_within("gamma", gamma, 0, np.inf)
        self.from_logits = flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)
        self.axis = integer("axis", axis)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        p = p / np.sum(p, axis=self.axis, keepdims=True)
        return self._focused(p, np.log(kept_positive(p)), y)

    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        p = bypassed[0] if bypassed else softmax(z, axis=self.axis)
        return self._focused(p, log_softmax(z, axis=self.axis), y)

    def _focused(self, p: Any, log_p: Any, y: Any) -> Any:
        alpha = np.asarray(self.alpha, y.dtype) if isinstance(self.alpha, list) else self.alpha
        return -np.sum(alpha * (1 - p) ** self.gamma * y * log_p, axis=self.axis)


@checked_keywords
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """BinaryFocalCrossentropy without its mean over the batch: one value per sample."""
    loss = BinaryFocalCrossentropy(
        apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis
    )
    return loss.samples(y_true, y_pred)


@checked_keywords
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """CategoricalFocalCrossentropy without its mean over the batch: one value per sample."""
    loss = CategoricalFocalCrossentropy(alpha, gamma, from_logits, label_smoothing, axis)
    return loss.samples(y_true, y_pred)
