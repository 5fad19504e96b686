"""Operations without a derivative: comparisons, logic, signs and roundings, positions and counts.

They are constant almost everywhere, so no gradient flows through them. They are recorded all the
same: a program computes them anew, and a picture shows why a branch was taken.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import CONSTANTS, apply, without_gradient
from autograd_nn.engine.binding import named, unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.reductions import reduction_method
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.tensor import Tensor


def _of_one(function: Any, value: Any = None, symbol: str | None = None) -> Operation:
    return Operation(
        function.__name__,
        symbol=symbol,
        numpy=function,
        value=value or function,
        gradients=(None,),
    )


def _of_two(function: Any, value: Any = None, symbol: str | None = None) -> Operation:
    return Operation(
        function.__name__,
        symbol=symbol,
        numpy=function,
        value=value or function,
        gradients=(None, None),
    )


equal = _of_two(np.equal, operator.eq, "=")
not_equal = _of_two(np.not_equal, operator.ne, "≠")
less = _of_two(np.less, operator.lt, "<")
less_equal = _of_two(np.less_equal, operator.le, "≤")
greater = _of_two(np.greater, operator.gt, ">")
greater_equal = _of_two(np.greater_equal, operator.ge, "≥")

logical_and = _of_two(np.logical_and, symbol="and")
logical_or = _of_two(np.logical_or, symbol="or")
logical_xor = _of_two(np.logical_xor, symbol="xor")
logical_not = _of_one(np.logical_not, symbol="not")
bitwise_and = _of_two(np.bitwise_and, operator.and_, "&")
bitwise_or = _of_two(np.bitwise_or, operator.or_, "|")
bitwise_xor = _of_two(np.bitwise_xor, operator.xor, "^")
invert = _of_one(np.invert, operator.invert, "~")

sign = _of_one(np.sign)
floor = _of_one(np.floor)
ceil = _of_one(np.ceil)
rint = _of_one(np.rint)
trunc = _of_one(np.trunc)
isnan = _of_one(np.isnan)
isinf = _of_one(np.isinf)
isfinite = _of_one(np.isfinite)
signbit = _of_one(np.signbit)


def _reduction(function: Any, ufunc: Any = None, neutral: Any = None) -> Operation:
    """One of NumPy's reductions with an axis, and the ufunc whose ``reduce`` it is."""

    def value(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(x, axis=axis, keepdims=keepdims)

    def call(a: Any, axis: Any = None, *rest: Any, **keywords: Any) -> Any:
        return method(a, axis, *rest, **keywords)

    def reduce(array: Any, axis: Any = 0, *, keepdims: bool = False) -> Any:
        return method(array, axis, keepdims=keepdims)

    calls = {function: call} | ({} if ufunc is None else {ufunc.reduce: reduce})
    operation = Operation(function.__name__, numpy=calls, value=value, gradients=(None,))
    method: Any = reduction_method(operation, neutral)
    return operation


argmax = _reduction(np.argmax)
argmin = _reduction(np.argmin)
any_ = _reduction(np.any, np.logical_or, False)
all_ = _reduction(np.all, np.logical_and, True)
count_nonzero = _reduction(np.count_nonzero)


def _argsort(x: Any, axis: Any = -1) -> Any:
    return np.argsort(x, axis=axis)


argsort = Operation(
    "argsort",
    numpy={np.argsort: lambda a, axis=-1: a.argsort(axis)},
    value=_argsort,
    gradients=(None,),
)


def _placed(function: Any, value: Any, call: Any, inputs: int = 1) -> Operation:
    return Operation(
        function.__name__, numpy={function: call}, value=value, gradients=(None,) * inputs
    )


argpartition: Operation = _placed(
    np.argpartition,
    lambda x, kth, axis=-1: np.argpartition(x, kth, axis),
    lambda a, kth, axis=-1: apply(argpartition, a, kth=kth, axis=axis),
)
searchsorted: Operation = _placed(
    np.searchsorted,
    lambda x, v, side="left": np.searchsorted(x, v, side),
    lambda a, v, side="left": apply(searchsorted, a, v, side=side),
    inputs=2,
)
digitize: Operation = _placed(
    np.digitize,
    lambda x, bins, right=False: np.digitize(x, bins, right),
    lambda x, bins, right=False: apply(digitize, x, bins, right=right),
    inputs=2,
)


def _np_round(a: Any, decimals: int = 0) -> Any:
    return apply(round_, a, decimals=decimals) if decimals else apply(round_, a)


round_: Operation = Operation(
    "round",
    numpy={np.round: _np_round, np.around: _np_round},
    value=lambda x, decimals=0: np.round(x, decimals),
    gradients=(None,),
)


def _argsort_method(self: Tensor, axis: Any = -1) -> Any:
    """The positions that would sort along ``axis``, as NumPy's."""
    return apply(argsort, self) if axis == -1 else apply(argsort, self, axis=axis)


def _comparison(operation: Operation, name: str) -> Any:
    """``__name__`` of Tensor for a comparison or a logical operator, which has no derivative."""
    value = operation.value

    def method(self: Tensor, other: Any) -> Any:
        operand = other._data if type(other) is Tensor else other
        if type(operand) not in CONSTANTS:
            if isinstance(other, (list, tuple)) or (
                hasattr(other, "__array__") and not isinstance(other, (np.ndarray, np.generic))
            ):
                other = operand = np.asarray(other)
            if type(operand) is not np.ndarray or operand.dtype.kind not in "fiub":
                return value(self._data, operand)  # as NumPy says of None, text and objects
        data = value(self._data, operand)
        return without_gradient(operation, data, (self, other), None, current_scope.get())

    text = f"``{operation.symbol}`` element by element, recorded as {operation.name}."
    return named(method, f"__{name}__", text)


def _reflected(operation: Operation, name: str) -> Any:
    """``__rname__`` of Tensor for such an operator."""

    def method(self: Tensor, other: Any) -> Any:
        return apply(operation, other, self)

    return named(method, f"__r{name}__", f"``{operation.symbol}``, recorded.")


Tensor.__eq__ = _comparison(equal, "eq")
Tensor.__ne__ = _comparison(not_equal, "ne")
Tensor.__lt__ = _comparison(less, "lt")
Tensor.__le__ = _comparison(less_equal, "le")
Tensor.__gt__ = _comparison(greater, "gt")
Tensor.__ge__ = _comparison(greater_equal, "ge")
Tensor.__and__ = _comparison(bitwise_and, "and")
Tensor.__or__ = _comparison(bitwise_or, "or")
Tensor.__xor__ = _comparison(bitwise_xor, "xor")
Tensor.__rand__ = _reflected(bitwise_and, "and")
Tensor.__ror__ = _reflected(bitwise_or, "or")
Tensor.__rxor__ = _reflected(bitwise_xor, "xor")
Tensor.__invert__ = unary_method(invert)
Tensor.argmax = reduction_method(argmax)
Tensor.argmin = reduction_method(argmin)
Tensor.argsort = named(_argsort_method, "argsort", str(_argsort_method.__doc__))
Tensor.any = reduction_method(any_, False)
Tensor.all = reduction_method(all_, True)
