"""The one door to replaying: who records a computation to repeat it is told what it must know."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

# Who observes what is done in this thread or task: something with the methods of `Observer` in
# ``program/capture/observer.py``, or None.
observer: ContextVar[Any] = ContextVar("autograd_nn_observer", default=None)
observer.set(None)  # read faster than the default

observed = observer.get
"""Who observes; None where nothing but the computation itself is wanted."""


def noted(what: str) -> bool:
    """Tell of what a program could not repeat: values that are looked at or go on outside of the
    graph, data that are changed. The answer is whether anybody observes."""
    watching = observed()
    if watching is None:
        return False
    watching.note(what)
    return True
