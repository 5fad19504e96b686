"""exp, log1p, log and tanh from additions, products and bits, so that a compiler makes vectors.

A call of the C library computes one number at a time. These are copied into compiled programs;
their steps must not be regrouped. All give NaN for NaN, and are right to the last few bits also
where the result is infinite or too small for normal numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# x = n·log 2 + r with |r| ≤ log(2)/2; adding and taking off 1.5·2²³ (2⁵²) rounds to an integer,
# which then stands in the lowest bits. log 2 in two parts, of which the first has few bits, so that
# its products are exact. 2ⁿ in two factors: n may be one more than a float can have, or denormal.


def exp_float32(x: Any) -> Any:
    x = np.float32(89) if x > np.float32(89) else x
    x = np.float32(-104) if x < np.float32(-104) else x
    shifted = x * np.float32(1.44269504) + np.float32(12582912)
    n = shifted - np.float32(12582912)
    r = (x - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1 / 5040) * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r + np.float32(1)
    p = p * r + np.float32(1)
    k = np.int32(np.float32(shifted).view(np.int32) - np.int32(0x4B400000))
    half = np.int32(k >> 1)
    low = np.int32(np.int32(half + 127) << 23).view(np.float32)
    high = np.int32(np.int32(k - half + 127) << 23).view(np.float32)
    return p * low * high


def exp_float64(x: Any) -> Any:
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    shifted = x * 1.4426950408889634 + 6755399441055744.0
    n = shifted - 6755399441055744.0
    r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10
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
    k = np.float64(shifted).view(np.int64) - np.int64(0x4338000000000000)
    half = k >> 1
    low = np.int64((half + 1023) << 52).view(np.float64)
    high = np.int64((k - half + 1023) << 52).view(np.float64)
    return p * low * high
