"""A program as data: calls of functions on places in memory, which a page binds once and runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_nn.javascript.script_calls import ScriptCall, Unwritable
from autograd_nn.javascript.vocabulary import Vocabulary
from autograd_nn.program import Instruction, Value


class Encoded:
    """Steps as calls of the functions in arrays.js and element_loops.py.

    ``calls`` has them by their phase: which of the ``functions``, the place of the result, those of
    the operands, and settings. ``shapes`` are those of all places. Of the place of a reshaped array
    ``seen`` says of which other it is the memory; ``contents`` are what constants hold.

    Parameters   known: what Values hold whose steps are left out, such as numbers that were drawn
    """

    def __init__(self, known: Mapping[Value, Any]) -> None:
        self.functions: list[str] = []
        self.calls: dict[str, list[list[Any]]] = {}
        self.shapes: list[tuple[int, ...]] = []
        self.seen: dict[int, int] = {}
        self.contents: dict[int, Any] = {}
        self._vocabulary = Vocabulary()
        self._known = known
        self._places: dict[Any, int] = {}
        self._constants: list[Any] = []  # whose ids are keys above

    def write(self, steps: Iterable[Instruction], results: Iterable[Value]) -> None:
        """Add the steps that lead to results.

        Raises       Unwritable where one has no form in JavaScript, by its name
        """
        for step in _needed(steps, results, self._known):
            call = self._vocabulary.calls(step)
            if call is not None:
                self._places[step.output] = self._called(call, step.phase)

    @property
    def own(self) -> Mapping[str, str]:
        """The text of each function that is an expression of the user."""
        return self._vocabulary.own

    def place(self, value: Value) -> int:
        """Where a value is: a result, or a leaf, which gets its place when it is first met."""
        if value in self._places:
            return self._places[value]
        if value in self._known:
            return self._constant(value, self._known[value])
        if value.role in ("constant", "array"):
            return self._constant(value, value.data)
        if value.kind not in ("array", "scalar", "number"):
            raise Unwritable("An object of Python, which JavaScript has not.", value.name)
        self._places[value] = self._new(value.shape)
        return self._places[value]

    def _called(self, call: ScriptCall, phase: str) -> int:
        operands = [self._operand(x, phase) for x in call.operands]
        place = self._new(call.shape)
        if call.name == "reshape":
            self.seen[place] = self.seen.get(operands[0], operands[0])
            return place
        if call.name not in self.functions:
            self.functions.append(call.name)
        which = self.functions.index(call.name)
        self.calls.setdefault(phase, []).append([which, place, operands, *call.settings])
        return place

    def _operand(self, item: Any, phase: str) -> Any:
        if type(item) is ScriptCall:
            return self._called(item, phase)
        if type(item) is tuple:
            return [self._operand(part, phase) for part in item]
        return self.place(item) if type(item) is Value else self._constant(item, item)

    def _constant(self, item: Any, data: Any) -> int:
        if np.asarray(data).dtype.kind not in "biuf":
            raise Unwritable("No number, and JavaScript has no form for it.", f"{data!r:.60}")
        key = item if type(item) is Value else id(item) if np.ndim(item) else repr(item)
        if key not in self._places:
            self._places[key] = place = self._new(np.shape(data))
            self.contents[place] = np.asarray(data)
            self._constants.append(item)
        return self._places[key]

    def _new(self, shape: tuple[int, ...]) -> int:
        self.shapes.append(tuple(shape))
        return len(self.shapes) - 1


def _needed(
    steps: Iterable[Instruction], results: Iterable[Value], known: Mapping[Value, Any]
) -> list[Instruction]:
    """Those of the steps that results are made of."""
    read, found = set(results), []
    for step in reversed(list(steps)):
        if step.output in read and step.output not in known:
            read.update(step.read())
            found.append(step)
    return found[::-1]
