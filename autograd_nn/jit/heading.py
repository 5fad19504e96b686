"""The first lines of a compiled program."""

_KINDS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
IMPORTS = (
    *("import numpy as np", "from numba import njit, types"),
    f"from numpy import float32, float64, {', '.join(_KINDS)}",
)
"""The first lines of the text."""
IMPORTED = ("math", "njit", "float32", "float64", *_KINDS)
