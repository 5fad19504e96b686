"""Which element of a Tensor an index names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.viz.graph import notation


def checked_place(t: Tensor, index: Any) -> tuple[int, ...]:
    """The place of one element, counted from the front on every axis, or what is wrong."""
    given = tuple(index) if isinstance(index, (tuple, list)) else (index,)
    if not all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in given):
        axes = "its axis" if t.ndim == 1 else f"each of its {t.ndim} axes"
        expected = f"an integer for {axes}" if t.ndim else "() for a number"
        raise ArgumentTypeError(
            f"`index` names one element of {described(t)}: {expected}, got {index!r:.80}."
        )
    if len(given) != t.ndim:
        many = "1 integer" if t.ndim == 1 else f"{t.ndim} integers"
        expected = f"{many}, one for each axis" if t.ndim else "()"
        raise ShapeError(
            f"`index` {notation.index(given)} is no element of {described(t)}: give {expected}."
        )
    for axis, (i, length) in enumerate(zip(given, t.shape, strict=True)):
        if not -length <= i < length:
            raise ArgumentError(
                f"`index` {notation.index(given)} is outside {described(t)}: "
                f"axis {axis} has the length {length}."
            )
    return tuple(int(i) % length for i, length in zip(given, t.shape, strict=True))
