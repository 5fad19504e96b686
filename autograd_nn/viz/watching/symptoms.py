"""What can be wrong with a run of training, and the number that says so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import fmean, median
from typing import NamedTuple

from autograd_nn.viz.graph.notation import clean, count, index, number
from autograd_nn.viz.watching.activity import Activity
from autograd_nn.viz.watching.evidence import LEARNED, Evidence, scaled_before
from autograd_nn.viz.wording.saying import say

FEW_EPOCHS = 5
"""With fewer epochs a trend of the loss cannot be told from its noise."""

LARGE_INPUT, SMALL_INPUT = 10.0, 0.01
"""The root mean square of the largest feature. Initial weights are drawn for inputs about 1: with
10 the weighted sums are ten times as large, and a sigmoid of ±10 passes 0.00005 of a gradient; with
0.01 the first layer gets a hundredth of its gradient."""

RAW_INPUT = 30.0
"""Up to here a network may learn well from what it is given, as from digits of 0 to 16."""

EXPLODING = 100.0
"""The norm of a parameter's gradient at the first step; healthy networks start between 0.01 and
10, so that steps of a usual learning rate are small beside the weights."""

SATURATED = 0.5
"""The share of a layer's values on the flat ends. At the start it should be below 0.05; from one
half on, most of what flows back through the layer is lost."""

DEAD = 0.5
"""The share of a relu layer's units that are 0 for all samples. Up to 0.4 was seen in narrow
networks that learn well; from one half on, the layer has less than half of its width."""

DIVERGED = 3.0
"""The last loss as a multiple of the first, and of the loss without looking at x: noise does not do
this, steps across the valley and up the other side do."""

VANISHING = 0.01
"""The gradient norm of the first kernel as a part of the largest of any parameter, and that of its
bias, which small inputs do not make small. Three sigmoid layers have about 0.03 and learn; with
0.01 the first layer moves a hundred times too slowly."""

SLOW = 0.001
"""Down to here it may be a plateau at the beginning, which is seen by training on."""

STUCK = (0.95, 1.1)
"""The loss in the second half of the run as a multiple of what answering without looking at x
gives."""

ON_ITS_WAY = 0.98
"""A loss that falls so much further when a copy is trained on is not stuck."""

MANY_EPOCHS = 20
"""Where nothing can be trained on, so many epochs without a trend are a loss that is stuck."""

OVERFITTING = 1.3
"""The last validation loss as a multiple of its smallest, while the training loss went on falling;
less is the usual wavering."""


NOTABLE = 0.05
"""And by how much at least, as a part of the loss without looking at x: 0.03 in place of 0.02 is
both as good as 0."""


class Finding(NamedTuple):
    """One cause: its name, the sentence with the number, the threshold, what to try, the proof.

    ``threshold`` is "" where there is nothing to measure; ``proof`` says what became of the loss in
    a copy of the run without the cause, "" where that was not tried or shows nothing.
    """

    name: str
    sentence: str
    threshold: str
    advice: str
    proof: str = ""


def unscaled_inputs(e: Evidence) -> Finding | None:
    """Inputs far from 1."""
    if e.input_scale is None or SMALL_INPUT <= e.input_scale <= LARGE_INPUT:
        return None
    if scaled_before(e.model) or (e.input_scale < RAW_INPUT and e.has_learned_well):
        return None
    size = number(e.input_scale)
    if e.input_scale > LARGE_INPUT:
        sentence = say("scales.inputs_large", place=index(e.feature), size=size)
    else:
        sentence = say("scales.inputs_small", size=size)
    return Finding(
        "unscaled inputs",
        sentence,
        say("scales.inputs_threshold", low=f"{SMALL_INPUT:g}", high=f"{LARGE_INPUT:g}"),
        say("scales.inputs_advice"),
    )


def exploding(e: Evidence) -> Finding | None:
    """Gradients that are too large from the first step on."""
    if e.has_learned or (not e.first_norms and ran_away(e)):
        return None  # the mean over an epoch that ran away says nothing of its first step
    norms = e.first_norms or {name: values[0] for name, values in e.norms.items()}
    norms = {name: value for name, value in norms.items() if math.isfinite(value)}
    name = max(norms, key=lambda key: norms[key], default=None)
    if name is None or norms[name] <= EXPLODING:
        return None
    key = "symptoms.exploding" if e.first_norms else "symptoms.exploding_epoch"
    return Finding(
        "exploding gradients",
        say(key, name=clean(name), size=number(norms[name])),
        say("runs.at_most", x=f"{EXPLODING:g}"),
        say("symptoms.exploding_advice"),
    )


def ran_away(e: Evidence) -> tuple[str, str] | None:
    """A loss that is not finite, or many times what it was."""
    loss = e.loss
    threshold = say("rates.ran_away_threshold", x=f"{DIVERGED:g}")
    for epoch, value in enumerate(loss):
        if not math.isfinite(value):
            if epoch:
                before = number(loss[epoch - 1])
                text = say("rates.not_finite", value=number(value), epoch=epoch + 1, before=before)
            else:
                text = say("rates.not_finite_first", value=number(value), epoch=1)
            if not e.first_norms:
                text = say("rates.or_exploding", sentence=text)
            return text, threshold
    if loss[-1] > DIVERGED * max(loss[0], e.base_loss or 0.0):
        text = say("rates.went_up", first=number(loss[0]), last=number(loss[-1]))
        return text, threshold
    return None


def saturated(e: Evidence) -> Finding | None:
    """Units on the flat ends of sigmoid or tanh from the start."""
    name, share = largest(e.first_activities, "saturated")
    if share < SATURATED or (e.has_learned_well and not e.began_untrained):
        return None
    kind = e.first_activities[name].kind
    return Finding(
        "saturated units",
        say("symptoms.saturated", share=f"{share:.0%}", kind=kind, name=clean(name)),
        say("symptoms.saturated_threshold", x=f"{SATURATED:.0%}"),
        say("symptoms.saturated_advice"),
    )


def dead(e: Evidence) -> Finding | None:
    """Units that are 0 for all samples."""
    name, share = largest(e.last_activities, "dead")
    if share < DEAD or e.has_learned_well:
        return None
    before = e.first_activities.get(name, Activity("relu")).dead
    start = "" if before is None else say("symptoms.dead_before", share=f"{before:.0%}")
    return Finding(
        "dead units",
        say("symptoms.dead", share=f"{share:.0%}", name=clean(name), start=start),
        say("symptoms.dead_threshold", x=f"{DEAD:.0%}"),
        say("symptoms.dead_advice"),
    )


def has_dead_layer(e: Evidence) -> bool:
    """Whether all units of a layer are dead, so that no gradient at all passes there."""
    return largest(e.last_activities, "dead")[1] == 1


def vanishing(e: Evidence) -> Finding | None:
    """Hardly any gradient reaches the first layer."""
    norms = {} if e.has_learned else e.norms_by_epoch
    if len(norms) < 2:
        return None
    first = next((name for name in norms if name.endswith("kernel")), next(iter(norms)))
    most = max(norms, key=lambda name: median(_finite(norms[name]) or [0.0]))
    shares = _shares(norms[first], norms[most])
    of_bias = _shares(norms.get(f"{first.removesuffix('kernel')}bias", []), norms[most])
    if not shares or max(median(shares), median(of_bias or shares)) >= VANISHING:
        return None
    if median(shares) > SLOW and e.base_loss is not None:
        later = e.trained_on(LEARNED * e.base_loss)
        if later is not None and min(later, default=math.inf) < LEARNED * e.base_loss:
            return None
    key = "symptoms.vanishing" if e.last_activities else "symptoms.vanishing_or"
    return Finding(
        "vanishing gradients",
        say(key, first=clean(first), share=number(median(shares)), most=clean(most)),
        say("runs.at_least", x=f"{VANISHING:g}"),
        say("symptoms.vanishing_advice"),
    )


def stuck(e: Evidence) -> Finding | None:
    """A loss that says nothing was learned from x."""
    late = e.loss[len(e.loss) // 2 :]
    if e.base_loss is None or e.base_loss <= 0 or len(e.loss) < FEW_EPOCHS:
        return None
    level = fmean(late) / e.base_loss
    # Below it the loss may be on its way; a fall in the second half is not being stuck.
    if not STUCK[0] <= level <= STUCK[1] or late[-1] < STUCK[0] * late[0]:
        return None
    enough = ON_ITS_WAY * fmean(late)
    later = _later(e, enough)
    if later is None or min(later, default=math.inf) < enough:
        return None
    source = say("learned.stuck_guessed" if e.base_is_guessed else "learned.stuck_shares")
    level_, base = number(fmean(late)), number(e.base_loss)
    sentence = say("learned.stuck", level=level_, base=base, source=source)
    accuracy = next((e.logs[name] for name in ("accuracy", "acc") if name in e.logs), None)
    if accuracy and e.base_accuracy is not None:
        shares = {"found": f"{accuracy[-1]:.3f}", "base": f"{e.base_accuracy:.3f}"}
        sentence = say("learned.stuck_accuracy", sentence=sentence, **shares)
    if later:
        epochs = count(len(later), "numbers.epochs")
        best = number(min(later))
        sentence = say("learned.stuck_later", sentence=sentence, epochs=epochs, best=best)
    return Finding(
        "stuck at the base rate",
        sentence,
        say("learned.stuck_threshold", x=f"{STUCK[0]:g}"),
        say("learned.stuck_advice"),
    )


def _later(e: Evidence, enough: float) -> list[float] | None:
    """The loss of a copy that is trained on; [] where that cannot be, and the run was long and
    wavers or slows down; None where it may just need more epochs."""
    later = e.trained_on(enough)
    if later is not None or len(e.loss) < MANY_EPOCHS:
        return later
    falls = sum(after < before for before, after in pairs(e.loss))
    third, fourth = (e.loss[-1 - len(e.loss) * n // 4] for n in (2, 1))
    slows_down = fourth - e.loss[-1] < 0.5 * (third - fourth)
    return None if falls > 0.8 * (len(e.loss) - 1) and not slows_down else []


def overfitting(e: Evidence) -> Finding | None:
    """A validation loss that rises while the training loss falls."""
    validation = e.logs.get("val_loss", [])
    if len(validation) < FEW_EPOCHS or not all(map(math.isfinite, validation)):
        return None
    best = validation.index(min(validation))
    is_worse = validation[-1] > OVERFITTING * validation[best]
    # The mean of the last epochs too: one bad epoch is not a trend.
    goes_on = fmean(validation[-3:]) > OVERFITTING * validation[best]
    rise = validation[-1] - validation[best]
    if e.base_loss is not None and rise < NOTABLE * e.base_loss:
        return None
    if len(validation) - best <= 3 or not is_worse or not goes_on or e.loss[-1] >= e.loss[best]:
        return None
    return Finding(
        "overfitting",
        say(
            "learned.overfitting",
            best=number(validation[best]),
            epoch=best + 1,
            last=number(validation[-1]),
            before=number(e.loss[best]),
            after=number(e.loss[-1]),
        ),
        say("learned.overfitting_threshold", x=f"{OVERFITTING:g}"),
        say("learned.overfitting_advice"),
    )


def _shares(small: list[float], large: list[float]) -> list[float]:
    """The one as a part of the other, in the epochs where both are known."""
    pairs = zip(small, large, strict=False)
    return [a / b for a, b in pairs if math.isfinite(a) and math.isfinite(b) and b > 0]


def largest(activities: Mapping[str, Activity], what: str) -> tuple[str, float]:
    """The layer with the largest share, and the share; 0 where nothing is known."""
    shares = {name: getattr(activity, what) for name, activity in activities.items()}
    known = {n: share for n, share in shares.items() if share is not None and share == share}
    return max(known.items(), key=lambda item: item[1], default=("", 0.0))


def _finite(values: list[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def pairs(values: list[float]) -> Iterator[tuple[float, float]]:
    return zip(values, values[1:], strict=False)
