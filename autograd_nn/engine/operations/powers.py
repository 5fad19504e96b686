"""Powers, squares and square roots."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_nn.engine.binding import binary_methods, unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.tensor import Tensor


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    # x⁰ is constant: its derivative is 0 also at x = 0, where 0·x⁻¹ would be NaN.
    if isinstance(y, (int, float)):
        return g * (y * x ** (y - 1)) if y != 0 else 0.0
    return g * (y * np.where((x == 0) & (y == 0), 1, x) ** (y - 1))


def _power_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    # 0ʸ is constant in y > 0: log(1) in place of log(0) makes it 0 instead of NaN.
    return chosen(x != 0, g * out) * np.log(np.where(x == 0, 1, x))


power = Operation(
    "power",
    symbol="**",
    numpy=np.power,
    value=operator.pow,
    gradients=(_power_base, _power_exponent),
    formula=(
        lambda g, out, x, y: g * y * x ** (y - 1),
        lambda g, out, x, y: g * out * np.log(x),
    ),
)

square = Operation(
    "square",
    symbol="²",
    numpy=np.square,
    value=np.square,
    gradients=(lambda g, out, x: g * (2 * x),),
)

# The derivative at 0 is infinite, and NumPy warns: it is not hidden.
sqrt = Operation(
    "sqrt",
    symbol="√",
    numpy=np.sqrt,
    value=np.sqrt,
    gradients=(lambda g, out, x: g / (2 * out),),
)

# For norms and deviations, of which the derivative 0 is chosen where all is 0: the smallest of
# those that would do.
root = Operation(
    "root",
    symbol="√",
    value=np.sqrt,
    gradients=(lambda g, out, x: chosen(out != 0, g) / (2 * np.where(out == 0, 1, out)),),
    formula=(lambda g, out, x: g / (2 * out),),
)

cbrt = Operation(
    "cbrt",
    symbol="∛",
    numpy=np.cbrt,
    value=np.cbrt,
    gradients=(lambda g, out, x: g / (3 * out * out),),
)

reciprocal = Operation(
    "reciprocal",
    symbol="1/·",
    numpy=np.reciprocal,
    value=np.reciprocal,
    gradients=(lambda g, out, x: -g * out * out,),
)

Tensor.__pow__, Tensor.__rpow__ = binary_methods(power, "pow")
Tensor.square = unary_method(square)
Tensor.sqrt = unary_method(sqrt)
Tensor.cbrt = unary_method(cbrt)
Tensor.reciprocal = unary_method(reciprocal)
