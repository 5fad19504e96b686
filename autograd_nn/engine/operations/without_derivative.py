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


def _of_one(name: str, value: Any, symbol: str | None = None) -> Operation:
    return Operation(name, symbol=symbol, value=value, gradients=(None,))


def _of_two(name: str, value: Any, symbol: str | None = None) -> Operation:
    return Operation(name, symbol=symbol, value=value, gradients=(None, None))


equal = _of_two("equal", operator.eq, "=")
not_equal = _of_two("not_equal", operator.ne, "≠")
less = _of_two("less", operator.lt, "<")
less_equal = _of_two("less_equal", operator.le, "≤")
greater = _of_two("greater", operator.gt, ">")
greater_equal = _of_two("greater_equal", operator.ge, "≥")

logical_and = _of_two("logical_and", np.logical_and, "and")
logical_or = _of_two("logical_or", np.logical_or, "or")
logical_xor = _of_two("logical_xor", np.logical_xor, "xor")
logical_not = _of_one("logical_not", np.logical_not, "not")
bitwise_and = _of_two("bitwise_and", operator.and_, "&")
bitwise_or = _of_two("bitwise_or", operator.or_, "|")
bitwise_xor = _of_two("bitwise_xor", operator.xor, "^")
invert = _of_one("invert", operator.invert, "~")

sign = _of_one("sign", np.sign)
floor = _of_one("floor", np.floor)
ceil = _of_one("ceil", np.ceil)
rint = _of_one("rint", np.rint)
trunc = _of_one("trunc", np.trunc)
isnan = _of_one("isnan", np.isnan)
isinf = _of_one("isinf", np.isinf)
isfinite = _of_one("isfinite", np.isfinite)
signbit = _of_one("signbit", np.signbit)


def _argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def _argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.argmin(x, axis=axis, keepdims=keepdims)


def _argsort(x: Any, axis: Any = -1) -> Any:
    return np.argsort(x, axis=axis)


def _any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.any(x, axis=axis, keepdims=keepdims)


def _all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.all(x, axis=axis, keepdims=keepdims)


def _count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.count_nonzero(x, axis=axis, keepdims=keepdims)


argmax = _of_one("argmax", _argmax)
argmin = _of_one("argmin", _argmin)
argsort = _of_one("argsort", _argsort)
any_ = _of_one("any", _any)
all_ = _of_one("all", _all)
count_nonzero = _of_one("count_nonzero", _count_nonzero)


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
Tensor.argsort = _argsort_method
Tensor.any = reduction_method(any_)
Tensor.all = reduction_method(all_)
