"""Texts in the language of Graphviz's labels, and the ink that they are written in."""

from __future__ import annotations

import html

# Colours have six digits: older Graphviz does not know those of three.
INK, QUIET = "#1d2733", "#5b6673"
NORMAL, LARGE = 10, 12


def font(text: str, size: int, color: str) -> str:
    """A text of that size and colour."""
    return f'<FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT>' if text else " "


def html_like(text: str) -> str:
    """A label that Graphviz reads as a table and not as it stands."""
    return f"<{text}>"


def escaped(text: str) -> str:
    """A text as it is, whatever characters it has."""
    # Graphviz would put the name of the node in place of a backslash and N, here too.
    return html.escape(text.replace("\\", "\\\\"), quote=True)


def table(border: int, padding: int, look: str = "") -> str:
    """The beginning of a table."""
    return f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{look}>'
