"""The functions that the text of a compiled program calls, which stand before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.jit import special_functions, vectorised
from autograd_nn.jit.compiled_form import refused
from autograd_nn.jit.elements import number
from autograd_nn.jit.reducing import FOLDS, HELPERS, OF_EXTREMA
from autograd_nn.program import Instruction


class Called:
    """Each of them once.

    Parameters   flags: what Numba is told of them
    """

    def __init__(self, flags: str) -> None:
        self._flags = flags
        self.texts: dict[str, str] = {}

    def vectorised(self, function: str, dtype: str) -> str:
        """The name of a function that is written into the text."""
        for name, text in vectorised.definitions(function, dtype).items():
            self.texts.setdefault(name, f"@njit({self._flags})\n{text}")
        return name

    def special(self, name: str) -> None:
        """Let one of the special functions be there."""
        self.texts |= special_functions.definitions(name, self._flags)

    def helper(self, name: str) -> None:
        """Let one of those for reductions be there."""
        # Only these may be computed in another order, which vectors need for a sum; and only the
        # larger and the smaller of two do not ask for NaN, which who calls them does.
        flags = '{"nnan", "nsz"}' if name in OF_EXTREMA.values() else '{"contract", "reassoc"}'
        self.texts.setdefault(name, f"@njit(fastmath={flags})\n{HELPERS[name]}")

    def fold(self, step: Instruction, dtype: np.dtype[Any]) -> tuple[str, str]:
        """With what a reduction starts, and how it takes in one number more."""
        initial, text = FOLDS[step.function]
        if not np.isfinite(initial) and step.output.dtype.kind != "f":
            raise refused(step, "of whole numbers")
        if text[0] != "(":
            self.helper(text.partition("(")[0])
        return number(initial, dtype), text
