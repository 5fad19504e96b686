"""Whether the ``.grad`` that a Tensor holds is the gradient of the loss, or more than that."""

from __future__ import annotations

import numpy as np

from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.path import GradientPath, PathLabels, norm


def left_over(way: GradientPath, labels: PathLabels) -> Cause | None:
    """Whether ``.grad`` holds something else than the gradient.

    Before a backward() of this very loss it may well hold that of the last batch, as after `fit`.
    Whether there was one is told by the loss: backward() leaves a gradient on interior nodes.
    """
    w = way.w
    if w._grad is None or way.loss._grad is None or w.operation is not None:
        return None
    kept, now = np.asarray(w._grad, np.float64), np.asarray(way.gradients[w], np.float64)
    tolerance = 1e-8 if w.dtype == np.float64 else 1e-3
    if norm(kept - now) <= tolerance * norm(now):
        return None
    name = labels.label(w)
    square = float(np.vdot(now, now))
    ratio = float(np.vdot(now, kept)) / square if square > 0 else 0.0
    times = round(ratio)
    if times >= 2 and norm(kept - times * now) <= tolerance * norm(kept):
        told = (
            f"{name}.grad is {times} times the gradient: backward() ran {times} "
            "times without zero_grad() between, and gradients accumulate."
        )
    else:
        told = (
            f"{name}.grad has the norm {notation.number(norm(kept))}, the gradient of this loss "
            f"{notation.number(norm(now))}: it holds something from an earlier backward(), or of "
            "another loss, besides."
        )
    return Cause(
        "left over from an earlier backward",
        f"{name}.grad is not what this loss gives",
        (told,),
        ("Call w.zero_grad() (or optimizer.zero_grad(parameters)) before each backward().",),
    )
