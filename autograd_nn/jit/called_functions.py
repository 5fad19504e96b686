"""The functions that compiled programs call: the text of each, and what it calls itself.

Most are written once for every dtype: FLOAT stands for what they write, SIZE for its bytes, KIND
and other words for letters that BLAS and LAPACK are told.
"""

from __future__ import annotations

import re

import numpy as np

from autograd_nn.jit import (
    lapack,
    ordering,
    reducing,
    running,
    sequences,
    solid_windows,
    special_functions,
    vectorised,
)
from autograd_nn.jit.stand_ins import DTYPES

FLAGS = 'fastmath={"contract"}, error_model="numpy"'
"""With which Numba compiles all that says nothing else."""

_FAMILIES = (sequences, running, lapack, ordering, solid_windows)
_OF_DTYPES = {name: text for family in _FAMILIES for name, text in family.TEXTS.items()}
_AS_THEY_STAND = {"math": "import math"} | reducing.HELPERS | lapack.DOORS | special_functions.DOORS
_AS_THEY_STAND |= {name: f"@njit({FLAGS})\n{x}" for name, x in special_functions.TEXTS.items()}
_LETTERS = {"UPPER": "U", "LOWER": "L", "SOME": "S"}
_KINDS = {"float32": "s", "float64": "d"}


def functions_in(text: str) -> dict[str, str]:
    """The definitions of all that a text calls, by name; after what they call themselves."""
    found: dict[str, str] = {}
    for word in dict.fromkeys(re.findall(r"\w+", text)):
        definition = None if word in found else _definition(word)
        if definition is not None:
            others = re.sub(rf"\b{word}\b", "", definition)
            found |= functions_in(others) | {word: definition}
    return found


def _definition(word: str) -> str | None:
    if word in _AS_THEY_STAND:
        return _AS_THEY_STAND[word].strip()
    name, _, dtype = word.rpartition("_")
    if dtype not in DTYPES:
        return None
    if name in vectorised.TEXTS:
        text = vectorised.definition(name, dtype)
    elif name in _OF_DTYPES:
        text = _OF_DTYPES[name].replace("FLOAT", dtype)
        text = text.replace("SIZE", str(np.dtype(dtype).itemsize))
        for letter_word, letter in {**_LETTERS, "KIND": _KINDS.get(dtype, " ")}.items():
            text = text.replace(letter_word, str(ord(letter)))
    else:
        return None
    return f"@njit({FLAGS})\n{text.strip()}"


NAMES = (
    *_AS_THEY_STAND,
    *(f"{name}_{dtype}" for name in [*_OF_DTYPES, *vectorised.TEXTS] for dtype in DTYPES),
)
"""Those that the functions here take."""
