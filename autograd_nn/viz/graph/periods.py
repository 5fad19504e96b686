"""Where a sequence repeats itself: runs of equal blocks, one after the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

LONGEST_BLOCK = 64
FEWEST_REPEATS = 3
"""Twice the same may be chance, and saves little."""


class Repetition(NamedTuple):
    """``repeats`` equal blocks of ``length`` items, the first of them at ``start``."""

    start: int
    length: int
    repeats: int

    @property
    def stop(self) -> int:
        """The place behind the last block."""
        return self.start + self.length * self.repeats


def runs(sequence: Sequence[Hashable]) -> list[Repetition]:
    """The runs of a sequence that cover most of it, without overlap, in order.

    Example

    >>> runs("abcbcbcd")
    [Repetition(start=1, length=2, repeats=3)]
    """
    number: dict[Hashable, int] = {}
    tokens = np.array([number.setdefault(item, len(number)) for item in sequence], dtype=np.intp)
    found: list[Repetition] = []
    for length in range(1, min(LONGEST_BLOCK, len(tokens) // FEWEST_REPEATS) + 1):
        # Where an item equals the one a block further, for a whole block and longer, blocks repeat.
        equal = np.concatenate([[False], tokens[:-length] == tokens[length:], [False]])
        edges = np.flatnonzero(equal[1:] != equal[:-1])
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            repeats = int(stop - start) // length + 1
            if repeats >= FEWEST_REPEATS:
                found.append(Repetition(int(start), length, repeats))
    # Longest cover first; of equal ones the shortest block, so that aaaa is not (aa)(aa).
    found.sort(key=lambda run: (run.start - run.stop, run.length, run.start))
    taken = np.zeros(len(tokens), dtype=bool)
    chosen = []
    for run in found:
        if not taken[run.start : run.stop].any():
            taken[run.start : run.stop] = True
            chosen.append(run)
    return sorted(chosen)
