"""The part of the samples that is only evaluated: the last ones, or the last of every class."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd_nn.data import Data
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.several import Several

Array = np.ndarray


def split_off(
    data: Data,
    fraction: Any,
    stratify: bool = False,
    again: list[Callable[[], None]] | None = None,
) -> tuple[Data, Data]:
    """Samples for training and for validation, both in the order given.

    Parameters   stratify: take the last of every class, as many as its share
                 again: see `Form`
    """
    fraction = number_within("validation_split", fraction, 0, 1, low_open=True, high_open=True)
    samples = len(data.x)
    # The part that is kept is rounded down, as in Keras.
    kept = math.floor(samples * (1 - fraction))
    if kept == 0 or samples * fraction < 1:
        empty = "training" if kept == 0 else "validation"
        raise ArgumentError(
            f"`validation_split`={fraction!r} of {samples} samples leaves 0 samples for {empty} "
            "(empty). Choose another fraction, or give validation_data."
        )
    labels = _labels(data.y)
    if stratify:
        chosen = _last_of_every_class(_as_labels(labels, data.y), samples - kept)
        places = np.flatnonzero(~chosen), np.flatnonzero(chosen)
        parts = data.part(places[0]), data.part(places[1])
        if again is not None:
            again += [partial(_take_again, data, *one) for one in zip(parts, places, strict=True)]
        return parts
    if labels is not None:
        _warn_of_sorted_labels(labels, kept, fraction)
    return data.part(slice(None, kept)), data.part(slice(kept, None))


def _take_again(data: Data, part: Data, places: Array) -> None:
    for name, copy in part.named().items():
        if type(copy) is Array:
            copy[...] = data.named()[name][places]


def _labels(y: Any) -> Array | None:
    """The class of every sample, None where y holds none: measured values, several outputs."""
    if type(y) is not Array:
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        is_one_hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if is_one_hot else None
    if y.size != len(y):
        return None
    labels = y.reshape(len(y))
    return labels if labels.dtype.kind in "iub" or (labels == np.floor(labels)).all() else None


def _as_labels(labels: Array | None, y: Any) -> Array:
    if labels is not None:
        return labels
    got = "several outputs" if type(y) is Several else f"{y.dtype} of shape {y.shape}"
    raise ArgumentError(
        "`stratify`=True takes some of every class for validation, so it needs `y` in memory with "
        f"one label for each sample, whole numbers or one-hot rows, got {got}. Leave it out, or "
        "give validation_data."
    )


def _last_of_every_class(labels: Array, wanted: int) -> Array:
    """Which samples are for validation: so many in all, of every class its share, at least one."""
    classes, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        raise ArgumentError(
            f"`stratify`=True needs two samples of every class, one to train on and one to "
            f"evaluate, and `y` has the label {classes[counts.argmin()]} once."
        )
    if not len(classes) <= wanted <= len(labels) - len(classes):
        raise ArgumentError(
            f"`stratify`=True wants samples of all {len(classes)} classes in both parts, and "
            f"`validation_split` gives {wanted} of {len(labels)} samples for validation. Choose "
            "another fraction."
        )
    shares = counts * (wanted / len(labels))
    taken = np.clip(np.floor(shares), 1, counts - 1).astype(int)
    while (missing := wanted - taken.sum()) != 0:
        step = 1 if missing > 0 else -1
        can_move = taken < counts - 1 if missing > 0 else taken > 1
        taken[np.where(can_move, (shares - taken) * step, -np.inf).argmax()] += step
    by_class = codes.argsort(kind="stable")
    chosen = np.zeros(len(labels), bool)
    for end, count in zip(np.cumsum(counts), taken, strict=True):
        chosen[by_class[end - count : end]] = True
    return chosen


def _warn_of_sorted_labels(labels: Array, kept: int, fraction: float) -> None:
    """Where the last samples are of other classes than the first, because y is sorted."""
    last = labels[kept:]
    if len(last) < 2:
        return
    same = labels == last[0]
    changes = np.count_nonzero(labels[1:] != labels[:-1])
    is_sorted = 0 < changes < len(labels) // 2 and changes + 1 == len(np.unique(labels))
    if same[kept:].all() and not same.all() and (is_sorted or same.mean() ** len(last) < 0.01):
        # Where nearly all are of one class, a few may be so by chance.
        told = f"all of them have the label {last[0]:g}"
    elif is_sorted:
        unseen = sorted(set(last.tolist()) - set(labels[:kept].tolist()))
        of = f", and {unseen[-1]:g} among them is never trained on" if unseen else ""
        told = f"y is sorted: their labels are {last.min():g} to {last.max():g}{of}"
    else:
        return
    warn_outside(
        f"`validation_split`={fraction:g} takes the last {len(last)} of {len(labels)} samples, and "
        f"{told}. Give stratify=True, which takes the last of every class, or bring x and y into a "
        "random order first.",
    )
