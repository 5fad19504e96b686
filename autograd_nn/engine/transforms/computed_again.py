"""Functions that are computed a second time for their gradient: they must do the same again."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.tensor import Tensor

_WAY = "Draw outside of it, and give what was drawn as an argument."


class without_draws(undone):
    """Refuse what draws from a generator of this library inside: the second time others came."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        super().__init__(unless=lambda: True)
        self._name = name

    def __exit__(self, kind: Any, *rest: object) -> None:
        super().__exit__(kind, *rest)
        if kind is None and any(isinstance(x, np.random.Generator) for x in self.changed):
            raise ArgumentTypeError(
                f"{self._name} draws random numbers. It is computed again for its gradient, and "
                f"would draw others there. {_WAY}"
            )


def check_same(name: str, before: Any, now: Any) -> None:
    """Refuse a second result that is not the first one, up to rounding."""
    if isinstance(before, (tuple, list)):
        for each in zip(before, now, strict=False):
            check_same(name, *each)
        return
    first, second = (x._data if type(x) is Tensor else x for x in (before, now))
    if not all(
        type(x) is np.ndarray or isinstance(x, (np.floating, float)) for x in (first, second)
    ):
        return  # others, such as symbols, have no numbers to compare
    first, second = np.asarray(first), np.asarray(second)
    if first.shape == second.shape:
        if (first == second).all():
            return
        if first.dtype.kind == "f":
            near = np.finfo(first.dtype).eps ** 0.5
            size = np.max(np.abs(first), initial=0.0, where=np.isfinite(first))
            if np.allclose(first, second, rtol=near, atol=near * size, equal_nan=True):
                return
    raise StateError(
        f"{name} gave other numbers when it was computed again for its gradient, as what draws "
        f"random numbers does, or what changes something. {_WAY}"
    )
