"""What an initializer is, and how large a weight may be."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.names import arguments_of, made_with
from autograd_nn.settings import floatx

Shape = tuple[int, ...]

LARGEST = 8 * 2**30  # bytes; beyond what a laptop holds, and nobody asks for it by intention


class Initializer:
    """Makes the first values of a weight.

    A class of your own defines ``values``, or, as for Keras, ``__call__(self, shape, dtype=None)``.

    Example      The shape goes in, an array in ``floatx`` comes out:

    >>> from autograd_nn.initializers import Ones
    >>> Ones()((2, 3)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    def __call__(self, shape: Any, dtype: Any = None) -> np.ndarray:
        """Give an array of this shape, in ``floatx`` when no dtype is named."""
        chosen = dtype_of_numbers(floatx() if dtype is None else dtype)
        return self.values(check_size(shape, chosen), chosen)

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """Give an array of exactly this shape and dtype."""
        raise StateError(
            f"{type(self).__name__} does not say what it gives: write values(self, shape, dtype)."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer, by name."""
        return arguments_of(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Initializer:
        """Make an initializer from what ``get_config`` gave."""
        return made_with(cls, config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def check_size(shape: Any, dtype: Any) -> Shape:
    """Return the shape as a tuple of ints, or say why no array of it can be made.

    Raises       ValueError when an axis is negative or the array would take more than 8 GiB,
                 before any of it is allocated; TypeError when the shape is none
    """
    try:
        axes = [shape] if isinstance(shape, (int, np.integer)) else list(shape)
        sizes = tuple(operator.index(axis) for axis in axes)
    except TypeError:
        raise ArgumentTypeError(
            f"A shape must be a tuple of integers such as (64, 25), got {shape!r}."
        ) from None
    if any(size < 0 for size in sizes):
        raise ArgumentError(f"A shape has no negative axes, got shape {sizes}.")
    taken = math.prod(sizes) * np.dtype(dtype).itemsize
    if taken > LARGEST:
        amount = f"{taken / 2**40:,.1f} TiB" if taken >= 2**40 else f"{taken / 2**30:,.1f} GiB"
        raise ArgumentError(
            f"A weight of shape {sizes} in {np.dtype(dtype).name} would take {amount} of memory; "
            f"at most {LARGEST // 2**30} GiB are allowed. Use fewer units or a smaller input."
        )
    return sizes


def dtype_of_numbers(dtype: Any) -> np.dtype:
    """The dtype, if weights can have it."""
    try:
        chosen = np.dtype(dtype)
    except TypeError:
        raise ArgumentTypeError(f"`dtype` must name a NumPy dtype, got {dtype!r}.") from None
    if chosen.kind not in "fiu":
        raise ArgumentError(f"`dtype` must be a dtype of numbers, got {dtype!r}.")
    return chosen


def finite(name: str, value: object) -> float:
    """The value as a finite float."""
    return number_within(name, value, -math.inf, math.inf, low_open=True, high_open=True)
