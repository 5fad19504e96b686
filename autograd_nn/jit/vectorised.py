"""exp, log, log1p and tanh from additions, products and bits, so that a compiler makes vectors.

The C library computes one number at a time. These are copied into compiled programs; what they add
up must not be regrouped. They give NaN for NaN, and are less than 3 units of the last digit off
everywhere, also where the result is infinite or denormal.

exp: x/2 = n·log 2 + r with |r| ≤ log(2)/2, and the square of 2ⁿ·eʳ, which is in range where its
square may not be. Adding 1.5·2²³ (2⁵²) rounds to an integer, which then stands in the lowest bits;
moved to the exponent it is added there. log 2 comes in two parts of which the first has few bits,
so that n times it is exact.
log: u = 2ᵏ·(1 + f) with 1 + f between √½ and √2, and log(1 + f) = f − f²/2 + s·(f²/2 + w) with
s = f/(2 + f) and w = 2/3 s² + 2/5 s⁴ + …
tanh: e/(e + 2) with e = exp(2|x|) − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1), which loses no digits near 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def exp_float32(x: Any) -> Any:
    x = np.float32(89) if x > np.float32(89) else x
    x = np.float32(-104) if x < np.float32(-104) else x
    shifted = x * np.float32(0.72134752) + np.float32(12582912)
    n = shifted - np.float32(12582912)
    r = (x * np.float32(0.5) - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1 / 5040) * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r + np.float32(1)
    p = p * r + np.float32(1)
    power = np.int32(np.float32(shifted).view(np.int32) << 23)
    root = np.int32(np.float32(p).view(np.int32) + power).view(np.float32)
    return root * root


def exp_float64(x: Any) -> Any:
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    shifted = x * 0.7213475204444817 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = (x * 0.5 - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10
    p = 1 / 6227020800 * r + 1 / 479001600
    p = p * r + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = np.float64(shifted).view(np.int64) << 52
    root = np.int64(np.float64(p).view(np.int64) + power).view(np.float64)
    return root * root


def _log_float32(u: Any, rest: Any) -> Any:
    """log(u) + rest."""
    small = u < np.float32(1.1754944e-38)
    scaled = u * np.float32(8388608) if small else u
    bits = np.float32(scaled).view(np.int32)
    k = np.int32(np.int32(bits - np.int32(0x3F3504F3)) >> 23)
    f = np.int32(bits - np.int32(k << 23)).view(np.float32) - np.float32(1)
    n = np.float32(k) - np.float32(23) if small else np.float32(k)
    s = f / (f + np.float32(2))
    z = s * s
    w = np.float32(2 / 9) * z + np.float32(2 / 7)
    w = (w * z + np.float32(2 / 5)) * z + np.float32(2 / 3)
    half = np.float32(0.5) * f * f
    low = s * (half + w * z) + (n * np.float32(-2.12194440e-4) + rest)
    result = n * np.float32(0.693359375) - ((half - low) - f)
    result = u if u == np.float32(np.inf) else result
    result = np.float32(-np.inf) if u == np.float32(0) else result
    return result if u >= np.float32(0) else np.float32(np.nan)


def _log_float64(u: Any, rest: Any) -> Any:
    """log(u) + rest."""
    small = u < 2.2250738585072014e-308
    scaled = u * 4503599627370496.0 if small else u
    bits = np.float64(scaled).view(np.int64)
    k = (bits - np.int64(0x3FE6A09E667F3BCD)) >> 52
    f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
    n = np.float64(k) - 52.0 if small else np.float64(k)
    s = f / (f + 2.0)
    z = s * s
    w = 2 / 21 * z + 2 / 19
    w = w * z + 2 / 17
    w = w * z + 2 / 15
    w = w * z + 2 / 13
    w = w * z + 2 / 11
    w = w * z + 2 / 9
    w = w * z + 2 / 7
    w = w * z + 2 / 5
    w = w * z + 2 / 3
    half = 0.5 * f * f
    low = s * (half + w * z) + (n * 1.90821492927058770002e-10 + rest)
    result = n * 6.93147180369123816490e-01 - ((half - low) - f)
    result = u if u == np.inf else result
    result = -np.inf if u == 0 else result
    return result if u >= 0 else np.nan


def log_float32(x: Any) -> Any:
    return _log_float32(x, np.float32(0))


def log_float64(x: Any) -> Any:
    return _log_float64(x, 0.0)


# What 1 + x loses in rounding, relative to it, is added to its logarithm.


def log1p_float32(x: Any) -> Any:
    u = np.float32(1) + x
    return _log_float32(u, (x - (u - np.float32(1))) / u)


def log1p_float64(x: Any) -> Any:
    u = 1.0 + x
    return _log_float64(u, (x - (u - 1.0)) / u)


def tanh_float32(x: Any) -> Any:
    y = np.float32(2) * abs(x)
    y = np.float32(40) if y > np.float32(40) else y
    shifted = y * np.float32(1.44269504) + np.float32(12582912)
    n = shifted - np.float32(12582912)
    r = (y - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1 / 5040) * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r * r + r
    bits = np.int32(np.float32(shifted).view(np.int32) + np.int32(127))
    power = np.int32(bits << 23).view(np.float32)
    e = power * p + (power - np.float32(1))
    result = e / (e + np.float32(2))
    return -result if x < np.float32(0) else result


def tanh_float64(x: Any) -> Any:
    y = 2.0 * abs(x)
    y = 40.0 if y > 40.0 else y
    shifted = y * 1.4426950408889634 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = (y - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10
    p = 1 / 6227020800 * r + 1 / 479001600
    p = p * r + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 0.5
    p = p * r * r + r
    power = np.int64((np.float64(shifted).view(np.int64) + np.int64(1023)) << 52).view(np.float64)
    e = power * p + (power - 1.0)
    result = e / (e + 2.0)
    return -result if x < 0 else result
