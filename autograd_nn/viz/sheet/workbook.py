"""Sheets that are laid out, as a file of Excel's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.viz.graph.columns import width
from autograd_nn.viz.sheet.areas import BACKWARD, BLANK, CellArea, PageWords, SheetPage
from autograd_nn.viz.sheet.cell_names import CellNames, quoted
from autograd_nn.viz.sheet.cell_texts import (
    CellRange,
    CellText,
    Places,
    ProductPart,
    letters,
    written,
)
from autograd_nn.viz.wording.saying import say

_NUMBER = "[>=0.001]0.0000;[<=-0.001]-0.0000;General"
_FILLS = {
    "parameter": "#FFF2CC",
    "given": "#DDEBF7",
    "value": "#FFFFFF",
    "gradient": "#FCE4D6",
    "contribution": "#FFFFFF",
    "slope": "#EDEDED",
    "part": "#FAFAFA",
}
_BLANK, _RIGHT, _WRONG = "#FFFFFF", "#C6E0B4", "#F8CBAD"
_NEAR = "0.005"
"""How far from the right number an answer may be, as a part of it: three digits are enough."""

_ASKED = ("gradient", "contribution", "slope")


def write_workbook(path: Path, pages: list[SheetPage], root: str, blank: bool) -> None:
    """Write the file.

    Parameters   blank: the backward pass stays empty; its formulas stand on a hidden sheet, and a
                 cell becomes green when its number is right
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        formats = {
            kind: book.add_format({"num_format": _NUMBER, "bg_color": fill, **_frame(kind)})
            for kind, fill in _FILLS.items()
        }
        formats |= {
            "blank": book.add_format(
                {"num_format": _NUMBER, "bg_color": _BLANK, **_frame("blank")}
            ),
            "right": book.add_format({"bg_color": _RIGHT}),
            "wrong": book.add_format({"bg_color": _WRONG}),
            "heading": book.add_format({"bold": True, "font_size": 14}),
            "note": book.add_format({"font_color": "#595959"}),
            "label": book.add_format({"bold": True}),
            "title": book.add_format({"font_color": "#595959", "italic": True, "indent": 1}),
            "way": book.add_format({"font_color": "#595959", "align": "right"}),
        }
        names = CellNames([area for page in pages for area in page.areas])
        for page in pages:
            asked = blank and page.words is BACKWARD
            sheet = _sheet(book, page, BLANK if asked else page.words, formats, root)
            for area in page.areas:
                if not asked:
                    _write_area(sheet, area, formats[area.kind], names.on(page.name))
                elif area.kind in _ASKED:
                    _write_blank(sheet, area, formats)
            if asked:
                _write_answers(book, page, formats, names)
        for name, cells in names.defined():
            book.define_name(name, f"={_absolute(cells)}")


def _frame(kind: str) -> dict[str, Any]:
    is_given = kind in ("parameter", "given")
    return {
        "border": 1,
        "border_color": "#BFBFBF",
        "font_color": "#0000FF" if is_given else "#000000",
    }


def _sheet(book: Any, page: SheetPage, words: PageWords, formats: Any, root: str) -> Any:
    """A sheet with its texts."""
    sheet = book.add_worksheet(page.name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # as wide as the paper
    sheet.freeze_panes(3, 1)
    sheet.write_string(0, 0, say(words.heading, root=root), formats["heading"])
    sheet.write_string(1, 0, say(words.note), formats["note"])
    sheet.set_column(0, 0, _width([t.text for t in page.titles if t.column == 0]))
    sheet.set_column(1, max(page.width, 1), 10)
    for title in page.titles:
        sheet.write_string(title.row, title.column, title.text, formats[title.kind])
    if page.in_lines:
        for column in {title.column for title in page.titles if title.column > 1}:
            texts = [title.text for title in page.titles if title.column == column]
            sheet.set_column(column, column, _width(texts))
    return sheet


def _width(texts: list[str]) -> int:
    """What the longest text takes; a Chinese character takes the place of two letters."""
    letters_of = [width(text) for text in texts]
    return max([8, *(count + 2 for count in letters_of)])


def _write_area(sheet: Any, area: CellArea, style: Any, places: Places) -> None:
    assert area.content is not None
    top, left = area.cells.top, area.cells.left
    elements = area.content.elements.reshape(area.cells.shape)
    numbers = area.content.numbers.reshape(area.cells.shape)
    plain = area.kind in ("parameter", "given")
    done = np.zeros(area.cells.shape, bool)
    for (row, column), element in np.ndenumerate(elements):
        number = float(numbers[row, column])
        if done[row, column]:
            continue
        if plain:
            sheet.write_number(top + row, left + column, number, style)
        elif isinstance(element, ProductPart):
            part = _product(element, elements.shape)
            height, width = part[1]
            block = numbers[row : row + height, column : column + width]
            _write_product(sheet, top + row, left + column, part[0], block, style, places)
            done[row : row + height, column : column + width] = True
        else:
            text = written(element, places)
            sheet.write_formula(top + row, left + column, text, style, number)


def _product(part: ProductPart, shape: tuple[int, int]) -> tuple[CellText, tuple[int, int]]:
    """A product as it fits into an area: turned over, where the area is a row of its column."""
    if part.shape[1] == shape[1]:
        return part.product, part.shape
    return CellText(("TRANSPOSE(", *part.product.pieces, ")")), (part.shape[1], part.shape[0])


def _write_product(
    sheet: Any, row: int, column: int, product: CellText, numbers: Any, style: Any, places: Places
) -> None:
    last = row + numbers.shape[0] - 1, column + numbers.shape[1] - 1
    text = written(product, places)
    sheet.write_array_formula(row, column, *last, f"{{{text}}}", style, float(numbers[0, 0]))
    for (i, j), number in np.ndenumerate(numbers):
        if i or j:
            sheet.write_number(row + i, column + j, float(number), style)


# ------------------------------------------------------------------ blank cells and their answers


def _write_blank(sheet: Any, area: CellArea, formats: dict[str, Any]) -> None:
    """Empty cells that show whether what is written into them is right."""
    top, left, bottom, right = area.cells[1:]
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            sheet.write_blank(row, column, None, formats["blank"])
    cell = f"{letters(left)}{top + 1}"
    answer = f"{quoted(say('sheet.answers'))}!{cell}"
    near = f"ABS({cell}-{answer})<={_NEAR}*ABS({answer})+1E-15"
    for is_right, criteria in (
        # By IF, as AND computes with a text, too, and gives an error in place of a colour.
        (True, f"=IF(ISNUMBER({cell}),{near},FALSE)"),
        (False, f"=IF(ISNUMBER({cell}),NOT({near}),NOT(ISBLANK({cell})))"),
    ):
        style = formats["right" if is_right else "wrong"]
        rule = {"type": "formula", "criteria": criteria, "format": style}
        sheet.conditional_format(top, left, bottom, right, rule)


def _write_answers(book: Any, page: SheetPage, formats: dict[str, Any], names: CellNames) -> None:
    """The backward pass once more, on a sheet that is hidden: its formulas read each other, and
    not what stands in the empty cells."""
    sheet = book.add_worksheet(say("sheet.answers"))
    sheet.very_hidden()
    without = names.without(page.name)
    for area in page.areas:
        _write_area(sheet, area, formats[area.kind], without.on(page.name))


def _absolute(cells: CellRange) -> str:
    sheet, top, left, bottom, right = cells
    first = f"{quoted(sheet)}!${letters(left)}${top + 1}"
    is_one = (top, left) == (bottom, right)
    return first if is_one else f"{first}:${letters(right)}${bottom + 1}"
