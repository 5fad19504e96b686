"""Trigonometric and hyperbolic functions."""

from __future__ import annotations

import numpy as np

from autograd_nn.engine.binding import unary_method
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor

sin = Operation("sin", numpy=np.sin, value=np.sin, gradients=(lambda g, out, x: g * np.cos(x),))

cos = Operation("cos", numpy=np.cos, value=np.cos, gradients=(lambda g, out, x: -g * np.sin(x),))

# (1 − t)(1 + t) and not 1 − t²: half of the digits would be lost where t is near ±1.
tanh = Operation(
    "tanh",
    numpy=np.tanh,
    value=np.tanh,
    gradients=(lambda g, out, x: g * ((1 - out) * (1 + out)),),
    formula=(lambda g, out, x: g * (1 - out**2),),
)

Tensor.sin = unary_method(sin)
Tensor.cos = unary_method(cos)
Tensor.tanh = unary_method(tanh)
