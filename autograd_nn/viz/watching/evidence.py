"""What is known of a run of training: told by it, measured by a monitor, or seen on copies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np

from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from autograd_nn.norms import norm
from autograd_nn.several import Several
from autograd_nn.training.gradient_norms import PREFIX, named
from autograd_nn.viz.watching.activity import Activity, activities
from autograd_nn.viz.watching.monitoring import PROBE, GradientMonitor, log_ratio
from autograd_nn.viz.watching.replaying import Replay, replay_of
from autograd_nn.viz.watching.starting_point import starting_point

LEARNED = 0.8
"""A loss below 0.8 of what answering without looking at x gives: training works, and what else is
unusual does no harm yet. A healthy sigmoid network ends with most units saturated, for it is sure
of its answers."""

LEARNED_WELL = 0.5
"""The same where units are at their ends or the loss goes up and down: the last layer alone can
bring a loss a little down, and so can chance."""


LONG = 200
"""A copy is trained on for so many epochs to see whether a loss only needs time: networks of
sigmoids begin on a plateau, from which plain gradient descent takes tens of epochs."""


@dataclass
class Evidence:
    """What is known of a run. An empty dict or None is what was not measured."""

    loss: list[float]
    logs: Mapping[str, list[float]]
    norms: dict[str, list[float]] = field(default_factory=dict)
    first_norms: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    first_activities: dict[str, Activity] = field(default_factory=dict)
    last_activities: dict[str, Activity] = field(default_factory=dict)
    input_scale: float | None = None
    feature: tuple[int, ...] = ()
    base_loss: float | None = None
    base_accuracy: float | None = None
    base_is_guessed: bool = False
    model: Any = None
    run: Replay | None = None

    @property
    def has_learned(self) -> bool:
        """Whether the loss shows that training works."""
        return self.loss[-1] < LEARNED * self._without_learning

    @property
    def has_learned_well(self) -> bool:
        """Whether the last third of the epochs shows so beyond doubt."""
        late = self.loss[-(len(self.loss) // 3 + 1) :]
        return median(late) < LEARNED_WELL * self._without_learning

    @cached_property
    def norms_by_epoch(self) -> dict[str, list[float]]:
        """The norms of the gradients, replayed where none were recorded."""
        if self.norms or self.run is None:
            return self.norms
        try:
            return self.run.norms(self.run.at_start(), self.run.epochs)
        except Exception:  # code of the user's that a copy does not run
            return {}

    def trained_on(self, enough: float) -> list[float] | None:
        """The losses of a copy that is trained on until that is enough, None where it cannot be."""
        if self.run is None:
            return None
        try:
            return self.run.trained_on(max(4 * self.run.epochs, LONG), enough)
        except Exception:  # code of the user's that a copy does not run
            return None

    @cached_property
    def began_untrained(self) -> bool:
        """Whether the model knew nothing before the first step, as one with new weights does."""
        if self.run is None or self.base_loss is None:
            return False
        try:
            loss = float(self.run.loss_of(self.run.at_start())._data)
        except Exception:  # code of the user's that a copy does not run
            return False
        return not loss < LEARNED * self.base_loss

    @property
    def _without_learning(self) -> float:
        return self.loss[0] if self.base_loss is None else self.base_loss


def evidence(
    logs: Mapping[str, list[float]], history: Any, monitor: GradientMonitor | None
) -> Evidence:
    """All that can be known of a run."""
    measured = logs if monitor is None else {**logs, **monitor.history}
    found = Evidence(
        loss=logs["loss"],
        logs=logs,
        norms={
            name.removeprefix(PREFIX): values
            for name, values in measured.items()
            if name.startswith(PREFIX)
        },
        model=getattr(history, "model", None),
        run=replay_of(history),
    )
    if monitor is not None and monitor.records:
        found.first_norms = monitor.first_norms
        found.first_activities = monitor.first_activities
        found.last_activities = monitor.records[-1].activities
        found.ratios = {
            name: values
            for name, values in measured.items()
            if name.startswith("update_ratio/") and not name.endswith("/bias")
        }
    start = monitor.start if monitor is not None else None
    if found.run is not None:
        with np.errstate(all="ignore"):
            start = start or starting_point(found.run.data, found.model.loss)
            _look_at_copies(found, found.run)
    if start is not None:
        found.input_scale, found.feature = start.input_scale, start.feature
        found.base_loss, found.base_accuracy = start.base_loss, start.base_accuracy
    if found.base_loss is None:
        found.base_loss = _balanced(found.model)
        found.base_is_guessed = found.base_loss is not None
    return found


def _look_at_copies(found: Evidence, run: Replay) -> None:
    """What no monitor measured: units and gradients at the start, units and updates at the end."""
    if found.last_activities and found.ratios:
        return
    samples = run.data.x
    count = len(samples)
    samples = samples[np.linspace(0, count - 1, min(count, PROBE)).astype(int)]
    try:
        start = run.at_start()
        pairs = zip(named(start.trainable_weights), run.gradients_of(start), strict=True)
        found.first_norms = {name: norm(g) for name, g in pairs if g is not None}
        found.first_activities = activities(start, samples)
        found.last_activities = activities(run.at_end(), samples)
        found.ratios = _ratios(run)
    except Exception:  # code of the user's that a copy does not run, or weights that were not kept
        return


def _ratios(run: Replay) -> dict[str, list[float]]:
    """log10(norm of an update / norm of the weights) of the first step and of one more."""
    found: dict[str, list[float]] = {}
    for model in (run.at_start(), run.at_end()):
        weights = named(model.trainable_weights)
        before = {name: np.array(weight._data) for name, weight in weights.items()}
        data = run.batch()
        run.trained(model, 1, data)
        for name, weight in weights.items():
            size, change = norm(before[name]), norm(weight._data - before[name])
            if not name.endswith("bias") and size > 0:
                found.setdefault(f"update_ratio/{name}", []).append(log_ratio(change, size))
    return found


def _balanced(model: Any) -> float | None:
    """The loss of naming every class equally, where the loss is a cross-entropy."""
    loss = getattr(model, "loss", None)
    if getattr(loss, "reduction", "sum") == "sum":
        return None
    if isinstance(loss, BinaryCrossentropy):
        return math.log(2)
    if isinstance(loss, (CategoricalCrossentropy, SparseCategoricalCrossentropy)):
        weights = model.weights
        return math.log(weights[-1].shape[-1]) if weights and weights[-1].ndim else None
    return None


def scaled_before(model: Any) -> bool:
    """Whether a model brings its inputs to scale itself, or takes them as numbers of rows."""
    for layer in getattr(model, "layers", []):
        name = type(layer).__name__
        if "Normalization" in name or name in ("Embedding", "Rescaling"):
            return True
        if layer.weights:
            return False
    return False


def is_several(run: Replay) -> bool:
    """Whether a model has several inputs or outputs."""
    return type(run.data.x) is Several or type(run.data.y) is Several
