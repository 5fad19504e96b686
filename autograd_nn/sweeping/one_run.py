"""One run of a sweep: a model built, trained, and its weights as the bytes of a file."""

from __future__ import annotations

import copy
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakSet

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers.weights import inside
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
            try:
                history = model.fit(job.x, job.y, verbose=0, **fit).history
            finally:
                _used.update(_trained_parts(model))
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
    _used.update(_trained_parts(model))
    return model


_used: WeakSet[Any] = WeakSet()
"""Layers and optimizers of earlier runs, which no other run may train."""


def _trained_parts(model: Model) -> list[Any]:
    """The optimizer, and the layers with weights that training changes: a frozen layer may be in
    the models of all runs."""
    return [model.optimizer, *(part for part, _ in inside(model) if part.trainable_weights)]


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
    for part in (*(part for part, _ in inside(model)), model.optimizer):
        if part in _used:
            raise ArgumentError(
                f"`build` gave {type(part).__name__} {part.name!r}, which another run has trained: "
                "this run would go on from there. `build` must make the model, its layers and its "
                "optimizer anew in each call. Trained weights to start from are copied in it, with "
                "set_weights."
            )
    return model
