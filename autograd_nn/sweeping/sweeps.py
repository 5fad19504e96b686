"""sweep: train what a function builds with every combination of settings."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.models import Model
from autograd_nn.settings import floatx
from autograd_nn.sweeping.grids import runs_of
from autograd_nn.sweeping.kept_runs import KeptRuns
from autograd_nn.sweeping.one_run import Job
from autograd_nn.sweeping.places_of_runs import here, in_processes, on_dask
from autograd_nn.sweeping.run_table import RunTable
from autograd_nn.sweeping.telling_apart import contents_of


def sweep(
    build: Callable[..., Model],
    grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Iterable[Any]]],
    x: Any,
    y: Any = None,
    client: Any = None,
    *,
    seeds: Iterable[int] = (0,),
    folder: Any = None,
    workers: int | None = None,
    monitor: str | None = None,
    mode: str = "auto",
    verbose: int = 1,
    **fit: Any,
) -> RunTable:
    """Train ``build(**parameters)`` with every combination of the grid and every seed.

    Every run is kept in a folder when it is done. The same call after an interruption, a kill or
    with a larger grid goes on: no run that is there is done again. Wherever it is done, a run gives
    the same.

    Parameters   build: gives a compiled model, made anew in each call; what else it calls is not
                 watched for changes
                 grid: {"units": [8, 16], "batch_size": [16, 32]}, or a list of such dicts. What
                 ``build`` does not take goes to ``fit``. Values are numbers, texts, None, classes
                 and functions, and lists of them
                 client: of Dask, ``distributed.Client(…)``: runs are done by its workers, and what
                 they have done outlives a client that is killed
                 seeds: each combination is trained with each of them
                 folder: where runs are kept; None makes a new one
                 workers: so many processes on this machine. ``build`` is then a function of a
                 module, and a script has its call below ``if __name__ == "__main__":``
                 monitor: what the best is best in, after the last epoch; None takes "val_loss", or
                 "loss" where nothing is validated; mode: "min", "max", "auto" by its name
                 verbose: 1 a line for every run, 0 silent
                 fit: keywords for ``fit``; each run has callbacks of its own, copies of these
    Returns      the runs as a table: ``rows``, ``best``, ``frame()``, ``model(row)``
    Raises       ArgumentError, ArgumentTypeError before anything is run; StateError where the
                 folder has runs of another sweep. An error of a run names its parameters
    Example      Four runs; y is x twice, and one unit learns it

    >>> from autograd_nn import Sequential
    >>> from autograd_nn.layers import Dense
    >>> from autograd_nn.optimizers import SGD
    >>> def build(rate):
    ...     model = Sequential([Dense(1, use_bias=False)])
    ...     model.compile(SGD(rate), "mse")
    ...     return model
    >>> table = sweep(build, {"rate": [0.1, 1e-4]}, [[1.0], [2.0]], [2.0, 4.0],
    ...               seeds=[0, 1], epochs=20, verbose=0)
    >>> len(table), table.best["rate"]
    (4, 0.1)
    >>> print(f"{table.model().predict([[3.0]]).item():.3f}")
    6.000
    """
    takes = _parameters_of(build, fit)
    runs = runs_of(grid, seeds, takes)
    if hasattr(x, "__next__"):
        raise ArgumentTypeError(
            "`x` is a generator, which the first run would use up: give arrays, or what gives its "
            "batches anew, such as a PyDataset."
        )
    if client is not None and workers is not None:
        raise ArgumentError("`client` and `workers` are two places for the runs: give one of them.")
    if workers is not None:
        workers = positive_integer("workers", workers)
    job = Job(build, x, y, fit, floatx())
    if folder is None:
        folder = tempfile.mkdtemp(prefix="sweep-")
    kept = KeptRuns(
        folder,
        {
            "build": contents_of(build),
            "x": contents_of(x),
            "y": contents_of(y),
            "fit": contents_of(fit),
            "floatx": floatx(),
        },
    )
    waiting = [run for run in runs if not kept.has(run)]
    if client is not None:
        done = on_dask(job, waiting, kept, client)
    elif workers is not None:
        done = in_processes(job, waiting, kept, workers)
    else:
        done = here(job, waiting, kept)
    there = len(runs) - len(waiting)
    if verbose and there:
        print(f"{there} of {len(runs)} runs are kept in {folder}.")
    for count, run in enumerate(done, there + 1):
        if verbose:
            row = kept.row(run)
            last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in row["history"].items())
            print(f"{count} of {len(runs)}: {run} ({row['seconds']:.1f} s): {last}", flush=True)
    rows = [kept.row(run) for run in runs]
    return RunTable(rows, runs, job, monitor, mode, kept.folder)


def _parameters_of(build: Any, fit: Mapping[str, Any]) -> Callable[[str], str]:
    """What says of a parameter whether ``build`` takes it or ``fit``."""
    if not callable(build) or isinstance(build, Model):
        raise ArgumentTypeError(
            "`build` must be a function that gives a compiled model, anew for every run, got "
            f"{build!r} of type {type(build).__name__}."
        )
    of_build = inspect.signature(build).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in of_build.values())
    of_fit = set(inspect.signature(Model.fit).parameters) - {"self", "x", "y", "verbose"}
    for name in fit:
        if name not in of_fit:
            raise ArgumentTypeError(f"fit() has no argument `{name}`.{suggestion(name, of_fit)}")

    def place(name: str) -> str:
        if name in of_build:
            return "build"
        if name in of_fit and name in fit:
            raise ArgumentError(f"`{name}` is in the grid, and given for all runs: {fit[name]!r}.")
        if name in of_fit:
            return "fit"
        if takes_all:
            return "build"
        known = [*of_build, *of_fit]
        raise ArgumentError(
            f"`grid` has {name!r}, which neither build({', '.join(of_build)}) nor fit takes."
            f"{suggestion(name, known)}"
        )

    return place
