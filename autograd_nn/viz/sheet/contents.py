"""What the values of a program are in a sheet: the reading of its steps as formulas of cells."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.javascript import Unwritable
from autograd_nn.javascript.script_calls import ScriptCall
from autograd_nn.javascript.vocabulary import Vocabulary
from autograd_nn.program import Instruction, Value
from autograd_nn.viz.sheet.cell_content import (
    SHORT,
    CellContent,
    as_range,
    at,
    collected,
    is_product,
    literal,
    places_seen,
    put_back,
    together,
)
from autograd_nn.viz.sheet.cell_forms import FUNCTIONS, element_form, repeats
from autograd_nn.viz.sheet.cell_texts import (
    SUM,
    CellPlace,
    CellText,
    Element,
    ProductPart,
    array_of,
    called,
    filled,
    infix,
    length_of,
    range_of,
)

_LONG = 90
"""Characters of a formula within another; what is longer gets cells of its own."""

_REDUCED: dict[str, tuple[str, Any]] = {
    "sum": ("SUM", np.sum),
    "prod": ("PRODUCT", np.prod),
    "max": ("MAX", np.max),
}
_REDUCED["min"] = ("MIN", np.min)


class SheetContents:
    """The content of every value of a program.

    Parameters   put: lays a content, under a name, into cells of its own
                 leaf: lays what no step makes into cells, or gives it as numbers
                 wanted: what gets cells of its own, and is not written into other formulas
    """

    def __init__(
        self,
        steps: Iterable[Instruction],
        wanted: Sequence[Value],
        put: Callable[[CellContent, str], CellContent],
        leaf: Callable[[Value], CellContent],
    ) -> None:
        self._put, self._leaf = put, leaf
        self._calls: dict[Value, ScriptCall | None] = {}
        self._order: dict[Value, int] = {}
        self._known: dict[Value, CellContent] = {}
        self._readers: Counter[Value] = Counter()
        self._wanted = set(wanted)
        vocabulary = Vocabulary()
        for step in _needed(steps, wanted):
            try:
                self._calls[step.output] = call = vocabulary.calls(step)
            except Unwritable as error:
                raise _without_form(error.call) from None
            self._order[step.output] = len(self._order)
            self._readers.update(_values_in(call))

    def __getitem__(self, value: Value) -> CellContent:
        """The content of a value; what it needs first."""
        waiting, found = [value], set[Value]()
        while waiting:
            one = waiting.pop()
            if one in found or one in self._known:
                continue
            found.add(one)
            waiting += _values_in(self._calls.get(one))
        for one in sorted(found, key=lambda x: self._order.get(x, -1)):
            self._known[one] = self._made(one)
        return self._known[value]

    def lay(self, value: Value, content: CellContent) -> None:
        """From now on the value is in these cells."""
        self._known[value] = content

    def _made(self, value: Value) -> CellContent:
        if value not in self._calls:
            return self._leaf(value)
        call = self._calls[value]
        if call is None:  # the parts of it are read alone
            return literal(0.0)
        content = self._formed(call)
        if value in self._wanted:
            return content
        longest = max(map(length_of, content.elements.flat), default=0)
        often = self._readers[value] > 1
        if longest > _LONG or (often and longest > SHORT) or is_product(content):
            return self._put(content, value.name)
        return content

    # ------------------------------------------------------------------ by the name of a function

    def _formed(self, call: ScriptCall) -> CellContent:
        try:
            made = self._by_name(call)
        except KeyError:
            raise _without_form(call.name) from None
        assert made.shape == call.shape, (call.name, made.shape, call.shape)
        return made

    def _by_name(self, call: ScriptCall) -> CellContent:
        name, settings = call.name, call.settings
        if name == "concatenate":
            parts = [self._settled(x) for x in call.operands[0]]
            return CellContent(
                np.concatenate([x.elements for x in parts], settings[0]),
                np.concatenate([x.numbers for x in parts], settings[0]),
            )
        if name == "reshape":
            return self._reshaped(self._operand(call.operands[0]), settings[0])
        x, *others = (self._settled(operand) for operand in call.operands)
        if name in _REDUCED:
            return self._reduced(name, x, *settings)
        if name in ("argmax", "argmin"):
            return self._place_of_best(name, x, *settings)
        if name == "matmul":
            return self._product(x, others[0], call.shape)
        if name == "transpose":
            return x.moved(lambda data: data.transpose(settings[0]))
        if name == "broadcastTo":
            return x.moved(lambda data: np.broadcast_to(data, settings[0]))
        if name == "copy":
            return x
        if name == "view":
            return x.moved(at(places_seen(*settings)))
        if name == "unview":
            shape, strides, offset = settings
            return collected(x, places_seen(x.shape, strides, offset), shape)
        if name == "countedAll":
            return self._counted(x, settings[0])
        if name in ("take", "takeAlongAxis"):
            return self._taken(name, x, others[0], settings[0])
        if name == "untake":
            return put_back(x, others[0], *settings)
        if name in ("cumsum", "cumprod"):
            return self._accumulated("SUM" if name == "cumsum" else "PRODUCT", x, settings[0])
        if name == "recurrence":
            return self._recurrence(x, others[0], settings[0])
        return self._elementwise(name, [x, *others], call.shape)

    def _operand(self, item: Any) -> CellContent:
        if type(item) is Value:
            return self._known[item]
        return self._formed(item) if type(item) is ScriptCall else literal(item)

    def _settled(self, item: Any) -> CellContent:
        """An operand, a product of matrices in cells."""
        content = self._operand(item)
        return self._put(content, "product") if is_product(content) else content

    def _in_cells(self, content: CellContent, name: str) -> CellContent:
        """The content with every formula in a cell."""
        if any(isinstance(x, CellText) for x in content.elements.flat):
            return self._put(content, name)
        return content

    def _reshaped(self, x: CellContent, shape: tuple[int, ...]) -> CellContent:
        if is_product(x) and not (shape and (x.shape[-1] == shape[-1] or len(shape) == 1)):
            x = self._put(x, "product")
        return x.moved(lambda data: data.reshape(shape))

    def _elementwise(
        self, name: str, operands: Sequence[CellContent], shape: tuple[int, ...]
    ) -> CellContent:
        if repeats(name):
            operands = [self._in_cells(x, "part") for x in operands]
        given = [np.broadcast_to(x.elements, shape).flat for x in operands]
        elements = array_of((element_form(name, x) for x in zip(*given, strict=True)), shape)
        with np.errstate(all="ignore"):
            numbers = FUNCTIONS[name](*(x.numbers for x in operands))
        return CellContent(elements, np.broadcast_to(np.asarray(numbers, np.float64), shape))

    def _reduced(
        self, name: str, x: CellContent, axes: tuple[int, ...], keepdims: bool
    ) -> CellContent:
        function, on_numbers = _REDUCED[name]
        numbers = on_numbers(x.numbers, axis=axes, keepdims=keepdims)
        x = self._in_cells(x, "terms")
        kept = [axis for axis in range(x.elements.ndim) if axis not in axes]
        count = math.prod(x.shape[axis] for axis in axes)
        lines = x.moved(lambda data: data.transpose(*kept, *axes).reshape(-1, count))
        found = [together(function, line) for line in lines.elements]
        if any(part is None for part in found):  # side by side, they are a range
            lines = self._put(lines, "terms")
            found = [together(function, line) for line in lines.elements]
        return CellContent(array_of(found, numbers.shape), np.asarray(numbers))  # type: ignore[arg-type]

    def _place_of_best(
        self, name: str, x: CellContent, axes: tuple[int, ...], keepdims: bool
    ) -> CellContent:
        """Where the largest or smallest is along an axis, the first of several."""
        numbers = getattr(np, name)(x.numbers, axis=axes[0], keepdims=keepdims)
        lines = x.moved(
            lambda data: np.moveaxis(data, axes[0], -1).reshape(-1, data.shape[axes[0]])
        )
        cells = [range_of(line.reshape(-1, 1)) or range_of(line[None]) for line in lines.elements]
        if any(part is None for part in cells):
            lines = self._put(lines, "terms")
            cells = [range_of(line[None]) for line in lines.elements]
        best = "MAX" if name == "argmax" else "MIN"
        found = (
            infix("-", SUM, called("MATCH", (called(best, (part,)), part, 0.0)), 1.0)
            for part in cells
        )
        return CellContent(array_of(found, numbers.shape), np.asarray(numbers, np.float64))

    def _product(self, x: CellContent, y: CellContent, shape: tuple[int, ...]) -> CellContent:
        many, (rows, columns) = shape[:-2], shape[-2:]
        sides = [
            x.moved(lambda data: np.broadcast_to(data, (*many, *data.shape[-2:])))
            for x in (self._ranges(x), self._ranges(y))
        ]
        elements = np.empty(shape, object)
        for place in np.ndindex(many):
            pair = [as_range(side.elements[place]) for side in sides]
            product = called("MMULT", pair)
            for row, column in np.ndindex(rows, columns):
                part = ProductPart(product, row, column, (rows, columns))
                elements[(*place, row, column)] = part
        return CellContent(elements, x.numbers @ y.numbers)

    def _ranges(self, x: CellContent) -> CellContent:
        """Matrices each of which is a range of cells, or a range turned over."""
        for place in np.ndindex(x.shape[:-2]):
            if as_range(x.elements[place]) is None:
                return self._put(x, "factor")
        return x

    def _taken(self, name: str, x: CellContent, key: CellContent, axis: int) -> CellContent:
        is_along = name == "takeAlongAxis"
        places = key.numbers.astype(int)
        take: Any = np.take_along_axis if is_along else np.take
        numbers = np.asarray(take(x.numbers, places, axis))
        if not any(isinstance(k, (CellPlace, CellText)) for k in key.elements.flat):
            counted = np.arange(x.numbers.size).reshape(x.shape)
            return x.moved(at(np.asarray(take(counted, places, axis))))
        key = self._in_cells(key, "places")
        x = self._in_cells(x, "rows")
        elements = np.empty(numbers.shape, object)
        for index in np.ndindex(numbers.shape):
            if is_along:
                k, line = key.elements[index], (*index[:axis], slice(None), *index[axis + 1 :])
            else:
                last = axis + key.elements.ndim
                k = key.elements[index[axis:last]]
                line = (*index[:axis], slice(None), *index[last:])
            elements[index] = self._chosen(x.elements[line], k)
        return CellContent(elements, numbers)

    def _counted(self, key: CellContent, length: int) -> CellContent:
        """Places along an axis of that length, from its beginning; beyond it there is no number."""
        key = self._in_cells(key, "places")
        beyond = f"OR({{0}}<-{length},{{0}}>={length})"
        text = f"IF({beyond},NA(),IF({{0}}<0,{{0}}+{length},{{0}}))"
        elements = np.empty(key.shape, object)
        for index, k in np.ndenumerate(key.elements):
            elements[index] = filled(text, (k,))
        return CellContent(elements, np.where(key.numbers < 0, key.numbers + length, key.numbers))

    def _chosen(self, line: Any, key: Any) -> Element:
        """The element of a line that is counted by a cell; from the end, where that is negative."""
        place = filled(f"IF({{0}}<0,{{0}}+{len(line)},{{0}})+1", (key,))
        cells = range_of(line.reshape(1, -1)) or range_of(line.reshape(-1, 1))
        return (
            called("CHOOSE", (place, *line)) if cells is None else called("INDEX", (cells, place))
        )

    def _accumulated(self, function: str, x: CellContent, axis: int) -> CellContent:
        """Of every line along an axis the sum, or the product, of all elements so far."""
        x = self._in_cells(x, "terms")
        numbers = (np.cumsum if function == "SUM" else np.cumprod)(x.numbers, axis)
        elements = np.empty(x.shape, object)
        for index in np.ndindex(x.shape):
            line = (*index[:axis], slice(index[axis] + 1), *index[axis + 1 :])
            found = together(function, x.elements[line])
            elements[index] = called(function, x.elements[line]) if found is None else found
        return CellContent(elements, numbers)

    def _recurrence(self, a: CellContent, b: CellContent, axis: int) -> CellContent:
        """Along an axis, each element b + a · the one before it: slice by slice in cells."""
        shape = np.broadcast_shapes(a.shape, b.shape)
        a, b = (
            x.moved(lambda data: np.moveaxis(np.broadcast_to(data, shape), axis, 0)) for x in (a, b)
        )
        slices: list[CellContent] = []
        for i in range(shape[axis]):
            made = CellContent(b.elements[i, ...], b.numbers[i, ...])
            if slices:
                before = slices[-1] = self._in_cells(slices[-1], "running")
                part = CellContent(a.elements[i, ...], a.numbers[i, ...])
                made = self._both("add", made, self._both("multiply", part, before))
            slices.append(made)
        return CellContent(
            np.stack([x.elements for x in slices], axis),
            np.stack([x.numbers for x in slices], axis),
        )

    def _both(self, name: str, x: CellContent, y: CellContent) -> CellContent:
        return self._elementwise(name, (x, y), np.broadcast_shapes(x.shape, y.shape))


# ------------------------------------------------------------------ what is asked of steps


def _values_in(item: Any) -> list[Value]:
    if type(item) is Value:
        return [item]
    if type(item) is ScriptCall:
        return _values_in(item.operands)
    return [x for part in item for x in _values_in(part)] if type(item) is tuple else []


def _needed(steps: Iterable[Instruction], wanted: Sequence[Value]) -> list[Instruction]:
    """The steps without which the wanted values cannot be computed."""
    needed, found = set(wanted), []
    for step in reversed([*steps]):
        if step.output in needed:
            found.append(step)
            needed.update(step.read())
    return found[::-1]


def _without_form(name: str) -> ArgumentError:
    return ArgumentError(
        f"The graph calls {name}, which has no formula in a sheet. Compose it of operations that "
        "have, such as exp, products and sums; `explore` shows the numbers of any operation."
    )
