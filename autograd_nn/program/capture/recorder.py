"""Recorded twice, compared, made into a program, kept: or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

AT_FIRST = 32
"""So many programs are made as soon as a kind of call was seen twice."""

CALLS = 500
"""So many calls without a program are between two more of them: to make one takes as long as some
30 calls as they are written, so data in ever new shapes are never slowed down by a tenth."""

ROOM = 2**27
"""Bytes that programs may take together; beyond, the oldest is dropped."""

_LEAST = 2**18  # what a program takes beside its memory


class Refusal(NamedTuple):
    """Why there is no program."""

    reason: str
    differs: bool
    """Whether two recordings were not one computation, and not the making of a program failed."""


class Recorder:
    """The programs of something that is called again and again, by the kind of call.

    A kind is what one program can take: the shapes and dtypes of what is given. The first call of a
    kind is recorded, and the second; where the two are one computation, a program is made of it.

    Parameters   difference: why two recordings are not one computation, None where they are
                 make: the program of two recordings; it has its ``nbytes``
    """

    def __init__(
        self,
        difference: Callable[[Any, Any], str | None],
        make: Callable[[Any, Any], Any],
    ) -> None:
        self._difference = difference
        self._make = make
        self.programs: dict[Any, Any] = {}
        self.refusals: dict[Any, Refusal] = {}
        self.made = 0
        self._first: dict[Any, Any] = {}
        self._calls = 0

    def wants(self, kind: Any) -> bool:
        """Whether a call of this kind, which has no program, is to be recorded."""
        if kind in self.refusals:
            return False
        if self.made < AT_FIRST:
            return True
        self._calls += 1
        if self._calls > 2 * CALLS:  # the kind that was recorded once did not come again
            self._first.clear()
            self._calls = CALLS
        return self._calls > CALLS and (kind in self._first or not self._first)

    def has_first(self, kind: Any) -> bool:
        """Whether a call of this kind was recorded once."""
        return kind in self._first

    def add(self, kind: Any, recording: Any) -> Refusal | None:
        """One more recording: the first is kept, with the second there is a program."""
        first = self._first.pop(kind, None)
        refusal = None
        reason = self._difference(recording if first is None else first, recording)
        if reason is not None:
            refusal = Refusal(reason, True)
        elif first is None:
            self._first[kind] = recording
            _drop_oldest(self._first, len(self._first) > AT_FIRST)
        else:
            try:
                self._keep(kind, self._make(first, recording))
            except Exception as error:  # whatever it is, the call works without a program
                refusal = Refusal(f"{type(error).__name__}: {error}", False)
        if refusal is not None:
            self.refusals[kind] = refusal
        return refusal

    def _keep(self, kind: Any, program: Any) -> None:
        self.programs[kind] = program
        self.made += 1
        self._calls = 0
        if self.made >= AT_FIRST:
            self._first.clear()
        while (
            len(self.programs) > 1
            and sum(_LEAST + program.nbytes for program in list(self.programs.values())) > ROOM
        ):
            _drop_oldest(self.programs)

    def forget(self) -> None:
        """Start anew: something that programs depend on was changed."""
        self.programs.clear()
        self.refusals.clear()
        self._first.clear()


def _drop_oldest(kept: dict[Any, Any], where: bool = True) -> None:
    if where:
        kept.pop(next(iter(kept)), None)
