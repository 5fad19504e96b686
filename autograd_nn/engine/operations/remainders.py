"""Division with a remainder, and the parts that a number is made of: % // and signs and exponents.

Each jumps where the quotient is whole; the derivatives are those beside the jumps.
"""

from __future__ import annotations

import operator

import numpy as np

from autograd_nn.engine.binding import binary_methods
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.tensor import Tensor

floor_divide = Operation(
    "floor_divide",
    symbol="//",
    numpy=np.floor_divide,
    value=operator.floordiv,
    gradients=(None, None),
)

# x % y = x − y·⌊x/y⌋, with the sign of y.
remainder = Operation(
    "remainder",
    symbol="%",
    numpy=np.remainder,
    value=operator.mod,
    gradients=(lambda g, out, x, y: g, lambda g, out, x, y: -g * np.floor_divide(x, y)),
)

# x − y·trunc(x/y), with the sign of x, as in C.
fmod = Operation(
    "fmod",
    numpy=np.fmod,
    value=np.fmod,
    gradients=(lambda g, out, x, y: g, lambda g, out, x, y: -g * np.trunc(x / y)),
)

# |x| with the sign of y; at 0 as |x|.
copysign = Operation(
    "copysign",
    numpy=np.copysign,
    value=np.copysign,
    gradients=(lambda g, out, x, y: chosen(x != 0, g) * np.sign(x) * np.copysign(1, y), None),
    formula=(lambda g, out, x, y: g * np.sign(x) * np.sign(y), None),
)

# x·2ⁿ
ldexp = Operation(
    "ldexp",
    numpy=np.ldexp,
    value=np.ldexp,
    gradients=(lambda g, out, x, n: np.ldexp(g, n), None),
    formula=(lambda g, out, x, n: g * 2.0**n, None),
)

# The n for which x = m·2ⁿ with 0.5 ≤ |m| < 1.
exponent = Operation("exponent", value=lambda x: np.frexp(x)[1], gradients=(None,))

# 0 below 0, 1 above, and y at 0.
heaviside = Operation(
    "heaviside",
    numpy=np.heaviside,
    value=np.heaviside,
    gradients=(None, lambda g, out, x, y: chosen(x == 0, g)),
)


Tensor.__floordiv__, Tensor.__rfloordiv__ = binary_methods(floor_divide, "floordiv")
Tensor.__mod__, Tensor.__rmod__ = binary_methods(remainder, "mod")
Tensor.__divmod__ = lambda self, other: (self // other, self % other)
Tensor.__rdivmod__ = lambda self, other: (other // self, other % self)
