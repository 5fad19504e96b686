"""The batches of an epoch, gathered into memory that is there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.program import with_ones_column

if TYPE_CHECKING:
    from autograd_nn.training.step_program import StepProgram

AT_ONCE = 64_000_000
OF_A_BATCH = 64_000
"""Data of up to so many bytes are gathered for a whole epoch, where a batch has so few."""


def given(x: Any, y: Any, weight: Any) -> dict[str, Any]:
    """The data of a batch by the names that a program knows them by."""
    found = {"x": x, "y": y}
    return found if weight is None else {**found, "sample_weight": weight}


class Batch(NamedTuple):
    """One batch, with its program and what that is called with where both are known already."""

    data: Data
    program: StepProgram | None = None
    arguments: tuple[Any, ...] = ()


class Stretch(NamedTuple):
    """Batches of one program that follow one another.

    ``arguments`` are those of all of them, for a program that takes them at once; or none.
    """

    program: StepProgram
    arguments: tuple[Any, ...]
    batches: list[Batch]


class Epoch:
    """The batches of an epoch for programs.

    Parameters   data: of the whole fit
                 programs: that of every batch
    """

    def __init__(self, data: Data, programs: list[StepProgram]) -> None:
        self.programs = programs
        self.sizes = [program.samples for program in programs]
        self._stops = list(itertools.accumulate(self.sizes))
        self._sources = given(*data)
        self._whole: dict[tuple[str, bool], Any] = {}
        # Views of all batches, made once, where the whole is in memory in both orders.
        self._in_order: list[Stretch] = []
        self._shuffled: list[Stretch] = []
        # Else for each program one batch in memory, with what is copied where.
        self._kept: dict[StepProgram, tuple[Batch, list[tuple[Any, Any]]]] = {}
        size = sum(array.nbytes for array in self._sources.values())
        if size <= AT_ONCE and size <= OF_A_BATCH * len(programs):
            self._gather_at_once()
        else:
            # What a step reads was just copied then, and is nearer than memory: 2 % of a step of
            # 784-256-128-10 with 128 samples.
            self._kept = {program: self._memory_for(program) for program in set(programs)}

    def refresh(self) -> None:
        """Copy again what was copied from the data: somebody may have changed them since."""
        for (name, wide), array in self._whole.items():
            if wide:
                array[:, :-1] = self._sources[name]

    def stretches(self, order: Any) -> Iterator[Stretch]:
        """One epoch in this order of the samples, None for the order given.

        The memory of a stretch may be that of the next one.
        """
        if not self._kept:
            yield from self._in_order if order is None else self._gathered(order)
            return
        for program, stop in zip(self.programs, self._stops, strict=True):
            rows = slice(stop - program.samples, stop)
            batch, places = self._kept[program]
            for source, place in places:
                if order is None:
                    place[...] = source[rows]
                else:
                    source.take(order[rows], 0, place, "clip")
            yield Stretch(program, (), [batch])

    def batches(self, order: Any) -> Iterator[Batch]:
        """The same, batch by batch."""
        return (batch for stretch in self.stretches(order) for batch in stretch.batches)

    def _wanted(self, programs: list[StepProgram]) -> list[tuple[str, bool]]:
        """What is gathered: of every input its name, and whether with a column of ones."""
        wanted = {(name, wide) for program in programs for name, wide, _ in program.inputs}
        return sorted(wanted | {(name, False) for name in self._sources if name != "x"})

    # ------------------------------------------------------------------ all at once

    def _gather_at_once(self) -> None:
        self._whole = {
            (name, wide): with_ones_column(self._sources[name]) if wide else self._sources[name]
            for name, wide in self._wanted(self.programs)
        }
        self._places = {key: np.empty_like(array) for key, array in self._whole.items()}
        self._in_order = self._stretches(self._whole)
        self._shuffled = self._stretches(self._places)

    def _gathered(self, order: Any) -> list[Stretch]:
        for key, array in self._whole.items():
            # "clip" does without the buffer that "raise" needs; the order is a permutation.
            array.take(order, 0, self._places[key], "clip")
        return self._shuffled

    def _stretches(self, arrays: dict[tuple[str, bool], Any]) -> list[Stretch]:
        found = []
        places = zip(self.programs, self._stops, strict=True)
        for program, group in itertools.groupby(places, lambda place: place[0]):
            stops = [stop for _, stop in group]
            rows = [slice(stop - program.samples, stop) for stop in stops]
            batches = [_batch(program, {k: a[part] for k, a in arrays.items()}) for part in rows]
            of_all = slice(rows[0].start, rows[-1].stop)
            # Only machine code takes them at once, and it takes nothing transposed.
            arguments = tuple(arrays[name, wide][of_all] for name, wide, _ in program.inputs)
            found.append(Stretch(program, arguments, batches))
        return found

    # ------------------------------------------------------------------ one by one

    def _memory_for(self, program: StepProgram) -> tuple[Batch, list[tuple[Any, Any]]]:
        arrays: dict[tuple[str, bool], Any] = {}
        places = []
        for name, wide in self._wanted([program]):
            source = self._sources[name]
            array = np.empty((program.samples, *source.shape[1:]), source.dtype)
            arrays[name, wide] = with_ones_column(array) if wide else array
            places.append((source, arrays[name, wide][:, :-1] if wide else array))
        return _batch(program, arrays), places


def _batch(program: StepProgram, arrays: dict[tuple[str, bool], Any]) -> Batch:
    arguments = tuple(
        arrays[name, wide].T if turned else arrays[name, wide]
        for name, wide, turned in program.inputs
    )
    # What the model is called with is in the arguments.
    data = Data(None, arrays["y", False], arrays.get(("sample_weight", False)))  # type: ignore[arg-type]
    return Batch(data, program, arguments)
