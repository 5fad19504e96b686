"""Masks are chosen with, not multiplied by: 0 times an infinite gradient would be NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

# Whole numbers of as many bytes as a floating-point number has.
_BITS: Any = (None, None, np.dtype("i2"), None, np.dtype("i4"), *(None,) * 3, np.dtype("i8"))
_array = np.ndarray


def chosen(mask: Any, g: Any) -> Any:
    """``g`` where the mask is true, exactly 0 elsewhere: np.where(mask, g, 0), and faster."""
    if type(mask) is np.bool_:
        if mask:
            return g
        return type(g)(0) if isinstance(g, np.floating) else 0.0
    if type(g) is _array and type(mask) is _array:
        dtype = g.dtype
        if dtype.kind == "f" and dtype.itemsize <= 8 and mask.dtype.kind == "b":
            # The bits of g as whole numbers, times 1 or 0. np.where guesses at every element which
            # of the two it will be: for 100,000 it takes ten times as long.
            return (g.view(_BITS[dtype.itemsize]) * mask).view(dtype)
    return np.where(mask, g, 0)
