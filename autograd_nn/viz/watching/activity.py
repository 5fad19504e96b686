"""Which units of a model are saturated or dead, on a few samples."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.several import as_called, as_tensors

SIGMOID_FLAT = 0.03
"""A sigmoid below 0.03 or above 0.97 passes less than 0.03·0.97 = 0.029 of a gradient: an eighth of
the 0.25 that it passes at best."""

TANH_FLAT = 0.97
"""A tanh beyond ±0.97 passes less than 1 − 0.97² = 0.06 of a gradient, of 1 at best."""


class Activity(NamedTuple):
    """The units of one activation: what is None does not apply to its kind.

    ``saturated`` is the share of the values (units × samples) on the flat ends, ``dead`` the share
    of the units that are 0 for every sample; NaN where a value is not finite.
    """

    kind: str
    saturated: float | None = None
    dead: float | None = None


def activities(model: Any, samples: Any) -> dict[str, Activity]:
    """Every sigmoid, tanh and relu of the model by the name of its layer, from a run on samples.

    The head that is fused with the loss is left out: there saturation costs no gradient. The run
    is one with ``training=False``; weights, ``.grad`` and random numbers stay as they were.
    """
    with recorded(), np.errstate(all="ignore"):
        output = model(as_called(as_tensors(samples)), training=False)
    outputs = flatten(output)[0]
    losses = getattr(model.loss, "losses", [model.loss])  # one for each of several outputs
    heads = {
        node
        for node, loss in zip(outputs, losses, strict=False)
        if hasattr(loss, "is_head") and loss.is_head(node)
    }
    found: dict[str, Activity] = {}
    nodes = [node for output in outputs for node in topological(output, leaves=False)]
    for node in dict.fromkeys(nodes):
        if node in heads:
            continue
        activity = _activity(node)
        if activity is not None:
            stem = name = node.scope or activity.kind
            number = 0
            while name in found:
                number += 1
                name = f"{stem}_{number}"
            found[name] = activity
    return found


def _activity(node: Tensor) -> Activity | None:
    if node.operation not in (ops.sigmoid, ops.tanh, ops.relu):
        return None  # of several results, too
    values = np.atleast_1d(node._data)
    if node.operation is ops.sigmoid:
        flat = (values < SIGMOID_FLAT) | (values > 1 - SIGMOID_FLAT)
        return Activity("sigmoid", saturated=_share(flat, values))
    if node.operation is ops.tanh:
        return Activity("tanh", saturated=_share(np.abs(values) > TANH_FLAT, values))
    if node.operation is ops.relu:
        silent = (values == 0).all(axis=tuple(range(values.ndim - 1)))
        return Activity("relu", dead=_share(silent, values))
    return None


def _share(chosen: Any, values: Any) -> float:
    return float(np.mean(chosen)) if np.isfinite(values).all() else math.nan
