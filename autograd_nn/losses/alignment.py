"""The loss of a sequence of labels beside a longer sequence of predictions."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.losses.loss import BY_HAND, FormulaLoss
from autograd_nn.ops import log_softmax, logsumexp
from autograd_nn.targets import as_prediction, as_target, check_labels, integer_labels

# The logarithm of 0, as a number whose differences are numbers.
_NEVER = -1e30


@final
class CTC(FormulaLoss):
    """Minus the logarithm of the probability that the predictions spell the labels.

    At every step one class is predicted, 0 meaning none ("blank"). Repeated classes count once,
    unless a 0 stands between, and zeros are left out: 0 3 3 0 3 spells 3 3.

    Formula      −log Σ Π_t softmax(z_t)[s_t] over all sequences s that spell the labels, by a
                 recurrence over the steps (Graves and others, 2006)
    Shapes       y (N, L), classes from 1 on, filled up with 0 at the end · p (N, T, C), logits
    Parameters   see Loss
    Raises       ArgumentError for labels out of range, and for a 0 before a label
    Example      of two steps over the classes 0 and 1, all alike, three of four spell 1

    >>> print(f"{CTC()([[1]], [[[0.0, 0.0], [0.0, 0.0]]]):.6f}")
    0.287682
    """

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """y as integers in range, as many rows as p has."""
        p = self.typed(as_prediction(y_pred, names[1]))
        y = as_target(y_true, p, names[0])
        if p.ndim != 3 or y.ndim != 2 or len(y) != len(p):
            raise ShapeError(
                f"CTC takes labels of shape (N, L) and logits of shape (N, T, C), got "
                f"`{names[0]}` of shape {y.shape} and {names[1]} of shape {p.shape}."
            )
        labels = integer_labels(np.asarray(getattr(y, "_data", y)), names[0])
        check_labels(labels, p.shape[-1], names[0])
        late = (labels[:, :-1] == 0) & (labels[:, 1:] != 0)
        if late.any():
            row, place = (int(i) for i in np.argwhere(late)[0])
            raise ArgumentError(
                f"`{names[0]}` has a 0 before a label, at index {(row, place)}: 0 means no class, "
                "and fills up the end of a row. Number the classes from 1 on."
            )
        return y, p

    def formula(self, y: Any, p: Any) -> Any:
        """One number for each row."""
        chances, may_skip, ends = self._places(y, p)
        samples, places = chances.shape[0], chances.shape[2]
        never = np.full((samples, 2), _NEVER, p.dtype)
        start = np.where(np.arange(places) < 2, 0, _NEVER).astype(p.dtype)
        # The logarithm of the probability of having come to each place by each step.
        at = chances[:, 0] + start
        for step in range(1, p.shape[1]):
            from_before = np.concatenate([never[:, :1], at[:, :-1]], axis=1)
            past_none = np.concatenate([never, at[:, :-2]], axis=1) + may_skip
            at = logsumexp(np.stack([at, from_before, past_none]), axis=0) + chances[:, step]
        return -logsumexp(at + ends, axis=1)

    def _places(self, y: Any, p: Any) -> tuple[Any, Any, Any]:
        """The places none, label 1, none, label 2, …, none of each row: the logarithms of their
        probabilities at every step, and where one may skip a none or end, 0 or nearly −∞."""
        samples, length = y.shape
        classes = p.shape[-1]
        kinds = np.arange(classes)
        none = np.broadcast_to((kinds == 0).astype(p.dtype), (samples, 1, classes))
        rows = (y[..., None] == kinds).astype(p.dtype)
        pairs = np.stack([rows, np.broadcast_to(none, rows.shape)], axis=2)
        pairs = np.reshape(pairs, (samples, 2 * length, classes))
        each = np.concatenate([none, pairs], axis=1)
        chances = log_softmax(p) @ np.swapaxes(each, 1, 2)
        differ = np.where(y[:, 1:] != y[:, :-1], 0, _NEVER).astype(p.dtype)
        never = np.full((samples, length), _NEVER, p.dtype)
        by_label = np.stack([never, np.concatenate([never[:, :1], differ], axis=1)], axis=2)
        by_label = np.reshape(by_label, (samples, 2 * length))
        may_skip = np.concatenate([by_label, never[:, :1]], axis=1)
        last = 2 * np.sum((y != 0).astype(p.dtype), axis=1)[:, None]
        place = np.arange(2 * length + 1)
        ends = np.where((place == last) | (place == last - 1), 0, _NEVER).astype(p.dtype)
        return chances, may_skip, ends


@checked_keywords
def ctc(y_true: Any, y_pred: Any) -> Any:
    """CTC without its mean over the batch: one value per sample."""
    return CTC().samples(y_true, y_pred)
