"""NumPy's functions on Tensors: which operation each is, which give plain results, and the rest
refused where a gradient would be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ArgumentTypeError, suggestion
from autograd_nn.engine.operations import (
    arithmetic,
    exponents,
    extrema,
    indexing,
    linear_algebra,
    reductions,
    shaping,
    trigonometry,
    without_derivative,
)
from autograd_nn.engine.tensor import Tensor

_UFUNCS = {
    np.add: arithmetic.add,
    np.subtract: arithmetic.subtract,
    np.multiply: arithmetic.multiply,
    np.divide: arithmetic.divide,
    np.negative: arithmetic.negative,
    np.power: arithmetic.power,
    np.float_power: arithmetic.power,
    np.square: arithmetic.square,
    np.sqrt: arithmetic.sqrt,
    np.absolute: arithmetic.absolute,
    np.fabs: arithmetic.absolute,
    np.exp: exponents.exp,
    np.expm1: exponents.expm1,
    np.log: exponents.log,
    np.log1p: exponents.log1p,
    np.sin: trigonometry.sin,
    np.cos: trigonometry.cos,
    np.tanh: trigonometry.tanh,
    np.maximum: extrema.maximum,
    np.minimum: extrema.minimum,
    np.matmul: linear_algebra.matmul,
    np.equal: without_derivative.equal,
    np.not_equal: without_derivative.not_equal,
    np.less: without_derivative.less,
    np.less_equal: without_derivative.less_equal,
    np.greater: without_derivative.greater,
    np.greater_equal: without_derivative.greater_equal,
    np.logical_and: without_derivative.logical_and,
    np.logical_or: without_derivative.logical_or,
    np.logical_xor: without_derivative.logical_xor,
    np.logical_not: without_derivative.logical_not,
    np.bitwise_and: without_derivative.bitwise_and,
    np.bitwise_or: without_derivative.bitwise_or,
    np.bitwise_xor: without_derivative.bitwise_xor,
    np.invert: without_derivative.invert,
    np.sign: without_derivative.sign,
    np.floor: without_derivative.floor,
    np.ceil: without_derivative.ceil,
    np.rint: without_derivative.rint,
    np.trunc: without_derivative.trunc,
    np.isnan: without_derivative.isnan,
    np.isinf: without_derivative.isinf,
    np.isfinite: without_derivative.isfinite,
    np.signbit: without_derivative.signbit,
    np.positive: shaping.copy,
}

_REDUCED = {
    np.add: reductions.sum_,
    np.maximum: extrema.max_,
    np.minimum: extrema.min_,
    np.logical_or: without_derivative.any_,
    np.logical_and: without_derivative.all_,
}

# What tells about shapes and dtypes and not about values.
_OF_THE_SHAPE = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.result_type,
    np.shares_memory, np.may_share_memory, np.iscomplexobj, np.isrealobj,
}  # fmt: skip

# What looks at values: the result is plain.
_LOOKS = {
    np.nonzero, np.isclose, np.allclose, np.array_equal, np.array2string, np.array_repr,
    np.array_str,
}  # fmt: skip


def _function_table() -> dict[Any, Any]:
    def reduction(operation: Any) -> Any:
        method = reductions.reduction_method(operation)
        return lambda a, axis=None, *, keepdims=False: method(a, axis=axis, keepdims=keepdims)

    def concatenated(arrays: Any, axis: int | None = 0) -> Any:
        if axis is None:
            return apply(shaping.concatenate, *(np.ravel(a) for a in arrays))
        return apply(shaping.concatenate, *arrays, axis=axis)

    def clipped(
        a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
    ) -> Any:
        low = a_min if min is None else min
        high = a_max if max is None else max
        if type(a) is Tensor:
            return a.clip(low, high)
        raise ArgumentTypeError(
            "The limits of clip are constants. For limits with a gradient use "
            "np.minimum(np.maximum(t, low), high)."
        )

    def chosen(condition: Any, x: Any = None, y: Any = None) -> Any:
        if x is None or y is None:
            raise ArgumentTypeError("np.where of a Tensor needs three arguments.")
        if type(condition) is not Tensor:
            condition = np.asarray(condition)
        return apply(indexing.where, condition, x, y)

    def expanded(a: Any, axis: Any) -> Any:
        return apply(shaping.expand_dims, a, axis=axis)

    def spread(array: Any, shape: Any) -> Any:
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        return apply(shaping.broadcast_to, array, shape=shape)

    def full_like(a: Any, fill_value: Any, dtype: Any = None) -> Any:
        if type(fill_value) is not Tensor:
            return np.full(np.shape(a), fill_value, a.dtype if dtype is None else dtype)
        filled = spread(fill_value, np.shape(a))
        dtype = np.result_type(a) if dtype is None else np.dtype(dtype)
        return filled if filled.dtype == dtype else filled.astype(dtype)

    def argsort(a: Any, axis: Any = -1) -> Any:
        return a.argsort(axis)

    return {
        np.sum: reduction(reductions.sum_),
        np.mean: reduction(reductions.mean),
        np.max: reduction(extrema.max_),
        np.min: reduction(extrema.min_),
        np.amax: reduction(extrema.max_),
        np.amin: reduction(extrema.min_),
        np.clip: clipped,
        np.where: chosen,
        np.dot: linear_algebra.dot,
        np.reshape: lambda a, shape: a.reshape(shape),
        np.ravel: lambda a: a.ravel(),
        np.transpose: lambda a, axes=None: a.transpose(axes),
        np.swapaxes: lambda a, axis1, axis2: a.swapaxes(axis1, axis2),
        np.squeeze: lambda a, axis=None: a.squeeze(axis),
        np.expand_dims: expanded,
        np.broadcast_to: spread,
        np.concatenate: concatenated,
        np.stack: lambda arrays, axis=0: apply(shaping.stack, *arrays, axis=axis),
        np.split: lambda ary, indices_or_sections, axis=0: list(
            apply(shaping.split, ary, indices_or_sections=indices_or_sections, axis=axis)
        ),
        np.copy: lambda a: a.copy(),
        np.full_like: full_like,
        np.argmax: reduction(without_derivative.argmax),
        np.argmin: reduction(without_derivative.argmin),
        np.argsort: argsort,
        np.any: reduction(without_derivative.any_),
        np.all: reduction(without_derivative.all_),
        np.count_nonzero: reduction(without_derivative.count_nonzero),
    }


_FUNCTIONS = _function_table()


def _array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """``np.exp(t)``, ``array * t``: recorded as the operation that the ufunc is."""
    if method != "__call__" or keywords:
        return _array_ufunc_otherwise(ufunc, method, inputs, keywords)
    for x in inputs:
        if type(x) is np.ndarray and x.dtype.kind == "O":
            return ufunc(*(_boxed(x) for x in inputs))
    if ufunc is np.matmul and type(x := inputs[0]) is np.ndarray and x.dtype.kind in "fiub":
        return self.__rmatmul__(x)  # data @ W, in every first layer: the short way
    if (operation := _UFUNCS.get(ufunc)) is not None:
        return apply(operation, *inputs)
    if _wanting(inputs) is None:
        return _looked_at(ufunc, f"np.{ufunc.__name__}", inputs, {})
    raise _unsupported(ufunc.__name__)


def _array_ufunc_otherwise(
    ufunc: Any, method: str, inputs: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A method of a ufunc, or a call with ``out=`` and the like."""
    if method == "reduce" and ufunc in _REDUCED and keywords.keys() <= {"axis", "keepdims"}:
        array, *axis = inputs
        axis = keywords.get("axis", axis[0] if axis else 0)
        return apply(_REDUCED[ufunc], array, axis=axis, keepdims=keywords.get("keepdims", False))
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    out = keywords.get("out", ())
    if not any(type(x) is Tensor for x in out) and _wanting((inputs, keywords)) is None:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return _looked_at(function, f"np.{name}", inputs, keywords)
    if method != "__call__":
        raise ArgumentTypeError(
            f"np.{name} of a Tensor is not recorded. Use .sum(), .max(), or operators on t."
        )
    raise ArgumentTypeError(
        f"np.{name} of a Tensor takes no `{next(iter(keywords))}`: "
        "a recorded result is always a new Tensor (no out=, where=, dtype=)."
    )


def _array_function(self: Tensor, function: Any, types: Any, args: Any, keywords: Any) -> Any:
    """``np.sum(t)``, ``np.concatenate([t, u])``: recorded as the operation that it is."""
    if (own := _FUNCTIONS.get(function)) is not None:
        try:
            return own(*args, **keywords)
        except TypeError as error:
            if "unexpected keyword" not in str(error) and "positional" not in str(error):
                raise
            if _wanting((args, keywords)) is None:
                return _looked_at(function, f"np.{function.__name__}", args, keywords)
            raise ArgumentTypeError(
                f"np.{function.__name__} of a Tensor does not take these arguments: "
                f"{str(error).split('() ')[-1]}. "
                "The arguments that make sense for a recorded result are supported."
            ) from None
    if function in _OF_THE_SHAPE:
        return function(*_plain(args), **_plain(keywords))
    if function in _LOOKS or _wanting((args, keywords)) is None:
        return _looked_at(function, f"np.{function.__name__}", args, keywords)
    raise _unsupported(f"{function.__module__}.{function.__name__}".removeprefix("numpy."))


def _tensors(value: Any) -> Iterator[Tensor]:
    """The Tensors among arguments, also inside lists."""
    if type(value) is Tensor:
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _wanting(arguments: Any) -> Tensor | None:
    """The first Tensor among the arguments whose gradient would be lost."""
    return next((x for x in _tensors(arguments) if x._requires_grad), None)


def _looked_at(function: Any, name: str, args: Any, keywords: dict[str, Any]) -> Any:
    """A plain result: NumPy's own, of the values."""
    for x in _tensors((args, keywords)):
        x._taken(name)
    return function(*_plain(args), **_plain(keywords))


def _unsupported(name: str) -> ArgumentTypeError:
    known = {ufunc.__name__ for ufunc in _UFUNCS} | {f.__name__ for f in _FUNCTIONS}
    near = suggestion(name, known).split(" Known:")[0]
    return ArgumentTypeError(
        f"np.{name} has no gradient rule here, and its result would leave the graph.{near} "
        f"Supported: {', '.join(sorted(known))}. Use t.data for a plain result, or add your own "
        "rule with autograd_nn.Operation."
    )


def _plain(value: Any) -> Any:
    """The arrays in place of the Tensors, also inside lists."""
    if type(value) is Tensor:
        return value._data
    if type(value) in (list, tuple):
        return type(value)(_plain(item) for item in value)
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    return value


def _boxed(value: Any) -> Any:
    """Beside an array of objects a Tensor stands for the array of its elements."""
    if type(value) is not Tensor:
        return value
    box = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        box[index] = value[index] if index else value
    return box


Tensor.__array_ufunc__ = _array_ufunc
Tensor.__array_function__ = _array_function
Tensor.nonzero = lambda self: np.nonzero(self)  # type: ignore[arg-type]
