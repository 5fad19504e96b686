"""Largest and smallest. Where several are equal they share the gradient equally."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.conversion import array_of
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.operations.reductions import (
    numpy_reduction,
    reduction_method,
    restored,
)
from autograd_nn.engine.tensor import Tensor

maximum = Operation(
    "maximum",
    symbol="max",
    numpy=np.maximum,
    value=np.maximum,
    gradients=(
        lambda g, out, x, y: chosen(x > y, g) + chosen(x == y, 0.5 * g),
        lambda g, out, x, y: chosen(y > x, g) + chosen(x == y, 0.5 * g),
    ),
)

minimum = Operation(
    "minimum",
    symbol="min",
    numpy=np.minimum,
    value=np.minimum,
    gradients=(
        lambda g, out, x, y: chosen(x < y, g) + chosen(x == y, 0.5 * g),
        lambda g, out, x, y: chosen(y < x, g) + chosen(x == y, 0.5 * g),
    ),
)


def _halved(x: Any, y: Any, is_taken: Any) -> Any:
    return np.where(is_taken, 1, np.where(x == y, 0.5, 0))


# As maximum and minimum, but a NaN gives way to a number.
fmax = Operation(
    "fmax",
    numpy=np.fmax,
    value=np.fmax,
    gradients=(
        lambda g, out, x, y: chosen((x > y) | np.isnan(y), g) + chosen(x == y, 0.5 * g),
        lambda g, out, x, y: chosen((y > x) | np.isnan(x), g) + chosen(x == y, 0.5 * g),
    ),
    formula=(
        lambda g, out, x, y: g * _halved(x, y, (x > y) | np.isnan(y)),
        lambda g, out, x, y: g * _halved(x, y, (y > x) | np.isnan(x)),
    ),
)

fmin = Operation(
    "fmin",
    numpy=np.fmin,
    value=np.fmin,
    gradients=(
        lambda g, out, x, y: chosen((x < y) | np.isnan(y), g) + chosen(x == y, 0.5 * g),
        lambda g, out, x, y: chosen((y < x) | np.isnan(x), g) + chosen(x == y, 0.5 * g),
    ),
    formula=(
        lambda g, out, x, y: g * _halved(x, y, (x < y) | np.isnan(y)),
        lambda g, out, x, y: g * _halved(x, y, (y < x) | np.isnan(x)),
    ),
)


def _shared(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    largest = x == restored(out, out, x, axis, keepdims)
    number = np.add.reduce(largest, axis=axis, keepdims=True)
    return chosen(largest, restored(g, out, x, axis, keepdims) / number)


def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.maximum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


def _min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.minimum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


max_ = Operation(
    "max",
    numpy={
        np.max: numpy_reduction("max"),
        np.amax: numpy_reduction("max"),
        np.maximum.reduce: numpy_reduction("max", axis=0),
    },
    value=_max,
    gradients=(_shared,),
)
min_ = Operation(
    "min",
    numpy={
        np.min: numpy_reduction("min"),
        np.amin: numpy_reduction("min"),
        np.minimum.reduce: numpy_reduction("min", axis=0),
    },
    value=_min,
    gradients=(_shared,),
)


def _clip(x: Any, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max)


def _clip_gradient(g: Any, out: Any, x: Any, min: Any = None, max: Any = None) -> Any:
    # The ends belong to the inside: the derivative there is 1.
    low = -np.inf if min is None else min
    high = np.inf if max is None else max
    return chosen((x >= low) & (x <= high), g)


def _np_clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    low = a_min if min is None else min
    high = a_max if max is None else max
    return _between(a, low, high) if type(a) is not Tensor else _clip_method(a, low, high)


clip = Operation("clip", numpy={np.clip: _np_clip}, value=_clip, gradients=(_clip_gradient,))


def _between(x: Any, low: Any, high: Any) -> Any:
    """Limits that have a gradient too: it goes to what the result is."""
    x, low, high = map(array_of, (x, low, high))
    if low is not None:
        x = np.where((x < low) | np.isnan(low), low, x)
    return x if high is None else np.where((x > high) | np.isnan(high), high, x)


def _clip_method(self: Tensor, min: Any = None, max: Any = None) -> Any:
    """Limited to min … max (None: no limit on that side); the gradient at the ends is 1."""
    if type(min) is Tensor or type(max) is Tensor:
        return _between(self, min, max)
    for limit in (min, max):
        if limit is not None and np.asarray(limit).dtype.kind not in "fiub":
            raise ArgumentTypeError(
                f"The limits of clip must be numbers, arrays of numbers, or None, got {limit!r}."
            )
    return apply(clip, self, min=min, max=max)


Tensor.max = reduction_method(max_, begin=np.maximum)
Tensor.min = reduction_method(min_, begin=np.minimum)
Tensor.clip = _clip_method
