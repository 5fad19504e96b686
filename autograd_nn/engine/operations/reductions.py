"""Sums and means over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.binding import named
from autograd_nn.engine.composing import grouped
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.ufunc_methods import converted, refused_out

_HALF = np.dtype(np.float16)
_NO_VALUE: Any = np._NoValue


def from_the_end(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes counted from the end, so that a rule does not mind further axes in front."""
    if axis is None or ndim == 0:  # NumPy takes the axes 0 and -1 of a number, as none
        return tuple(range(-ndim, 0))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(int(a) - ndim if a >= 0 else int(a) for a in axes)


def leading(g: Any, out: Any) -> tuple[int, ...]:
    """The axes that ``g`` has in front of those of ``out``: a batch of gradients in one sweep."""
    return g.shape[: g.ndim - out.ndim]


def restored(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """``g`` of a reduction with the axes of length 1 back in place, ready to broadcast over x."""
    if keepdims or g.ndim == 0:
        return g
    shape = list(x.shape)
    for a in from_the_end(axis, len(shape)):
        shape[a] = 1
    return g.reshape((*leading(g, out), *shape))


def count(x: Any, axis: Any) -> int:
    """How many elements are reduced to one."""
    if axis is None:
        return x.size
    try:
        return math.prod(x.shape[a] for a in from_the_end(axis, x.ndim))
    except IndexError:
        raise np.exceptions.AxisError(f"axis {axis} is out of bounds for shape {x.shape}") from None


def widened(x: Any) -> Any:
    """Half precision as single: in it sums end at 65,504 and 1 − 1e-7 is 1."""
    return x.astype(np.float32) if np.result_type(x) == np.float16 else x


def total(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum; of half precision added up in single."""
    # Half the time of np.sum, which goes through a function of Python first.
    if x.dtype == _HALF:
        wide = np.add.reduce(x, axis=axis, dtype=np.float32, keepdims=keepdims)  # type: ignore[call-overload]
        return wide.astype(np.float16)
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


def numpy_reduction(name: str, axis: Any = None) -> Any:
    """The call of the function of NumPy that is this method of arrays, with its default axis."""

    def call(a: Any, axis: Any = axis, *rest: Any, **keywords: Any) -> Any:
        return getattr(a, name)(axis, *rest, **keywords)

    return call


sum_ = Operation(
    "sum",
    symbol="Σ",
    numpy={
        np.sum: numpy_reduction("sum"),
        np.add.reduce: numpy_reduction("sum", axis=0),
    },
    value=total,
    gradients=(lambda g, out, x, axis=None, keepdims=False: restored(g, out, x, axis, keepdims),),
)


def _divided(g: Any, n: int) -> Any:
    # The largest number of half precision is 65,504: by more it would divide as by infinity.
    return g / n if n < 65504 else g * (1 / n)


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    n = x.size if axis is None else count(x, axis)
    if n == 0:
        raise ShapeError(f"The mean over no elements (shape {x.shape}, axis {axis}) is undefined.")
    if x.dtype == _HALF:
        return _mean(widened(x), axis, keepdims).astype(_HALF)
    return np.add.reduce(x, axis=axis, keepdims=keepdims) / n  # type: ignore[call-overload]


mean = Operation(
    "mean",
    numpy={np.mean: numpy_reduction("mean")},
    value=_mean,
    gradients=(
        lambda g, out, x, axis=None, keepdims=False: restored(
            _divided(g, count(x, axis)), out, x, axis, keepdims
        ),
    ),
    formula=(
        lambda g, out, x, axis=None, keepdims=False: restored(
            g / count(x, axis), out, x, axis, keepdims
        ),
    ),
)


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.multiply.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


def _others(x: Any, axis: Any) -> Any:
    """For every factor the product of the others: what stands before it times what comes after.

    Never out / x, which is NaN where a factor is 0.
    """
    if not x.size:
        return x
    n, x = x.ndim, widened(x)
    axes = from_the_end(axis, n)
    order = (*(a for a in range(-n, 0) if a not in axes), *axes)
    front = x.transpose(order)
    flat = front.reshape((*front.shape[: n - len(axes)], -1))
    ones = np.ones((*flat.shape[:-1], 1), x.dtype)
    before = np.cumprod(np.concatenate([ones, flat[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, flat[..., :0:-1]], -1), -1)[..., ::-1]
    back = sorted(range(n), key=lambda place: order[place])
    return (before * after).reshape(front.shape).transpose(back)


# For formulas alone: out / x would be NaN where a factor is 0.
_named_others = Operation("product_of_others", value=_others, gradients=(None,))

prod = Operation(
    "prod",
    symbol="Π",
    numpy={
        np.prod: numpy_reduction("prod"),
        np.multiply.reduce: numpy_reduction("prod", axis=0),
    },
    value=_prod,
    gradients=(
        lambda g, out, x, axis=None, keepdims=False: (
            restored(g, out, x, axis, keepdims) * _others(x, axis)
        ),
    ),
    formula=(
        lambda g, out, x, axis=None, keepdims=False: (
            restored(g, out, x, axis, keepdims) * _named_others(x, axis=axis)
        ),
    ),
)


def _checked_axis(axis: Any) -> Any:
    """An integer, or a tuple of integers."""
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if not all(hasattr(a, "__index__") for a in axes):
        raise ArgumentTypeError(
            f"`axis` must be an integer, a tuple of integers, or None, got {axis!r}."
        )
    return tuple(axis) if isinstance(axis, list) else axis


# Where `out` comes right behind the axis.
_WITHOUT_DTYPE = {"max", "min", "any", "all", "argmax", "argmin"}
_OF_NOTHING: dict[Any, float] = {np.maximum: -math.inf, np.minimum: math.inf}


def as_mask(where: Any, shape: tuple[int, ...]) -> Any:
    """``where`` of a reduction, which NumPy does not take in place of a larger array."""
    where = where if hasattr(where, "dtype") else np.asarray(where)
    if where.dtype != np.bool_:
        raise ArgumentTypeError(f"`where` must be made of booleans, got {where.dtype}.")
    return np.broadcast_to(where, shape)


def reduction_method(operation: Operation, neutral: Any = None, begin: Any = None) -> Any:
    """The method of Tensor for a reduction; only what differs from the default is recorded.

    Parameters   neutral: what stands for the elements that ``where`` leaves out; None where that
                 is ``initial``, or cannot be said
                 begin: how ``initial`` is taken in
    """

    def method(
        self: Tensor, axis: Any = None, *rest: Any, keepdims: bool = False, **further: Any
    ) -> Any:
        if rest or further:
            if rest and operation.name in _WITHOUT_DTYPE:
                rest = (None, *rest)
            if keepdims:
                further["keepdims"] = True
            return with_further(self, axis, *rest, **further)
        attributes: dict[str, Any] = {}
        if axis is not None:
            attributes["axis"] = _checked_axis(axis)
        if keepdims:
            attributes["keepdims"] = True
        return apply(operation, self, **attributes)

    def with_further(
        x: Any,
        axis: Any,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = _NO_VALUE,
        where: Any = True,
    ) -> Any:
        name = operation.name
        if out is not None:
            raise refused_out(name)
        takes = {
            "dtype": begin or name == "mean",
            "initial": begin,
            "where": begin or neutral is not None,
        }
        given = {
            "dtype": dtype is not None,
            "initial": initial is not _NO_VALUE,
            "where": where is not True,
        }
        for argument, is_given in given.items():
            if is_given and not takes[argument]:
                raise TypeError(f"{name}() got an unexpected keyword argument {argument!r}")
        with grouped(name):
            x = converted(x, dtype)
            if where is not True:
                where = as_mask(where, x.shape)
            if initial is not _NO_VALUE and not count(x, axis) and begin in _OF_NOTHING:
                of_none = begin.reduce(
                    np.zeros(x.shape), axis, keepdims=keepdims, initial=_OF_NOTHING[begin]
                )
                return begin(of_none.astype(x.dtype), initial)
            if where is True:
                found = method(x, axis, keepdims=keepdims)
            elif name == "mean":
                kept = np.sum(where, axis=axis, keepdims=keepdims)
                chosen = np.where(where, widened(x), 0)
                whole = np.sum(chosen, axis=axis, keepdims=keepdims)
                found = whole / kept.astype(chosen.dtype)
                found = found.astype(x.dtype) if x.dtype == _HALF else found
            else:
                left_out = initial if neutral is None else neutral
                if left_out is _NO_VALUE:
                    raise ArgumentError(
                        f"{name} with `where` needs `initial`, the result where nothing is left."
                    )
                found = method(np.where(where, x, left_out), axis, keepdims=keepdims)
            if dtype is not None and found.dtype.kind == "f" and np.dtype(dtype).kind != "f":
                found = found.astype(dtype)  # a mean in whole numbers is cut off
            return found if initial is _NO_VALUE else begin(found, initial)

    with_further.__qualname__ = f"Tensor.{operation.name}"
    return named(
        method,
        operation.name,
        f"The {operation.name} over all elements, or along ``axis``, as NumPy's.",
    )


Tensor.sum = reduction_method(sum_, 0, np.add)
Tensor.mean = reduction_method(mean, 0)
Tensor.prod = reduction_method(prod, 1, np.multiply)
