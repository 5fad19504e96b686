"""A reader of workbooks that computes their formulas anew, cell by cell."""

import math
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_CELLS = r"(?:(?:'[^']+'|\w+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\w(])"
_WORD = re.compile(rf"(?P<cells>{_CELLS})|(?P<word>[^\W\d][\w.]*)(?P<call>\()?|<>|(?<![<>])=|\^")


def _if(condition: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
    return yes() if condition else no()


def _round(x: float, _: int) -> float:
    return math.copysign(math.floor(abs(x) + 0.5), x)


def _index(table: Any, row: Any, column: Any = None) -> Any:
    table = np.asarray(table)
    return table[int(row) - 1, int(column) - 1] if column else table.reshape(-1)[int(row) - 1]


def _all(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *given: function(np.concatenate([np.ravel(x) for x in given]))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ABS": abs, "ACOSH": math.acosh, "ACOS": math.acos, "ASINH": math.asinh, "ASIN": math.asin,
    "ATAN": math.atan, "ATANH": math.atanh, "ATAN2": lambda x, y: math.atan2(y, x),
    "COS": math.cos, "COSH": math.cosh, "EXP": math.exp, "INT": math.floor, "LN": math.log,
    "LOG": math.log, "LOG10": math.log10, "MOD": lambda x, y: x % y, "PI": lambda: math.pi,
    "ROUND": _round, "SIGN": np.sign, "SIN": math.sin, "SINH": math.sinh, "SQRT": math.sqrt,
    "TAN": math.tan, "TANH": math.tanh, "TRUNC": math.trunc, "NOT": lambda x: not x,
    "AND": lambda *x: all(x), "OR": lambda *x: any(x), "ISNUMBER": lambda _: True,
    "ISERROR": lambda _: False, "NA": lambda: math.nan,
    "MMULT": lambda x, y: np.atleast_2d(x) @ np.atleast_2d(y),
    "TRANSPOSE": lambda x: np.atleast_2d(x).T,
    "INDEX": _index,
    "MATCH": lambda x, line, _: np.ravel(line).tolist().index(x) + 1,
    "CHOOSE": lambda place, *given: given[int(place) - 1], "SUM": _all(math.fsum),
    "PRODUCT": _all(math.prod), "MAX": _all(max), "MIN": _all(min),
}  # fmt: skip


class SheetOfCells:
    """A workbook: what stands in its cells, and what its formulas give with the numbers of now."""

    def __init__(self, path: Path) -> None:
        self.cells: dict[tuple[str, int, int], Any] = {}
        self.stored: dict[tuple[str, int, int], float] = {}
        self._inside: dict[tuple[str, int, int], tuple[tuple[str, int, int], int, int]] = {}
        with zipfile.ZipFile(path) as file:
            book = ET.fromstring(file.read("xl/workbook.xml"))
            self.sheets = [x.attrib["name"] for x in book.iterfind(".//s:sheet", _SPACE)]
            self.names = {
                x.attrib["name"]: x.text or "" for x in book.iterfind(".//s:definedName", _SPACE)
            }
            for number, sheet in enumerate(self.sheets, 1):
                self._read(sheet, ET.fromstring(file.read(f"xl/worksheets/sheet{number}.xml")))
        self._known: dict[Any, Any] = {}

    def _read(self, sheet: str, root: ET.Element) -> None:
        for cell in root.iterfind(".//s:c", _SPACE):
            value, formula = cell.find("s:v", _SPACE), cell.find("s:f", _SPACE)
            if value is None or cell.get("t") == "s":
                continue
            place = sheet, *_place(cell.attrib["r"])
            self.stored[place] = self.cells[place] = float(value.text or "nan")
            if formula is not None:
                self.cells[place] = formula.text or ""
                if formula.get("t") == "array":
                    ends = [_place(x) for x in formula.attrib["ref"].split(":")]
                    first, last = ends[0], ends[-1]
                    for i in range(last[0] - first[0] + 1):
                        for j in range(last[1] - first[1] + 1):
                            self._inside[sheet, first[0] + i, first[1] + j] = place, i, j

    @property
    def inside(self) -> set[tuple[str, int, int]]:
        """The cells of array formulas."""
        return set(self._inside)

    def places(self, name: str) -> list[list[tuple[str, int, int]]]:
        """The cells of an area, or of a range as it stands in a formula."""
        sheet, _, cells = self.names.get(name, name).replace("$", "").rpartition("!")
        ends = [_place(x) for x in cells.split(":")]
        (top, left), (bottom, right) = ends[0], ends[-1]
        sheet = sheet.strip("'")
        return [[(sheet, i, j) for j in range(left, right + 1)] for i in range(top, bottom + 1)]

    def set(self, name: str, number: float) -> None:
        """Type a number into the first cell of an area."""
        self.cells[self.places(name)[0][0]] = number
        self._known.clear()

    def __getitem__(self, name: str) -> Any:
        """The numbers of an area, computed."""
        return np.array([[self._number(x) for x in row] for row in self.places(name)], float)

    def _number(self, place: tuple[str, int, int]) -> Any:
        if place not in self._known:
            if place in self._inside:
                first, i, j = self._inside[place]
                if ("array", first) not in self._known:
                    text = self.cells[first].strip("{}")
                    self._known["array", first] = self._computed(text, first[0])
                self._known[place] = self._known["array", first][i, j]
            else:
                found = self.cells[place]
                is_text = isinstance(found, str)
                self._known[place] = self._computed(found, place[0]) if is_text else found
        return self._known[place]

    def _computed(self, text: str, sheet: str) -> Any:
        def of(cells: str) -> Any:
            cells = self.names.get(cells, cells)
            name = cells if "!" in cells else f"{sheet}!{cells}"
            found = [[self._number(x) for x in row] for row in self.places(name)]
            return found[0][0] if len(found) == len(found[0]) == 1 else np.array(found)

        def translated(match: re.Match[str]) -> str:
            if match["call"]:
                return f"{match['word']}_("
            if match["cells"] or match["word"] and match["word"] in self.names:
                return f"of({match[0]!r})"
            return {"<>": "!=", "=": "==", "^": "**"}.get(match[0], match[0])

        code = _lazy(_WORD.sub(translated, text.removeprefix("=")))
        functions = {f"{name}_": function for name, function in FUNCTIONS.items()}
        return eval(code, {"of": of, "IF_": _if, **functions})  # the text of our own formulas


def _lazy(code: str) -> str:
    """The second and third part of every IF as functions: only one of them is computed."""
    found, depth, ifs = "", 0, []
    for i, letter in enumerate(code):
        found += letter
        if letter == "(":
            depth += 1
            if code[:i].endswith("IF_"):
                ifs.append(depth)
        elif letter == ")":
            if ifs and ifs[-1] == depth:
                ifs.pop()
            depth -= 1
        elif letter == "," and ifs and ifs[-1] == depth:
            found += "lambda: "
    return found


def _place(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", text)
    assert match is not None, text
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1
