"""Methods of arrays that are functions of NumPy: ``t.var(…)`` is ``np.var(t, …)``."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.binding import named
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor


def _method(name: str) -> Any:
    function = getattr(np, name)

    def method(self: Tensor, *args: Any, **keywords: Any) -> Any:
        return function(self, *args, **keywords)

    return named(method, name, f"``np.{name}`` of this Tensor.")


for _name in (
    "argpartition", "choose", "conj", "conjugate", "diagonal", "repeat", "round", "searchsorted",
    "std", "take", "trace", "var",
):  # fmt: skip
    setattr(Tensor, _name, _method(_name))


def _compress(self: Tensor, condition: Any, axis: Any = None) -> Any:
    """``np.compress`` of this Tensor."""
    return np.compress(condition, self, axis)


def _round(self: Tensor, ndigits: int = 0) -> Any:
    return np.round(self, ndigits)


def _view(self: Tensor, *dtype: Any) -> Any:
    """A Tensor of the same numbers; their bits as another dtype have no derivative."""
    if dtype and np.dtype(dtype[0]) != self.dtype:
        raise ArgumentTypeError(
            f"The bits of {self.dtype} seen as {dtype[0]} have no derivative. Use t.astype(dtype), "
            "or t.data.view(dtype) for plain numbers."
        )
    return np.positive(self)


Tensor.compress = _compress  # type: ignore[method-assign, assignment]
Tensor.view = _view  # type: ignore[method-assign, assignment]
Tensor.__round__ = _round  # type: ignore[method-assign, assignment]
Tensor.real = property(lambda self: np.positive(self), doc="The Tensor: its numbers are real.")
Tensor.flat = property(lambda self: self.ravel(), doc="All elements on one axis.")
Tensor.mT = property(lambda self: np.matrix_transpose(self), doc="The last two axes exchanged.")
