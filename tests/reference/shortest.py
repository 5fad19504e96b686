"""Numbers for a file: as short as they can be and still mean exactly the same."""

from __future__ import annotations

from typing import Any

import numpy as np


def numbers(values: Any) -> Any:
    """An array as (nested) lists; a float32 with the fewest digits that still mean exactly it."""
    array = np.asarray(values)
    if array.dtype == np.float32:
        array = array.astype(str).astype(np.float64)
    return array.tolist()
