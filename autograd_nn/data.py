"""What goes into training: x, y and weights as arrays, checked before anything is changed."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.arrays import alone, as_array, cast, refuse_negative, refuse_not_finite
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.settings import floatx

Array = np.ndarray


class Data(NamedTuple):
    """Samples, their true values, and a weight for each (or None)."""

    x: Array
    y: Array
    weight: Array | None

    def rows(self, chosen: Any) -> Data:
        """Some of the samples."""
        weight = None if self.weight is None else self.weight[chosen]
        return Data(self.x[chosen], self.y[chosen], weight)


def as_inputs(x: Any, name: str = "x", axes: int | None = None) -> Array:
    """x as an array in ``floatx``, with at least one sample.

    Parameters   axes: how many x has for the model, None where it is not built yet
    """
    if x is None:
        raise ArgumentTypeError(f"`{name}` is missing (None): give an array of samples.")
    if type(x) is not Array:
        x = alone(x, axes)
        _refuse_several(x, name, axes)
    array = as_array(x, name, floatx())
    if array.ndim == 0:
        raise ShapeError(
            f"`{name}` must be an array of samples, got a 0-d input, a scalar of shape ()."
        )
    if len(array) == 0:
        raise ArgumentError(f"`{name}` is empty: 0 samples, shape {array.shape}.")
    return array


def _refuse_several(x: Any, name: str, axes: int | None) -> None:
    """Refuse a list of inputs where the model has one."""
    if axes is None or not isinstance(x, (list, tuple)):
        return
    if all(getattr(part, "ndim", 0) == axes for part in x) and x:
        raise ArgumentError(
            f"`{name}` is a {type(x).__name__} of {len(x)} arrays of samples, shapes "
            f"{', '.join(str(tuple(part.shape)) for part in x)}, and the model has one input. "
            "Give one array; np.concatenate puts the samples of several after one another."
        )


def as_data(
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: Any = None,
    prefix: str = "",
    axes: int | None = None,
) -> Data:
    """All of it as arrays of one length without NaN; floating point in ``floatx``.

    Parameters   axes: how many x has for the model, None where it is not built yet
    """
    if y is None:
        if isinstance(x, (list, tuple)) and len(x) in (2, 3) and hasattr(x[0], "shape"):
            raise ArgumentTypeError(
                f"`{prefix}x` is a {type(x).__name__} of {len(x)} arrays, and `{prefix}y` is "
                "missing: give x and y as arguments of their own, such as fit(x, y)."
            )
        as_inputs(x, f"{prefix}x", axes)
        raise ArgumentError(
            f"`{prefix}y` is missing (None): give the true values, one for each sample of "
            f"`{prefix}x`."
        )
    inputs = as_inputs(x, f"{prefix}x", axes)
    if isinstance(y, (list, tuple)) and len(y) == 1 and len(inputs) > 1:
        y = y[0]  # as x may be [x]
    targets = as_array(y, f"{prefix}y")
    if targets.ndim == 0 or len(targets) != len(inputs):
        has = f"{len(targets)} samples" if targets.ndim else "a single number"
        raise ArgumentError(
            f"`{prefix}x` has {len(inputs)} samples and `{prefix}y` has {has} "
            f"(shapes {inputs.shape} and {targets.shape}): they must have the same number."
        )
    refuse_not_finite(inputs, f"{prefix}x")
    if targets.dtype.kind == "f" and targets.dtype != floatx():
        targets = cast(targets, floatx(), f"{prefix}y")
    refuse_not_finite(targets, f"{prefix}y")
    if class_weight is not None and sample_weight is not None:
        raise ArgumentError(
            "`class_weight` and `sample_weight` cannot be given both: multiply the weights of the "
            "classes into `sample_weight`."
        )
    weight = None
    if sample_weight is not None:
        weight = _sample_weights(sample_weight, len(inputs))
    if class_weight is not None:
        weight = _class_weights(class_weight, targets)
    return Data(inputs, targets, weight)


def _sample_weights(value: Any, samples: int) -> Array:
    array = as_array(value, "sample_weight", floatx())
    if array.ndim == 0 or len(array) != samples:
        raise ShapeError(
            f"`sample_weight` of shape {array.shape} does not fit {samples} samples: "
            "give one weight for each sample."
        )
    refuse_not_finite(array, "sample_weight")
    refuse_negative(array, "sample_weight")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _class_weights(weights: Any, y: Array) -> Array:
    """One weight for each sample from {label: weight}; 1 for labels that are not named."""
    if not isinstance(weights, dict):
        raise ArgumentTypeError(
            f"`class_weight` must be a dict {{label: weight}}, got {type(weights).__name__}."
        )
    if y.ndim > 2:
        raise ShapeError(f"`class_weight` needs one label for each sample, y has shape {y.shape}.")
    labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
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


def split_off(data: Data, fraction: float) -> tuple[Data, Data]:
    """The first samples for training, the last for validation, in the order given."""
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
    return data.rows(slice(None, kept)), data.rows(slice(kept, None))


def as_validation(value: Any, axes: int | None = None) -> Data:
    """``validation_data`` as arrays: (x, y) or (x, y, sample_weight)."""
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise ArgumentTypeError(
            "`validation_data` must be a tuple (x, y) or (x, y, sample_weight), "
            f"got {type(value).__name__}{f' of {len(value)}' if hasattr(value, '__len__') else ''}."
        )
    weight = value[2] if len(value) == 3 else None
    return as_data(value[0], value[1], weight, prefix="validation ", axes=axes)
