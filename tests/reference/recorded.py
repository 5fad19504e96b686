"""The numbers recorded from real Keras, for tests to compare with.

training()    problem name (see problems.PROBLEMS) → history, weights, predictions
losses()      cases: loss, arguments, y_true, y_pred, sample_weight, float32, float64; of most also
              the gradient of the sum of what is returned, in float64
metrics()     cases: metric, arguments, batches (y_true, y_pred and perhaps weights), result
optimizers()  start, gradients, and cases: optimizer, arguments, parameters after each step
schedules()   steps, and cases: schedule, arguments, the rate after so many steps; and five_steps,
              the start and the gradients of optimizers() by optimizers with a schedule
weight_rules()  "regularizers", "constraints" and "models", see `keras_weight_rules`
functional()  problem name (see functional.PROBLEMS) → what `functional.trained` gives
callbacks()   values of epochs, and cases: callback, arguments, which values; the learning rate
              after each epoch, and the epoch that was the last
masks()       layer of `masked_sequences` → the arrays that come out; "stateful": of three batches
ops()         call of `keras_ops` → the arrays that it gives
layers(family)  layer → for each of its samples "outputs" and "training", see `keras_layers`
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


def training() -> dict[str, Any]:
    """For each problem: "data", "history" (key → 20 floats), "weights" (as
    `problems.summarised` gives them), "predictions" for the first three test rows."""
    return {name: entry for name, entry in _read("keras_training").items() if name != "versions"}


def ops() -> dict[str, Any]:
    """For each call of ``keras_ops.calls()`` the arrays that come out."""
    found: dict[str, Any] = _read("keras_ops")["calls"]
    return found


def masks() -> dict[str, Any]:
    """For each layer of ``masked_sequences.MADE`` its arrays, and "stateful"."""
    return {name: entry for name, entry in _read("keras_masks").items() if name != "versions"}


def functional() -> dict[str, Any]:
    """For each problem "layers", "history", "evaluated" and "weights"."""
    return {name: entry for name, entry in _read("keras_functional").items() if name != "versions"}


def losses() -> list[dict[str, Any]]:
    """One entry for each call of a loss; y_true and y_pred are lists, None means no weights."""
    cases: list[dict[str, Any]] = _read("keras_losses")["cases"]
    return cases


def metrics() -> list[dict[str, Any]]:
    """One entry for each metric, its arguments, and with or without weights."""
    cases: list[dict[str, Any]] = _read("keras_metrics")["cases"]
    return cases


def optimizers() -> dict[str, Any]:
    """The same five gradients for each optimizer."""
    return _read("keras_optimizers")


def schedules() -> dict[str, Any]:
    """The rates at the same steps for each schedule, and five steps by some of them."""
    return _read("keras_schedules")


def weight_rules() -> dict[str, Any]:
    """Values of regularizers and constraints, and trainings with them."""
    return _read("keras_weight_rules")


def layers(family: str) -> dict[str, Any]:
    """For each layer an entry for each sample: values, gradients, weights that are kept."""
    return _read(f"keras_layers/{family}")


def callbacks() -> dict[str, Any]:
    """What callbacks make of one series of values or another."""
    return _read("keras_callbacks")


@cache
def _read(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
