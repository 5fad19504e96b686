"""Initializers that draw nothing: constants, the identity, values that the user gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.initializers.initializer import Initializer, Shape, finite


class Constant(Initializer):
    """The same number everywhere, or the same numbers along the last axes.

    Parameters   value: the number, default 0.0; or numbers, of a shape that NumPy broadcasts
    """

    @checked_keywords
    def __init__(self, value: Any = 0.0) -> None:
        if isinstance(value, (list, tuple, np.ndarray)):
            numbers = np.asarray(value)
            if numbers.dtype.kind not in "fiub" or not np.isfinite(numbers).all():
                raise ArgumentTypeError(f"`value` must be finite numbers, got {value!r}.")
            self.value = numbers.tolist()
        else:
            self.value = finite("value", value)

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        try:
            return np.broadcast_to(np.asarray(self.value, dtype), shape).copy()
        except ValueError:
            raise ShapeError(
                f"`value` of shape {np.shape(self.value)} does not fit a weight of shape {shape}."
            ) from None


class Zeros(Initializer):
    """Zero everywhere, the usual start of a bias."""

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """One everywhere."""

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        return np.ones(shape, dtype)


class Identity(Initializer):
    """The identity matrix times a number: a layer that passes its input on.

    Formula      W[i, j] = gain where i = j, else 0
    Parameters   gain: the number on the diagonal, default 1.0
    Raises       ValueError for a shape that is not (rows, columns)
    """

    @checked_keywords
    def __init__(self, gain: float = 1.0) -> None:
        self.gain = finite("gain", gain)

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(f"Identity makes a matrix; a weight of shape {shape} is none.")
        return np.eye(*shape, dtype=dtype) * dtype.type(self.gain)


class FromArray(Initializer):
    """The values of an array that the user gave."""

    def __init__(self, value: Any) -> None:
        self.value = np.array(value)

    def get_config(self) -> dict[str, Any]:
        """The values, as nested lists."""
        return {"value": self.value.tolist()}

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        return _of_shape(self.value, shape, "The array given as initializer").astype(dtype)


class FromFunction(Initializer):
    """The values that a function of shape and dtype gives."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        given = np.asarray(self.function(shape, dtype))
        return _of_shape(given, shape, f"The result of the initializer {name}").astype(dtype)


def _of_shape(array: np.ndarray, shape: Shape, what: str) -> np.ndarray:
    """The array, if it has the shape of the weight that it is for."""
    if array.shape != shape:
        raise ShapeError(f"{what} has shape {array.shape}; the weight has shape {shape}.")
    return array
