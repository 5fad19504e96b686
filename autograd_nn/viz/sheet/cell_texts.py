"""Cells of a workbook, and formulas of them as text with brackets where a sheet needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

COMPARISON, SUM, PRODUCT, POWER, ATOM = range(1, 6)
"""What binds how strongly. A sign before a power is taken for a part of its base in a sheet, so a
sign binds as a sum."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """One cell: rows and columns count from 0."""

    sheet: str
    row: int
    column: int


class CellRange(NamedTuple):
    """A rectangle of cells, with its last row and column."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top + 1, self.right - self.left + 1


@dataclass(frozen=True, slots=True)
class CellText:
    """A formula: pieces of text, with the cells between them, and how strongly it binds."""

    pieces: tuple[str | CellPlace | CellRange, ...]
    level: int = ATOM


@dataclass(frozen=True, slots=True)
class ProductPart:
    """One element of a product of matrices, which a sheet computes as a whole."""

    product: CellText
    row: int
    column: int
    shape: tuple[int, int]


Element = float | CellPlace | CellText | ProductPart
"""What one number of an array is: itself, a cell, or a formula."""


LARGEST_NUMBER = 9.99999999999999e307
"""The largest that a sheet knows stands for infinity, which it has not: as bounds, and where
nothing has been found yet. A result that is infinite is refused."""

Places = Callable[[CellPlace | CellRange], str]
"""How cells are written in the formulas of one sheet."""


def array_of(elements: Iterable[Element], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Elements as an array, in their order."""
    given = list(elements)
    found = np.empty(len(given), object)
    found[:] = given
    return found.reshape(shape)


def as_text(element: Element) -> CellText:
    if isinstance(element, CellText):
        return element
    if isinstance(element, CellPlace):
        return CellText((element,))
    if isinstance(element, ProductPart):
        place = f",{element.row + 1},{element.column + 1})"
        return CellText(("INDEX(", *element.product.pieces, place))
    if np.isnan(element):
        return CellText(("NA()",))
    number = min(max(float(element), -LARGEST_NUMBER), LARGEST_NUMBER)
    text = repr(number).removesuffix(".0").upper()
    return CellText((text,), SUM if text.startswith("-") else ATOM)


def bracketed(element: Element, level: int) -> CellText:
    """A formula that can stand where something binds so strongly."""
    text = as_number(element)
    return text if text.level >= level else CellText(("(", *text.pieces, ")"))


def as_number(element: Element) -> CellText:
    """What is true as 1, and what is false as 0."""
    text = as_text(element)
    return CellText(("IF(", *text.pieces, ",1,0)")) if text.level == COMPARISON else text


def as_condition(element: Element) -> CellText:
    text = as_text(element)
    return text if text.level == COMPARISON else infix("<>", COMPARISON, text, 0.0)


def infix(sign: str, level: int, left: Element, right: Element) -> CellText:
    """Two formulas with a sign between them; what binds equally is taken from the left."""
    first, second = bracketed(left, level), bracketed(right, level + 1)
    return CellText((*first.pieces, sign, *second.pieces), level)


def filled(template: str, operands: Sequence[Element], level: int = ATOM) -> CellText:
    """A template with operands in place of {0}, {1}; of {?0} as what is true or false, of {^0} and
    {*0} as what is raised to a power or multiplied."""
    pieces: list[Any] = []
    for number, part in enumerate(template.replace("}", "{").split("{")):
        if not number % 2:
            pieces.append(part)
            continue
        operand = operands[int(part[-1])]
        known = {"?": as_condition, "^": _as_base, "*": _as_factor}
        pieces += known.get(part[0], as_number)(operand).pieces
    return CellText(tuple(pieces), level)


def _as_base(element: Element) -> CellText:
    return bracketed(element, ATOM)


def _as_factor(element: Element) -> CellText:
    return bracketed(element, POWER)


def called(name: str, operands: Sequence[Any]) -> CellText:
    """A function of the sheet: operands are elements and ranges of cells."""
    pieces: list[Any] = [f"{name}("]
    for number, operand in enumerate(operands):
        pieces += [","] if number else []
        pieces += [operand] if isinstance(operand, CellRange) else as_number(operand).pieces
    return CellText((*pieces, ")"))


def written(element: Element, places: Places) -> str:
    """The formula as it stands in a cell."""
    pieces = as_number(element).pieces
    return "=" + "".join(x if isinstance(x, str) else places(x) for x in pieces)


MOST_CHARACTERS = 8_192
"""What Excel takes of a formula."""


def length_of(element: Element) -> int:
    """About how long it is; a cell is 0, for it is no longer than any other name."""
    if not isinstance(element, CellText):
        return 0
    return sum(len(x) if isinstance(x, str) else 4 for x in element.pieces)


def characters(element: Element) -> int:
    """How many characters it has at the most: a cell of another sheet, a range of cells."""
    if not isinstance(element, CellText):
        return 0
    return sum(len(x) if isinstance(x, str) else 20 for x in element.pieces)


def range_of(elements: np.ndarray[Any, Any]) -> CellRange | None:
    """The rectangle that the elements of a matrix are, in their order; None where they are none."""
    if not elements.size:
        return None
    first = elements[0, 0]
    if not isinstance(first, CellPlace):
        return None
    sheet, top, left = first.sheet, first.row, first.column
    rows, columns = elements.shape
    for (row, column), x in np.ndenumerate(elements):
        if not isinstance(x, CellPlace) or x != CellPlace(sheet, top + row, left + column):
            return None
    return CellRange(sheet, top, left, top + rows - 1, left + columns - 1)


def letters(column: int) -> str:
    """The letters of a column: A, B, …, Z, AA.

    >>> letters(0), letters(26), letters(701)
    ('A', 'AA', 'ZZ')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
