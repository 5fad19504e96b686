"""Whether the learning rate is too large or too small, and the number that says so."""

from __future__ import annotations

import math
from statistics import median

from autograd_nn.viz.graph.notation import clean, number
from autograd_nn.viz.watching.evidence import LEARNED, Evidence
from autograd_nn.viz.watching.symptoms import (
    DEAD,
    FEW_EPOCHS,
    SATURATED,
    Finding,
    largest,
    pairs,
    ran_away,
)
from autograd_nn.viz.wording.saying import say

JUMPS = 0.05
"""The typical change of the loss from one epoch to the next, in either direction, as a part of the
loss, while it gets nowhere: small steps on a plateau change it by less than 0.01."""

SMALL_UPDATE = -4.0
"""log10(norm of the update / norm of the weights) of the kernel that moves most; about −3 is
healthy. At −4 a weight would need 10,000 steps in one direction to change by its own size. It is
not the spread of an update, for Adam may move all weights of a small kernel by the same."""

SLOW_FALL = 0.05
"""Without update ratios: a loss that goes down in nearly every epoch, at a steady pace, and yet by
less than this part in the whole run."""


def rate_too_large(e: Evidence) -> Finding | None:
    """Steps that jump over the minimum."""
    said = ran_away(e) or _driven_off(e) or _jumping(e)
    if said is None:
        return None
    sentence, threshold = said
    return Finding(
        "learning rate too large",
        sentence,
        threshold,
        say("rates.rate_large_advice"),
    )


def _driven_off(e: Evidence) -> tuple[str, str] | None:
    """Most units saturated or dead, which were not so before the first step."""
    if e.has_learned:
        return None
    for what, limit, key in (
        ("saturated", SATURATED, "rates.drove_saturated"),
        ("dead", DEAD, "rates.drove_dead"),
    ):
        name, share = largest(e.last_activities, what)
        before = getattr(e.first_activities.get(name), what, None)
        if share >= limit and before is not None and before < limit:
            shares = {"share": f"{share:.0%}", "before": f"{before:.0%}"}
            sentence = say(key, name=clean(name), loss=number(e.loss[-1]), **shares)
            return sentence, say("runs.below", x=f"{limit:.0%}")
    return None


def _jumping(e: Evidence) -> tuple[str, str] | None:
    if len(e.loss) < FEW_EPOCHS or e.has_learned_well:
        return None
    late = e.loss[len(e.loss) // 2 - 1 :]
    changes = [after - before for before, after in pairs(late)]
    rises = sum(change > 0 for change in changes)
    jump = median(abs(change) for change in changes) / max(median(late), 1e-300)
    is_noise = 0.25 <= rises / len(changes) <= 0.75
    half = len(late) // 2
    gets_nowhere = median(late[half:]) > LEARNED * median(late[:half])
    if jump <= JUMPS or not is_noise or not gets_nowhere:
        return None
    ends = {"first": number(e.loss[0]), "last": number(e.loss[-1])}
    sentence = say("rates.jumps", jump=f"{jump:.0%}", **ends)
    return sentence, say("rates.jumps_threshold", x=f"{JUMPS:.0%}")


def rate_too_small(e: Evidence) -> Finding | None:
    """Steps that lead nowhere in the time given."""
    if e.has_learned:
        return None
    ends = {"first": number(e.loss[0]), "last": number(e.loss[-1])}
    moves = [median(known) for values in e.ratios.values() if (known := _known(values))]
    if moves:
        if max(moves) >= SMALL_UPDATE:
            return None
        most = round(max(moves), 1)
        if math.isfinite(most):
            sentence = say("rates.small_steps", most=number(most), **ends)
        else:
            sentence = say("rates.no_steps", **ends)
        threshold = say("rates.small_steps_threshold", x=number(SMALL_UPDATE))
    else:
        fall = _slow_fall(e)
        if fall is None:
            return None
        sentence = say("rates.slow_fall", fall=f"{fall:.1%}", n=len(e.loss), **ends)
        threshold = say("runs.at_least", x=f"{SLOW_FALL:.0%}")
    return Finding(
        "learning rate too small",
        sentence,
        threshold,
        say("rates.rate_small_advice"),
    )


def _slow_fall(e: Evidence) -> float | None:
    """By how much a loss fell, slowly and steadily; None where it did not so."""
    loss = e.loss
    if len(loss) < FEW_EPOCHS or e.base_loss is None or not all(map(math.isfinite, loss)):
        return None
    falls = sum(after < before for before, after in pairs(loss)) / (len(loss) - 1)
    middle = loss[len(loss) // 2]
    early, late = loss[0] - middle, middle - loss[-1]
    is_steady = falls >= 0.9 and late >= 0.5 * early > 0
    fall = (loss[0] - loss[-1]) / loss[0]
    return fall if is_steady and fall < SLOW_FALL else None


def _known(values: list[float]) -> list[float]:
    return [value for value in values if value == value]
