"""Numbers in sentences: as they are, or in a page that computes as holes for those of now.

A hole names the form of a number and where in the page it is; ``words.js`` fills it. No name of a
user has its two marks, which cannot be printed.
"""

from __future__ import annotations

OPEN, SHUT = "\ue000", "\ue001"


def hole(form: str, *places: str) -> str:
    """What is told of the numbers at these places.

    ``v:n3`` is the value of a node and ``g:n3`` its whole gradient. ``l:7``, ``c:7`` and ``a:7``
    are the local derivative, the contribution and what there is after it of the step with the index
    7; ``before:7:velocity`` and ``kept:7:velocity`` are what the optimizer keeps. ``rate`` is the
    learning rate, ``count:1`` the number of the step, counted from 1, and ``decayed:n3:0.1`` a
    value after its weight decay.
    """
    return f"{OPEN}{form} {' '.join(places)}{SHUT}"


def in_brackets(text: str, begins: str) -> str:
    """A text in brackets where it begins so; a hole, where the number in it does."""
    if text.startswith(f"{OPEN}element "):
        return text.replace("element ", "grouped ", 1)
    return f"({text})" if text.startswith(begins) else text
