"""GradientMonitor: how gradients, updates and units fare while a model is trained."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.callbacks import Callback, History
from autograd_nn.callbacks.callback import Logs
from autograd_nn.data import Data, as_inputs
from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.norms import norm
from autograd_nn.training.gradient_norms import PREFIX, named
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.columns import indented, padded, width
from autograd_nn.viz.watching.activity import Activity, activities
from autograd_nn.viz.watching.histograms import Histograms, histograms_of
from autograd_nn.viz.watching.starting_point import StartingPoint, starting_point
from autograd_nn.viz.wording.saying import in_a_row, say

PROBE = 256
"""So many samples, evenly from all of x, are put through the model for the shares of its units."""

HISTOGRAMS = 64
"""At most so many epochs keep histograms; past that every second one goes, but the first and last
stay."""


class ParameterRecord(NamedTuple):
    """One parameter over the steps measured in an epoch; NaN is what could not be computed.

    gradient_norm   the mean of the Euclidean norm of the gradient
    update_ratio    log10(norm of the update / norm of the weights), −inf for no update; healthy
                    about −3. NaN for weights that are all 0
    noise           norm of the mean gradient / mean of the norms: 1 where all batches agree, near
                    0 where they cancel. NaN after fewer than two steps
    """

    gradient_norm: float
    update_ratio: float
    noise: float


class EpochRecord(NamedTuple):
    """What was measured in one epoch: parameters and activations by name, over ``steps`` steps."""

    epoch: int
    steps: int
    parameters: dict[str, ParameterRecord]
    activities: dict[str, Activity]


class GradientMonitor(Callback):
    """Watch gradients, updates and units during ``fit``: ``callbacks=[GradientMonitor()]``.

    Training is the same with it and without it, bit for bit. What it measures of one epoch is one
    of ``records``; ``history`` has the same as lists by name, to be joined with that of ``fit``
    (NaN in the epochs that were not measured); ``histograms`` has the distributions of weights and
    gradients; ``start``, ``first_activities`` and ``first_norms`` what data, units and gradients
    were like before the first update; ``run`` is the History of the run that was watched.
    ``viz.diagnose(history, monitor)`` says what all this means.

    Its own time is counted. Where it takes more than ``max_cost`` of the training it measures more
    rarely, fewer steps first and then fewer epochs, and ``summary`` says so.

    Parameters   every: measure every so many steps, counted in each epoch from 0, default 1
                 probe: samples for the shares of saturated and dead units; None takes 256, evenly
                 from those that ``fit`` trains on
                 max_cost: the largest share of the training time, 0 to 1, default 0.1; None for
                 as much as it takes, which makes what is measured independent of the machine
                 clock: a function that gives the time in seconds
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example

    >>> from autograd_nn import Sequential, viz
    >>> from autograd_nn.datasets import make_moons
    >>> from autograd_nn.layers import Dense
    >>> model = Sequential([Dense(8, activation="tanh"), Dense(1, activation="sigmoid")])
    >>> model.compile("adam", "binary_crossentropy")
    >>> monitor = viz.GradientMonitor(max_cost=None)
    >>> history = model.fit(*make_moons(64, seed=0), epochs=3, verbose=0, callbacks=[monitor])
    >>> len(monitor.records), list(monitor.records[0].activities)
    (3, ['dense'])
    """

    @checked_keywords
    def __init__(
        self,
        every: int = 1,
        probe: Any = None,
        max_cost: float | None = 0.1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.every = self._first_every = positive_integer("every", every)
        self.probe = None if probe is None else as_inputs(probe, "probe")
        if max_cost is not None:
            max_cost = number_within("max_cost", max_cost, 0, 1)
        self.max_cost = max_cost
        if not callable(clock):
            raise ArgumentTypeError(
                f"`clock` must be a function that gives seconds, got {clock!r} of type "
                f"{type(clock).__name__}."
            )
        self.clock = clock
        self._forget()

    def _forget(self) -> None:
        self.records: list[EpochRecord] = []
        self.histograms: list[Histograms] = []
        self.epochs: list[int] = []
        self.run: History | None = None
        self.start: StartingPoint | None = None
        self.first_activities: dict[str, Activity] = {}
        self.first_norms: dict[str, float] = {}
        self.every = self._first_every
        self.every_epoch = 1
        self.thinned_at: float | None = None
        self._spent = self._since_spent = 0.0
        self._began = self._now = self._since = 0.0
        self._keep_every = 1
        self._sums: dict[str, _Sum] = {}
        self._samples: Any = None
        self._measures_epoch = self._measures_step = self._is_last = False

    # ------------------------------------------------------------------ what was measured

    @property
    def history(self) -> dict[str, list[float]]:
        """Lists by name with a value for each epoch: "update_ratio/dense/kernel", "dead/dense"."""
        result: dict[str, list[float]] = {}
        measured = {record.epoch: record for record in self.records}
        for position, epoch in enumerate(self.epochs):
            for name, value in _flat(measured[epoch]) if epoch in measured else ():
                result.setdefault(name, [math.nan] * len(self.epochs))[position] = value
        return result

    @property
    def cost(self) -> float:
        """Its own share of the time since training began, 0 to 1."""
        elapsed = self._now - self._began
        return self._spent / elapsed if elapsed > 0 else 0.0

    def summary(self) -> str:
        """What the last measured epoch was like, as a table, and what the measuring cost."""
        if not self.records:
            return say("monitor.nothing")
        last = self.records[-1]
        heads = ("monitor.parameter", "monitor.norm", "monitor.ratio", "monitor.noise")
        rows = [tuple(map(say, heads))]
        rows += [
            (notation.clean(name), _shown(p.gradient_norm), _shown(p.update_ratio), _shown(p.noise))
            for name, p in last.parameters.items()
        ]
        lines = [
            say(
                "monitor.measured",
                epoch=last.epoch + 1,
                steps=notation.count(last.steps, "numbers.steps"),
            ),
            "",
        ]
        lines += _table(rows)
        if last.activities:
            heads = ("report.layer", "report.activation", "report.saturated", "report.dead")
            units = [tuple(map(say, heads))]
            units += [
                (notation.clean(name), a.kind, _percent(a.saturated), _percent(a.dead))
                for name, a in last.activities.items()
            ]
            lines += ["", *_table(units)]
        return "\n".join([*lines, "", self._told_cost()])

    def __repr__(self) -> str:
        return say("monitor.short", epochs=notation.count(len(self.records), "numbers.epochs"))

    def _told_cost(self) -> str:
        told = [say("monitor.cost", share=f"{self.cost:.1%}")]
        if self.thinned_at is not None:
            rarely = (
                say("monitor.every", n=self.every) if self.every > 1 else say("monitor.every_step")
            )
            if self.every_epoch > 1:
                rarely = say("monitor.of_epochs", steps=rarely, n=self.every_epoch)
            took, limit = f"{self.thinned_at:.0%}", f"{self.max_cost:.0%}"
            told.append(say("monitor.thinned", rarely=rarely, took=took, limit=limit))
        return in_a_row(told)

    # ------------------------------------------------------------------ hooks

    def set_data(self, data: Data) -> None:
        """Look at the data of a new run, and forget an earlier one."""
        self._forget()
        self._began = self._since = self.clock()
        if self.probe is not None:
            self._samples = self.probe
        else:
            count = min(len(data.x), PROBE)
            self._samples = data.x[np.linspace(0, len(data.x) - 1, count).astype(int)]
        with np.errstate(all="ignore"):
            self.start = starting_point(data, self.model.loss)
        try:
            self.first_activities = activities(self.model, self._samples)
        except ShapeError as error:
            if self.probe is None:
                raise
            raise ShapeError(f"`probe` of shape {self.probe.shape}: {error}") from error
        self.run = self.model.history
        self._told(self._began)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Decide whether this epoch is measured; the first and the last always are."""
        position = len(self.epochs)
        self._is_last = epoch == self.params["epochs"] - 1
        self._measures_epoch = position % self.every_epoch == 0 or self._is_last
        self._sums = {}

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Keep the weights before a step that is measured."""
        self._measures_step = self._measures_epoch and batch % self.every == 0
        if self._measures_step:
            start = self.clock()
            if not self._sums:
                parameters = named(self.model.trainable_weights)
                self._sums = {name: _Sum(parameter) for name, parameter in parameters.items()}
            for total in self._sums.values():
                total.before_step()
            self._told(start)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Measure the step that was made."""
        if self._measures_step:
            start = self.clock()
            with np.errstate(all="ignore"):
                for total in self._sums.values():
                    total.after_step()
            if not self.first_norms:
                self.first_norms = {name: t.norms for name, t in self._sums.items() if t.computed}
            self._told(start)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the record of the epoch."""
        self.epochs.append(epoch)
        if not self._measures_epoch:
            self._now = self.clock()
            return
        start = self.clock()
        with np.errstate(all="ignore"):
            self.records.append(
                EpochRecord(
                    epoch,
                    max((total.steps for total in self._sums.values()), default=0),
                    {name: total.record() for name, total in self._sums.items()},
                    activities(self.model, self._samples),
                )
            )
            self._keep_histograms(epoch)
        self._told(start)
        self._thin()

    # ------------------------------------------------------------------ below the hooks

    def _told(self, start: float) -> None:
        self._now = self.clock()
        self._spent += self._now - start

    def _thin(self) -> None:
        """Measure half as often where measuring took too large a part since the last time."""
        elapsed, spent = self._now - self._since, self._spent - self._since_spent
        self._since, self._since_spent = self._now, self._spent
        if self.max_cost is None or elapsed <= 0 or spent / elapsed <= self.max_cost:
            return
        if self.thinned_at is None:
            self.thinned_at = spent / elapsed
        if self.every < self.params["steps"]:
            self.every *= 2
        else:
            self.every_epoch *= 2

    def _keep_histograms(self, epoch: int) -> None:
        if (len(self.records) - 1) % self._keep_every and not self._is_last:
            return
        kept = Histograms(
            epoch,
            histograms_of({name: total.parameter._data for name, total in self._sums.items()}),
            histograms_of({name: total.parameter._grad for name, total in self._sums.items()}),
        )
        self.histograms.append(kept)
        if len(self.histograms) > HISTOGRAMS:
            del self.histograms[1::2]
            self._keep_every *= 2


class _Sum:
    """Sums over the measured steps of an epoch, for one parameter."""

    def __init__(self, parameter: Tensor) -> None:
        self.parameter = parameter
        self.before: Any = None
        self.total: Any = 0.0
        self.norms = self.updates = self.weights = 0.0
        self.steps = self.computed = 0

    def before_step(self) -> None:
        self.before = np.array(self.parameter._data)

    def after_step(self) -> None:
        self.steps += 1
        self.updates += norm(self.parameter._data - self.before)
        self.weights += norm(self.before)
        gradient = self.parameter._grad
        if gradient is not None:
            self.computed += 1
            self.norms += norm(gradient)
            self.total = self.total + gradient

    def record(self) -> ParameterRecord:
        noise = math.nan
        if self.computed > 1 and self.norms > 0:
            noise = min(norm(self.total) / self.norms, 1.0)
        return ParameterRecord(
            self.norms / self.computed if self.computed else math.nan,
            log_ratio(self.updates, self.weights),
            noise,
        )


def log_ratio(updates: float, weights: float) -> float:
    """log10 of the size of updates by that of weights; NaN where one of them is no number."""
    if not weights > 0 or not math.isfinite(weights):
        return math.nan
    if updates == 0:
        return -math.inf
    return math.log10(updates / weights) if math.isfinite(updates) else math.nan


def _flat(record: EpochRecord) -> list[tuple[str, float]]:
    found = []
    for name, parameter in record.parameters.items():
        found += [
            (PREFIX + name, parameter.gradient_norm),
            (f"update_ratio/{name}", parameter.update_ratio),
            (f"grad_noise/{name}", parameter.noise),
        ]
    for name, activity in record.activities.items():
        if activity.saturated is not None:
            found.append((f"saturated/{name}", activity.saturated))
        if activity.dead is not None:
            found.append((f"dead/{name}", activity.dead))
    return found


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            indented(cell, columns) if place else padded(cell, columns)
            for place, (cell, columns) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _shown(value: float) -> str:
    if math.isnan(value):
        return say("numbers.not_computed")
    return say("report.no_update") if value == -math.inf else f"{value:.3g}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
