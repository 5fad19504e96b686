"""Which steps become one loop, and in what order loops, reductions and products come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.kinds import is_elementwise, is_fold
from autograd_nn.program import Instruction, Instructions, Value


@dataclass(eq=False)
class Item:
    """A loop over ``shape`` with its elementwise steps and full sums; or one step by itself.

    ``stores`` are the results that are written into memory: what, and into which value's.
    """

    shape: tuple[int, ...] | None
    steps: list[Instruction] = field(default_factory=list)
    stores: list[tuple[Value, Value]] = field(default_factory=list)


class Fusing:
    """The steps as items, in an order that computes the same.

    From the last step to the first, each as late as it can be: in a loop over its shape that is
    there already and comes before all who read it, or else just before those.
    """

    def __init__(self, steps: Instructions, placing: Allocation) -> None:
        self._placing = placing
        self._maker = {step.output: step for step in placing.steps}
        # Items are counted from the end; some have the same number, as neither needs the other.
        self._number: dict[Item, int] = {}
        self._loop: dict[tuple[int, ...], Item] = {}  # the one that comes first
        # Of every value in what items it is read; directly or in a view, which is in memory.
        self._readers: dict[Value, list[tuple[Item, bool]]] = {}
        for step in reversed(placing.steps):
            self._place(step)
        self.items = list(self._number)[::-1]
        self.items.sort(key=lambda item: -self._number[item])
        for item in self.items:
            item.steps.reverse()
        self._position = {s.output: i for i, item in enumerate(self.items) for s in item.steps}
        self._store(steps)
        self._update(placing.updates)

    # ------------------------------------------------------------------ places

    def _place(self, step: Instruction) -> None:
        shape = None
        if is_elementwise(step) or is_fold(step):
            shape = step.inputs[0].shape if is_fold(step) else step.output.shape
        bound = 0
        for item, is_direct in self._readers.get(step.output, ()):
            together = is_direct and not is_fold(step) and item.shape == shape is not None
            bound = max(bound, self._number[item] + (not together))
        found = None if shape is None else self._loop.get(shape)
        if found is None or self._number[found] < bound:
            found = Item(shape)
            self._number[found] = bound
            if shape is not None:
                self._loop[shape] = found
        found.steps.append(step)
        for value in step.read():
            for part in self._needed([value]):
                is_direct = value not in self._placing.needs
                self._readers.setdefault(part, []).append((found, is_direct))

    # ------------------------------------------------------------------ memory

    def _store(self, steps: Instructions) -> None:
        """Of a loop's results those are written down that anything outside of it reads."""
        gradients = [g for g in steps.gradients if g is not None]
        wanted = set(self._needed([*self._placing.results, *gradients]))
        for position, item in enumerate(self.items):
            for step in item.steps:
                for value in self._needed(step.read()):
                    if self._position.get(value) != position or is_fold(self._maker[value]):
                        wanted.add(value)
                # A view is read from memory also in the loop that makes what it shows.
                wanted.update(self._needed([x for x in step.read() if x in self._placing.needs]))
        for item in self.items:
            if item.shape is None:
                continue
            for step in item.steps:
                value = step.output
                if value in wanted and value.kind == "array" and not is_fold(step):
                    item.stores.append((value, value))

    def _needed(self, values: Sequence[Value]) -> list[Value]:
        """The values that steps make, of which these consist."""
        found: list[Value] = []
        for value in values:
            consists_of = self._placing.needs.get(value, (value,))
            found += [part for part in consists_of if part in self._maker]
        return found

    def _update(self, updates: Sequence[tuple[Value, Value]]) -> None:
        """What lives on is written last, or by the loop after which nobody reads it."""
        copies: list[tuple[Value, Value]] = []
        for held, new in updates:
            position = self._position.get(new)
            item = None if position is None else self.items[position]
            if (
                position is not None
                and item is not None
                and item.shape == held.shape == new.shape
                and new.dtype == held.dtype
                and not is_fold(self._maker[new])
                and self._last_reader(held, position) <= position
            ):
                item.stores.append((new, held))
            else:
                copies.append((held, new))
        for held, new in copies:
            self._write_last(held, new)

    def _last_reader(self, held: Value, position: int) -> int:
        """The last item that reads what is held; of this item only other places count."""
        last = 0
        for place, item in enumerate(self.items):
            for step in item.steps:
                for value in step.read():
                    if self._placing.whole(value) is held and not (
                        place == position and value is held
                    ):
                        last = max(last, place + (place == position))
        return last

    def _write_last(self, held: Value, new: Value) -> None:
        """After everything else, each array that is held by itself."""
        for value in self._needed([new]):
            item = self.items[self._position[value]]
            if (
                item.shape is not None
                and value.kind == "array"
                and (value, value) not in item.stores
            ):
                item.stores.append((value, value))
        target = Value(held.name, held.shape, held.dtype, "array")
        self._placing.samples[target] = self._placing.sample(held)
        self._placing.owner[target] = self._placing.whole(held)
        step = Instruction(np.positive, (new,), {}, target)
        self.items.append(Item(held.shape, [step], [(target, target)]))
