"""`diagnose`: what went wrong with a run of training, with the number that says so."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any, overload

from autograd_nn.callbacks import History
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from autograd_nn.training.gradient_norms import PREFIX
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.watching import symptoms
from autograd_nn.viz.watching.monitoring import GradientMonitor
from autograd_nn.viz.watching.symptoms import Evidence, Finding

# Each with the names of what follows from it, which is not told beside it: the cause first.
_CAUSES = (
    (symptoms.unscaled_inputs, ("exploding gradients", "saturated units", "dead units",
                                "learning rate too large", "vanishing gradients",
                                "learning rate too small", "stuck at the base rate")),
    (symptoms.exploding, ("learning rate too large", "dead units", "saturated units",
                          "vanishing gradients", "stuck at the base rate")),
    (symptoms.saturated, ("vanishing gradients", "learning rate too small",
                          "stuck at the base rate")),
    (symptoms.rate_too_large, ("dead units", "vanishing gradients", "learning rate too small",
                               "stuck at the base rate")),
    (symptoms.dead, ("vanishing gradients", "learning rate too small", "stuck at the base rate")),
    (symptoms.vanishing, ("learning rate too small", "stuck at the base rate")),
    (symptoms.rate_too_small, ("stuck at the base rate",)),
    (symptoms.stuck, ()),
    (symptoms.overfitting, ()),
)  # fmt: skip


class Findings(Sequence[Finding]):
    """What ``diagnose`` found, the likeliest first. Print it; empty it is false, as a list is.

    ``not_seen`` says in sentences what could not be looked at, and what that needs.
    """

    def __init__(self, findings: Sequence[Finding], not_seen: Sequence[str] = ()) -> None:
        self._findings = tuple(findings)
        self.not_seen = tuple(not_seen)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    def __repr__(self) -> str:
        lines = []
        for place, finding in enumerate(self._findings, 1):
            lines += [
                f"{place}. {finding.name}: {finding.sentence}",
                f"   Threshold: {finding.threshold}.",
                f"   Try: {finding.advice}",
            ]
        return "\n".join([*(lines or ["Nothing found."]), *self.not_seen])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the same as a list."""
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        return asked_for(bundle, include, exclude)

    def html(self) -> str:
        """The findings as a list in HTML, for pages and notebooks."""
        items = "".join(
            f"<li><strong>{html.escape(f.name)}</strong>: {html.escape(f.sentence)}<br>"
            f"Threshold: {html.escape(f.threshold)}.<br>Try: {html.escape(f.advice)}</li>"
            for f in self._findings
        )
        found = f"<ol>{items}</ol>" if items else "<p>Nothing found.</p>"
        return found + "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.not_seen)


@checked_keywords
def diagnose(history: Any, monitor: GradientMonitor | None = None) -> Findings:
    """What went wrong with a run of training: each cause with the number that says so.

    It looks for unscaled inputs, exploding and vanishing gradients, saturated and dead units, a
    learning rate too large or too small, a loss stuck at the base rate, and overfitting. Every
    threshold is a constant of ``viz.watching.symptoms`` with its reason. What follows from
    another finding is not told beside it, so that mending the first and running again is the way.

    The loss alone shows little: ``fit(record_gradients=True)`` adds vanishing and exploding
    gradients, ``fit(callbacks=[monitor])`` with a GradientMonitor all of it. What could not be
    looked at is said.

    Parameters   history: what ``fit`` returned, a GradientMonitor, a trained model, or a dict of
                 lists with "loss"
                 monitor: the GradientMonitor of the same run
    Raises       ArgumentTypeError for another thing, StateError for a model that was not
                 trained, ArgumentError where there is no epoch
    Example      A loss that grows

    >>> from autograd_nn import viz
    >>> viz.diagnose({"loss": [1.0, 4.0, 16.0]})[0].name
    'learning rate too large'
    """
    if isinstance(history, GradientMonitor) and monitor is None:
        history, monitor = history.run, history
    if monitor is not None and not isinstance(monitor, GradientMonitor):
        raise ArgumentTypeError(
            f"`monitor` must be a GradientMonitor, got {type(monitor).__name__}."
        )
    if hasattr(history, "layers"):
        history = history.history
    if history is None:
        raise StateError("There is no run to look at yet: call fit first.")
    if monitor is not None and isinstance(history, History) and monitor.run is not history:
        raise ArgumentError(
            "`monitor` watched another run than that of `history`: give the two of one fit."
        )
    evidence = _evidence(_logs(history), history, monitor)
    found: list[Finding] = []
    explained: set[str] = set()
    for look, consequences in _CAUSES:
        finding = look(evidence)
        if finding is not None and finding.name not in explained:
            found.append(finding)
            explained.update(consequences)
    return Findings(found, _not_seen(evidence))


def _logs(history: Any) -> dict[str, list[float]]:
    """The lists by name that a finding can come from, with "loss" among them."""
    logs = getattr(history, "history", history)
    if not isinstance(logs, Mapping):
        raise ArgumentTypeError(
            "diagnose takes what fit returned, a GradientMonitor, a trained model or a dict of "
            f"lists, got {type(history).__name__}."
        )
    used = {
        name: values
        for name, values in logs.items()
        if name in ("loss", "val_loss", "accuracy", "acc") or str(name).startswith(PREFIX)
    }
    try:
        used = {name: [float(value) for value in values] for name, values in used.items()}
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"diagnose takes lists of numbers, one for each epoch: {error}."
        ) from None
    if not used.get("loss"):
        raise ArgumentError(
            'There is no "loss" of any epoch to look at: train for an epoch at least. '
            f"Present: {', '.join(map(str, logs)) or 'nothing'}."
        )
    for name, values in used.items():
        if len(values) != len(used["loss"]):
            raise ArgumentError(
                f'{name!r} has {len(values)} values and "loss" has {len(used["loss"])}: give one '
                "for each epoch."
            )
    return used


def _evidence(
    logs: Mapping[str, list[float]], history: Any, monitor: GradientMonitor | None
) -> Evidence:
    measured = logs if monitor is None else {**logs, **monitor.history}
    evidence = Evidence(
        loss=logs["loss"],
        logs=logs,
        norms={
            name.removeprefix(PREFIX): values
            for name, values in measured.items()
            if name.startswith(PREFIX)
        },
    )
    if monitor is not None and monitor.records:
        evidence.first_norms = monitor.first_norms
        evidence.first_activities = monitor.first_activities
        evidence.last_activities = monitor.records[-1].activities
        evidence.ratios = {
            name: values
            for name, values in measured.items()
            if name.startswith("update_ratio/") and not name.endswith("/bias")
        }
    if monitor is not None and monitor.start is not None:
        start = monitor.start
        evidence.input_scale, evidence.feature = start.input_scale, start.feature
        evidence.base_loss, evidence.base_accuracy = start.base_loss, start.base_accuracy
    if evidence.base_loss is None:
        evidence.base_loss = _balanced(history)
        evidence.base_is_guessed = evidence.base_loss is not None
    return evidence


def _balanced(history: Any) -> float | None:
    """The loss of naming every class equally, where the loss is a cross-entropy."""
    model: Any = getattr(history, "model", None)
    loss = getattr(model, "loss", None)
    if getattr(loss, "reduction", "sum") == "sum":
        return None
    if isinstance(loss, BinaryCrossentropy):
        return math.log(2)
    if isinstance(loss, (CategoricalCrossentropy, SparseCategoricalCrossentropy)):
        weights = model.weights
        return math.log(weights[-1].shape[-1]) if weights and weights[-1].ndim else None
    return None


def _not_seen(evidence: Evidence) -> list[str]:
    said = []
    if not evidence.norms:
        said.append(
            "Not looked at: vanishing and exploding gradients. They need "
            "fit(record_gradients=True) or a GradientMonitor."
        )
    if evidence.input_scale is None:
        said.append(
            "Not looked at: scale of the inputs, saturated and dead units, size of the updates. "
            "They need monitor = GradientMonitor(), fit(callbacks=[monitor]) and "
            "diagnose(history, monitor)."
        )
    if evidence.base_loss is None:
        said.append(
            "Not looked at: whether the loss is stuck at the base rate, which is not known here."
        )
    if len(evidence.loss) < symptoms.FEW_EPOCHS:
        said.append(
            f"Trends of the loss cannot be told from {len(evidence.loss)} of at least "
            f"{symptoms.FEW_EPOCHS} epochs."
        )
    return said
