"""How the answers of a model are read as classes, where they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Decisions(NamedTuple):
    """Which class an answer names, and how clearly.

    names     of the classes
    targets   the class of every sample, as a place among the names
    read      answers -> (winner, share): for each the place of the class that it names, −1 where it
              is not finite, and 0 (undecided) … 1, by how much that class is ahead of the next
    """

    names: list[str]
    targets: Any
    read: Callable[[Any], tuple[Any, Any]]


def decisions(y: Any, shape: tuple[int, ...], from_logits: bool) -> Decisions | None:
    """How answers of this shape to samples with these true values are read as classes.

    None where they are numbers.
    """
    classes = shape[-1] if len(shape) > 1 else 1
    if classes == 1:
        return _of_one(y, from_logits) if y.size == math.prod(shape) else None
    targets = _targets(y, shape, classes)
    if targets is None:
        return None
    names = [str(place) for place in range(classes)]
    return Decisions(names, targets, lambda found: _largest(found, classes, from_logits))


def _targets(y: Any, shape: tuple[int, ...], classes: int) -> Any:
    """The class of every sample, of labels or of rows with a single 1; None for other numbers."""
    if y.size * classes == math.prod(shape):
        labels = y.ravel()
        is_class = (labels == np.floor(labels)) & (labels >= 0) & (labels < classes)
        return labels.astype(int) if is_class.all() else None
    rows = y.reshape(-1, classes) if y.shape == shape else np.zeros((1, classes))
    one_hot = np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all()
    return rows.argmax(axis=1) if one_hot else None


def _largest(answers: Any, classes: int, from_logits: bool) -> tuple[Any, Any]:
    rows = answers.reshape(-1, classes).astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    rows = np.where(finite[:, None], rows, 0)
    if from_logits:
        rows = np.exp(rows - rows.max(axis=1, keepdims=True))
        rows /= rows.sum(axis=1, keepdims=True)
    second, first = np.partition(rows, -2, axis=1)[:, -2:].T
    return np.where(finite, rows.argmax(axis=1), -1), np.clip(first - second, 0, 1)


def _of_one(y: Any, from_logits: bool) -> Decisions | None:
    """Of a single answer: labels 0 and 1 with the middle between them, or −1 and 1."""
    labels = y.ravel()
    low = next((low for low in (0, -1) if np.isin(labels, (low, 1)).all()), None)
    if low is None:
        return None
    middle = (low + 1) / 2

    def read(answers: Any) -> tuple[Any, Any]:
        found = answers.ravel().astype(np.float64)
        finite = np.isfinite(found)
        found = np.where(finite, found, middle)
        # Of a logit z the share 2·σ(z) − 1 is tanh(z / 2).
        ahead = np.tanh(found / 2) if from_logits else (found - middle) / (1 - middle)
        winner = np.where(finite, ahead > 0, -1)
        return winner, np.clip(np.abs(ahead), 0, 1)

    return Decisions([str(low), "1"], (labels == 1).astype(int), read)
