"""Operations without a derivative: comparisons, logic, signs and roundings, positions and counts.

They are constant almost everywhere, so no gradient flows through them. They are recorded all the
same: a program computes them anew, and a picture shows why a branch was taken.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.binding import comparison_method, reflected_method, unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.reductions import reduction_method
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


Tensor.__eq__ = comparison_method(equal, "eq")
Tensor.__ne__ = comparison_method(not_equal, "ne")
Tensor.__lt__ = comparison_method(less, "lt")
Tensor.__le__ = comparison_method(less_equal, "le")
Tensor.__gt__ = comparison_method(greater, "gt")
Tensor.__ge__ = comparison_method(greater_equal, "ge")
Tensor.__and__ = comparison_method(bitwise_and, "and")
Tensor.__or__ = comparison_method(bitwise_or, "or")
Tensor.__xor__ = comparison_method(bitwise_xor, "xor")
Tensor.__rand__ = reflected_method(bitwise_and, "and")
Tensor.__ror__ = reflected_method(bitwise_or, "or")
Tensor.__rxor__ = reflected_method(bitwise_xor, "xor")
Tensor.__invert__ = unary_method(invert)
Tensor.argmax = reduction_method(argmax)
Tensor.argmin = reduction_method(argmin)
Tensor.argsort = _argsort_method
Tensor.any = reduction_method(any_)
Tensor.all = reduction_method(all_)
