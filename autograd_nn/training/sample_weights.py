"""One weight for each sample, of those that are given for samples or for classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.arrays import BLOCK, as_array, cast, refuse_negative, refuse_not_finite
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.settings import floatx
from autograd_nn.several import Several, by_name
from autograd_nn.unread import Unread, from_elsewhere

Array = np.ndarray


def weights_of_samples(
    value: Any, targets: Any, copied: Callable[[Array, Any], Any] = lambda array, given: array
) -> Any:
    """One weight for each sample; where there are several outputs, for each of them.

    Parameters   copied: is told what an array may be a copy of; see `Form`
    """
    if type(targets) is not Several:
        if isinstance(value, (list, tuple)) and len(value) == 1 and len(targets) > 1:
            value = value[0]
        return _sample_weights(value, len(targets), "sample_weight", copied)
    names = targets.names
    if isinstance(value, dict):
        value = {name: np.ones(len(targets)) for name in names} | value
    elif not isinstance(value, (list, tuple)) or not hasattr(value[0], "__len__"):
        value = [value] * len(names)
    return Several(names, [
        _sample_weights(one, len(targets), f"sample_weight[{name!r}]", copied)
        for one, name in zip(by_name(value, names, "sample_weight", "outputs"), names, strict=True)
    ])  # fmt: skip


def _sample_weights(
    value: Any, samples: int, name: str, copied: Callable[[Array, Any], Any]
) -> Array:
    array = as_array(from_elsewhere(value, name, False), name, floatx())
    if array.ndim == 0 or len(array) != samples:
        raise ShapeError(
            f"`{name}` of shape {array.shape} does not fit {samples} samples: "
            "give one weight for each sample."
        )
    refuse_not_finite(array, name)
    refuse_negative(array, name)
    copied(array, value)
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def weights_of_classes(weights: Any, y: Array) -> Array:
    """One weight for each sample from {label: weight}; 1 for labels that are not named."""
    if not isinstance(weights, dict):
        raise ArgumentTypeError(
            f"`class_weight` must be a dict {{label: weight}}, got {type(weights).__name__}."
        )
    if y.ndim > 2:
        raise ShapeError(f"`class_weight` needs one label for each sample, y has shape {y.shape}.")
    labels = _labels(y)
    result = np.ones(len(y), floatx())
    for label, weight in weights.items():
        if not isinstance(label, (int, float, np.number, np.bool_)):
            raise ArgumentTypeError(
                f"`class_weight` must be a dict {{label: weight}} with labels as in y, which are "
                f"numbers, got the label {label!r} of type {type(label).__name__}."
            )
        weight = number_within(f"class_weight[{label!r}]", weight, 0, math.inf, high_open=True)
        result[labels == label] = cast(np.array(weight), floatx(), f"class_weight[{label!r}]")
    return result


def _labels(y: Any) -> Array:
    if type(y) is Unread:
        return np.concatenate([_labels(y[first:end]) for first, end in y.pieces(BLOCK)])
    return y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))


def warn_of_absent_labels(class_weight: dict[Any, Any], y: Array) -> None:
    """Where labels get a weight that no sample has: a slip, or labels of another kind."""
    absent = [label for label in class_weight if not (_labels(y) == label).any()]
    if absent:
        there = np.unique(_labels(y))
        shown = ", ".join(f"{label:g}" for label in there[:10]) + (", …" if len(there) > 10 else "")
        warn_outside(
            f"`class_weight` names the label {', '.join(map(repr, absent))}, which no sample has: "
            f"the labels in y are {shown}. It weighs nothing.",
        )
