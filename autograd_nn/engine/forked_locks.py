"""Locks that a forked process finds open: no other thread is left there to open them."""

from __future__ import annotations

import os
from typing import Any, TypeVar
from weakref import WeakSet

_Lock = TypeVar("_Lock")

_known: WeakSet[Any] = WeakSet()


def open_in_forked(lock: _Lock) -> _Lock:
    """The lock, which a forked process finds open, unless it is one that a thread may take twice
    and the thread that forked it holds it."""
    _known.add(lock)
    return lock


def _open() -> None:
    for lock in _known:
        is_own = getattr(lock, "_is_owned", None)  # of a lock that its thread may take twice
        if is_own is None or not is_own():
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_open)
