"""Between the classes of a classifier and what the network learns and gives."""

from __future__ import annotations

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ShapeError, StateError
from autograd_nn.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalHinge,
    Hinge,
    Loss,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    to_categorical,
)
from autograd_nn.ops import sigmoid, softmax

Array = np.ndarray

# Their outputs lie around 0, as those before a sigmoid do.
_MARGINS = (Hinge, SquaredHinge, CategoricalHinge)

# How far rounding takes a probability out of [0, 1].
_ROUNDING = 1e-3


def ends_for(classes: int, loss: Loss) -> tuple[int, str | None]:
    """How many outputs a network has that learns classes by this loss, and what follows them."""
    binary = isinstance(loss, (BinaryCrossentropy, BinaryFocalCrossentropy, Hinge, SquaredHinge))
    outputs = 1 if binary and classes == 2 else classes
    if isinstance(loss, _MARGINS) or getattr(loss, "from_logits", False):
        return outputs, None
    return outputs, "sigmoid" if binary else "softmax"


def targets_of(codes: Array, classes: int, loss: Loss, output_shape: tuple[int, ...]) -> Array:
    """The true values that a loss compares with outputs of this shape.

    One output is of two classes and learns 0 and 1. With one output for each class, the sparse
    cross-entropy learns the number of the class, every other loss a column of 0 and 1 for each.

    Parameters   codes: the numbers of the classes, 0, 1, …, of the samples
                 output_shape: without the axis of the samples
    """
    if len(output_shape) > 1 or (output_shape or (1,)) != (1,) and output_shape != (classes,):
        raise ShapeError(
            f"`model` gives outputs of shape (N, {', '.join(map(str, output_shape))}) and `y` has "
            f"{classes} classes: its last layer must have {classes} units"
            f"{', or 1 with a sigmoid' if classes == 2 else ''}. A function may count them: "
            "def build(X, y) is given y with a column for each class."
        )
    if is_one(output_shape):
        if classes != 2:
            raise ArgumentError(
                f"`model` has 1 output, which tells 2 classes apart, and `y` has {classes} "
                f"classes: its last layer must have {classes} units."
            )
        return codes.reshape(-1, *output_shape)
    if isinstance(loss, SparseCategoricalCrossentropy):
        return codes
    columns: Array = to_categorical(codes, classes)
    return columns


def is_one(output_shape: tuple[int, ...]) -> bool:
    """Whether there is one output, of two classes."""
    return output_shape in ((), (1,))


def most_likely(outputs: Array, loss: Loss) -> Array:
    """The number of the class for each sample."""
    if not is_one(outputs.shape[1:]):
        return outputs.argmax(axis=1)
    middle = 0 if getattr(loss, "from_logits", False) or isinstance(loss, _MARGINS) else 0.5
    return (outputs.reshape(-1) > middle).astype(int)


def probabilities(outputs: Array, loss: Loss) -> Array:
    """A row for each sample that adds up to 1.

    Raises       StateError where the outputs are no probabilities
    """
    one = is_one(outputs.shape[1:])
    if getattr(loss, "from_logits", False):
        outputs = sigmoid(outputs) if one else softmax(outputs)
    if isinstance(loss, _MARGINS) or outputs.min() < -_ROUNDING or outputs.max() > 1 + _ROUNDING:
        raise StateError(
            f"The outputs of the model are no probabilities, from {outputs.min():.3g} to "
            f"{outputs.max():.3g}: its last layer needs activation='softmax' (or 'sigmoid'), or "
            "the loss from_logits=True."
        )
    if one:
        outputs = outputs.reshape(-1, 1)
        outputs = np.concatenate([1 - outputs, outputs], axis=1)
    total = outputs.sum(axis=1, keepdims=True)
    # Sigmoids, one for each class, may all say no.
    even = np.full_like(outputs, 1 / outputs.shape[1])
    return np.divide(outputs, total, out=even, where=total > 0)


def places(y: Array, columns: Array) -> Array:
    """The numbers of the columns in which a 1 stands.

    Parameters   columns: the identity matrix, a row for each class
    """
    if y.shape != (len(y), len(columns)):
        raise ShapeError(
            f"`y` has the shape {y.shape}, and this classifier was begun with rows of "
            f"{len(columns)}, a column for each class."
        )
    found: Array = y.argmax(axis=1)
    if not np.array_equal(y, columns[found]):
        raise ArgumentError(
            f"`y` of shape {y.shape} must hold labels, or rows with a single 1 in the column of "
            "the class. Samples of several classes at once, or of none, are for Model.fit."
        )
    return found
