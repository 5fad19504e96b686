"""What weights, or what layers give, cost in the loss: large ones are made small by training.

A regularizer is a function of a Tensor that gives one number, which is added to the loss. A layer
takes them as ``kernel_regularizer=``, ``bias_regularizer=`` and ``activity_regularizer=``; the last
is of its outputs, divided by the number of samples. ``layer.losses`` has them one by one.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Mapping
from typing import Any, Self, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.names import arguments_of, as_config, by_name, configured, made_with

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


class Regularizer(abc.ABC):
    """A cost of a weight. Subclass it and write ``__call__``, and ``get_config``.

    A function of a Tensor serves as well. Like a layer of your own it is run as it is written in
    every step, unless it says ``replayable``.

    Example      The square of the sum

    >>> import numpy as np
    >>> class SquareOfSum(Regularizer):
    ...     def __call__(self, x):
    ...         return x.sum() ** 2
    >>> from autograd_nn.layers import Dense
    >>> layer = Dense(1, kernel_initializer="ones", kernel_regularizer=SquareOfSum())
    >>> layer.build((None, 3))
    >>> print(layer.losses[0].item())
    9.0
    """

    @abc.abstractmethod
    def __call__(self, x: Any) -> Any:
        """One number."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer, as plain Python values."""
        return arguments_of(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new regularizer from what ``get_config`` gave."""
        return made_with(cls, config)

    def __repr__(self) -> str:
        return configured(self)


@final
class L1(Regularizer):
    """The sum of all sizes, which makes many weights 0.

    Formula      l1 · Σ |w|
    Parameters   l1: at least 0, default 0.01
    Example      0.01 · (|−3| + |4|) = 0.07

    >>> import numpy as np
    >>> print(round(float(L1()(np.array([-3.0, 4.0]))), 6))
    0.07
    """

    @checked_keywords
    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", l1)

    def __call__(self, x: Any) -> Any:
        return self.l1 * np.sum(np.abs(x))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer, as plain Python values."""
        return {"l1": self.l1}


@final
class L2(Regularizer):
    """The sum of all squares, which keeps weights small. (There is no half before it.)

    Formula      l2 · Σ w²
    Parameters   l2: at least 0, default 0.01
    Example      0.01 · (9 + 16) = 0.25

    >>> import numpy as np
    >>> print(L2()(np.array([-3.0, 4.0])))
    0.25
    """

    @checked_keywords
    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        return self.l2 * np.sum(np.square(x))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer, as plain Python values."""
        return {"l2": self.l2}


@final
class L1L2(Regularizer):
    """Both sums.

    Formula      l1 · Σ |w| + l2 · Σ w²
    Parameters   l1, l2: at least 0, default 0
    Example      0.1 · 7 + 0.01 · 25 = 0.95

    >>> import numpy as np
    >>> print(round(float(L1L2(0.1, 0.01)(np.array([-3.0, 4.0]))), 6))
    0.95
    """

    @checked_keywords
    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", l1)
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        return self.l1 * np.sum(np.abs(x)) + self.l2 * np.sum(np.square(x))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer, as plain Python values."""
        return {"l1": self.l1, "l2": self.l2}


@final
class OrthogonalRegularizer(Regularizer):
    """Have the rows (or columns) of a matrix point in different directions.

    Formula      factor · the mean over all pairs of rows of |cos of the angle between them|
    Shapes       w (I, O)
    Parameters   factor: at least 0, default 0.01
                 mode: "rows" or "columns"
    Raises       ShapeError for what is no matrix, or has one row only, which has no pair
    Example      Two equal rows have the cosine 1

    >>> import numpy as np
    >>> print(OrthogonalRegularizer(0.5)(np.array([[3.0, 4.0], [3.0, 4.0]])))
    0.5
    """

    @checked_keywords
    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ArgumentError(f"`mode` must be 'rows' or 'columns', got {mode!r}.")
        self.mode = mode

    def __call__(self, x: Any) -> Any:
        if np.ndim(x) != 2:
            raise ShapeError(
                "OrthogonalRegularizer takes a matrix, such as the kernel of a Dense layer, got "
                f"shape {np.shape(x)}."
            )
        rows = x if self.mode == "rows" else x.T
        size = len(rows)
        if size < 2:
            raise ShapeError(
                f"OrthogonalRegularizer compares {self.mode} with each other: there is one only in "
                f"the shape {np.shape(x)}."
            )
        # A row of zeros has no direction: its products are 0, and so are its gradients.
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        directions = rows / np.maximum(lengths, np.asarray(1e-12, x.dtype))
        others = 1 - np.eye(size, dtype=x.dtype)
        cosines = np.sum(np.abs((directions @ directions.T) * others))
        # Each pair stands there twice.
        return (self.factor / (size * (size - 1))) * cosines

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal regularizer, as plain Python values."""
        return {"factor": self.factor, "mode": self.mode}


# Keras's other names.
l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_BY_NAME: dict[str, type[Any]] = {
    **dict.fromkeys(("L1", "l1"), L1),
    **dict.fromkeys(("L2", "l2"), L2),
    **dict.fromkeys(("L1L2", "l1_l2", "l1l2"), L1L2),
    **dict.fromkeys(("OrthogonalRegularizer", "orthogonal_regularizer"), OrthogonalRegularizer),
}


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """The regularizer that ``identifier`` stands for, None for none.

    Parameters   identifier: a name such as "l2", a regularizer or its class, what ``serialize``
                 gave, or a function of a Tensor
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("l2")
    L2()
    """
    return by_name(identifier, "regularizer", _BY_NAME, L2)


def serialize(regularizer: Any) -> dict[str, Any]:
    """Name and arguments of a regularizer, which ``get`` reads."""
    return as_config(regularizer, Regularizer)


deserialize = get


def _factor(name: str, value: Any) -> float:
    return number_within(name, value, 0, math.inf, high_open=True)
