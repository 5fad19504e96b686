"""One call of a program at a time: its buffers belong to the call that is under way."""

from __future__ import annotations

import threading

from autograd_nn.engine.errors import StateError
from autograd_nn.engine.forked_locks import open_in_forked


class Turn:
    """A lock that other threads wait for, and that the same thread cannot take twice.

    A call inside a call of the same program would write into the buffers that are in use.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.taken = False
        open_in_forked(self)

    def begin(self) -> None:
        """With the lock at hand: refuse to begin a second time before the end."""
        if self.taken:
            raise StateError(
                "The program was called from inside of a call of itself. Make a second program, "
                "or call it when the first call is done."
            )
        self.taken = True

    def __enter__(self) -> None:
        self.lock.acquire()
        try:
            self.begin()
        except StateError:
            self.lock.release()
            raise

    def _is_owned(self) -> bool:
        return bool(self.lock._is_owned())  # type: ignore[attr-defined]

    def _at_fork_reinit(self) -> None:
        self.lock._at_fork_reinit()  # type: ignore[attr-defined]
        self.taken = False

    def __exit__(self, *_: object) -> None:
        self.taken = False
        self.lock.release()
