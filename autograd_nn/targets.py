"""What y may be: its shape beside the predictions, labels in range, labels as one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.arrays import as_array
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.observing import observed
from autograd_nn.engine.tensor import Tensor
from autograd_nn.settings import floatx

# How far rounding may carry a probability beyond 0 and 1.
_ROUNDING = 1e-5


@checked_keywords
def to_categorical(labels: Any, num_classes: int | None = None) -> np.ndarray:
    """Integer labels as one-hot rows.

    Shapes       labels (N,) or (N, 1) → (N, C)
    Parameters   labels: integers from 0 on
                 num_classes: C; None takes the largest label + 1
    Raises       ArgumentError for a label out of range, naming it and its place
    Example

    >>> to_categorical([0, 2], num_classes=3).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    array = integer_labels(as_array(labels, "labels"), "labels")
    if array.ndim > 1 and array.shape[-1] == 1:
        array = array[..., 0]
    if num_classes is None:
        if array.size == 0:
            raise ArgumentError("`num_classes` is needed where `labels` is empty.")
        num_classes = max(int(array.max()) + 1, 1)
    classes = positive_integer("num_classes", num_classes)
    check_labels(array, classes, "labels")
    return np.equal(array[..., None], np.arange(classes)).astype(floatx())


def aligned(
    y: Any, p: Any, names: tuple[str, str] = ("y_true", "y_pred"), strict: bool = True
) -> tuple[Any, Any]:
    """Give y and p one shape: (n,) beside (n, 1) is made equal, nothing is broadcast.

    Raises       ShapeError with both shapes
    """
    if y.shape == p.shape:
        return y, p
    if y.ndim == p.ndim + 1 and y.shape == (*p.shape, 1):
        return (y, p.reshape(y.shape)) if p.ndim == 1 else (y.reshape(p.shape), p)
    if p.ndim == y.ndim + 1 and p.shape == (*y.shape, 1):
        return (y.reshape(p.shape), p) if y.ndim == 1 else (y, p.reshape(y.shape))
    if not strict:
        return y, p
    raise ShapeError(
        f"`{names[0]}` of shape {y.shape} does not fit {_called(names[1])} of shape {p.shape}, and "
        f"nothing is broadcast.{_advice(y, p)}"
    )


def integer_labels(array: np.ndarray, name: str) -> np.ndarray:
    """Labels as integers; floating point where it holds whole numbers."""
    if array.dtype.kind in "iub":
        return array.astype(np.intp)
    whole = array == np.floor(array)
    if not whole.all():
        index = tuple(int(i) for i in np.argwhere(~whole)[0])
        raise ArgumentError(
            f"`{name}` must hold integer labels, got {array[index]} at index {index}."
        )
    return array.astype(np.intp)


def check_labels(labels: np.ndarray, classes: int, name: str) -> None:
    """Refuse labels outside of 0 … classes − 1."""
    if labels.size == 0 or (labels.min() >= 0 and labels.max() < classes):
        return
    bad = (labels < 0) | (labels >= classes)
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    advice = ""
    if classes == 1:
        advice = " With one output use BinaryCrossentropy, or give the last layer more units."
    elif labels.min() == 1 and labels.max() == classes:
        advice = f" Labels count from 0: write {name} - 1."
    raise ArgumentError(
        f"`{name}` has the label {int(labels[index])} at index {index}, but with {classes} "
        f"class{'es' if classes > 1 else ''} labels are 0 to {classes - 1}.{advice}"
    )


def are_fractions(array: np.ndarray) -> bool:
    """Whether all are from 0 to 1, up to rounding; NaN is not."""
    # Half the time of min() and max(), which go through Python first.
    return array.size == 0 or (
        array.item(array.argmin()) >= -_ROUNDING and array.item(array.argmax()) <= 1 + _ROUNDING
    )


def check_fractions(array: np.ndarray, name: str, advice: str) -> None:
    """Refuse what is outside of 0 … 1, beyond rounding."""
    if are_fractions(array):
        return
    bad = (array < -_ROUNDING) | (array > 1 + _ROUNDING)
    if not bad.any():  # NaN: neither inside nor outside
        return
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    raise ArgumentError(
        f"{_called(name)} must be from 0 to 1, got {array[index]} at index {index}. {advice}"
    )


def check_one_hot(y: Any, p: Any, names: tuple[str, str]) -> None:
    """Refuse integer labels where one-hot rows are wanted."""
    if p.ndim == 0:
        raise ShapeError(f"{_called(names[1])} must have an axis of classes, got a number.")
    classes = p.shape[-1]
    if y.shape != p.shape and (y.shape == p.shape[:-1] or y.shape == (*p.shape[:-1], 1)):
        raise ShapeError(
            f"`{names[0]}` of shape {y.shape} beside {_called(names[1])} of shape {p.shape} looks "
            f"like integer labels. Give one-hot rows, to_categorical({names[0]}, {classes}), or "
            "use SparseCategoricalCrossentropy (sparse_categorical_crossentropy)."
        )


def sparse_labels(
    y: Any,
    shape: tuple[int, ...],
    names: tuple[str, str],
    axis: int = -1,
    ignored: int | None = None,
) -> Any:
    """Integer labels in range; a Tensor stays one.

    Parameters   shape: that of the predictions; the labels have it without the axis of classes
                 ignored: a label that may also be out of range
    """
    given, y = y, np.asarray(y._data if isinstance(y, Tensor) else y)
    if not shape:
        raise ShapeError(f"{_called(names[1])} must have an axis of classes, got a number.")
    axis %= len(shape)
    classes, wanted = shape[axis], shape[:axis] + shape[axis + 1 :]
    if y.shape not in (wanted, (*wanted, 1), (*shape[:axis], 1, *shape[axis + 1 :])):
        advice = (
            " For one-hot rows use CategoricalCrossentropy."
            if y.shape == shape and classes > 1
            else f" Integer labels of shape {wanted} are expected."
        )
        raise ShapeError(
            f"`{names[0]}` of shape {y.shape} does not fit {_called(names[1])} of shape "
            f"{shape}.{advice}"
        )
    labels = integer_labels(y, names[0]).reshape(wanted)
    asked = labels if ignored is None else np.where(labels == ignored, 0, labels)
    check_labels(asked, classes, names[0])
    if not isinstance(given, Tensor):
        return labels
    given = given if given.dtype == labels.dtype else given.astype(labels.dtype)
    return given if given.shape == labels.shape else given.reshape(labels.shape)


def weights_for(samples: Any, weight: Any) -> Any:
    """Sample weights in a shape that multiplies the losses of the samples, one weight each."""
    # A Tensor stays one, so that a recording shows what its values are used for.
    array = weight if type(weight) is Tensor else as_array(weight, "sample_weight")
    if array.dtype != samples.dtype:
        array = array.astype(samples.dtype)
    shape = samples.shape
    if array.ndim == 0 or array.shape == shape:
        return array
    if array.ndim == len(shape) + 1 and array.shape == (*shape, 1):
        return array.reshape(shape)
    trimmed = array.shape[:-1] if array.shape[-1:] == (1,) and array.ndim > 1 else array.shape
    if len(trimmed) < len(shape) and trimmed == shape[: len(trimmed)]:
        return array.reshape(trimmed + (1,) * (len(shape) - len(trimmed)))
    raise ShapeError(
        f"`sample_weight` of shape {array.shape} does not fit losses of shape {shape}: "
        "give one weight for each sample."
    )


def as_prediction(value: Any, name: str) -> Any:
    """A Tensor as it is, anything else as an array in floating point."""
    if type(value) is Tensor:
        if value._data.dtype.kind == "f" or not _stands_for_array(value):
            return value
        return value.astype(np.float64)
    array = as_array(value, name)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def as_target(value: Any, like: Any, name: str) -> Any:
    """A Tensor as it is, anything else as an array in the dtype of the predictions."""
    if value is None:
        raise ArgumentTypeError(f"`{name}` is missing (None): give the true values.")
    if type(value) is Tensor:
        if value.dtype == like.dtype or not _stands_for_array(value):
            return value
        return value.astype(like.dtype)
    array = as_array(value, name)
    return array if array.dtype is like.dtype else array.astype(like.dtype)


def _stands_for_array(tensor: Tensor) -> bool:
    """Whether an array is here where nobody observes what is done."""
    observer = observed()
    return observer is not None and observer.has_array(tensor)


def _called(name: str) -> str:
    """`y_pred` is an argument, "the output of the model" is not."""
    return f"`{name}`" if name.isidentifier() else name


def _advice(y: Any, p: Any) -> str:
    if y.ndim == 1 and p.ndim == 2 and p.shape[0] == y.shape[0]:
        return (
            f" For labels of {p.shape[1]} classes use SparseCategoricalCrossentropy; for one value "
            "per sample give the last layer 1 unit."
        )
    if y.ndim == p.ndim == 2 and y.shape[0] == p.shape[0]:
        return f" Give the last layer {y.shape[1]} units, or y {p.shape[1]} columns."
    return ""
