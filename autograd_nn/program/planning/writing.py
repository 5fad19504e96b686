"""Instructions as fast NumPy: every result into memory that is there already, views made once."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.program import calls
from autograd_nn.program.calls import (
    ASSEMBLED,
    DOT,
    ELEMENTWISE,
    PRODUCTS,
    REDUCTIONS,
    VIEWS,
    folded,
    keeps_memory,
    overlaps,
    writes_into,
    zero_where_equal,
)
from autograd_nn.program.planning.faster_reductions import Reductions
from autograd_nn.program.planning.numbers import NumbersBesideArrays, last_axes
from autograd_nn.program.planning.places import Place, Places
from autograd_nn.program.source.expressions import (
    TITLES,
    WIDTH,
    Heads,
    aligned,
    called,
    constant,
    heads,
    imports,
    index_text,
    is_inline,
    operand,
    shape_comment,
    signature,
)
from autograd_nn.program.source.spelling import Names, literal, spelled, told
from autograd_nn.program.values import Instruction, Instructions, Value

# Positional `out` is deprecated for these two, and they take vectors beside an array only, so that
# a number is repeated.
_EXTREMA = frozenset({np.maximum, np.minimum})

_INTEGERS = {"float16": "int16", "float32": "int32", "float64": "int64"}

# So many names are taken from `make` by `step`, beyond they are global.
_CLOSED_OVER = 2000

_HEADING = '''"""{title} Planned: every result goes into memory that is made once.

`make` takes the arrays that live on from call to call, and returns `step`.
"""'''


@dataclass
class Written:
    """A program as text, with what `make` is called with."""

    text: str
    arguments: list[Value]
    inputs: list[Value]
    settings: list[Value]
    nbytes: int
    calls: int
    in_place: int  # calls that write into one of their operands
    names: dict[Value, str]  # of arguments, inputs and settings
    heads: Heads


class Writer:
    """The program of ``steps``.

    Parameters   arrays: the memory of what lives on from call to call, and of inputs a sample
    """

    def __init__(self, steps: Instructions, arrays: Mapping[Value, Any]) -> None:
        self.steps = steps
        self.names = Names()
        self.heads = heads(steps.steps, self.names)
        self.at = Places(steps, self.names)
        self._reductions = Reductions(self.at)
        self._numbers = NumbersBesideArrays(self.at, self._add)
        self.places = self.at.of
        # By phase, lines with their comments.
        self.lines: dict[str, list[tuple[str, str]]] = {}
        self.calls = 0
        self._phase = ""
        leaves = steps.leaves()
        self.inputs = [v for v in leaves if v.role == "input"]
        self.settings = [v for v in leaves if v.role == "setting"]
        rest = [v for v in leaves if v.role in ("parameter", "state", "array", "constant")]
        inline = dict.fromkeys(v for v in rest if v.role == "constant" and is_inline(v))
        self.arguments = [v for v in rest if v not in inline]
        # Memory of results that is read after a call, such as that of gradients.
        self.arguments += [s.output for s in steps.steps if s.output in arrays]
        for value in [*self.inputs, *self.settings, *self.arguments]:
            array = value.data if value.role == "constant" else arrays.get(value)
            fixed = value.role not in ("input", "setting")
            self.places[value] = Place(self.names[value], array, fixed)
        for value in inline:
            self.places[value] = Place(
                self.at.prepared(value.name, constant(value)), value.data, True
            )

    # ------------------------------------------------------------------ the whole

    def written(self, title: str) -> Written:
        """Every step in its place, then the text."""
        self.at.plan()
        for index, step in enumerate(self.steps.steps):
            self._phase = step.phase
            self._write(index, step)
            self.at.release(index)
        self._write_results()
        return Written(
            self._text(title),
            self.arguments,
            self.inputs,
            self.settings,
            self.at.nbytes,
            self.calls,
            self.at.overwritten,
            {v: self.names[v] for v in [*self.arguments, *self.inputs, *self.settings]},
            self.heads,
        )

    def _text(self, title: str) -> str:
        found = "One training step." if self.steps.is_step else "A loss and its gradients."
        head = [*_HEADING.format(title=told(title or found)).splitlines(), ""]
        text: list[str] = []
        for definition in self.heads.texts:
            text += ["", "", definition]
        make = signature("def make", [*map(self.__getitem__, self.arguments)])
        step = signature("def step", [*map(self.__getitem__, [*self.inputs, *self.settings])])
        body = []
        for phase, lines in self.lines.items():
            body += ["", f"# {TITLES[phase]}"] if phase else [""]
            body += aligned(lines, WIDTH - 8)
        inside = [*_as_globals(self.at.setup), *self.at.setup, "", *step]
        inside[-1] += ":"
        inside += [_indented(body[1:]), "", "return step"]
        make[-1] += ":"
        program = "\n".join([*text, "", "", *make, _indented(inside), ""])
        return "\n".join([*head, *imports(program), program])

    def _add(self, text: str, comment: str = "") -> None:
        self.lines.setdefault(self._phase, []).append((text, comment))

    def _write_results(self) -> None:
        steps = self.steps
        held = [self.places[old].array for old, _ in steps.updates]
        results = [steps.loss, *steps.outputs]
        if not steps.is_step:
            results[1:1] = steps.gradients  # type: ignore[assignment]
        # What lives on may be a result as it was, or what becomes of something else.
        words = [self._before_updates(value, held) for value in results]
        changes = [
            f"{self[old]}[...] = {self._before_updates(new, held)}"
            for old, new in steps.updates
            if self.places[new] is not self.places[old]
        ]
        for change in changes:
            self._add(change)
        self._phase = ""
        line = f"return {', '.join(words)}"
        self._add(line if len(line) < WIDTH - 8 else "\n".join(signature("return ", words)))

    def _before_updates(self, value: Value | None, held: list[Any]) -> str:
        """The name of a result, of a copy where the memory it shows is written to."""
        if value is None:
            return "None"
        array = self.places[value].array
        if not any(np.may_share_memory(array, memory) for memory in held):
            return self[value]
        name = self.names.new(f"{self[value]}_before")
        self._add(f"{name} = {self[value]}.copy()")
        return name

    # ------------------------------------------------------------------ one step

    def _write(self, index: int, step: Instruction) -> None:
        function = step.function
        if function in ASSEMBLED:
            self._write_parts(step)
        elif writes_into(function) and step.output.kind == "array":
            text = called(step, self, self.heads.names)
            self._line(f"{text[:-1]}, out={self.at.out(index, step).text})", step.output)
        elif step.output.kind != "array":
            self._write_new(step, self._reductions.full_sum(step))
        elif function in VIEWS and self._write_view(step):
            pass
        elif function is zero_where_equal:
            self._write_zeros(index, step)
        elif function is np.where:
            self._write_choice(index, step)
        elif function in ELEMENTWISE and not step.attributes:
            self._write_elementwise(index, step)
        elif function is folded:
            self._write_fold(index, step)
        elif not (function in PRODUCTS and self._write_product(index, step)) and not (
            function in REDUCTIONS and self._write_reduction(index, step)
        ):
            self._write_new(step)

    def _line(self, text: str, value: Value) -> None:
        """A call, and what it computes where that is not said and there is room for it."""
        self.calls += 1
        name, shape = spelled(value.name), shape_comment(value)
        is_named = value.named and self[value] != name and len(text) + len(name) < WIDTH - 24
        self._add(text, f"{name} {shape}" if is_named else shape)

    def _write_new(self, step: Instruction, text: str | None = None) -> None:
        """What Python or NumPy hands out."""
        text = text or called(step, self, self.heads.names)
        if keeps_memory(step.function):
            memory = self.names.new(f"memory_of_{self.heads.names[step.function]}")  # type: ignore[index]
            self.at.setup.append(f"{memory} = {{}}")
            text = f"{text[:-1]}, memory={memory})"
        name, output = self.names[step.output], step.output
        sample = np.empty(output.shape, output.dtype) if output.kind == "array" else None
        self.places[output] = Place(name, sample)
        self._line(f"{name} = {text}", output)

    def _write_parts(self, step: Instruction) -> None:
        """Copy what could not be computed into its place."""
        for part, slot in self.at.slots[step.output]:
            if type(part) is not Value or self.places[part] is not slot:
                self._line(f"{slot.text}[...] = {operand(part, self)}", step.output)

    def _write_view(self, step: Instruction) -> bool:
        source = self.places[step.inputs[0]]
        if source.array is None or any(value is not step.inputs[0] for value in step.read()):
            return False
        array = calls.run(step.function, (source.array, *step.inputs[1:]), step.attributes)
        if not np.shares_memory(array, source.array) and array.size:
            return False
        text = called(step, self, self.heads.names)
        if source.fixed:
            name = self.at.prepared(step.output.name, text)
        else:
            name = self.names[step.output]
            self._add(f"{name} = {text}")
        self.places[step.output] = Place(name, array, source.fixed)
        return True

    def _write_elementwise(self, index: int, step: Instruction) -> None:
        output, is_extremum = step.output, step.function in _EXTREMA
        shape = last_axes(output.shape) if is_extremum else ()
        words = self._numbers.named(step.inputs, shape)
        out = self.at.out(index, step, may_overwrite=True).text
        words.append(f"out={out}" if is_extremum else out)
        self._line(f"{self.at.alias(step.function)}({', '.join(words)})", output)

    def _write_zeros(self, index: int, step: Instruction) -> None:
        """The largest number, which is infinite or NaN, says whether there is anything to do."""
        x, a, b = step.inputs
        before = self.places[x]
        place = self.at.out(index, step, may_overwrite=True)
        equal = f"{self.at.alias(np.equal)}({operand(a, self)}, {operand(b, self)})"
        is_whole = a.shape == x.shape and place.array.size and is_in_one_piece(place.array)
        if place is before and is_whole:
            flat = self._reductions.flat(place)
            largest = f"{flat}[{flat}.argmax()]"
            self._add(f"if not {largest} < {self.at.prepared('infinity', 'np.inf')}:")
            self._line(f"    {self.at.alias(np.putmask)}({place.text}, {equal}, 0)", step.output)
        else:
            chosen = f"{self.at.alias(np.where)}({equal}, 0, {before.text})"
            self._line(f"{self.at.alias(np.copyto)}({place.text}, {chosen})", step.output)

    def _write_choice(self, index: int, step: Instruction) -> None:
        """np.where has no `out`. Of a mask and 0, the usual case, see `masks.chosen`.

        A number that is put into an array where that is: a seventh of the time of np.where.
        """
        mask, x, other = step.inputs
        place = self.at.out(index, step, may_overwrite=True)
        is_mask = type(mask) is Value and mask.kind == "array" and mask.dtype == bool
        if is_mask and _is_number(other) and other == 0 and self._has_bits(x, step.output):
            words = f"{self._bits(self.places[x])}, {self[mask]}, {self._bits(place)}"
            text = f"{self.at.alias(np.multiply)}({words})"
        elif (
            is_mask
            and _is_number(x)
            and type(other) is Value
            and self.places[other] is place
            and mask.shape == step.output.shape
        ):
            (number,) = self._numbers.named([x], (), [other.dtype])
            text = f"{self.at.alias(np.putmask)}({place.text}, {self[mask]}, {number})"
        else:
            chosen = called(step, self, self.heads.names)
            text = f"{self.at.alias(np.copyto)}({place.text}, {chosen})"
        self._line(text, step.output)

    def _has_bits(self, item: Any, output: Value) -> bool:
        """Whether these are numbers with the dtype of the output, which stay where they are."""
        if type(item) is not Value or item.kind != "array" or not self.places[item].fixed:
            return False
        return item.dtype == output.dtype and item.dtype.name in _INTEGERS

    def _bits(self, place: Place) -> str:
        integers = _INTEGERS[place.array.dtype.name]
        return self.at.prepared(f"{place.text}_bits", f"{place.text}.view(np.{integers})")

    def _write_product(self, index: int, step: Instruction) -> bool:
        a, b = step.inputs
        if step.attributes:  # such as other axes
            return False
        if not (type(a) is Value and type(b) is Value and a.dtype == b.dtype == step.output.dtype):
            return False
        if step.function is not DOT and min(len(a.shape), len(b.shape)) < 2:
            return False
        place = self.at.out(index, step)
        if step.function is DOT and place.array.flags.c_contiguous:
            self._line(f"{self[a]}.dot({self[b]}, {place.text})", step.output)
        else:  # into memory of any order
            words = f"{self[a]}, {self[b]}, {place.text}"
            self._line(f"{self.at.alias(np.matmul)}({words})", step.output)
        return True

    def _write_fold(self, index: int, step: Instruction) -> None:
        """Every place in the windows is one more array that is added."""
        windows, *how = step.inputs
        whole = self.at.out(index, step)
        pairs = [
            f"    ({whole.text}[{index_text(into, {})}], {self[windows]}[{index_text(of, {})}]),"
            for into, of in overlaps(windows.shape, *how)
        ]
        name = self.at.prepared(f"overlaps_{whole.text}", "\n".join(["(", *pairs, ")"]))
        self._add(f"{whole.text}.fill(0)")
        add = self.at.alias(np.add)
        self._line(f"for into, windows in {name}: {add}(into, windows, into)", step.output)

    # ------------------------------------------------------------------ sums

    def _write_reduction(self, index: int, step: Instruction) -> bool:
        value, output = step.inputs[0], step.output
        if len(step.inputs) > 1 or not step.attributes.keys() <= {"axis", "keepdims"}:
            return False
        axis, keep = step.attributes.get("axis", 0), step.attributes.get("keepdims", False)
        place = self.at.out(index, step)
        if isinstance(axis, tuple) and len(axis) == 1:
            axis = axis[0]
        lines: list[str] = []
        if step.function == np.add.reduce:
            text = self._reductions.sum_at_an_end(
                value, axis, place
            ) or self._reductions.sum_of_rows(value, axis, keep, place)
            lines = [text] if text else []
        elif step.function == np.maximum.reduce:
            lines = self._reductions.largest_by_halves(value, axis, keep, place)
        if not lines:
            words = f"{self[value]}, {literal(axis)}, None, {place.text}"
            words += ", True" if keep else ""
            lines = [f"{self.at.alias(step.function)}({words})"]
        for line in lines:
            self._line(line, output)
        return True

    # ------------------------------------------------------------------ operands

    def __getitem__(self, value: Value) -> str:
        return self.places[value].text


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ")


def _as_globals(setup: list[str]) -> list[str]:
    """Of a very large program the memory is global: CPython compiles n names that an inner
    function takes from an outer one in n² time, 16,000 in 3 s."""
    if len(setup) <= _CLOSED_OVER:
        return []
    names = ", ".join(line.partition(" = ")[0] for line in setup)
    lines = textwrap.wrap(names, WIDTH - 12, break_long_words=False)
    return [f"global {line.rstrip(',')}" for line in lines]


def _is_number(item: Any) -> bool:
    return type(item) in (int, float)


def is_in_one_piece(array: Any) -> bool:
    """Whether an array fills its memory, its axes in whatever order."""
    return bool(np.may_share_memory(array.ravel("K"), array))
