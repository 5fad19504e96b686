"""A program as text in JavaScript, a line for every value that has a name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_nn.javascript.library import defined
from autograd_nn.javascript.script_calls import ScriptCall
from autograd_nn.javascript.vocabulary import Vocabulary
from autograd_nn.program import (
    TITLES,
    UPDATE,
    Instruction,
    Instructions,
    Names,
    Value,
    aligned,
    shape_comment,
)

_WIDTH = 100
# The words of JavaScript, and what a program names itself.
_TAKEN = """arguments array assign async await boolean break byte case catch char class const
continue console debugger default delete do double else empty enum eval export extends false final
finally float for function goto if implements import in instanceof int interface let long
module native new null number package private process protected public require return short
static step super switch this throw transient true try typeof undefined values var void
volatile while with yield Infinity NaN Math Number Object Array Float64Array Int32Array
Uint8Array RangeError globalThis atob"""


class Listing:
    """The lines of a program, and the functions that they call.

    ``functions`` are the names of what arrays.js and element_loops.py hold; ``constants`` are the
    arrays that never change, by their names; ``own`` the texts of functions of the user.
    """

    def __init__(self, steps: Instructions, leaves: Sequence[Value]) -> None:
        vocabulary = Vocabulary()
        self.functions: set[str] = set()
        self.constants: dict[str, np.ndarray[Any, Any]] = {}
        made = [(step, call) for step in steps.steps if (call := vocabulary.calls(step))]
        for _, call in made:
            self._collect(call)
        self.own = vocabulary.own
        self.names = Names([*_TAKEN.split(), *defined(), *self.own])
        self.names.functions = defined()  # what is the result of one is called multiply_out
        for value in leaves:  # they are called before what is made
            self.names[value]
        self._inline: dict[Value, str] = {}
        self._known: dict[int, str] = {}
        # Those that have memory of their own, and not that of a leaf.
        self._own = {step.output for step, call in made if call.name != "reshape"}
        single = _read_once(made, steps.results())
        self.lines: list[tuple[str, str, str]] = []
        for step, call in made:
            text = self._text(call)
            if step.output in single and len(text) < 60:
                self._inline[step.output] = text
            else:
                line = f"const {self.names[step.output]} = {text};"
                self.lines.append((line, shape_comment(step.output), step.phase))

    def _collect(self, item: Any) -> None:
        if type(item) is ScriptCall:
            self.functions.add(item.name)
            for operand in item.operands:
                self._collect(operand)
        elif type(item) is tuple:
            for part in item:
                self._collect(part)

    def copied(self, value: Value) -> str:
        """What a value is before something is assigned to."""
        if value in self._own:
            return self[value]
        self.functions.add("copy")
        name = self.names.new(f"{value.name}_before")
        self.lines.append((f"const {name} = copy({self[value]});", shape_comment(value), UPDATE))
        return name

    def assign(self, changes: Sequence[tuple[Value, Value]]) -> None:
        """What lives on gets its new numbers, first where they are those of something else."""
        for old, new in sorted(changes, key=lambda change: change[1].role == "temporary"):
            self.lines.append((f"assign({self.names[old]}, {self[new]});", "", UPDATE))

    def __getitem__(self, value: Value) -> str:
        return self._inline.get(value) or self._operand(value)

    def _text(self, call: ScriptCall) -> str:
        words = [self._operand(x) for x in call.operands]
        words += [_plain(x) for x in call.settings]
        return f"{call.name}({', '.join(words)})"

    def _operand(self, item: Any) -> str:
        if type(item) is ScriptCall:
            return self._text(item)
        if type(item) is tuple:
            return f"[{', '.join(map(self._operand, item))}]"
        if type(item) is Value:
            if item in self._inline:
                return self._inline[item]
            if item.role != "constant":
                return self.names[item]
            data, name = item.data, item.name
        else:
            data, name = item, "places"
        if not np.ndim(data):
            return numbers(data)
        if id(data) not in self._known:
            self._known[id(data)] = self.names.new(name)
            self.constants[self._known[id(data)]] = data
        return self._known[id(data)]

    def body(self) -> list[str]:
        """The lines, comments in one column in each phase."""
        found: list[str] = []
        for phase in dict.fromkeys(phase for *_, phase in self.lines):
            part = [(text, words) for text, words, its in self.lines if its == phase]
            found += ["", f"// {TITLES[phase]}", *_commented(part)]
        return found[1:]


def _commented(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    for line in aligned(lines, _WIDTH):
        text, mark, words = line.rpartition("  # ")
        yield f"{text}  // {words}" if mark else line


def _read_once(
    made: Sequence[tuple[Instruction, ScriptCall]], results: Iterable[Value]
) -> set[Value]:
    """The values without a name of their own that one call reads, in the phase that makes them."""
    readers: dict[Value, list[str]] = {value: ["result"] for value in results}

    def read(item: Any, phase: str) -> None:
        if type(item) is Value:
            readers.setdefault(item, []).append(phase)
        elif type(item) is ScriptCall:
            read(item.operands, phase)
        elif type(item) is tuple:
            for part in item:
                read(part, phase)

    for step, call in made:
        read(call, step.phase)
    return {
        step.output
        for step, _ in made
        if not step.output.named and readers.get(step.output) == [step.phase]
    }


def numbers(item: Any) -> str:
    """A number with all its digits."""
    value = float(item)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value).removesuffix(".0")


def _plain(item: Any) -> str:
    if isinstance(item, (tuple, list)):
        return f"[{', '.join(map(_plain, item))}]"
    if isinstance(item, bool):
        return "true" if item else "false"
    return str(int(item))
