"""Whether the targets of a regression are numbers that the model can come to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.losses import Huber, LogCosh, MeanAbsoluteError, MeanSquaredError
from autograd_nn.viz.graph.notation import clean, count, number
from autograd_nn.viz.watching.evidence import LEARNED, Evidence, is_several
from autograd_nn.viz.watching.replaying import is_better, scaled, unchanged
from autograd_nn.viz.watching.symptoms import Finding
from autograd_nn.viz.watching.wires import all_layers
from autograd_nn.viz.wording.saying import say

LARGE_TARGET = 30.0
"""The root mean square of y. A network begins with outputs of about 1 and has so far to go: a step
of Adam(0.001) moves a bias by 0.001, and a step of SGD has an error of that size in it."""

SCALED = 0.7
"""Targets are to blame where the run ends below so much of its loss with scaled ones."""

OUTSIDE = 0.2
"""So many targets beyond the ends of the last activation are no noise about its ends."""

_RANGES = {
    **dict.fromkeys(("sigmoid", "softmax", "hard_sigmoid"), (0.0, 1.0)),
    **dict.fromkeys(("tanh", "softsign", "hard_tanh"), (-1.0, 1.0)),
    **dict.fromkeys(("relu", "softplus", "exp"), (0.0, math.inf)),
    "relu6": (0.0, 6.0),
}
"""What the operations of these names give."""


def out_of_reach(e: Evidence) -> Finding | None:
    """A last activation that cannot give the targets, as a sigmoid of numbers beyond 1."""
    y, layers = _targets(e), all_layers(e.model)
    activation = getattr(layers[-1], "activation", None) if layers else None
    name = getattr(activation, "name", "")
    ends = _RANGES.get(name)
    if y is None or ends is None or e.has_learned_well:
        return None
    outside = float(np.mean((y < ends[0]) | (y > ends[1])))
    if outside < OUTSIDE:
        return None
    low, high = f"{ends[0]:g}", f"{ends[1]:g}"
    between = say("scales.between", low=low, high=high)
    if ends[1] == math.inf:
        between = say("scales.from_up", low=low)
    return Finding(
        "last activation",
        say(
            "scales.reach",
            name=name,
            layer=clean(layers[-1].name),
            between=between,
            share=f"{outside:.0%}",
            low=number(y.min()),
            high=number(y.max()),
        ),
        say("scales.reach_threshold", x=f"{OUTSIDE:.0%}"),
        say("scales.reach_advice"),
    )


def unscaled_targets(e: Evidence) -> Finding | None:
    """Targets far from what a network gives at first, where a replay learns with scaled ones."""
    y = _targets(e)
    if y is None or e.run is None or e.has_learned:
        return None
    size, spread = float(np.sqrt(np.mean(np.square(y)))), float(np.std(y))
    unit = {MeanSquaredError: spread**2, MeanAbsoluteError: spread}.get(type(e.model.loss))
    if size < LARGE_TARGET or not unit:
        return None
    try:
        before, after = e.run.compared(
            unchanged, max(e.run.epochs, 10), lambda data: data._replace(y=scaled(data.y))
        )
    except Exception:  # code of the user's that a copy does not run
        return None
    learns = e.base_loss is not None and before[-1] < LEARNED * e.base_loss
    if learns or not is_better(before[-1], unit * after[-1], SCALED):
        return None
    return Finding(
        "unscaled targets",
        say("scales.targets", size=number(size)),
        say("scales.targets_threshold", x=f"{LARGE_TARGET:g}"),
        say("scales.targets_advice"),
        say(
            "scales.targets_proof",
            epochs=count(len(after), "numbers.epochs"),
            after=number(unit * after[-1]),
            before=number(before[-1]),
        ),
    )


def _targets(e: Evidence) -> Any:
    """The targets of a regression in float64, None where there is none or nothing was kept."""
    if e.run is None or is_several(e.run):
        return None
    if not isinstance(e.model.loss, (MeanSquaredError, MeanAbsoluteError, Huber, LogCosh)):
        return None
    y = np.asarray(e.run.data.y, np.float64)
    return y if y.size else None
