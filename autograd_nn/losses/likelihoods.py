"""Losses for predicted distributions."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import BY_HAND, FormulaLoss
from autograd_nn.losses.regression import SMALLEST, OfDifferences, warn_of_negative
from autograd_nn.ops import kept_positive
from autograd_nn.targets import as_prediction, as_target, check_fractions, sparse_labels


@final
class KLDivergence(FormulaLoss):
    """How much longer messages get that are coded for the predicted instead of the true numbers.

    Formula      Σ_C y (log y − log p), y and p clipped to [1e-7, 1]
    Shapes       y (N, C) · p (N, C), rows with the sum 1
    Gradient     dL/dp = −y/p / N, with p clipped, and not 0 beyond the clip
    Parameters   see Loss
    Raises       ArgumentError for true values outside of 0 … 1
    Example      0.5 log(0.5/0.25) + 0.5 log(0.5/0.75) = 0.143841

    >>> print(f"{KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]):.6f}")
    0.143841
    """

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        check_fractions(values, name, "KLDivergence compares distributions.")

    def formula(self, y: Any, p: Any) -> Any:
        """One number for each row."""
        y = np.minimum(np.maximum(y, SMALLEST), 1)
        return np.sum(y * (np.log(y) - np.log(kept_positive(p))), axis=-1)


@final
class Poisson(OfDifferences):
    """For counts: minus the logarithm of their probability where y_pred many are expected.

    Formula      (1/N) Σ (y_pred − y_true log(y_pred + 1e-7)), without the log y_true! of the counts
    Gradient     (1 − y_true / (y_pred + 1e-7)) / N
    Parameters   see Loss. Predictions must be positive: end with softplus or exponential
    Example      2 − 3 log 2 = −0.079442

    >>> print(f"{Poisson()([3.0], [2.0]):.6f}")
    -0.079442
    """

    def check_true(self, y: Any, name: str) -> None:
        """Say which true values are no counts."""
        warn_of_negative(self, y, name, "are no counts, and their loss has no least value")

    def formula(self, y: Any, p: Any) -> Any:
        """p − y log(p + 1e-7) elementwise."""
        return p - y * np.log(p + SMALLEST)


@final
class CategoricalGeneralizedCrossEntropy(FormulaLoss):
    """Between the cross-entropy (q → 0) and the mean absolute error (q = 1), for noisy labels.

    Formula      (1 − p[y]^q) / q
    Shapes       y (N,) or (N, 1), integers 0 … C−1, as in Keras · p (N, C), probabilities
    Gradient     dL/dp[y] = −p[y]^(q − 1) / N, with p clipped to [1e-7, 1], and not 0 beyond
    Parameters   q: more than 0, at most 1, default 0.5
                 reduction, name, dtype: see Loss
    Example      (1 − √0.25) / 0.5 = 1

    >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
    1.0
    """

    @checked_keywords
    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.q = number_within("q", q, 0, 1, low_open=True)

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """y as integers in range."""
        p = self.typed(as_prediction(y_pred, names[1]))
        return sparse_labels(as_target(y_true, p, names[0]), p.shape, names), p

    def check_predictions(self, p: Any, name: str) -> None:
        """From 0 to 1."""
        values = p._data if type(p) is Tensor else p
        check_fractions(values, name, "End the model with activation='softmax'.")

    def formula(self, y: Any, p: Any) -> Any:
        """One number for each label."""
        of_label = np.sum(np.where(y[..., None] == np.arange(p.shape[-1]), p, 0), axis=-1)
        return (1 - kept_positive(of_label) ** self.q) / self.q


@checked_keywords
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """KLDivergence without its mean over the batch: one value per sample."""
    return KLDivergence().samples(y_true, y_pred)


@checked_keywords
def poisson(y_true: Any, y_pred: Any) -> Any:
    """Poisson without its mean over the batch: one value per sample."""
    return Poisson().samples(y_true, y_pred)


@checked_keywords
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float = 0.5) -> Any:
    """CategoricalGeneralizedCrossEntropy without its mean over the batch."""
    return CategoricalGeneralizedCrossEntropy(q).samples(y_true, y_pred)
