"""`diagnose`: what went wrong with a run of training, with the number that says so."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, overload

from autograd_nn.callbacks import History
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.training.gradient_norms import PREFIX
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.watching import (
    against_chance,
    moving_averages,
    reachable,
    step_sizes,
    symptoms,
    wires,
)
from autograd_nn.viz.watching.evidence import Evidence, evidence
from autograd_nn.viz.watching.monitoring import GradientMonitor
from autograd_nn.viz.watching.names_of_findings import shown_name
from autograd_nn.viz.watching.proofs import proof_of
from autograd_nn.viz.watching.symptoms import Finding
from autograd_nn.viz.wording.saying import say, speaking, spoken

_LEARNS_BADLY = (
    *("vanishing gradients", "learning rate too large", "learning rate too small", "dead units"),
    *("saturated units", "exploding gradients", "one class only", "stuck at the base rate"),
)
# Each with the names of what follows from it, which is not told beside it: the cause first.
_CAUSES: tuple[tuple[Callable[[Evidence], Finding | None], tuple[str, ...]], ...] = (
    (wires.broken_from_the_start, (*_LEARNS_BADLY, "unscaled inputs", "unscaled targets")),
    (wires.wired_wrongly, (*_LEARNS_BADLY, "labels do not follow from the inputs")),
    (wires.frozen, ("vanishing gradients", "learning rate too small", "stuck at the base rate")),
    (reachable.out_of_reach, _LEARNS_BADLY),
    (symptoms.unscaled_inputs, _LEARNS_BADLY),
    (reachable.unscaled_targets, _LEARNS_BADLY),
    (wires.summed, _LEARNS_BADLY),
    (symptoms.exploding, tuple(n for n in _LEARNS_BADLY if n != "exploding gradients")),
    (symptoms.saturated, ("vanishing gradients", "learning rate too small", "one class only",
                          "stuck at the base rate")),
    (step_sizes.rate_too_large, ("dead units", "vanishing gradients", "learning rate too small",
                               "one class only", "stuck at the base rate")),
    (symptoms.dead, ("vanishing gradients", "learning rate too small", "one class only",
                     "stuck at the base rate")),
    (symptoms.vanishing, ("learning rate too small", "one class only", "stuck at the base rate")),
    (against_chance.unrelated_labels, ("learning rate too small", "one class only", "overfitting",
                               "stuck at the base rate")),
    (step_sizes.rate_too_small, ("one class only", "stuck at the base rate")),
    (moving_averages.lagging_averages, ("one class only", "overfitting", "stuck at the base rate")),
    (against_chance.one_class_only, ("stuck at the base rate",)),
    (symptoms.stuck, ()),
    (symptoms.overfitting, ()),
)  # fmt: skip


class Findings(Sequence[Finding]):
    """What ``diagnose`` found, the likeliest first. Print it; empty it is false, as a list is.

    ``not_seen`` says in sentences what could not be looked at, and what that needs.
    """

    def __init__(self, findings: Sequence[Finding], not_seen: Sequence[str] = ()) -> None:
        self._lang = spoken()
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
        with speaking(self._lang):
            for place, finding in enumerate(self._findings, 1):
                lines += [
                    f"{place}. {_named(finding)}",
                    *(f"   {line}" for line in _below(finding)),
                ]
            return "\n".join([*(lines or [say("runs.nothing")]), *self.not_seen])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the same as a list."""
        bundle = {"text/plain": repr(self), "text/html": self.html()}
        return asked_for(bundle, include, exclude)

    def html(self) -> str:
        """The findings as a list in HTML, for pages and notebooks."""
        with speaking(self._lang):
            items = "".join(f"<li>{_item(finding)}</li>" for finding in self._findings)
            found = f"<ol>{items}</ol>" if items else f"<p>{say('runs.nothing')}</p>"
        return found + "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.not_seen)


def _named(finding: Finding) -> str:
    return say("runs.named", name=shown_name(finding.name), sentence=finding.sentence)


def _below(finding: Finding) -> list[str]:
    """What stands below the sentence, line by line."""
    return [
        *([say("runs.threshold", told=finding.threshold)] if finding.threshold else []),
        *([say("runs.proof", told=finding.proof)] if finding.proof else []),
        say("runs.advice", told=finding.advice),
    ]


def _item(finding: Finding) -> str:
    name = html.escape(shown_name(finding.name))
    sentence = html.escape(finding.sentence)
    said = say("runs.named", name=f"<strong>{name}</strong>", sentence=sentence)
    return "<br>".join([said, *map(html.escape, _below(finding))])


@checked_keywords
def diagnose(history: Any, monitor: GradientMonitor | None = None) -> Findings:
    """What went wrong with a run of training: each cause with the number that says so.

    It looks for a loss that is no number from the start, for what is put together wrongly (an
    activation applied twice, one that does not fit the loss, a softmax over one unit or over the
    examples, predictions broadcast against targets, equal weights, frozen layers, a sum in place
    of a mean), for labels that do not follow from the
    inputs, unscaled inputs and targets, targets that the last activation cannot give, exploding
    and vanishing gradients, saturated and dead units, a learning rate too large or too small, a
    model that names one class only, a loss stuck at the base rate, moving averages that lag
    behind, and overfitting. Every threshold is a constant of ``viz.watching`` with its reason.
    What follows from another finding is not told beside it, so that mending the first and running
    again is the way.

    A cause is proven where it can be: the run is replayed on a copy without it, from the first
    weights and some samples that the History kept, and the finding says what that did to the loss.
    The model, its gradients and what is random stay as they are. Of a dict of losses little can be
    told; what could not be looked at is said.

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
    if hasattr(history, "layers") and not isinstance(history, type):
        history = history.history
    if history is None:
        raise StateError("There is no run to look at yet: call fit first.")
    if monitor is not None and isinstance(history, History) and monitor.run is not history:
        raise ArgumentError(
            "`monitor` watched another run than that of `history`: give the two of one fit."
        )
    known = evidence(_logs(history), history, monitor)
    found: list[Finding] = []
    explained: set[str] = set()
    for look, consequences in _CAUSES:
        finding = look(known)
        if finding is None or finding.name in explained:
            continue
        # Of a whole run where that shows it, else of one batch.
        finding = finding._replace(proof=proof_of(finding.name, known) or finding.proof)
        if _is_doubted(finding, known) and known.run is not None and not finding.proof:
            continue
        found.append(finding)
        explained.update(consequences)
    return Findings(found, _not_seen(known))


def _is_doubted(finding: Finding, e: Evidence) -> bool:
    """Whether it is told only where a replay is better without it: units in a run that learned,
    some dead ones, with which narrow layers start, and a loss that goes up and down without
    running away."""
    if finding.name == "saturated units":
        return e.has_learned_well
    if finding.name == "dead units":
        return e.has_learned or not symptoms.has_dead_layer(e)
    return finding.name == "learning rate too large" and not symptoms.ran_away(e)


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


def _not_seen(e: Evidence) -> list[str]:
    said = []
    if not e.norms and not e.first_norms:
        said.append(say("runs.not_seen_gradients"))
    if e.input_scale is None:
        said.append(say("runs.not_seen_units"))
    if e.base_loss is None:
        said.append(say("runs.not_seen_base"))
    if len(e.loss) < symptoms.FEW_EPOCHS:
        least = symptoms.FEW_EPOCHS
        said.append(say("runs.not_seen_trends", n=len(e.loss), least=least))
    return said
