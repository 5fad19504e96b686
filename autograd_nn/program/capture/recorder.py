"""Recorded twice, compared, made into a program, kept: or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COST = 150
"""To make a program takes as long as so many calls as they are written (small networks; fewer of
large ones)."""

MANY = 1024
"""Of so many kinds it is known that there is no program."""

ROOM = 2**27
"""Bytes that programs may take together; beyond, the oldest is dropped."""

_LEAST = 2**18  # what a program takes beside its memory


class Refusal:
    """Why there is no program.

    Parameters   differs: whether two recordings were not one computation, and not the making of a
                 program failed
    """

    def __init__(self, reason: str, differs: bool) -> None:
        self.reason = reason
        self.differs = differs


class Refused(Exception):
    """Raised by what makes a program, with the reason why there is none."""

    def __init__(self, reason: str, differs: bool = False) -> None:
        super().__init__(reason)
        self.differs = differs


class Recorder:
    """The programs of something that is called again and again, by the kind of call.

    A kind is what one program can take: the shapes and dtypes of what is given. The first call of a
    kind is recorded, and the second; where the two are one computation, a program is made of it.

    Where calls come in more than a few kinds, programs of some will not be used often enough to be
    worth their making. Then one is made when a tenth of the calls without a program, and half of
    those with one, which is what they saved, have earned its cost: never is all of it slower by
    more than a tenth than without any program.

    Parameters   difference: why two recordings are not one computation, None where they are
                 make: the program of the last recording; it has its ``nbytes``
                 few: of so many kinds programs are made at once
    """

    def __init__(
        self,
        difference: Callable[[Any, Any], str | None],
        make: Callable[[Any], Any],
        few: int = 16,
    ) -> None:
        self._difference = difference
        self._make = make
        self._few = few
        self.programs: dict[Any, Any] = {}
        self.refusals: dict[Any, Refusal] = {}
        self.replays = 0  # calls by a program, as far as who makes them counts them
        self._first: dict[Any, Any] = {}
        self._kinds: set[Any] = set()
        self._calls = self._spent = 0

    @property
    def has_few(self) -> bool:
        """Whether calls came in a few kinds until now."""
        return len(self._kinds) <= self._few

    def wants(self, kind: Any) -> bool:
        """Whether a call of this kind, which has no program, is to be recorded."""
        if kind in self.refusals:
            return False
        if self.has_few:
            self._kinds.add(kind)
            if self.has_few:
                return True
            self._first.clear()
        self._calls += 1
        earned = self._calls // 10 + self.replays // 2 - self._spent
        if earned > 2 * COST:  # what was recorded did not come again
            self._first.clear()
            self._spent += COST
        return earned > COST and (kind in self._first or not self._first)

    def has_first(self, kind: Any) -> bool:
        """Whether a call of this kind was recorded once."""
        return kind in self._first

    def add(self, kind: Any, recording: Any) -> Refusal | None:
        """One more recording: the first is kept, with the second there is a program."""
        first = self._first.pop(kind, None)
        try:
            reason = self._difference(recording if first is None else first, recording)
            if reason is not None:
                return self.refuse(kind, reason, differs=True)
            if first is None:
                self._first[kind] = recording
                return None
            self._keep(kind, self._make(recording))
        except Refused as error:
            return self.refuse(kind, str(error), error.differs)
        except Exception as error:  # whatever it is, the call works without a program
            return self.refuse(kind, f"{type(error).__name__}: {error}")
        return None

    def start_again(self, kind: Any) -> None:
        """What was recorded of this kind says nothing of the next call."""
        self._first.pop(kind, None)
        self.programs.pop(kind, None)

    def refuse(self, kind: Any, reason: str, differs: bool = False) -> Refusal:
        """There is no program for calls of this kind."""
        refusal = self.refusals[kind] = Refusal(reason, differs)
        if len(self.refusals) > MANY:
            self.refusals.pop(next(iter(self.refusals)), None)
        return refusal

    def _keep(self, kind: Any, program: Any) -> None:
        if not self.has_few:
            self._spent += COST
        self.programs[kind] = program
        while (
            len(self.programs) > 1
            and sum(_LEAST + program.nbytes for program in list(self.programs.values())) > ROOM
        ):
            self.programs.pop(next(iter(self.programs)), None)

    def forget(self) -> None:
        """Start anew: something that programs depend on was changed."""
        self.programs.clear()
        self.refusals.clear()
        self._first.clear()
