"""How much a model may take while it is made of a file: no more than the file has."""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.engine.errors import FileFormatError


class Room:
    """The bytes that are left for weights. These begin as zeros: their values are in the file.

    Parameters   nbytes: what the arrays of the file have together
    """

    def __init__(self, nbytes: int) -> None:
        self._whole = self._left = nbytes

    def zeros(self, shape: Any, dtype: Any) -> np.ndarray[Any, Any]:
        """A weight.

        Raises       FileFormatError where the description asks for more than there is
        """
        wanted = math.prod(shape) * np.dtype(dtype).itemsize
        if wanted > self._left:
            raise FileFormatError(
                f"its description asks for weights with a size of more than {self._whole:,} "
                f"bytes, which is what all its arrays have, with one of shape {tuple(shape)}."
            )
        self._left -= wanted
        return np.zeros(shape, dtype)


reading: ContextVar[Room | None] = ContextVar("autograd_nn_reading", default=None)
"""Set while a model is made of a file."""
