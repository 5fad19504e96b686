"""Losses: how far predictions are from the truth, as one number to be made small.

Each is a class with Keras's arguments, called ``loss(y_true, y_pred)``, and a function in
snake_case that gives one value per sample. Arrays in, arrays out; a Tensor in, a recorded Tensor
out.
"""

from __future__ import annotations

import inspect
from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from autograd_nn.losses.loss import FunctionLoss, Loss
from autograd_nn.losses.regression import MeanAbsoluteError, MeanSquaredError
from autograd_nn.names import snake_case
from autograd_nn.targets import to_categorical

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquareError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
    "to_categorical",
]

MeanSquareError = MeanSquaredError


@checked_keywords
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of (y_pred − y_true)² over the last axis, one value per sample."""
    return MeanSquaredError().samples(y_true, y_pred)


@checked_keywords
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of |y_pred − y_true| over the last axis, one value per sample."""
    return MeanAbsoluteError().samples(y_true, y_pred)


@checked_keywords
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0
) -> Any:
    """BinaryCrossentropy without its mean over the batch: one value per sample."""
    return BinaryCrossentropy(from_logits, label_smoothing).samples(y_true, y_pred)


@checked_keywords
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0
) -> Any:
    """CategoricalCrossentropy without its mean over the batch: one value per sample."""
    return CategoricalCrossentropy(from_logits, label_smoothing).samples(y_true, y_pred)


@checked_keywords
def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False) -> Any:
    """SparseCategoricalCrossentropy without its mean over the batch: one value per sample."""
    return SparseCategoricalCrossentropy(from_logits).samples(y_true, y_pred)


# Each class with its function, and the other names that `get` knows it by.
_LOSSES: tuple[tuple[type[Loss], Any, tuple[str, ...]], ...] = (
    (BinaryCrossentropy, binary_crossentropy, ("bce", "BCE")),
    (CategoricalCrossentropy, categorical_crossentropy, ()),
    (SparseCategoricalCrossentropy, sparse_categorical_crossentropy, ()),
    (MeanSquaredError, mean_squared_error, ("mse", "MSE", "MeanSquareError")),
    (MeanAbsoluteError, mean_absolute_error, ("mae", "MAE")),
)
_BY_NAME = {
    name: kind
    for kind, _, others in _LOSSES
    for name in (kind.__name__, snake_case(kind.__name__), *others)
}
_OF_FUNCTION = {function: kind for kind, function, _ in _LOSSES}


def get(identifier: Any) -> Loss:
    """The loss that ``identifier`` stands for.

    Parameters   identifier: a name ("mse", "binary_crossentropy", "BinaryCrossentropy"), a loss,
                 its class, or a function of (y_true, y_pred)
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("mse")
    MeanSquaredError()
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str):
        found = _BY_NAME.get(identifier)
        if found is None:
            raise ArgumentError(
                f"There is no loss {identifier!r}.{suggestion(identifier, _BY_NAME)}"
            )
        return found()
    if inspect.isclass(identifier) and issubclass(identifier, Loss):
        return identifier()
    if hasattr(identifier, "update_state"):
        raise ArgumentTypeError(
            f"`loss` is a metric, {identifier!r}, which counts over batches and has no gradient: "
            "give a loss of autograd_nn.losses, or its name."
        )
    if callable(identifier) and not inspect.isclass(identifier):
        # By the class rather than by the function, so that a model's loss is fused with its head.
        kind = _OF_FUNCTION.get(identifier)
        return FunctionLoss(identifier) if kind is None else kind()
    raise ArgumentTypeError(
        "`loss` must be a name such as 'mse', a loss such as BinaryCrossentropy(), or a function "
        f"of (y_true, y_pred), got {identifier!r} of type {type(identifier).__name__}."
    )
