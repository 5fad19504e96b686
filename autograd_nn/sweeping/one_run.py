"""One run of a sweep: a model built, trained, and its weights as the bytes of a file."""

from __future__ import annotations

import copy
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.models import Model
from autograd_nn.settings import own_floatx, own_randomness
from autograd_nn.sweeping.grids import GridRun


class Job(NamedTuple):
    """What all runs have in common."""

    build: Any
    x: Any
    y: Any
    fit: dict[str, Any]
    floatx: str


class Trained(NamedTuple):
    """What a run gave.

    Parameters   weights: a file of `Model.save_weights`
    """

    history: dict[str, list[float]]
    seconds: float
    weights: bytes


def done(job: Job, run: GridRun) -> Trained:
    """The run, with its own random numbers and callbacks."""
    start = time.perf_counter()
    try:
        with own_randomness(run.seed), own_floatx(job.floatx):
            model = _built(job, run)
            fit = job.fit | run.for_fit
            if "callbacks" in fit:
                fit["callbacks"] = copy.deepcopy(fit["callbacks"])
            history = model.fit(job.x, job.y, verbose=0, **fit).history
            if not history:
                raise ArgumentError("No epoch was trained: `epochs` must be at least 1.")
    except Exception as error:
        error.add_note(f"This was in the run {run}.")
        raise
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "weights.npz")
        model.save_weights(path)
        weights = path.read_bytes()
    plain = {name: [float(value) for value in values] for name, values in history.items()}
    return Trained(plain, time.perf_counter() - start, weights)


def trained_again(job: Job, run: GridRun, weights: Any) -> Model:
    """The model of a run that is done, with the weights of its file."""
    with own_randomness(run.seed), own_floatx(job.floatx):
        model = _built(job, run)
        if not model.built:
            model.predict(job.x, batch_size=1, steps=1, verbose=0)
        model.load_weights(weights)
    return model


def _built(job: Job, run: GridRun) -> Model:
    """The compiled model of a run."""
    model = job.build(**run.for_build)
    if not isinstance(model, Model):
        raise ArgumentTypeError(
            f"`build` must give a compiled model, it gave {model!r} of type "
            f"{type(model).__name__}. Does it end with `return model`?"
        )
    if model._training is None:
        raise ArgumentError("`build` must compile the model: model.compile(optimizer, loss).")
    return model
