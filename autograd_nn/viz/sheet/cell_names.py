"""What cells are called in formulas: by the name of their area, or by column and row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from autograd_nn.viz.sheet.areas import CellArea
from autograd_nn.viz.sheet.cell_texts import CellPlace, CellRange, Places, letters

# What a sheet takes for a cell, or for a row or a column.
_LIKE_A_CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C?\d*|C\d*|R\d+C\d+|TRUE|FALSE", re.IGNORECASE)


class CellNames:
    """The names of areas, each once; a sheet does not tell capital letters from small ones."""

    def __init__(self, areas: Sequence[CellArea]) -> None:
        self._names: dict[CellRange, str] = {}
        words: dict[str, str] = {}
        used: set[str] = set()
        for area in areas:
            if area.name:
                word = words.get(area.name, _word(area.name))
                base, count = area.prefix + word, 1
                while (name := name_from(base)).casefold() in used:
                    count += 1
                    base = f"{area.prefix}{word}_{count}"
                used.add(name.casefold())
                words.setdefault(area.name, base)
                self._names[area.cells] = name

    def defined(self) -> Iterator[tuple[str, CellRange]]:
        for cells, name in self._names.items():
            yield name, cells

    def without(self, sheet: str) -> CellNames:
        """Without those on a sheet."""
        found = CellNames(())
        found._names = {cells: name for cells, name in self._names.items() if cells.sheet != sheet}
        return found

    def on(self, sheet: str) -> Places:
        """How cells are written in the formulas of a sheet."""

        def place(cells: CellPlace | CellRange) -> str:
            if isinstance(cells, CellPlace):
                cells = CellRange(cells.sheet, cells.row, cells.column, cells.row, cells.column)
            if cells in self._names:
                return self._names[cells]
            text = f"{letters(cells.left)}{cells.top + 1}"
            if cells.shape != (1, 1):
                text += f":{letters(cells.right)}{cells.bottom + 1}"
            return text if cells.sheet == sheet else f"{quoted(cells.sheet)}!{text}"

        return place


def quoted(sheet: str) -> str:
    """The name of a sheet as it stands in formulas."""
    return sheet if sheet.isascii() else f"'{sheet}'"


def name_from(label: str) -> str:
    """A label as a name that a sheet takes: ``W1`` is a cell, so it is called ``W1_``.

    >>> name_from("W1"), name_from("dense/kernel"), name_from("x₁")
    ('W1_', 'dense_kernel', 'x1_')
    """
    name = _word(label)
    if not (name[0].isalpha() or name[0] == "_"):
        name = f"_{name}"
    return f"{name}_" if _LIKE_A_CELL.fullmatch(name) else name


def _word(label: str) -> str:
    plain = unicodedata.normalize("NFKC", label)
    return re.sub(r"\W+", "_", plain).strip("_")[:200] or "v"
