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
    freed: int = 0  # when it was given back, counted


class Pool:
    """Buffers in use and free ones; the one that was freed last is taken first (it is in cache)."""

    def __init__(self) -> None:
        self.made: list[Buffer] = []
        # By dtype and size class, the number of bits of the size: a large program frees many.
        self._free: dict[tuple[np.dtype[Any], int], list[Buffer]] = {}
        self._freed = 0

    def take(self, size: int, dtype: np.dtype[Any]) -> Buffer:
        """A free buffer that is large enough but not much larger, or a new one."""
        latest: tuple[int, list[Buffer], int] | None = None
        for bits in (size.bit_length(), size.bit_length() + 1):
            free = self._free.get((dtype, bits), [])
            for place in range(len(free) - 1, -1, -1):
                if size <= free[place].size <= 2 * size:
                    fit = free[place].freed, free, place
                    latest = fit if latest is None or fit[0] > latest[0] else latest
                    break
        if latest is not None:
            _, free, place = latest
            return free.pop(place)
        name = f"buffer_{len(self.made) + 1}"
        buffer = Buffer(name, size, dtype, np.empty(size, dtype))
        self.made.append(buffer)
        return buffer

    def give_back(self, buffer: Buffer) -> None:
        """Nothing in it is read any more."""
        self._freed += 1
        buffer.freed = self._freed
        self._free.setdefault((buffer.dtype, buffer.size.bit_length()), []).append(buffer)

    @property
    def nbytes(self) -> int:
        """The bytes of all buffers."""
        return sum(buffer.array.nbytes for buffer in self.made)
