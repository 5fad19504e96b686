"""How functions of NumPy and of ``keras.ops`` are called by TensorFlow's names and arguments."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import RECORDED, convert_to_tensor, raw
from autograd_nn.engine.errors import suggestion
from autograd_nn.engine.tensor import Tensor

# TensorFlow's names of inputs that come first, where all are given by name.
_FIRST = ("x", "a", "params", "tensor", "matrix", "labels", "predictions", "targets", "input")


class Family(SimpleNamespace):
    """The names of one of TensorFlow's modules; what is not there is answered with the nearest."""

    def __init__(self, module: str, **names: Any) -> None:
        super().__init__(**names)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        known = [key for key in vars(self) if not key.startswith("_")]
        near = suggestion(name, known)
        raise AttributeError(f"There is no {name!r} of TensorFlow's {self._module} here.{near}")


def of(compute: Callable[..., Any], inputs: int = 1) -> Any:
    """A function of so many inputs, which come first; ``name=``, for graphs, says nothing here."""

    def call(*arguments: Any, name: str | None = None, **options: Any) -> Any:
        missing = list(options)[: max(0, inputs - len(arguments))]  # inputs that are given by name
        missing.sort(key=lambda key: key not in _FIRST)
        arguments = (*arguments, *(options.pop(key) for key in missing))
        first = [raw(x) for x in arguments[:inputs]]
        if not any(isinstance(x, RECORDED) for x in first):
            first = [convert_to_tensor(x) for x in first]
        found = compute(*first, *arguments[inputs:], **options)
        if isinstance(found, (list, tuple)):
            return [convert_to_tensor(part) for part in found]
        return convert_to_tensor(found)

    return call


def reduction(compute: Callable[..., Any]) -> Any:
    """A function along axes, which may be a list."""

    def along(x: Tensor, axis: Any = None, keepdims: Any = False) -> Any:
        return compute(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return of(along)


def named(names: str, inputs: int = 1) -> dict[str, Any]:
    """{name: function}; as NumPy has them, and "asin=arcsin" where TensorFlow has other names."""
    pairs = (name.split("=") for name in names.split())
    return {pair[0]: of(getattr(np, pair[-1]), inputs) for pair in pairs}


def running(total: Callable[..., Any], start: float) -> Any:
    """Sums or products up to each place along an axis, by default the first.

    Parameters   exclusive: up to the place before, and ``start`` at the first
                 reverse: from the last place on
    """

    def along(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Any:
        x = np.flip(x, axis) if reverse else x
        found = total(x, axis=axis)
        if exclusive:
            ends = np.full_like(np.take(x, [0], axis), start)
            before = np.take(found, np.arange(x.shape[axis] - 1), axis)
            found = np.concatenate([ends, before], axis)
        return np.flip(found, axis) if reverse else found

    return of(along)
