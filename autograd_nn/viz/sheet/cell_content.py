"""Arrays of cells and formulas: what they are made of, and elements put in other places."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.viz.sheet.cell_forms import element_form
from autograd_nn.viz.sheet.cell_texts import (
    CellPlace,
    CellRange,
    Element,
    ProductPart,
    array_of,
    called,
    range_of,
)

SHORT = 8
"""Characters of a formula that may stand at every place where its number is used, and how many
elements are added without a range."""

_MOST_OPERANDS = 200


class CellContent(NamedTuple):
    """An array as a sheet has it: what each of its elements is, and the numbers of now."""

    elements: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.elements.shape

    def moved(self, function: Callable[[Any], Any]) -> CellContent:
        """The same elements in other places."""
        return CellContent(function(self.elements), function(self.numbers))


def at(places: np.ndarray[Any, Any]) -> Callable[[Any], Any]:
    """The elements at these places of a flat array, as an array also where it is one."""
    return lambda data: data.reshape(-1)[places.reshape(-1)].reshape(places.shape)


def literal(data: Any) -> CellContent:
    """Numbers that are written where they are used."""
    numbers = np.asarray(data, np.float64)
    return CellContent(array_of(map(float, numbers.flat), numbers.shape), numbers)


def is_product(content: CellContent) -> bool:
    return bool(content.elements.size) and isinstance(next(content.elements.flat), ProductPart)


def together(function: str, line: Any) -> Element | None:
    """A function of the elements of a line; None where they are too many, and lie apart."""
    if len(line) == 1:
        return line[0]
    if not len(line):
        return {"SUM": 0.0, "PRODUCT": 1.0}[function]
    if (cells := _rectangle(line)) is not None:
        return called(function, (cells,))
    return called(function, line) if len(line) <= SHORT else None


def _rectangle(line: np.ndarray[Any, Any]) -> CellRange | None:
    """The rectangle of cells that these are, in any order."""
    if not all(isinstance(x, CellPlace) for x in line) or len({x.sheet for x in line}) > 1:
        return None
    rows, columns = [x.row for x in line], [x.column for x in line]
    found = CellRange(line[0].sheet, min(rows), min(columns), max(rows), max(columns))
    is_full = len(set(line)) == len(line) == math.prod(found.shape)
    return found if is_full else None


def as_range(matrix: np.ndarray[Any, Any]) -> Any:
    """A matrix as a range of cells, or as such a range turned over; None where it is neither."""
    cells = range_of(matrix)
    if cells is None and (turned := range_of(matrix.T)) is not None:
        return called("TRANSPOSE", (turned,))
    return cells


def places_seen(shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
    """Where each element of a view lies."""
    found = np.full(shape, offset)
    for axis, (length, step) in enumerate(zip(shape, strides, strict=True)):
        found += (np.arange(length) * step).reshape(-1, *[1] * (len(shape) - axis - 1))
    return found


def collected(x: CellContent, places: Any, shape: tuple[int, ...]) -> CellContent:
    """Zeros, with each element added at its place."""
    found: list[list[Element]] = [[] for _ in range(math.prod(shape))]
    for place, element in zip(places.flat, x.elements.flat, strict=True):
        found[place].append(element)
    numbers = np.zeros(len(found))
    np.add.at(numbers, places.reshape(-1), x.numbers.reshape(-1))
    return _summed(found, numbers, shape)


def _summed(
    found: list[list[Element]], numbers: np.ndarray[Any, Any], shape: tuple[int, ...]
) -> CellContent:
    elements = np.empty(len(found), object)
    elements[:] = [_sum_of(part) for part in found]
    return CellContent(elements.reshape(shape), numbers.reshape(shape))


def _sum_of(parts: list[Element]) -> Element:
    if len(parts) > SHORT:
        step = _MOST_OPERANDS
        groups = [called("SUM", parts[i : i + step]) for i in range(0, len(parts), step)]
        return groups[0] if len(groups) == 1 else called("SUM", groups)
    total: Element = 0.0
    for part in parts:
        total = element_form("add", (total, part))
    return total


def put_back(x: CellContent, key: CellContent, axis: int, shape: tuple[int, ...]) -> CellContent:
    """Zeros, with rows of x added at the places that the key says, along an axis."""
    outer, rows, inner = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    given = x.moved(lambda data: data.reshape(outer, -1, inner))
    keys = key.moved(lambda data: data.reshape(-1))
    numbers = np.zeros((outer, rows, inner))
    counted = keys.numbers.astype(int) % rows
    at: Any = slice(None), counted
    np.add.at(numbers, at, given.numbers)
    found: list[list[Element]] = []
    for o, row, j in np.ndindex(outer, rows, inner):
        parts: list[Element] = []
        for k, where in enumerate(keys.elements):
            element = given.elements[o, k, j]
            if isinstance(where, float):
                if counted[k] == row:
                    parts.append(element)
            else:
                is_here = element_form("equal", (where, float(row)))
                parts.append(element_form("where", (is_here, element, 0.0)))
        found.append(parts)
    return _summed(found, numbers, shape)
