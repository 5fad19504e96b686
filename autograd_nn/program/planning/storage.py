"""Where values live: buffers, used again once what was in them is not read any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(eq=False)
class Buffer:
    """Memory that is made once, of so many elements."""

    name: str
    size: int
    dtype: np.dtype[Any]
    array: np.ndarray[Any, Any]


class Pool:
    """Buffers in use and free ones; the one that was freed last is taken first (it is in cache)."""

    def __init__(self) -> None:
        self.made: list[Buffer] = []
        self._free: list[Buffer] = []

    def take(self, size: int, dtype: np.dtype[Any]) -> Buffer:
        """A free buffer that is large enough but not much larger, or a new one."""
        for buffer in reversed(self._free):
            if buffer.dtype == dtype and size <= buffer.size <= 2 * size:
                self._free.remove(buffer)
                return buffer
        name = f"buffer_{len(self.made) + 1}"
        buffer = Buffer(name, size, dtype, np.empty(size, dtype))
        self.made.append(buffer)
        return buffer

    def give_back(self, buffer: Buffer) -> None:
        """Nothing in it is read any more."""
        self._free.append(buffer)

    @property
    def nbytes(self) -> int:
        """The bytes of all buffers."""
        return sum(buffer.array.nbytes for buffer in self.made)
