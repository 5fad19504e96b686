"""Where things lie on one sheet: areas of cells, in blocks one below the other."""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.sheet.cell_content import CellContent
from autograd_nn.viz.sheet.cell_texts import CellPlace, CellRange, array_of
from autograd_nn.viz.wording.saying import say

LARGEST = 200_000
"""Cells; a sheet of so many takes a spreadsheet seconds to open, and more would help nobody."""

_WIDEST = 16_384
"""The columns of a sheet."""

_TOP = 4
"""The rows above the first block."""

_LETTERS = 11
"""How many letters of a title a column takes."""


class PageWords(NamedTuple):
    """The phrases of one sheet: its name, and what stands above everything."""

    name: str
    heading: str
    note: str


FORWARD = PageWords("sheet.forward", "sheet.forward_heading", "sheet.forward_note")
BACKWARD = PageWords("sheet.backward", "sheet.backward_heading", "sheet.backward_note")
BLANK = PageWords("sheet.backward", "sheet.backward_heading", "sheet.blank_note")
UPDATE = PageWords("sheet.update", "sheet.update_heading", "sheet.update_note")


class Title(NamedTuple):
    """A text in a cell: what an area is."""

    row: int
    column: int
    text: str
    kind: str


class CellArea:
    """A rectangle of cells: what stands in them, and of what kind it is ("parameter", "given",
    "value", "slope", "contribution", "gradient", "part", "after")."""

    def __init__(self, cells: CellRange, kind: str, shape: tuple[int, ...]) -> None:
        self.cells = cells
        self.kind = kind
        self.shape = shape
        self.content: CellContent | None = None
        self.name = self.prefix = ""  # what it is called in formulas

    @property
    def places(self) -> CellContent:
        """Its cells as the content of what reads it."""
        assert self.content is not None
        sheet, top, left = self.cells[:3]
        rows, columns = self.cells.shape
        places = (CellPlace(sheet, top + i, left + j) for i in range(rows) for j in range(columns))
        return CellContent(array_of(places, self.shape), self.content.numbers.reshape(self.shape))


class SheetPage:
    """One sheet: its areas and titles. In a block areas stand side by side.

    Parameters   in_lines: a line for each block, with the titles before the cells, as for single
                 numbers; else titles stand above the cells
    """

    def __init__(self, words: PageWords, in_lines: bool) -> None:
        self.words, self.name, self.in_lines = words, say(words.name), in_lines
        self.areas: list[CellArea] = []
        self.titles: list[Title] = []
        self.width = 0
        self._row, self._below, self._column = _TOP, _TOP, 1

    def begin(self, label: str) -> None:
        """A new block, under the last."""
        self._row = self._below + (0 if self.in_lines or self._below == _TOP else 1)
        self._column = 1
        self.titles.append(Title(self._row, 0, label, "label"))
        self._below = self._row + 1

    def line(self, text: str) -> None:
        """A new line of the same block, where blocks are lines."""
        if self.in_lines:
            self._row, self._column = self._below, 1
            self.titles.append(Title(self._row, 0, text, "way"))
            self._below += 1

    def area(self, shape: tuple[int, ...], title: str, kind: str) -> CellArea:
        """Cells for an array, the last axis along the columns and all others down the rows."""
        columns = shape[-1] if shape else 1
        rows = math.prod(shape[:-1])
        if not rows * columns:
            raise ArgumentError(f"A sheet has no cells for an array of shape {shape}.")
        is_first = self._column == 1
        top, left = self._row, self._column
        if not self.in_lines:
            top += 1
            self.titles.append(Title(self._row, left, title, "title"))
            taken = max(columns, math.ceil(len(title) / _LETTERS))
        else:
            taken = columns
            if not is_first:
                self.titles.append(Title(top, left, title, "title"))
                left += 1
        if left + taken > _WIDEST:
            raise ArgumentError(
                f"An array of {columns:,} columns is wider than a sheet: a row of it has "
                f"{_WIDEST:,} cells."
            )
        cells = CellRange(self.name, top, left, top + rows - 1, left + columns - 1)
        made = CellArea(cells, kind, shape)
        self.areas.append(made)
        self._column = left + taken + (0 if self.in_lines else 1)
        self._below = max(self._below, top + rows)
        self.width = max(self.width, self._column)
        return made

    def note(self, text: str) -> None:
        """A text after the areas of a block in lines."""
        if self.in_lines:
            self.titles.append(Title(self._row, self._column, text, "title"))
            self._column += 1
