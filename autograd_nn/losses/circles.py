"""The loss of pairs: embeddings of one label together, those of others apart."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ShapeError
from autograd_nn.losses.crossentropy import flag
from autograd_nn.losses.loss import BY_HAND, FormulaLoss, unmasked
from autograd_nn.ops import logsumexp, softplus
from autograd_nn.targets import as_prediction, as_target, integer_labels


@final
class Circle(FormulaLoss):
    """How much closer in angle a sample is to those of other labels than to those of its own.

    Formula      softplus(log Σ_own e^(γ (m + d)(d − m)) + log Σ_other e^(γ w (1 − m − d))) with the
                 cosine distances d = max(1 − p pᵀ, 0) and w = max(1 + m − d, 0)
    Shapes       y (N,) or (N, 1), integer labels · p (N, D), rows of length 1
    Parameters   gamma γ: the scale, default 80
                 margin m: default 0.4
                 remove_diagonal: whether a sample is left out of those of its own label, default
                 True
                 reduction, name, dtype: see Loss. A sample without another of its label, or
                 without one of another, does not count
    Example      Two pairs, each at a right angle to the other: softplus(80 · 0.4 · −0.4
                 + log 2 + 80 · 0.4 · −0.4), next to nothing

    >>> p = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    >>> print(f"{Circle()([0, 0, 1, 1], p):.3e}")
    1.524e-11
    """

    @checked_keywords
    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.gamma = number_within("gamma", gamma, 0, np.inf, low_open=True)
        self.margin = number_within("margin", margin, 0, 1)
        self.remove_diagonal = flag("remove_diagonal", remove_diagonal)

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """y as integers, one for each row."""
        p = self.typed(as_prediction(y_pred, names[1]))
        y = as_target(y_true, p, names[0])
        if p.ndim != 2 or y.shape not in (p.shape[:1], (*p.shape[:1], 1)):
            raise ShapeError(
                f"Circle takes embeddings of shape (N, D) and labels of shape (N,), got {names[1]} "
                f"of shape {p.shape} and `{names[0]}` of shape {y.shape}."
            )
        integer_labels(np.asarray(getattr(y, "_data", y)), names[0])
        return y.reshape(p.shape[:1]), p

    def formula(self, y: Any, p: Any) -> Any:
        """One number for each row."""
        distance = np.maximum(1 - p @ p.T, 0)
        same = y[:, None] == y
        other = ~same
        if self.remove_diagonal:
            same = same & ~np.eye(len(p), dtype=bool)
        m = self.margin
        own = self.gamma * (m + distance) * (distance - m)
        others = self.gamma * np.maximum(1 + m - distance, 0) * (1 - m - distance)
        attraction = logsumexp(np.where(same, own, -np.inf), axis=1)
        repulsion = logsumexp(np.where(other, others, -np.inf), axis=1)
        return softplus(attraction + repulsion)

    def counted(self, y: Any, values: Any, p: Any = None) -> Any:
        """Those with another of their label and one of another; of the rest the loss is 0."""
        return unmasked(values > 0, super().counted(y, values, p))


@checked_keywords
def circle(
    y_true: Any,
    y_pred: Any,
    remove_diagonal: bool = True,
    gamma: float = 80.0,
    margin: float = 0.4,
) -> Any:
    """Circle without its mean over the batch: one value per sample."""
    return Circle(gamma, margin, remove_diagonal).samples(y_true, y_pred)
