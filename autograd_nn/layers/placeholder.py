"""Placeholder: the inputs of a functional model, and what is computed from them, without values."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError


class Placeholder(np.lib.mixins.NDArrayOperatorsMixin):
    """A shape and a dtype, and the call of a layer that it comes out of.

    Layers, operators, NumPy's functions and ``ops`` take it, and give placeholders; ``Model`` makes
    a network of everything between some of them and others.

    Parameters   shape: with None for lengths that are not known, the number of samples first
                 call, place: the call that gives it, and where among its results
    Example

    >>> from autograd_nn.layers import Dense, Input
    >>> (Dense(3)(Input((2,))) * 2).shape
    (None, 3)
    """

    __slots__ = ("call", "dtype", "place", "shape")

    def __init__(self, shape: Any, dtype: Any, call: Any, place: int) -> None:
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.call = call
        self.place = place

    @property
    def name(self) -> str:
        """The name of the layer that it comes out of."""
        name: str = self.call.layer.name
        return name

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<Placeholder shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    # ------------------------------------------------------------------ what is computed from it

    def apply_operation(
        self, operation: Any, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """An operation of the engine: it is noted, to be applied when values come."""
        return self.call.computed(operation, inputs, attributes)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.call.computed(function, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return self.call.computed(function, args, keywords)

    def __getitem__(self, index: Any) -> Any:
        return self.call.computed(item, (self, index), {})

    # ------------------------------------------------------------------ what needs values

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise _no_value(self, "an array")

    def __bool__(self) -> NoReturn:
        raise _no_value(self, "true or false")

    def __float__(self) -> NoReturn:
        raise _no_value(self, "a number")

    def __int__(self) -> NoReturn:
        raise _no_value(self, "a number")

    def __index__(self) -> NoReturn:
        raise _no_value(self, "an index")

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            raise _no_value(self, "a length")
        return self.shape[0]

    def __iter__(self) -> NoReturn:
        raise ArgumentTypeError(
            f"{self!r} stands for a whole batch, which cannot be walked through. Take parts by an "
            "index, such as x[:, 0]."
        )

    __hash__ = object.__hash__


def item(x: Any, index: Any) -> Any:
    """x[index], as a function."""
    return x[index]


def first_placeholder(inputs: Any) -> Placeholder | None:
    """It itself where it is one, or the first in a list, tuple or dict."""
    kind = type(inputs)
    if kind is Placeholder:
        return inputs
    if kind is dict:
        inputs = inputs.values()
    elif kind is not list and kind is not tuple:
        return None
    for part in inputs:
        if type(part) in _NESTED and (found := first_placeholder(part)) is not None:
            return found
    return None


_NESTED = frozenset([Placeholder, list, tuple, dict])


def _no_value(placeholder: Placeholder, wanted: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"{placeholder!r} has no values yet, so it cannot become {wanted}. It stands for what "
        "comes later: operators, NumPy's functions, ops and layers take it. What needs values "
        "goes into the `call` of a layer of your own, or is done with what a model gives."
    )
