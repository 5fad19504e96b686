"""What a notebook asked for, of the kinds in which something can be shown."""

from __future__ import annotations

from typing import Any


def asked_for(bundle: dict[str, str], include: Any, exclude: Any) -> dict[str, str]:
    """The entries of a MIME bundle that are wanted: all, unless some are named.

    >>> asked_for({"text/plain": "a", "text/html": "<b>a</b>"}, None, ["text/html"])
    {'text/plain': 'a'}
    """
    return {
        kind: content
        for kind, content in bundle.items()
        if (not include or kind in include) and (not exclude or kind not in exclude)
    }
