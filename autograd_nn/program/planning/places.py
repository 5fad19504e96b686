"""Where every result of a program goes, and how long what is there is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    ASSEMBLED,
    DOT,
    ELEMENTWISE,
    MAKING,
    REDUCTIONS,
    VIEWS,
    join,
    with_ones,
)
from autograd_nn.program.source.expressions import Names
from autograd_nn.program.values import Instruction, Instructions, Value


@dataclass(eq=False, slots=True)
class Place:
    """Where a value is: its name, memory of the same layout, and whether `make` knows it."""

    text: str
    array: Any = None
    fixed: bool = False


class Places:
    """The places of all values: of the leaves at first, and with every step of its result.

    What is not read any more is written over by the next result of that shape; what was freed last
    is taken first, as it is in cache.
    """

    def __init__(self, steps: Instructions, names: Names) -> None:
        self.of: dict[Value, Place] = {}
        self.setup: list[str] = []  # the lines of `make`
        # For a view the value whose memory it shows.
        self.owner = _owners(steps.steps)
        # Where results must end up; and where the parts of what is assembled belong.
        self.wanted: dict[Value, Place] = {}
        self.slots: dict[Value, list[Place]] = {}
        self.nbytes = 0
        self.overwritten = 0
        self._steps = steps
        self._names = names
        self._prepared: dict[str, str] = {}
        # Memory that is used again, by the owner of what is in it, and that with nothing in it.
        self._taken: dict[Value, Place] = {}
        self._free: dict[Any, list[Place]] = {}
        self._last = _last_uses(steps, self.owner)
        self._ending: dict[int, list[Value]] = {}  # by the step after which they are not read
        for value, index in self._last.items():
            self._ending.setdefault(index, []).append(value)

    def prepared(self, wish: str, text: str) -> str:
        """The name of what `make` computes by this text, once."""
        if text not in self._prepared:
            name = self._prepared[text] = self._names.new(wish)
            self.setup.append(f"{name} = {text}")
        return self._prepared[text]

    def made(self, wish: str, like: Value, ones: bool = False) -> Place:
        """New memory."""
        array = (np.ones if ones else np.empty)(like.shape, like.dtype)
        self.nbytes += array.nbytes
        name, how = self._names.new(wish), "ones" if ones else "empty"
        self.setup.append(f"{name} = np.{how}({like.shape}, np.{like.dtype.name})")
        return Place(name, array, True)

    def plan(self) -> None:
        """Results that must end up in a certain place are computed into it."""
        makers = {step.output: (index, step) for index, step in enumerate(self._steps.steps)}
        for step in self._steps.steps:
            if step.function in ASSEMBLED:
                self._plan_parts(step, makers)
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

    def _plan_parts(
        self, step: Instruction, makers: Mapping[Value, tuple[int, Instruction]]
    ) -> None:
        output = step.output
        if output not in self.of:
            self.of[output] = self.made(output.name, output, ones=step.function is not join)
        whole = self.of[output]
        slots = self.slots[output] = []
        for part, key, where in _parts(step):
            view = whole.array[key].reshape(part.shape)
            shape = "" if part.shape == whole.array[key].shape else f".reshape({part.shape})"
            text = self.prepared(part.name, f"{whole.text}[{where}]{shape}")
            slots.append(Place(text, view, True))
            if part not in self.wanted and _has_out(makers.get(part)):
                self.wanted[part] = slots[-1]

    def out(self, index: int, step: Instruction, may_overwrite: bool = False) -> Place:
        """The place for the result of a step that can write into memory that is there."""
        output = step.output
        if output in self.wanted:
            place = self.wanted[output]
        else:
            place = (may_overwrite and self._dying(index, step)) or self._found(output)
        self.of[output] = place
        return place

    def _dying(self, index: int, step: Instruction) -> Place | None:
        """The place of an operand that nobody reads after this step."""
        output = step.output
        for value in step.inputs:
            if type(value) is not Value or value.kind != "array" or value not in self.of:
                continue
            owner, place = self.owner.get(value, value), self.of[value]
            if (
                owner in self._taken
                and self._last[owner] == index
                and value.shape == output.shape
                and value.dtype == output.dtype
                and place.array.flags.carray  # a broadcast view may be in one piece and read-only
            ):
                self._taken[output] = self._taken.pop(owner)
                self.overwritten += 1
                return place
        return None

    def _found(self, output: Value) -> Place:
        """Memory in which nothing is read."""
        free = self._free.get((output.shape, output.dtype))
        if free:
            place = free.pop()
        else:
            shape = "x".join(map(str, output.shape))
            place = self.made(output.name if output.named else f"scratch_{shape}", output)
        self._taken[output] = place
        return place

    def release(self, index: int) -> None:
        """After a step: what no later one reads may be written over."""
        for owner in self._ending.pop(index, ()):
            if owner in self._taken:
                place = self._taken.pop(owner)
                self._free.setdefault((place.array.shape, place.array.dtype), []).append(place)


def _parts(step: Instruction) -> Iterator[tuple[Value, Any, str]]:
    """The parts of what is assembled, and where each belongs in it, also as text."""
    if step.function is not join:
        (rows,) = step.inputs
        below = step.function is with_ones
        yield rows, slice(-1) if below else np.s_[:, :-1], ":-1" if below else ":, :-1"
        return
    start = 0
    for part in step.inputs:
        stop = start + part.size
        yield part, slice(start, stop), f"{start}:{stop}"
        start = stop


def _last_uses(steps: Instructions, owner: Mapping[Value, Value]) -> dict[Value, int]:
    """For every group of values that share memory, the last step that reads one of them."""
    end = len(steps.steps)
    last = {owner.get(value, value): end for value in steps.results()}
    for index, step in reversed(list(enumerate(steps.steps))):
        until = last.setdefault(owner.get(step.output, step.output), index)
        # What another function returns may be a view of what it was given.
        may_share = step.output.kind in ("array", "tuple") and step.function not in MAKING
        for value in step.read():
            shown = owner.get(value, value)
            last[shown] = max(last.get(shown, -1), until if may_share else index)
    return last


def _has_out(found: tuple[int, Instruction] | None) -> bool:
    if found is None or found[1].output.kind != "array":
        return False
    return found[1].function in ELEMENTWISE | REDUCTIONS | {DOT}


def _owners(steps: list[Instruction]) -> dict[Value, Value]:
    """For every view the value whose memory it shows."""
    owner: dict[Value, Value] = {}
    for step in steps:
        if step.function in VIEWS and step.inputs and type(step.inputs[0]) is Value:
            source = step.inputs[0]
            owner[step.output] = owner.get(source, source)
    return owner
