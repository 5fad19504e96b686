"""How much a model may take while it is made of a file: no more than the file has."""

from __future__ import annotations

import math
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.engine.errors import FileFormatError

MOST_OF_A_RUN = 2**26


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

    def allow_run(self, shape: Any, dtype: Any) -> None:
        """Let a layer be run on zeros of this shape, to find what comes out.

        Raises       FileFormatError where they are more than those of any picture
        """
        wanted = math.prod(shape) * np.dtype(dtype).itemsize
        if wanted > MOST_OF_A_RUN:
            raise FileFormatError(
                f"its description has a layer that is to be run on an input of shape "
                f"{tuple(shape)}, with a size of {wanted:,} bytes, to find what comes out."
            )


reading: ContextVar[Room | None] = ContextVar("autograd_nn_reading", default=None)
"""Set while a model is made of a file."""
