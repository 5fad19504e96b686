"""What cannot become a program, or part of one: the errors that say so."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, ShapeError, StateError
from autograd_nn.engine.tensor import Tensor, described


class NotTraceable(ArgumentTypeError):
    """What is done to a value depends on the numbers in it, or cannot be written down."""


class NoSource(StateError):
    """A function that cannot be written into a program."""


class Unreached(AutogradError):
    """Parameters on which the loss does not depend were laid out with the others."""

    def __init__(self, tensors: list[Tensor]) -> None:
        super().__init__(f"The loss does not depend on {', '.join(map(described, tensors))}.")
        self.tensors = tensors


def untraceable_update(optimizer: Any, reason: str) -> NotTraceable:
    """What is said of an optimizer whose rule is no list of steps."""
    return NotTraceable(
        f"The update of {type(optimizer).__name__} cannot become part of a program: {reason} "
        "Use optimizer.apply_gradients with the gradients that a program gives."
    )


def check_shape(node: Tensor, found: Any) -> None:
    """Refuse a recording that with the data as they are now has other shapes."""
    for before, after in zip(_results(node._data), _results(found), strict=True):
        if np.shape(before) != np.shape(after):
            raise ShapeError(
                f"{described(node)} gives shape {np.shape(after)} with the data as they are now: a "
                "mask chooses another number of elements than when it was recorded. Record anew, "
                "or multiply by the mask."
            )


def _results(data: Any) -> tuple[Any, ...]:
    return data if type(data) is tuple else (data,)
