"""The batches of an epoch, gathered into memory that is there."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.program.planning.layout import with_ones_column
from autograd_nn.training.observed import given
from autograd_nn.training.replayed import Replayed

GATHERED = 64_000_000
"""Data of up to so many bytes are gathered for a whole epoch; of more, no second copy is made."""


class Batch(NamedTuple):
    """One batch: its program, what that is called with, and what metrics are told."""

    program: Replayed
    arguments: tuple[Any, ...]
    y: Any
    weight: Any


class Stretch(NamedTuple):
    """Batches of one program that follow one another; ``arguments`` are those of all of them."""

    program: Replayed
    arguments: tuple[Any, ...]
    batches: list[Batch]


class Epoch:
    """The batches of an epoch for programs, gathered into memory that is there.

    Parameters   data: of the whole fit
                 programs: that of every batch
                 batch_size: how many samples each batch has, but the last
    """

    def __init__(self, data: Data, programs: list[Replayed], batch_size: int) -> None:
        self.programs = programs
        self.size = batch_size
        whole = given(*data)
        wanted = {(name, wide) for program in programs for name, wide, _ in program.inputs}
        wanted |= {(name, False) for name in whole if name != "x"}  # metrics are told of them
        self.sources = {
            (name, wide): with_ones_column(whole[name]) if wide else whole[name]
            for name, wide in sorted(wanted)
        }
        self.gathered = {key: np.empty_like(array) for key, array in self.sources.items()}
        self.sizes = [program.samples for program in programs]
        # Views of all batches, made once.
        self.in_order = self._stretches(self.sources)
        self.shuffled = self._stretches(self.gathered)

    def _batches(self, arrays: dict[tuple[str, bool], Any]) -> list[Batch]:
        weight = arrays.get(("sample_weight", False))
        found = []
        for place, program in enumerate(self.programs):
            rows = slice(place * self.size, (place + 1) * self.size)
            arguments = tuple(
                arrays[name, wide][rows].T if turned else arrays[name, wide][rows]
                for name, wide, turned in program.inputs
            )
            weights = None if weight is None else weight[rows]
            found.append(Batch(program, arguments, arrays["y", False][rows], weights))
        return found

    def _stretches(self, arrays: dict[tuple[str, bool], Any]) -> list[Stretch]:
        found = []
        start = 0
        for program, group in itertools.groupby(self._batches(arrays), lambda b: b.program):
            batches = list(group)
            rows = slice(start, start + len(batches) * program.samples)
            start = rows.stop
            # Only machine code takes them at once, and it takes nothing transposed.
            arguments = tuple(arrays[name, wide][rows] for name, wide, _ in program.inputs)
            found.append(Stretch(program, arguments, batches))
        return found

    def stretches(self, order: Any) -> list[Stretch]:
        """One epoch in this order of the samples, None for the order given."""
        if order is None:
            return self.in_order
        for key, array in self.sources.items():
            # "clip" does without the buffer that "raise" needs; the order is a permutation.
            array.take(order, 0, self.gathered[key], "clip")
        return self.shuffled

    def batches(self, order: Any) -> list[Batch]:
        """The same, batch by batch."""
        return [batch for stretch in self.stretches(order) for batch in stretch.batches]
