"""Which steps become one loop, and in what order loops, reductions and products come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd_nn.jit.allocation import Allocation, is_elementwise, is_fold
from autograd_nn.program import Instruction, Instructions, Value

# In a loop over rows shorter than this, little is computed together: only what needs the rows.
_SHORT_ROW = 64
_VECTOR = 16  # numbers; rows of whole vectors may be short

Kind = tuple[tuple[int, ...], bool]


@dataclass(eq=False)
class Item:
    """A loop over ``shape`` with its elementwise steps and full sums; or one step by itself.

    ``stores`` are the results that are written into memory: what, and into which value's.
    """

    shape: tuple[int, ...] | None
    by_row: bool = False
    steps: list[Instruction] = field(default_factory=list)
    stores: list[tuple[Value, Value]] = field(default_factory=list)


class Fusing:
    """The steps as items, in an order that computes the same.

    An elementwise step waits until something else needs it; then it joins the last loop over its
    shape that comes late enough, along with what only it has waited for.
    """

    def __init__(self, steps: Instructions, placing: Allocation) -> None:
        self.items: list[Item] = []
        self._placing = placing
        self._position: dict[Value, int] = {}
        self._maker = {step.output: step for step in placing.steps}
        self._order = {step.output: place for place, step in enumerate(placing.steps)}
        for step in placing.steps:
            if not is_elementwise(step) and not is_fold(step):
                self._ready(step.output)
        for value in [*steps.results(), *(new for _, new in placing.updates)]:
            self._ready(value)
        self._store(steps)
        self._update(placing.updates)

    # ------------------------------------------------------------------ places

    def _ready(self, value: Value) -> None:
        """Bring in what makes the value, and before it all that this waits for."""
        waiting = self._needed([value])
        while waiting:
            step = self._maker[waiting[-1]]
            if step.output in self._position:
                waiting.pop()
                continue
            in_loop = is_elementwise(step) or is_fold(step)
            reads = self._closure(step, self._kind(step))[1] if in_loop else step.read()
            missing = [x for x in self._needed(reads) if x not in self._position]
            if missing:
                waiting += reversed(missing)
            elif in_loop:
                self._into_loop(step)
            else:
                self._position[step.output] = len(self.items)
                self.items.append(Item(None, steps=[step]))

    def _after(self, value: Value) -> int:
        """The first item that can read all of what was brought in."""
        return max((self._position[x] + 1 for x in self._needed([value])), default=0)

    def _into_loop(self, step: Instruction) -> None:
        kind = self._kind(step)
        members, others = self._closure(step, kind)
        earliest = max((self._earliest(kind, value) for value in others), default=0)
        position = self._last_loop(kind, earliest)
        for member in sorted(members, key=lambda step: self._order[step.output]):
            self.items[position].steps.append(member)
            self._position[member.output] = position

    def _kind(self, step: Instruction) -> Kind:
        """Those of one kind can be in one loop: the shape, and whether rows must be told apart."""
        if is_fold(step):
            value = step.inputs[0]
            maker = self._maker.get(value)
            if maker is None or not is_elementwise(maker):
                return value.shape, False
            return self._kind(maker)
        shape = step.output.shape
        short = len(shape) > 1 and shape[-1] < _SHORT_ROW and shape[-1] % _VECTOR != 0
        return shape, short and any(x.kind == "array" and x.shape != shape for x in step.read())

    def _closure(self, step: Instruction, kind: Kind) -> tuple[list[Instruction], list[Value]]:
        """The steps of this kind that wait for this one, and all else that they read."""
        members, others, seen = [step], [], {step.output}
        for member in members:
            for value in member.read():
                if value in seen:
                    continue
                seen.add(value)
                maker = self._maker.get(value)
                if maker is None or value in self._position or not is_elementwise(maker):
                    others.append(value)
                elif self._kind(maker) == kind:
                    members.append(maker)
                else:
                    others.append(value)
        return members, others

    def _earliest(self, kind: Kind, value: Value) -> int:
        """The first item in which a step of this kind can read the value."""
        position = self._position.get(value)
        if position is None:
            return self._after(value)
        item = self.items[position]
        here = (item.shape, item.by_row) == kind and not is_fold(self._maker[value])
        return position if here else position + 1

    def _last_loop(self, kind: Kind, earliest: int) -> int:
        for position in range(len(self.items) - 1, earliest - 1, -1):
            item = self.items[position]
            if (item.shape, item.by_row) == kind:
                return position
        self.items.append(Item(*kind))
        return len(self.items) - 1

    # ------------------------------------------------------------------ memory

    def _store(self, steps: Instructions) -> None:
        """Of a loop's results those are written down that anything outside of it reads."""
        gradients = [g for g in steps.gradients if g is not None]
        wanted = set(self._needed([steps.loss, *steps.outputs, *gradients]))
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
        self._placing.owner[target] = held
        step = Instruction(np.positive, (new,), {}, target)
        self.items.append(Item(held.shape, steps=[step], stores=[(target, target)]))
