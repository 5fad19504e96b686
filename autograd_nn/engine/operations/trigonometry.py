"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.binding import unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.tensor import Tensor

sin = Operation("sin", numpy=np.sin, value=np.sin, gradients=(lambda g, out, x: g * np.cos(x),))

cos = Operation("cos", numpy=np.cos, value=np.cos, gradients=(lambda g, out, x: -g * np.sin(x),))

tan = Operation(
    "tan", numpy=np.tan, value=np.tan, gradients=(lambda g, out, x: g * (1 + out * out),)
)

sinh = Operation(
    "sinh", numpy=np.sinh, value=np.sinh, gradients=(lambda g, out, x: g * np.cosh(x),)
)

cosh = Operation(
    "cosh", numpy=np.cosh, value=np.cosh, gradients=(lambda g, out, x: g * np.sinh(x),)
)

# (1 − t)(1 + t) and not 1 − t²: half of the digits would be lost where t is near ±1.
tanh = Operation(
    "tanh",
    numpy=np.tanh,
    value=np.tanh,
    gradients=(lambda g, out, x: g * ((1 - out) * (1 + out)),),
    formula=(lambda g, out, x: g * (1 - out**2),),
)

# In products, as for tanh: the derivatives grow where the factors become small.
arcsin = Operation(
    "arcsin",
    numpy=np.arcsin,
    value=np.arcsin,
    gradients=(lambda g, out, x: g / np.sqrt((1 - x) * (1 + x)),),
    formula=(lambda g, out, x: g / np.sqrt(1 - x**2),),
)

arccos = Operation(
    "arccos",
    numpy=np.arccos,
    value=np.arccos,
    gradients=(lambda g, out, x: -g / np.sqrt((1 - x) * (1 + x)),),
    formula=(lambda g, out, x: -g / np.sqrt(1 - x**2),),
)

arctan = Operation(
    "arctan", numpy=np.arctan, value=np.arctan, gradients=(lambda g, out, x: g / (1 + x * x),)
)

# √(x² + 1) as a hypotenuse, whose square may be too large for a number.
arcsinh = Operation(
    "arcsinh",
    numpy=np.arcsinh,
    value=np.arcsinh,
    gradients=(lambda g, out, x: g / np.hypot(x, 1),),
    formula=(lambda g, out, x: g / np.sqrt(x**2 + 1),),
)

arccosh = Operation(
    "arccosh",
    numpy=np.arccosh,
    value=np.arccosh,
    gradients=(lambda g, out, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)),),
    formula=(lambda g, out, x: g / np.sqrt(x**2 - 1),),
)

arctanh = Operation(
    "arctanh",
    numpy=np.arctanh,
    value=np.arctanh,
    gradients=(lambda g, out, x: g / ((1 - x) * (1 + x)),),
    formula=(lambda g, out, x: g / (1 - x**2),),
)


def _share(part: Any, whole: Any) -> Any:
    # The hypotenuse of 0 and 0 has the derivative 0, as the norm of a vector of zeros has.
    return part / np.where(whole == 0, 1, whole)


hypot = Operation(
    "hypot",
    numpy=np.hypot,
    value=np.hypot,
    gradients=(
        lambda g, out, x, y: chosen(out != 0, g) * _share(x, out),
        lambda g, out, x, y: chosen(out != 0, g) * _share(y, out),
    ),
    formula=(lambda g, out, x, y: g * x / out, lambda g, out, x, y: g * y / out),
)

# x/(x² + y²), divided twice: the squares may be too large for a number, or too small.
arctan2 = Operation(
    "arctan2",
    numpy=np.arctan2,
    value=np.arctan2,
    gradients=(
        lambda g, out, y, x: g * (x / np.hypot(x, y)) / np.hypot(x, y),
        lambda g, out, y, x: -g * (y / np.hypot(x, y)) / np.hypot(x, y),
    ),
    formula=(
        lambda g, out, y, x: g * x / (x**2 + y**2),
        lambda g, out, y, x: -g * y / (x**2 + y**2),
    ),
)


def _sinc_slope(x: Any) -> Any:
    # Near 0 the difference loses its digits; the series there is exact to rounding, and so are its
    # derivatives.
    near = np.abs(x) < 0.25
    z = np.where(near, np.pi * x, 0)
    series = 0.0
    for k in range(9, 0, -1):
        series = z * z * series + _SERIES[k]
    far = np.where(near, 1, x)
    return np.where(near, np.pi * z * series, (np.cos(np.pi * far) - np.sinc(far)) / far)


def _series(terms: int) -> tuple[float, ...]:
    """sin(z)/z = Σ (−1)ᵏ z²ᵏ/(2k + 1)!: of its derivative the coefficients of z²ᵏ⁻¹."""
    coefficients, factorial = [0.0], 1.0
    for k in range(1, terms):
        factorial *= 2 * k * (2 * k + 1)
        coefficients.append((-1) ** k * 2 * k / factorial)
    return tuple(coefficients)


_SERIES = _series(10)

sinc = Operation(
    "sinc",
    numpy=np.sinc,
    value=np.sinc,
    gradients=(lambda g, out, x: g * _sinc_slope(x),),
    formula=(lambda g, out, x: g * (np.cos(np.pi * x) - out) / x,),
)

Tensor.sin = unary_method(sin)
Tensor.cos = unary_method(cos)
Tensor.tan = unary_method(tan)
Tensor.sinh = unary_method(sinh)
Tensor.cosh = unary_method(cosh)
Tensor.tanh = unary_method(tanh)
Tensor.arcsin = unary_method(arcsin)
Tensor.arccos = unary_method(arccos)
Tensor.arctan = unary_method(arctan)
Tensor.arcsinh = unary_method(arcsinh)
Tensor.arccosh = unary_method(arccosh)
Tensor.arctanh = unary_method(arctanh)
Tensor.sinc = unary_method(sinc)
