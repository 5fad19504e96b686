"""exp, log, log1p and tanh from additions, products and bits, so that a compiler makes vectors.

The C library computes one number at a time. These are written into compiled programs; what they add
up must not be regrouped. They give NaN for NaN, and are less than 3 units of the last digit off
everywhere, also where the result is infinite or denormal.

split: x = n·log 2 + r with |r| ≤ log(2)/2. Adding 1.5·2²³ (2⁵²) rounds to an integer, which then
stands in the lowest bits; moved to the exponent it is added there. log 2 comes in two parts of
which the first has few bits, so that n times it is exact. eʳ − 1 is r + r²·(1/2 + r/6 + …).
exp: the square of the exponential of x/2, which is in range where that of x may not be.
log: u = 2ᵏ·(1 + f) with 1 + f between √½ and √2, and log(1 + f) = f − f²/2 + s·(f²/2 + w) with
s = f/(2 + f) and w = 2/3 s² + 2/5 s⁴ + …
log1p: what 1 + x loses in rounding, relative to it, is added to its logarithm.
tanh: e/(e + 2) with e = exp(2|x|) − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1), which loses no digits near 0.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

TEXTS = {
    "split": """
def split_FLOAT(x):
    shifted = x * FLOAT(1.4426950408889634) + FLOAT(ROUNDING)
    n = shifted - FLOAT(ROUNDING)
    r = (x - n * FLOAT(LOG_2)) - n * FLOAT(REST_OF_LOG_2)
    p = EXPONENTIAL_SERIES
    return FLOAT(shifted).view(INT), p * r * r + r
""",
    "exp": """
def exp_FLOAT(x):
    x = FLOAT(OVERFLOW) if x > FLOAT(OVERFLOW) else x
    x = FLOAT(UNDERFLOW) if x < FLOAT(UNDERFLOW) else x
    n, p = split_FLOAT(x * FLOAT(0.5))
    root = INT(FLOAT(p + FLOAT(1)).view(INT) + INT(n << MANTISSA)).view(FLOAT)
    return root * root
""",
    "tanh": """
def tanh_FLOAT(x):
    y = FLOAT(2) * abs(x)
    n, p = split_FLOAT(FLOAT(40) if y > FLOAT(40) else y)
    power = INT(INT(n + INT(BIAS)) << MANTISSA).view(FLOAT)
    e = power * p + (power - FLOAT(1))
    result = e / (e + FLOAT(2))
    return FLOAT(np.copysign(result, x))
""",
    "log_and": """
def log_and_FLOAT(u, rest):
    small = u < FLOAT(SMALLEST)
    scaled = u * FLOAT(2**MANTISSA) if small else u
    bits = FLOAT(scaled).view(INT)
    k = INT(INT(bits - INT(ROOT_OF_HALF)) >> MANTISSA)
    f = INT(bits - INT(k << MANTISSA)).view(FLOAT) - FLOAT(1)
    n = FLOAT(k) - FLOAT(MANTISSA) if small else FLOAT(k)
    s = f / (f + FLOAT(2))
    r = s * s
    w = LOGARITHM_SERIES
    half = FLOAT(0.5) * f * f
    low = s * (half + w * r) + (n * FLOAT(REST_OF_LOG_2) + rest)
    result = n * FLOAT(LOG_2) - ((half - low) - f)
    result = u if u == FLOAT(np.inf) else result
    result = FLOAT(-np.inf) if u == FLOAT(0) else result
    return result if u >= FLOAT(0) else FLOAT(np.nan)
""",
    "log": """
def log_FLOAT(x):
    return log_and_FLOAT(x, FLOAT(0))
""",
    "log1p": """
def log1p_FLOAT(x):
    u = FLOAT(1) + x
    result = log_and_FLOAT(u, (x - (u - FLOAT(1))) / u)
    return x if u == FLOAT(1) else result
""",
}


def _series(dtype: str, coefficients: Sequence[float]) -> str:
    """A polynomial of r, the highest power first."""
    first, *others = (f"{dtype}({c!r})" for c in coefficients)
    return functools.reduce(lambda text, c: f"({text}) * r + {c}", others, first)


def _constants(dtype: str) -> dict[str, object]:
    is_short = dtype == "float32"
    mantissa, terms = (23, 7) if is_short else (52, 13)
    odd = range(9 if is_short else 21, 1, -2)
    return {
        "ROUNDING": 1.5 * 2**mantissa,
        "REST_OF_LOG_2": -2.12194440e-4 if is_short else 1.90821492927058770002e-10,
        "LOG_2": 0.693359375 if is_short else 6.93147180369123816490e-01,
        "EXPONENTIAL_SERIES": _series(dtype, [1 / math.factorial(n) for n in range(terms, 1, -1)]),
        "LOGARITHM_SERIES": _series(dtype, [2 / n for n in odd]),
        "OVERFLOW": 89 if is_short else 710,
        "UNDERFLOW": -104 if is_short else -746,
        "MANTISSA": mantissa,
        "BIAS": 127 if is_short else 1023,
        "SMALLEST": 1.1754944e-38 if is_short else 2.2250738585072014e-308,
        "ROOT_OF_HALF": 0x3F3504F3 if is_short else 0x3FE6A09E667F3BCD,
        "FLOAT": dtype,
        "INT": "int32" if is_short else "int64",
    }


def definition(name: str, dtype: str) -> str:
    """The function of this name, of numbers of float32 or float64."""
    text = TEXTS[name]
    for word, constant in _constants(dtype).items():
        text = text.replace(word, str(constant))
    return text
