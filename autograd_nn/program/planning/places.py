"""Where every result of a program goes, and how long what is there is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    ASSEMBLED,
    ELEMENTWISE,
    FILLED,
    MAKING,
    Function,
    join,
    label,
    placed,
    with_ones,
)
from autograd_nn.program.planning.axis_orders import axis_orders, memory_of
from autograd_nn.program.source.expressions import index_text
from autograd_nn.program.source.spelling import Names
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
        # Where results must end up; and where the parts of what is assembled belong.
        self.wanted: dict[Value, Place] = {}
        self.slots: dict[Value, list[tuple[Any, Place]]] = {}
        self.nbytes = 0
        self.overwritten = 0
        self._steps = steps
        self._names = names
        self._prepared: dict[str, str] = {}
        # Memory that is used again, by what is in it, and that with nothing in it.
        self._taken: dict[Value, Place] = {}
        self._free: dict[Any, list[Place]] = {}
        self._orders = axis_orders(steps)
        self._last = last_uses(steps)
        self._ending: dict[int, list[Value]] = {}  # by the step after which they are not read
        for value, index in self._last.items():
            self._ending.setdefault(index, []).append(value)

    def prepared(self, wish: str, text: str) -> str:
        """The name of what `make` computes by this text, once."""
        if text not in self._prepared:
            name = self._prepared[text] = self._names.new(wish)
            self.setup.append(f"{name} = {text}")
        return self._prepared[text]

    def alias(self, function: Function) -> str:
        """The short name of a NumPy function: looking it up in `np` takes 0.05 µs each time."""
        name = label(function)
        return self.prepared(name.removeprefix("np."), name)

    def made(
        self, wish: str, like: Value, full_of: int | None = None, turned: bool = False
    ) -> Place:
        """New memory.

        Parameters   turned: whether numbers that lie next to each other are of other rows
        """
        if turned:
            last = len(like.shape) - 1
            self._orders[like] = (*range(last - 1), last, last - 1)
        how = "empty" if full_of is None else "ones" if full_of else "zeros"
        array, text = memory_of(like, self._orders.get(like), how)
        self.nbytes += array.nbytes
        name = self._names.new(wish)
        self.setup.append(f"{name} = {text}")
        return Place(name, array, True)

    def plan(self) -> None:
        """Results that must end up in a certain place are computed into it."""
        makers: dict[Value, int] = {}
        for index, step in enumerate(self._steps.steps):
            if step.function in ELEMENTWISE:
                makers[step.output] = index
            elif step.function in ASSEMBLED:
                self._plan_parts(step)
        for held, new in self._steps.updates:
            if (
                new in makers
                and new not in self.wanted
                and held in self.of  # of a view others of the same memory are read later
                and new.shape == held.shape
                and new.dtype == held.dtype
                and self._last.get(held, -1) <= makers[new]
            ):
                self.wanted[new] = self.of[held]

    def _plan_parts(self, step: Instruction) -> None:
        output = step.output
        if output not in self.of:
            self.of[output] = self.made(output.name, output, FILLED.get(step.function))
        whole = self.of[output]
        slots = self.slots[output] = []
        for part, key, where in _parts(step):
            view, shape, name = whole.array[key], "", output.name
            if type(part) is Value:
                name = part.name
                if part.shape != view.shape:
                    view, shape = view.reshape(part.shape), f".reshape({part.shape})"
            text = self.prepared(name, f"{whole.text}[{where}]{shape}")
            slots.append((part, Place(text, view, True)))
            if type(part) is Value and part.kind == "array":
                self.wanted.setdefault(part, slots[-1][1])

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
            if (
                type(value) is Value
                and value in self._taken
                and self._last[value] == index
                and self._kind(value) == self._kind(output)
            ):
                self._taken[output] = self._taken.pop(value)
                self.overwritten += 1
                return self._taken[output]
        return None

    def _found(self, output: Value) -> Place:
        """Memory in which nothing is read."""
        free = self._free.get(self._kind(output))
        if free:
            place = free.pop()
        else:
            shape = "x".join(map(str, output.shape))
            place = self.made(output.name if output.named else f"scratch_{shape}", output)
        self._taken[output] = place
        return place

    def release(self, index: int) -> None:
        """After a step: what no later one reads may be written over."""
        for value in self._ending.pop(index, ()):
            if value in self._taken:
                place = self._taken.pop(value)
                self._free.setdefault(self._kind(value), []).append(place)

    def _kind(self, value: Value) -> Any:
        """What memory has in common that one result can leave to another."""
        return value.shape, value.dtype, self._orders.get(value)


def _parts(step: Instruction) -> Iterator[tuple[Any, Any, str]]:
    """The parts of what is assembled, and where each belongs in it, also as text."""
    if step.function is placed:
        for part, key in zip(*step.inputs[:2], strict=True):
            yield part, key, index_text(key, {})
        return
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


def last_uses(steps: Instructions) -> dict[Value, int]:
    """For every value the last step that reads it, or what may be a view of it."""
    last = dict.fromkeys(steps.results(), len(steps.steps))
    for index, step in reversed(list(enumerate(steps.steps))):
        until = last.setdefault(step.output, index)
        may_share = step.output.kind in ("array", "tuple") and step.function not in MAKING
        for value in step.read():
            last[value] = max(last.get(value, -1), until if may_share else index)
    return last
