"""Arithmetic: + - * / and the absolute value, with the operators of Tensor."""

from __future__ import annotations

import operator

import numpy as np

from autograd_nn.engine.binding import binary_methods, unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.tensor import Tensor

# `operator.mul` and not `np.multiply`: the same on arrays, 15 times faster on NumPy scalars.

add = Operation(
    "add",
    symbol="+",
    numpy=np.add,
    value=operator.add,
    gradients=(lambda g, out, x, y: g, lambda g, out, x, y: g),
)

subtract = Operation(
    "subtract",
    symbol="−",
    numpy=np.subtract,
    value=operator.sub,
    gradients=(lambda g, out, x, y: g, lambda g, out, x, y: -g),
)

multiply = Operation(
    "multiply",
    symbol="×",
    numpy=np.multiply,
    value=operator.mul,
    gradients=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
)

divide = Operation(
    "divide",
    symbol="÷",
    numpy=np.divide,
    value=operator.truediv,
    gradients=(lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y),
)

negative = Operation(
    "negative",
    symbol="−",
    numpy=np.negative,
    value=operator.neg,
    gradients=(lambda g, out, x: -g,),
)

# |x| at 0: the derivative 0 is chosen, the middle of −1 and 1.
absolute = Operation(
    "absolute",
    symbol="|·|",
    numpy=(np.absolute, np.fabs),
    value=operator.abs,
    gradients=(lambda g, out, x: chosen(x != 0, g) * np.sign(x),),
    formula=(lambda g, out, x: g * np.sign(x),),
)

Tensor.__add__, Tensor.__radd__ = binary_methods(add, "add")
Tensor.__sub__, Tensor.__rsub__ = binary_methods(subtract, "sub")
Tensor.__mul__, Tensor.__rmul__ = binary_methods(multiply, "mul")
Tensor.__truediv__, Tensor.__rtruediv__ = binary_methods(divide, "truediv")
Tensor.__neg__ = unary_method(negative)
Tensor.__abs__ = Tensor.abs = unary_method(absolute)
