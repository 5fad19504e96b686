"""Numbers as the sentences of steps have them, or as holes where a page tells them itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.viz.graph import notation, symbols
from autograd_nn.viz.graph.path import norm
from autograd_nn.viz.wording.holes import hole
from autograd_nn.viz.wording.saying import say


def element(array: Any) -> str:
    """The one number of an array."""
    return notation.element(np.asarray(array).item())


def amount(array: Any) -> str:
    """A number, a few, or statistics."""
    return notation.amount(notation.summarise(array))


def size(array: Any) -> str:
    """The norm and the largest element."""
    return notation.size_of(notation.summarise(array))


def total(array: Any) -> str:
    """A few numbers, or the norm of many."""
    numbers = notation.summarise(array)
    return notation.amount(numbers) if numbers.values else notation.size_of(numbers)


def added(*arrays: Any) -> str:
    """``3 + 2 − 1``."""
    return notation.added([np.asarray(array).item() for array in arrays])


def factor(array: Any) -> str:
    """A number as a factor: in brackets where it has a sign."""
    return symbols.factor(notation.element(float(np.asarray(array).item())))


def from_to(before: Any, after: Any) -> str:
    """How an array changed: ``1 → 2``, or its norms."""
    if np.size(after) == 1:
        return f"{amount(before)} → {amount(after)}"
    change = np.asarray(after, np.float64) - before
    sizes = [notation.number(norm(x)) for x in (before, after, change)]
    return say("steps.from_to", before=sizes[0], after=sizes[1], change=sizes[2])


def kept_change(before: Any, after: Any) -> str:
    """How what an optimizer keeps changed; before the first step there was nothing."""
    if before is not None:
        return from_to(before, after)
    numbers = notation.summarise(after)
    is_number = np.size(after) == 1
    return say("steps.new", told=notation.amount(numbers) if is_number else notation.norm(numbers))


def changed(before: Any, after: Any) -> str:
    """``: down by 0.1``, of a loss."""
    change = np.asarray(after - before).item()
    if change == 0:
        return say("steps.unchanged")
    if not np.isfinite(change):
        return ""
    way = "steps.down" if change < 0 else "steps.up"
    return say(way, x=notation.number(abs(change)))


FORMS: dict[str, Callable[..., str]] = {
    "element": element,
    "amount": amount,
    "size": size,
    "total": total,
    "added": added,
    "factor": factor,
    "from_to": from_to,
    "kept_change": kept_change,
    "changed": changed,
}
"""Each is a function of ``words.js`` too, with the same name and the same result."""


class Teller:
    """Tells numbers in one of the forms; in a page that computes it leaves holes for them."""

    def __init__(self, as_holes: bool) -> None:
        self.as_holes = as_holes

    def __call__(self, form: str, *told: tuple[Any, str]) -> str:
        """What is told of arrays, each with its place in the page; "" is that of what stays."""
        if self.as_holes and all(place for _, place in told):
            return hole(form, *(place for _, place in told))
        return FORMS[form](*(array for array, _ in told))
