"""Instructions as fast NumPy: every result into memory that is there already, views made once."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    ASSEMBLED,
    DOT,
    ELEMENTWISE,
    REDUCTIONS,
    VIEWS,
    Function,
    join,
    label,
    with_ones,
    zero_where_equal,
)
from autograd_nn.program.planning.formatting import Views, commented, renamed, short_names
from autograd_nn.program.planning.places import Place, Places
from autograd_nn.program.planning.simplifying import run
from autograd_nn.program.source.expressions import (
    TITLES,
    WIDTH,
    Heads,
    called,
    constant,
    heads,
    is_inline,
    operand,
    signature,
)
from autograd_nn.program.source.literals import literal, told
from autograd_nn.program.source.spelling import Names
from autograd_nn.program.values import Instruction, Instructions, Value

# In float32 a product with ones loses digits that a pairwise sum keeps, where there are many.
_SUMMED_BY_PRODUCT = 4096
# Positional `out` is deprecated for these two.
_EXTREMA = frozenset({np.maximum, np.minimum})

# NumPy takes them in vectors beside an array only: a number is repeated for up to so many elements.
_REPEATED = 2**18

_INTEGERS = {"float16": "int16", "float32": "int32", "float64": "int64"}

# So many names are taken from `make` by `step`, beyond they are global; but not those that a saved
# program gives to something else.
_CLOSED_OVER = 2000
_OF_A_FILE = frozenset({"kept", "file", "step", "loss", "names", "found", "name", "gradient"})

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
        self.setup: list[str] = []
        self.lines: dict[str, list[tuple[str, Value | None]]] = {}  # by phase; what a line makes
        self.views = Views(self.names)
        self.at = Places(steps, self.names, self.views, self.setup)
        self.places = self.at.of
        self.calls = 0
        self._aliases: dict[Function, str] = {}
        self._numbers: dict[Any, str] = {}
        self._holders: dict[Any, str] = {}
        self._phase = ""
        self.heads = heads(steps.steps, self.names)
        self.functions = self.heads.names
        leaves = steps.leaves()
        self.inputs = [v for v in leaves if v.role == "input"]
        self.settings = [v for v in leaves if v.role == "setting"]
        rest = [v for v in leaves if v.role in ("parameter", "state", "array", "constant")]
        self.inline = [v for v in rest if v.role == "constant" and is_inline(v)]
        inline = set(self.inline)
        self.arguments = [v for v in rest if v not in inline]
        # Memory of results that is read after a call, such as that of gradients.
        self.arguments += [s.output for s in steps.steps if s.output in arrays]
        for value in [*self.inputs, *self.settings, *self.arguments, *self.inline]:
            array = value.data if value.role == "constant" else arrays.get(value)
            fixed = value.role not in ("input", "setting")
            self.places[value] = Place(self.names[value], array, fixed)
        self._readers: dict[Value, list[Instruction]] = {}
        for step in steps.steps:
            for value in step.read():
                self._readers.setdefault(value, []).append(step)

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
        made = [self._name(v) for v in self.arguments]
        given = [self._name(v) for v in [*self.inputs, *self.settings]]
        aliases = short_names({label(f): name for f, name in self._aliases.items()})
        constants = [f"{self._name(v)} = {constant(v)}" for v in self.inline]
        new = self.views.chosen()
        setup = renamed([*aliases, *constants, *self.views.lines(), *self.setup], new)
        setup = [*_as_globals(setup), *setup]
        found = "One training step." if self.steps.is_step else "A loss and its gradients."
        text = [*_HEADING.format(title=told(title or found)).splitlines(), "", "import numpy as np"]
        for definition in self.heads.texts:
            text += ["", "", *definition.splitlines()]
        text += ["", "", *signature("def make", made)]
        text[-1] += ":"
        text += [f"    {line}" for line in setup]
        text += ["", *(f"    {line}" for line in signature("def step", given))]
        text[-1] += ":"
        for number, (phase, lines) in enumerate(self.lines.items()):
            text += [""] if number else []
            text += [f"        # {TITLES[phase]}"] if phase else []
            words = renamed([line for line, _ in lines], new)
            makes = [value for _, value in lines]
            body = commented(list(zip(words, makes, strict=True)), WIDTH - 8)
            text += [f"        {line}" for line in body]
        text += ["", "    return step", ""]
        return "\n".join(text)

    def _add(self, text: str, value: Value | None = None) -> None:
        self.lines.setdefault(self._phase, []).append((text, value))

    def _write_results(self) -> None:
        steps = self.steps
        held = {self.at.owner.get(old, old) for old, _ in steps.updates}
        results = [steps.loss, *steps.outputs]
        if not steps.is_step:
            results[1:1] = steps.gradients  # type: ignore[assignment]
        # What lives on may be a result as it was, or what becomes of something else.
        words = [self._before_updates(value, held) for value in results]
        changes = [
            f"{self._name(old)}[...] = {self._before_updates(new, held)}"
            for old, new in steps.updates
            if self.places[new] is not self.places[old]
        ]
        for change in changes:
            self._add(change)
        self._phase = ""
        line = f"return {', '.join(words)}"
        self._add(line if len(line) < WIDTH - 8 else "\n".join(signature("return ", words)))

    def _before_updates(self, value: Value | None, held: set[Value]) -> str:
        """The name of a result, of a copy where the memory it shows is written to."""
        if value is None:
            return "None"
        if value.kind != "array" or self.at.owner.get(value, value) not in held:
            return self._name(value)
        name = self.names.new(f"{self._name(value)}_before")
        self._add(f"{name} = {self._name(value)}.copy()")
        return name

    # ------------------------------------------------------------------ one step

    def _write(self, index: int, step: Instruction) -> None:
        if step.function in ASSEMBLED:
            self._write_parts(step)
            return
        if step.output.kind != "array":
            self._write_number(step)
            return
        if step.function in VIEWS and self._write_view(step):
            return
        if step.function in ELEMENTWISE and not step.attributes:
            self._write_elementwise(index, step)
        elif step.function is DOT and self._write_product(index, step):
            pass
        elif step.function in REDUCTIONS and _is_simple(step):
            self._write_reduction(index, step)
        else:
            self._write_other(step)

    def _line(self, text: str, value: Value) -> None:
        self.calls += 1
        self._add(text, value)

    def _write_parts(self, step: Instruction) -> None:
        """Copy what could not be computed into its place."""
        whole = self.places[step.output]
        start = 0
        for number, part in enumerate(step.inputs):
            stop = start + part.size
            inside = (step.output, number) in self.at.in_place
            if not inside or self.places[part] is not self.at.wanted[part]:
                if step.function is join:
                    place = f"{whole.text}[{start}:{stop}]"
                    self._line(f"{place} = {self._name(part)}.reshape(-1)", part)
                else:
                    key = "[:-1]" if step.function is with_ones else "[:, :-1]"
                    self._line(f"{whole.text}{key} = {self._name(part)}", part)
            start = stop

    def _write_view(self, step: Instruction) -> bool:
        source = self.places[step.inputs[0]]
        if source.array is None or any(value is not step.inputs[0] for value in step.read()):
            return False
        array = run(
            Instruction(
                step.function, (source.array, *step.inputs[1:]), step.attributes, step.output
            )
        )
        if not np.shares_memory(array, source.array) and array.size:
            return False
        made = called(step, self, self.functions)
        text: str = made
        if not source.fixed or not self._written_inside(step):
            text = self.names[step.output]
            (self.setup.append if source.fixed else self._add)(f"{text} = {made}")
        self.places[step.output] = Place(text, array, source.fixed)
        return True

    def _written_inside(self, step: Instruction) -> bool:
        """Whether a view has no name, and is there for one other view."""
        readers = self._readers.get(step.output, [])
        return not step.output.named and len(readers) == 1 and _is_plain_view(readers[0])

    def _write_number(self, step: Instruction) -> None:
        """A number: of Python, or a scalar that NumPy hands out."""
        text = self._full_sum(step) or called(step, self, self.functions)
        name = self.names[step.output]
        self._line(f"{name} = {text}", step.output)
        self.places[step.output] = Place(name, None, False)

    def _full_sum(self, step: Instruction) -> str | None:
        """The sum of all elements as a product with ones, which takes a third of the time."""
        if step.function != np.add.reduce or step.attributes.get("axis") is not None:
            return None
        value = step.inputs[0]
        place = self.places[value]
        if place.array is None or not place.fixed or not place.array.flags.c_contiguous:
            return None
        if value.dtype.kind != "f" or not 0 < value.size <= _SUMMED_BY_PRODUCT:
            return None
        return f"{self._flat(place, value)}.dot({self._ones(value.size, value.dtype)})"

    def _flat(self, place: Place, value: Value) -> str:
        if len(value.shape) == 1:
            return place.text
        key = ("flat", place.text)
        if key not in self._numbers:
            self._numbers[key] = self.names.new(f"{value.name}_flat")
            self.setup.append(f"{self._numbers[key]} = {place.text}.reshape(-1)")
        return self._numbers[key]

    def _ones(self, length: int, dtype: np.dtype[Any]) -> str:
        key = ("ones", length, dtype)
        if key not in self._numbers:
            self._numbers[key] = self.names.new(f"ones_{length}")
            self.setup.append(f"{self._numbers[key]} = np.ones({length}, np.{dtype.name})")
        return self._numbers[key]

    def _write_elementwise(self, index: int, step: Instruction) -> None:
        if step.function is zero_where_equal:
            self._write_zeros(index, step)
            return
        if step.function is np.where:
            self._write_choice(index, step)
            return
        dtypes = [x.dtype for x in step.inputs if type(x) is Value and x.kind == "array"]
        is_extremum = step.function in _EXTREMA
        shape = step.output.shape if is_extremum and step.output.size <= _REPEATED else ()
        words = [self._element(x, dtypes, shape) for x in step.inputs]
        place = self.at.out(index, step, may_overwrite=True)
        out = f"out={place.text}" if is_extremum else place.text
        self._line(f"{self._alias(step.function)}({', '.join([*words, out])})", step.output)
        self.at.settle(step.output, place)

    def _write_zeros(self, index: int, step: Instruction) -> None:
        """A sum of squares, which is infinite or NaN, says whether there is anything to do."""
        x, a, b = step.inputs
        before = self.places[x]
        place = self.at.out(index, step, may_overwrite=True)
        equal = f"{self._alias(np.equal)}({operand(a, self)}, {operand(b, self)})"
        if place is before and place.array.flags.c_contiguous and a.shape == x.shape:
            flat = self._flat(place, x)
            self._add(f"if not {flat}.dot({flat}) < {self._infinity()}:")
            self._line(f"    {self._alias(np.putmask)}({place.text}, {equal}, 0)", step.output)
        else:
            chosen = f"{self._alias(np.where)}({equal}, 0, {before.text})"
            self._line(f"{self._alias(np.copyto)}({place.text}, {chosen})", step.output)
        self.at.settle(step.output, place)

    def _infinity(self) -> str:
        if "infinity" not in self._numbers:
            self._numbers["infinity"] = self.names.new("infinity")
            self.setup.append(f"{self._numbers['infinity']} = np.inf")
        return self._numbers["infinity"]

    def _write_choice(self, index: int, step: Instruction) -> None:
        """np.where has no `out`. Of a mask and 0, the usual case, see `masks.chosen`.

        A number that is put into an array where that is: a seventh of the time of np.where.
        """
        mask, x, other = step.inputs
        place = self.at.out(index, step, may_overwrite=True)
        bits = self._bits(x, step.output)
        if _is_zero(other) and bits is not None and _is_mask(mask):
            out = self._bits_of(place, step.output)
            words = f"{bits}, {self._name(mask)}, {out}"
            self._line(f"{self._alias(np.multiply)}({words})", step.output)
        elif self._is_put_in_place(mask, x, other, step.output, place):
            words = f"{place.text}, {self._name(mask)}, {self._element(x, [other.dtype], ())}"
            self._line(f"{self._alias(np.putmask)}({words})", step.output)
        else:
            text = called(step, self, self.functions)
            self._line(f"{self._alias(np.copyto)}({place.text}, {text})", step.output)
        self.at.settle(step.output, place)

    def _is_put_in_place(self, mask: Any, x: Any, other: Any, output: Value, place: Place) -> bool:
        return (
            type(x) in (int, float)
            and type(other) is Value
            and self._name(other) == place.text
            and other.dtype == output.dtype
            and _is_mask(mask)
            and mask.shape == output.shape
        )

    def _bits(self, item: Any, output: Value) -> str | None:
        """The bits of numbers with the dtype of the output, where they stay."""
        if type(item) is not Value or item.kind != "array" or not self.places[item].fixed:
            return None
        if item.dtype != output.dtype or item.dtype.name not in _INTEGERS:
            return None
        return self._bits_of(self.places[item], item)

    def _bits_of(self, place: Place, value: Value) -> str:
        key = ("bits", place.text)
        if key not in self._numbers:
            self._numbers[key] = self.names.new(f"{value.name}_bits")
            dtype = _INTEGERS[value.dtype.name]
            self.setup.append(f"{self._numbers[key]} = {place.text}.view(np.{dtype})")
        return self._numbers[key]

    def _write_product(self, index: int, step: Instruction) -> bool:
        a, b = step.inputs
        if not (type(a) is Value and type(b) is Value and a.dtype == b.dtype == step.output.dtype):
            return False
        place = self.at.out(index, step, may_overwrite=False)
        if not place.array.flags.c_contiguous:
            return False
        self._line(f"{self._name(a)}.dot({self._name(b)}, {place.text})", step.output)
        self.at.settle(step.output, place)
        return True

    def _write_reduction(self, index: int, step: Instruction) -> None:
        value = step.inputs[0]
        axis, keep = step.attributes.get("axis", 0), step.attributes.get("keepdims", False)
        place = self.at.out(index, step, may_overwrite=False)
        text = None
        if step.function == np.add.reduce and len(value.shape) == 2 and not keep:
            axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
            if (
                axis in (0, 1, -1, -2)
                and value.dtype.kind == "f"
                and value.dtype == step.output.dtype
            ):
                ones = self._ones(value.shape[axis], value.dtype)
                name = self._name(value)
                text = f"{ones}.dot({name}, " if axis in (0, -2) else f"{name}.dot({ones}, "
                text += f"{place.text})"
        if text is None:
            function = self._alias(step.function)
            text = f"{function}({self._name(value)}, {literal(axis)}, None, {place.text}"
            text += ", True)" if keep else ")"
        self._line(text, step.output)
        self.at.settle(step.output, place)

    def _write_other(self, step: Instruction) -> None:
        name = self.names[step.output]
        self._line(f"{name} = {called(step, self, self.functions)}", step.output)
        sample = np.empty(step.output.shape, step.output.dtype)
        self.places[step.output] = Place(name, sample, False)

    # ------------------------------------------------------------------ operands

    def __getitem__(self, value: Value) -> str:
        return self._name(value)

    def _name(self, value: Value) -> str:
        return self.places[value].text

    def _alias(self, function: Function) -> str:
        """The short name of a NumPy function: looking it up in `np` takes 0.05 µs each time."""
        if function not in self._aliases:
            self._aliases[function] = self.names.new(label(function).removeprefix("np."))
        return self._aliases[function]

    def _element(self, item: Any, dtypes: list[Any], shape: tuple[int, ...] = ()) -> str:
        """An operand of an elementwise call: a number is given as an array, which is faster."""
        if type(item) is Value and item.kind == "array":
            return self._name(item)
        if type(item) is Value:
            return self._holder(item, dtypes)
        dtype = np.result_type(*dtypes, item)
        key = ("number", repr(item), dtype, shape)
        if key not in self._numbers:
            name = "_".join([_spoken(item), *(["x".join(map(str, shape))] if shape else [])])
            self._numbers[key] = name = self.names.new(name)
            value = literal(item.item() if isinstance(item, np.generic) else item)
            made = f"np.full({shape}, {value}" if shape else f"np.array({value}"
            self.setup.append(f"{name} = {made}, np.{dtype.name})")
        return self._numbers[key]

    def _holder(self, value: Value, dtypes: list[Any]) -> str:
        """The array that a number computed in this call is put into."""
        weak: Any = value.dtype if value.kind == "scalar" else value.dtype.type(0).item()
        dtype = np.result_type(*dtypes, weak)
        key = value, dtype
        if key not in self._holders:
            self._holders[key] = name = self.names.new(f"{self._name(value)}_array")
            self.setup.append(f"{name} = np.empty((), np.{dtype.name})")
            self._add(f"{name}[()] = {self._name(value)}")
        return self._holders[key]


def _as_globals(setup: list[str]) -> list[str]:
    """Of a very large program the memory is global: CPython compiles n names that an inner
    function takes from an outer one in n² time, 16,000 in 3 s."""
    if len(setup) <= _CLOSED_OVER:
        return []
    made = [name for line in setup for name in line.partition(" = ")[0].split(", ")]
    names = [name for name in made if name.isidentifier() and name not in _OF_A_FILE]
    lines = textwrap.wrap(", ".join(names), WIDTH - 12, break_long_words=False)
    return [f"global {line.rstrip(',')}" for line in lines]


def _is_plain_view(step: Instruction) -> bool:
    return step.function in VIEWS and not any(type(x) is Value for x in step.inputs[1:])


def _is_mask(item: Any) -> bool:
    return type(item) is Value and item.kind == "array" and item.dtype == bool


def _is_zero(item: Any) -> bool:
    return type(item) in (int, float) and item == 0


def _is_simple(step: Instruction) -> bool:
    """A reduction that asks for nothing but axes."""
    return len(step.inputs) == 1 and step.attributes.keys() <= {"axis", "keepdims"}


def _spoken(item: Any) -> str:
    """A name for a number: one, minus_one, half, number_0_9."""
    number = float(item)
    words = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half", -1.0: "minus_one"}
    return words.get(number, f"number_{number:.4g}".replace("_-", "_minus_"))
