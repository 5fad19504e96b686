"""Where runs are done: here, in processes of this machine, or by the workers of a Dask cluster.

Each place yields a run when it is kept.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any

from autograd_nn.engine.errors import ArgumentTypeError, MissingPackageError, StateError
from autograd_nn.sweeping.grids import GridRun
from autograd_nn.sweeping.kept_runs import KeptRuns
from autograd_nn.sweeping.one_run import Job, Trained, done


def here(job: Job, runs: list[GridRun], kept: KeptRuns) -> Iterator[GridRun]:
    """One after the other, in this process."""
    for run in runs:
        kept.keep(run, done(job, run))
        yield run


# ---------------------------------------------------------------------- processes

_job: tuple[Job, KeptRuns]


def in_processes(job: Job, runs: list[GridRun], kept: KeptRuns, workers: int) -> Iterator[GridRun]:
    """In any order. Each process is given the job once, and keeps what it has done itself: nothing
    is lost with this process but what is in the midst.
    """
    if not runs:
        return
    written = _pickled(job, kept)
    # Started anew: a fork of a process that has threads may stand still for ever.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(runs)), context, _begin, (written,))
    waiting = {pool.submit(_next, run): run for run in runs}
    try:
        for future in as_completed(waiting):
            future.result()
            yield waiting[future]
    except BrokenProcessPool:
        raise StateError(
            "A process of the sweep has ended: killed, out of memory, or a script without "
            "`if __name__ == '__main__':` above the call, which each process reads anew. What is "
            "done is kept, and the same call goes on with the same `folder`."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _pickled(job: Job, kept: KeptRuns) -> bytes:
    main = sys.modules["__main__"]
    if getattr(job.build, "__module__", "") == "__main__" and not hasattr(main, "__file__"):
        raise ArgumentTypeError(
            "`build` was written at a prompt or in a notebook, and other processes cannot import "
            "it from there: put it into a file and import it, or leave `workers` out. A Dask "
            "client takes it: client=distributed.Client()."
        )
    try:
        return pickle.dumps((job, kept))
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raise ArgumentTypeError(
            f"The job cannot be given to another process ({error}): with `workers`, `build` is a "
            "function that stands in a file, no lambda and not inside of another function."
        ) from None


def _begin(written: bytes) -> None:
    global _job
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _job = pickle.loads(written)


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for ever for the next run."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _next(run: GridRun) -> None:
    job, kept = _job
    kept.keep(run, done(job, run))


# ---------------------------------------------------------------------- Dask


def on_dask(job: Job, runs: list[GridRun], kept: KeptRuns, client: Any) -> Iterator[GridRun]:
    """In any order. A run has the same key in the same sweep, and is published until it is kept:
    when this client is killed its runs go on, and the next client that asks for them gets them.

    A worker that has the folder, too, keeps what it has done itself: nothing is lost with it but
    what is in the midst.
    """
    try:
        from distributed import Client
    except ImportError:
        raise MissingPackageError(
            "Runs on a cluster need Dask: pip install 'autograd-nn[dask]'."
        ) from None
    if not isinstance(client, Client):
        raise ArgumentTypeError(
            f"`client` must be a client of Dask, distributed.Client(…), got {client!r} of type "
            f"{type(client).__name__}. For processes of this machine give workers=2."
        )
    start = f"sweep-{kept.digest}-"
    try:
        if runs:
            yield from _asked(client, job, {start + run.name: run for run in runs}, kept)
    finally:
        for name in client.list_datasets():  # those that a killed client asked for, too
            if str(name).startswith(start):
                client.unpublish_dataset(name)


def _asked(client: Any, job: Job, runs: dict[str, GridRun], kept: KeptRuns) -> Iterator[GridRun]:
    from distributed import as_completed

    # To every worker, so that one that dies does not take the only copy with it.
    x, y = client.scatter([job.x, job.y], broadcast=True)
    job = job._replace(x=None, y=None)
    futures = as_completed(
        client.submit(_on_worker, job, x, y, run, kept, key=key) for key, run in runs.items()
    )
    for future in list(futures.futures):
        client.publish_dataset(future, name=future.key, override=True)
    for future in futures:
        run, result = runs[future.key], future.result()
        if not kept.has(run):
            kept.keep(run, result)
        # Nobody holds it any more, or the death of the worker that has it would have it done again.
        client.unpublish_dataset(future.key)
        del future
        yield run


def _on_worker(job: Job, x: Any, y: Any, run: GridRun, kept: KeptRuns) -> Trained:
    is_here = kept.is_here()
    if is_here and kept.has(run):  # by a worker that died before it was asked for it
        return kept.result(run)
    result = done(job._replace(x=x, y=y), run)
    if is_here:
        kept.keep(run, result)
    return result
