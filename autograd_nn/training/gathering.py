"""The batches of an epoch, gathered into memory that is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.program.planning.planner import with_ones_column
from autograd_nn.training.observed import given
from autograd_nn.training.replayed import Replayed

# Data of up to so many bytes are gathered for a whole epoch at once, larger ones batch by batch.
_GATHERED = 64_000_000


class Batch(NamedTuple):
    """One batch: its program, what that is called with, and what metrics are told."""

    program: Replayed
    arguments: tuple[Any, ...]
    y: Any
    weight: Any


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
        wanted = {key for program in programs for key in program.inputs}
        wanted |= {(name, False) for name in whole if name != "x"}  # metrics are told of them
        self.sources = {
            (name, wide): with_ones_column(whole[name]) if wide else whole[name]
            for name, wide in sorted(wanted)
        }
        self.at_once = sum(array.nbytes for array in self.sources.values()) <= _GATHERED
        rows = len(data.x) if self.at_once else batch_size
        self.gathered = {
            key: np.empty((rows, *array.shape[1:]), array.dtype)
            for key, array in self.sources.items()
        }
        self.sizes = [program.samples for program in programs]
        # Views of all batches, made once.
        self.in_order = [self._batch(self.sources, place) for place in range(len(programs))]
        self.shuffled = [
            self._batch(self.gathered, place if self.at_once else 0, self.programs[place])
            for place in range(len(programs))
        ]

    def _batch(
        self, arrays: dict[tuple[str, bool], Any], place: int, program: Replayed | None = None
    ) -> Batch:
        program = program or self.programs[place]
        rows = slice(place * self.size, (place + 1) * self.size)
        weight = arrays.get(("sample_weight", False))
        return Batch(
            program,
            tuple(arrays[key][rows][: program.samples] for key in program.inputs),
            arrays["y", False][rows][: program.samples],
            None if weight is None else weight[rows][: program.samples],
        )

    def batches(self, order: Any) -> Iterator[Batch]:
        """The batches of one epoch in this order of the samples, None for the order given."""
        if order is None:
            yield from self.in_order
        elif self.at_once:
            self._gather(order)
            yield from self.shuffled
        else:
            for place, batch in enumerate(self.shuffled):
                self._gather(order[place * self.size : (place + 1) * self.size])
                yield batch

    def _gather(self, rows: Any) -> None:
        for key, array in self.sources.items():
            # "clip" does without the buffer that "raise" needs; the order is a permutation.
            array.take(rows, 0, self.gathered[key][: len(rows)], "clip")
