"""Where every result of a program goes, and how long what is there is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    DOT,
    ELEMENTWISE,
    MAKING,
    REDUCTIONS,
    VIEWS,
    join,
    with_ones,
    with_ones_column,
)
from autograd_nn.program.planning.formatting import Views
from autograd_nn.program.planning.storage import Buffer, Pool
from autograd_nn.program.source.spelling import Names
from autograd_nn.program.values import Instruction, Instructions, Value


@dataclass(eq=False, slots=True)
class Place:
    """Where a value is: its name, memory of the same layout, and whether `make` knows it."""

    text: str
    array: Any
    fixed: bool


class Places:
    """The places of all values, of the leaves at first, and with every step of its result.

    Parameters   names: what values are called
                 views: the views of buffers, to which those that are needed are added
                 setup: lines of `make`, to which those that make places are added
    """

    def __init__(self, steps: Instructions, names: Names, views: Views, setup: list[str]) -> None:
        self.of: dict[Value, Place] = {}
        # For a view the value whose memory it shows.
        self.owner = _owners(steps.steps)
        self.wanted: dict[Value, Place] = {}
        # The parts of what is assembled that are computed where they belong.
        self.in_place: set[tuple[Value, int]] = set()
        self.overwritten = 0
        self._steps = steps
        self._names = names
        self._views = views
        self._setup = setup
        self._pool = Pool()
        self._buffer: dict[Value, Buffer] = {}
        self._dedicated = 0
        self._last = _last_uses(steps, self.owner)
        self._ending: dict[int, list[Value]] = {}  # by the step after which they are not read
        for value, index in self._last.items():
            self._ending.setdefault(index, []).append(value)

    @property
    def nbytes(self) -> int:
        """The bytes of the memory that was made for results."""
        return self._pool.nbytes + self._dedicated

    def plan(self) -> None:
        """Results that must end up in a certain place are computed into it."""
        makers = {step.output: (index, step) for index, step in enumerate(self._steps.steps)}
        for step in self._steps.steps:
            if step.function is join:
                self._plan_join(step, makers)
            elif step.function is with_ones or step.function is with_ones_column:
                self._plan_ones(step, makers)
        for held, new in self._steps.updates:
            index, maker = makers.get(new, (-1, None))
            if maker is None or maker.function not in ELEMENTWISE or new in self.wanted:
                continue
            if held not in self.of:  # a view: others of the same memory are read later
                continue
            if (
                new.shape == held.shape
                and new.dtype == held.dtype
                and self._last.get(self.owner.get(held, held), -1) <= index
            ):
                self.wanted[new] = self.of[held]

    def _plan_join(
        self, step: Instruction, makers: Mapping[Value, tuple[int, Instruction]]
    ) -> None:
        name = self._names[step.output]
        if step.output not in self.of:
            array = np.empty(step.output.shape, step.output.dtype)
            self._dedicated += array.nbytes
            self._setup.append(f"{name} = np.empty({array.size}, np.{array.dtype.name})")
            self.of[step.output] = Place(name, array, True)
        array = self.of[step.output].array
        start = 0
        for place, part in enumerate(step.inputs):
            stop = start + part.size
            if part not in self.wanted and _has_out(makers.get(part)):
                self.in_place.add((step.output, place))
                view = array[start:stop].reshape(part.shape)
                text = self._names[part]
                shape = "" if len(part.shape) == 1 else f".reshape{part.shape or '(())'}"
                self._setup.append(f"{text} = {name}[{start}:{stop}]{shape}")
                self.wanted[part] = Place(text, view, True)
            start = stop

    def _plan_ones(
        self, step: Instruction, makers: Mapping[Value, tuple[int, Instruction]]
    ) -> None:
        array = np.ones(step.output.shape, step.output.dtype)
        self._dedicated += array.nbytes
        name = self._names[step.output]
        self._setup.append(f"{name} = np.ones({array.shape}, np.{array.dtype.name})")
        self.of[step.output] = Place(name, array, True)
        part = step.inputs[0]
        if step.function is with_ones_column:
            return
        if part not in self.wanted and _has_out(makers.get(part)):
            self.in_place.add((step.output, 0))
            text = self._names[part]
            self._setup.append(f"{text} = {name}[:-1]")
            self.wanted[part] = Place(text, array[:-1], True)

    def out(self, index: int, step: Instruction, may_overwrite: bool) -> Place:
        """The place for the result of a step that can write into memory that is there."""
        output = step.output
        if output in self.wanted:
            return self.wanted[output]
        if may_overwrite:
            for value in step.inputs:
                if type(value) is Value and self._dies_here(index, value, output):
                    buffer = self._buffer.pop(self.owner.get(value, value))
                    self._buffer[self.owner.get(output, output)] = buffer
                    self.overwritten += 1
                    return self.of[value]
        buffer = self._pool.take(max(1, output.size), output.dtype)
        self._buffer[self.owner.get(output, output)] = buffer
        view = buffer.array[: output.size].reshape(output.shape)
        return Place(self._views.of(buffer, output.shape), view, True)

    def _dies_here(self, index: int, value: Value, output: Value) -> bool:
        owner = self.owner.get(value, value)
        place = self.of.get(value)
        return (
            owner in self._buffer
            and self._last[owner] == index
            and value.shape == output.shape
            and value.dtype == output.dtype
            and value.kind == "array"
            and place is not None
            and place.array.flags.carray  # a broadcast view may be in one piece and read-only
        )

    def settle(self, value: Value, place: Place) -> None:
        """This is where the value is."""
        self.of[value] = place
        self._views.put(place.text, value)

    def release(self, index: int) -> None:
        """After a step: what no later one reads may be written over."""
        for owner in self._ending.pop(index, ()):
            if owner in self._buffer:
                self._pool.give_back(self._buffer.pop(owner))


def _last_uses(steps: Instructions, owner: Mapping[Value, Value]) -> dict[Value, int]:
    """For every group of values that share memory, the last step that reads one of them."""
    end = len(steps.steps)
    last = {owner.get(value, value): end for value in steps.results()}
    for index, step in reversed(list(enumerate(steps.steps))):
        until = last.setdefault(owner.get(step.output, step.output), index)
        for value in step.read():
            # What another function returns may be a view of what it was given.
            read = until if _may_share(step) else index
            shown = owner.get(value, value)
            last[shown] = max(last.get(shown, -1), read)
    return last


def _has_out(found: tuple[int, Instruction] | None) -> bool:
    if found is None or found[1].output.kind != "array":
        return False
    return found[1].function in ELEMENTWISE | REDUCTIONS | {DOT}


def _may_share(step: Instruction) -> bool:
    """Whether the result may be a view of an input."""
    return step.output.kind in ("array", "tuple") and step.function not in MAKING


def _owners(steps: list[Instruction]) -> dict[Value, Value]:
    """For every view the value whose memory it shows."""
    owner: dict[Value, Value] = {}
    for step in steps:
        if step.function in VIEWS and step.inputs and type(step.inputs[0]) is Value:
            source = step.inputs[0]
            owner[step.output] = owner.get(source, source)
    return owner
