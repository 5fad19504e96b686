"""Masks are chosen with, not multiplied by: 0 times an infinite gradient would be NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

# By the bytes of a number.
_BITS: Any = ("", "", "i2", "", "i4", "", "", "", "i8")
_array = np.ndarray


def chosen(mask: Any, g: Any) -> Any:
    """``g`` where the mask is true, exactly 0 elsewhere: np.where(mask, g, 0), and faster."""
    if type(mask) is _array and type(g) is _array:
        if mask.dtype.kind == "b" and g.dtype.kind == "f" and g.itemsize <= 8:
            # The bits of g, and all ones or all zeros. np.where guesses at every element which one
            # it will be: for 100,000 it takes ten times as long.
            return (g.view(_BITS[g.itemsize]) & -mask.view("i1")).view(g.dtype)
    elif type(mask) is np.bool_ and isinstance(g, np.floating):
        return g if mask else type(g)(0)
    return np.where(mask, g, 0)
