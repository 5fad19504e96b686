"""NumPy's functions on Tensors: which operation each is, which give plain results, and the rest
refused, so that no gradient is lost without a word."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ArgumentTypeError, suggestion
from autograd_nn.engine.observing import Watched
from autograd_nn.engine.operations import (
    arithmetic,
    exponents,
    extrema,
    indexing,
    linear_algebra,
    reductions,
    shaping,
    trigonometry,
)
from autograd_nn.engine.recording import current_looks
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
}

# Constant almost everywhere, or not differentiable by nature: the result is a plain array.
_PLAIN_UFUNCS = {
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.isnan, np.isinf, np.isfinite, np.signbit, np.sign, np.floor, np.ceil, np.rint, np.trunc,
}  # fmt: skip

_PLAIN_FUNCTIONS = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.full_like, np.empty_like,
    np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero, np.any, np.all,
    np.isclose, np.allclose, np.array_equal, np.result_type, np.array2string, np.array_repr,
    np.array_str, np.shares_memory, np.may_share_memory, np.iscomplexobj, np.isrealobj,
}  # fmt: skip

# Those whose result tells about the values, and is not only text.
_VALUES_SEEN = {
    np.argmax, np.argmin, np.argsort, np.count_nonzero, np.nonzero, np.any, np.all,
    np.isclose, np.allclose, np.array_equal,
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
        if type(condition) is Tensor:
            condition = condition._data if current_looks.get() is None else condition != 0
        if type(condition) is not Watched:
            condition = np.asarray(condition)
        return apply(indexing.where, condition, x, y)

    def expanded(a: Any, axis: Any) -> Any:
        return apply(shaping.expand_dims, a, axis=axis)

    def spread(array: Any, shape: Any) -> Any:
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        return apply(shaping.broadcast_to, array, shape=shape)

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
    }


_FUNCTIONS = _function_table()


def _array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """``np.exp(t)``, ``array * t``: recorded as the operation that the ufunc is."""
    if method != "__call__":
        raise ArgumentTypeError(
            f"np.{ufunc.__name__}.{method} of a Tensor is not recorded. "
            "Use .sum(), .max(), or operators on t."
        )
    if keywords:
        raise ArgumentTypeError(
            f"np.{ufunc.__name__} of a Tensor takes no `{next(iter(keywords))}`: "
            "a recorded result is always a new Tensor (no out=, where=, dtype=)."
        )
    for x in inputs:
        if type(x) is np.ndarray and x.dtype.kind == "O":
            return ufunc(*(_boxed(x) for x in inputs))
    if ufunc is np.matmul and type(x := inputs[0]) is np.ndarray and x.dtype.kind in "fiub":
        return self.__rmatmul__(x)  # data @ W, in every first layer: the short way
    if (operation := _UFUNCS.get(ufunc)) is not None:
        return apply(operation, *inputs)
    if ufunc in _PLAIN_UFUNCS:
        if (looks := current_looks.get()) is not None:
            return looks.derive(ufunc, *inputs)
        return ufunc(*_plain(inputs))
    if ufunc is np.positive:
        return self
    raise _unsupported(ufunc.__name__)


def _array_function(self: Tensor, function: Any, types: Any, args: Any, keywords: Any) -> Any:
    """``np.sum(t)``, ``np.concatenate([t, u])``: recorded as the operation that it is."""
    if (own := _FUNCTIONS.get(function)) is not None:
        try:
            return own(*args, **keywords)
        except TypeError as error:
            if "unexpected keyword" not in str(error) and "positional" not in str(error):
                raise
            raise ArgumentTypeError(
                f"np.{function.__name__} of a Tensor does not take these arguments: "
                f"{str(error).split('() ')[-1]}. "
                "The arguments that make sense for a recorded result are supported."
            ) from None
    if function in _PLAIN_FUNCTIONS:
        if function in _VALUES_SEEN and (looks := current_looks.get()) is not None:
            looks.note(f"np.{function.__name__}")
        return function(*_plain(args), **{k: _plain(v) for k, v in keywords.items()})
    raise _unsupported(f"{function.__module__}.{function.__name__}".removeprefix("numpy."))


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
    return value


def _boxed(value: Any) -> Any:
    """A scalar Tensor beside an array of objects stands for itself in every place."""
    if type(value) is not Tensor:
        return value
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _comparison(compare: Any) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        if (looks := current_looks.get()) is not None:
            return looks.derive(compare, self, other)
        if type(other) is Tensor:
            other = other._data
        elif isinstance(other, (list, tuple)) or (
            hasattr(other, "__array__") and not isinstance(other, (np.ndarray, np.generic))
        ):
            other = np.asarray(other)
        return compare(self._data, other)

    method.__name__ = f"__{compare.__name__}__"
    method.__doc__ = "Compared element by element: a plain boolean array."
    return method


def _arg_method(function: Any) -> Any:
    def method(self: Tensor, axis: Any = None, keepdims: bool = False) -> Any:
        if (looks := current_looks.get()) is not None:
            looks.note(f"{function.__name__}()")
        return function(self._data, axis=axis, keepdims=keepdims)

    method.__name__ = function.__name__
    method.__doc__ = f"As np.{function.__name__}: a plain array of positions."
    return method


Tensor.__array_ufunc__ = _array_ufunc
Tensor.__array_function__ = _array_function
Tensor.__lt__ = _comparison(operator.lt)
Tensor.__le__ = _comparison(operator.le)
Tensor.__gt__ = _comparison(operator.gt)
Tensor.__ge__ = _comparison(operator.ge)
Tensor.__eq__ = _comparison(operator.eq)
Tensor.__ne__ = _comparison(operator.ne)
Tensor.argmax = _arg_method(np.argmax)
Tensor.argmin = _arg_method(np.argmin)
