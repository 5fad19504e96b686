"""Activations that are smooth everywhere, by formulas that keep their digits far from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.activation_functions import logistic, sigmoid, softplus

# log 1/(1 + e^-x) = min(x, 0) − log(1 + e^-|x|), which does not overflow.
log_sigmoid = Operation(
    "log_sigmoid",
    value=lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    gradients=(lambda g, out, x: g * sigmoid(-x),),
)

softsign = Operation(
    "softsign",
    value=lambda x: x / (1 + np.abs(x)),
    gradients=(lambda g, out, x: g / np.square(1 + np.abs(x)),),
)

silu = Operation(
    "silu",
    value=lambda x: x * logistic(x),
    gradients=(lambda g, out, x: g * (sigmoid(x) * (1 + x * sigmoid(-x))),),
)


def _squareplus(x: Any, b: float = 4) -> Any:
    # (x + r)/2 for a positive x, and b/2 / (r − x), which is the same, for a negative one: there
    # the sum would cancel. r as a hypotenuse, whose square may be too large for a number.
    r = np.hypot(x, b**0.5)
    sum_ = np.abs(x) + r
    return np.where(x > 0, sum_ / 2, b / 2 / sum_)


squareplus = Operation(
    "squareplus",
    value=_squareplus,
    gradients=(lambda g, out, x, b=4: g * (out / np.hypot(x, b**0.5)),),
    formula=(lambda g, out, x, b=4: g * (1 + x / np.sqrt(x**2 + b)) / 2,),
)


def _parts_of_mish(x: Any) -> tuple[Any, Any]:
    # tanh(softplus x) is n/(n + r): with e = e^-|x| for a positive x n = 1 + 2e and r = 2e², for a
    # negative one n = e² + 2e and r = 2, so that nothing overflows.
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1 + 2 * e, e * (e + 2)), 2 * np.where(x > 0, e * e, 1)


def _mish(x: Any) -> Any:
    n, r = _parts_of_mish(x)
    return x * (n / (n + r))


def _mish_gradient(g: Any, out: Any, x: Any) -> Any:
    n, r = _parts_of_mish(x)
    whole = n + r
    return g * (n / whole + x * sigmoid(x) * (r / whole * (1 + n / whole)))


mish = Operation(
    "mish",
    value=_mish,
    gradients=(_mish_gradient,),
    formula=(
        lambda g, out, x: (
            g * (np.tanh(softplus(x)) + x * sigmoid(x) * (1 - np.tanh(softplus(x)) ** 2))
        ),
    ),
)


def _tanh_shrink(x: Any) -> Any:
    # Near 0 the difference would cancel. tanh x is x/(1 + c) with a continued fraction
    # c = x²/(3 + x²/(5 + …)), so that x − tanh x is x·c/(1 + c).
    square = np.square(np.minimum(np.abs(x), 1))
    c = square / 21
    for odd in (19, 17, 15, 13, 11, 9, 7, 5, 3):
        c = square / (odd + c)
    return np.where(np.abs(x) > 1, x - np.tanh(x), x * (c / (1 + c)))


tanh_shrink = Operation(
    "tanh_shrink",
    value=_tanh_shrink,
    gradients=(lambda g, out, x: g * np.square(np.tanh(x)),),
)

# Powers of t = (a − 5)/(a + 5) whose sum is (1 + 5a/4)·e^(a²/2)·Φ(−a) for every a from 0 to ∞:
# its Chebyshev series up to the 23rd term, the first left out below half of a rounding error.
_POWERS = (
    0.5576649610687956, -0.0785759634765083, 0.009770757560953587, 0.03272390979756865,
    -0.044965141778916855, 0.036524679176520206, -0.021210861891002884, 0.008747211923902518,
    -0.002149978112993521, -2.3829713923590247e-05, 0.00024302453973618657,
    -6.724980471798354e-05, -1.403118160405005e-05, 1.1642309799535012e-05,
    8.07252125080812e-08, -1.6951798703922395e-06, 1.4074787596176891e-07,
    2.5520428966574344e-07, -3.02870885231024e-08, -4.0190720084052584e-08,
    4.181234636868007e-09, 5.6970610094957324e-09, -3.2130727016922155e-10,
    -4.925058173267701e-10,
)  # fmt: skip


def _normal_cdf(x: Any) -> Any:
    a = np.minimum(np.abs(x), 40)  # Φ(−40) is 0 in every precision
    t = (a - 5) / (a + 5)
    powers = t * _POWERS[-1]
    for power in _POWERS[-2:0:-1]:
        powers = (powers + power) * t
    # The square of a rounded to sixteenths is exact, and what is left is small: a²/2 itself would
    # lose as many digits as it has before the point.
    short = np.rint(a * 16) / 16
    bell = np.exp(-np.square(short) / 2) * np.exp((short - a) * ((short + a) / 2))
    tail = (powers + _POWERS[0]) / (1 + 1.25 * a) * bell
    return np.where(x > 0, 1 - tail, tail)


# The part of a normal distribution that lies below x, Φ(x).
normal_cdf = Operation(
    "normal_cdf",
    symbol="Φ",
    value=_normal_cdf,
    gradients=(lambda g, out, x: g * (np.exp(-np.square(x) / 2) / (2 * np.pi) ** 0.5),),
)


def _bent(x: Any) -> Any:
    # So that 1/(1 + e^-bent) is the usual (1 + tanh(bent/2))/2, which for a negative x cancels.
    return (8 / np.pi) ** 0.5 * (x + 0.044715 * (x * x * x))


def _gelu(x: Any, approximate: bool = False) -> Any:
    return x * (logistic(_bent(x)) if approximate else _normal_cdf(x))


def _gelu_gradient(g: Any, out: Any, x: Any, approximate: bool = False) -> Any:
    if not approximate:
        return g * (normal_cdf(x) + x * (np.exp(-np.square(x) / 2) / (2 * np.pi) ** 0.5))
    bent, slope = _bent(x), (8 / np.pi) ** 0.5 * (1 + 0.134145 * np.square(x))
    return g * (sigmoid(bent) * (1 + x * slope * sigmoid(-bent)))


# D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, 2016: x·Φ(x).
gelu = Operation("gelu", value=_gelu, gradients=(_gelu_gradient,))
