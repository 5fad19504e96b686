"""Lines of text in columns, where a Chinese letter is as wide as two others."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import east_asian_width


def width(text: str) -> int:
    """How many columns a text takes.

    >>> width("梯度 g")
    6
    """
    return len(text) if text.isascii() else sum(1 + (east_asian_width(c) in "WF") for c in text)


def padded(text: str, columns: int) -> str:
    """A text that takes so many columns at least, with spaces behind it."""
    return text + " " * (columns - width(text))


def indented(text: str, columns: int) -> str:
    """The same with the spaces before it."""
    return " " * (columns - width(text)) + text


def in_columns(rows: Iterable[tuple[str, ...]], between: str = "   ") -> list[str]:
    """Rows of cells as lines, every column as wide as its widest cell."""
    rows = list(rows)
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        between.join(padded(cell, n) for cell, n in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
