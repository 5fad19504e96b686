"""What the terminal can show: whether a bar can move, how wide it is, which letters it has."""

from __future__ import annotations

import os
import sys
from typing import Any

# Lines and signs that have something like them everywhere; any other is shown as "?".
_IN_ASCII: dict[int, Any] = {
    **str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│▇█…×·−∂", "++++++++++++--||##~x*-d"),
    **str.maketrans({"←": "<-", "→": "->", "σ": "sigma", "α": "alpha"}),
}


def can_redraw() -> bool:
    """Whether a line can be written over, as in a terminal or notebook."""
    if "ipykernel" in sys.modules and "IPython" in sys.modules:
        return True
    isatty = getattr(sys.stdout, "isatty", None)
    return bool(isatty and isatty())


def columns() -> int:
    """How wide the terminal is; 80 where there is none, and where it does not say."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (AttributeError, OSError, ValueError):
        return 80


def printable(text: str) -> str:
    """The text in letters that standard output can take."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_IN_ASCII).encode(encoding, "replace").decode(encoding)
    return text
