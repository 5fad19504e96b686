"""The processes that mpiexec started, which are called ranks, and how they stay together."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from autograd_nn.engine.errors import MissingPackageError, StateError

INSTALL = "pip install 'autograd-nn[mpi]'"

# What Open MPI, MPICH and its relatives, and a starter by PMIx tell a process.
_STARTED_BY_MPI = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "MPI_LOCALNRANKS")

_LOOK = 0.5
"""Seconds after which a rank that waits looks whether it waits in vain."""

_ENDED = -1


@cache
def ranks_of_this_run() -> Ranks | None:
    """The ranks of this run, None where this process is alone.

    Raises       MissingPackageError where mpiexec started it and mpi4py is not installed
    """
    if "mpi4py.MPI" not in sys.modules and not any(name in os.environ for name in _STARTED_BY_MPI):
        return None  # loading MPI takes a second
    try:
        from mpi4py import MPI
    except ImportError:
        raise MissingPackageError(
            f"mpiexec started this process, and training on several needs mpi4py: {INSTALL}."
        ) from None
    return Ranks(MPI) if MPI.COMM_WORLD.size > 1 else None


class Ranks:
    """All processes of this run: what they tell one another, and the end of all where one fails.

    A rank that goes down by an exception ends the run. One that has failed and goes on, or has come
    to its end, tells it to the others: who waits for it then ends the run.
    """

    def __init__(self, mpi: Any) -> None:
        self._mpi = mpi
        self._all = mpi.COMM_WORLD.Dup()
        self._news = mpi.COMM_WORLD.Dup()
        self.rank: int = self._all.rank
        self.size: int = self._all.size
        self._call = 0  # the number of the call that all of them are in
        self._name = "a call"
        self._waits_since: float | None = None
        self._told: list[Any] = []  # what is under way must be held
        atexit.register(self._tell, _ENDED, "has come to its end")
        self._shown = sys.excepthook
        sys.excepthook = self._failed
        if mpi.Query_thread() == mpi.THREAD_MULTIPLE:
            threading.Thread(target=self._look_out, daemon=True, name="autograd_nn ranks").start()

    # ------------------------------------------------------------------ what all do at once

    def sum_in_place(self, array: np.ndarray[Any, Any]) -> None:
        """Have in every rank the sum of the arrays of all."""
        self._wait(self._all.Allreduce, self._mpi.IN_PLACE, array)

    def from_first(self, array: np.ndarray[Any, Any]) -> None:
        """Have in every rank the numbers of the first one."""
        self._wait(self._all.Bcast, array)

    def told_by_first(self, thing: Any) -> Any:
        """What the first one has, any object."""
        return self._wait(self._all.bcast, thing if self.rank == 0 else None)

    def of_all(self, thing: Any) -> list[Any]:
        """What every rank has, in their order."""
        found: list[Any] = self._wait(self._all.allgather, thing)
        return found

    @contextlib.contextmanager
    def together(self, call: str) -> Iterator[None]:
        """One call that all ranks make.

        Raises       StateError where they make different ones
        """
        self._call += 1
        self._name = call
        calls = self.of_all(call)
        if len(set(calls)) > 1:
            raise StateError(
                f"{listed(calls, 'calls')}. Every rank must make the same calls: what only one is "
                "to do, such as printing, needs no fit, evaluate or predict."
            )
        try:
            yield
        except BaseException as error:
            said = f": {error}" if str(error) else ""
            self._tell(self._call, f"failed in {call}: {type(error).__name__}{said}")
            raise

    def _wait(self, exchange: Callable[..., Any], *arguments: Any) -> Any:
        self._waits_since = time.monotonic()
        try:
            return exchange(*arguments)
        finally:
            self._waits_since = None

    # ------------------------------------------------------------------ where one fails

    def _tell(self, call: int, what: str) -> None:
        """Tell all others, who look when they wait."""
        others = [rank for rank in range(self.size) if rank != self.rank]
        self._told += [self._news.isend((call, what), dest=rank) for rank in others]

    def _look_out(self) -> None:
        """In a thread of its own: end the run where this rank waits for one that never comes."""
        status = self._mpi.Status()
        while True:
            time.sleep(_LOOK)
            since = self._waits_since
            if since is None or time.monotonic() - since < 2 * _LOOK:
                continue
            while self._news.iprobe(status=status):
                call, what = self._news.recv(source=status.Get_source())
                if call in (_ENDED, self._call):
                    self._end(
                        f"Rank {status.Get_source()} {what}, and rank {self.rank} waits for it in "
                        f"{self._name}. The run ends."
                    )

    def _failed(self, kind: Any, error: Any, trace: Any) -> None:
        """After the traceback of what nobody caught: the others would wait for ever."""
        if self.rank != 0:
            time.sleep(1)  # where all fail alike, the first one tells it, and ends the run
        self._shown(kind, error, trace)
        self._end(f"Rank {self.rank} of {self.size} failed with {kind.__name__}. The run ends.")

    def _end(self, text: str) -> None:
        sys.stdout.flush()
        print(text, file=sys.stderr, flush=True)
        self._mpi.COMM_WORLD.Abort(1)


def listed(values: list[Any], verb: str) -> str:
    """``rank 0 calls fit, rank 1 calls evaluate``, ranks with the same value as one."""
    ranks: dict[Any, list[int]] = {}
    for rank, value in enumerate(values):
        ranks.setdefault(value, []).append(rank)
    parts = [
        f"{'ranks' if len(which) > 1 else 'rank'} {', '.join(map(str, which))} "
        f"{verb[:-1] if len(which) > 1 else verb} {value}"
        for value, which in ranks.items()
    ]
    return ", ".join(parts).capitalize() if parts else ""
