"""The slope of one operation by one of its inputs, as a value of a program."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.program import Reading
from autograd_nn.viz.graph.flows import is_elementwise


def local_slope(reading: Reading, flow: Contribution) -> Any:
    """What the rule makes of 1, where each element goes into one element; else None."""
    node = flow.node
    if type(node._data) is tuple:
        return None
    is_one = node._data.size == 1 and flow.input._data.size == 1
    if not is_one and not is_elementwise(node, flow.slot):
        return None
    ones = np.ones_like(node._data)
    g = reading.trace.constant(ones) if ones.ndim else ones[()]
    raw = reading.of_rules(node, g, [flow.slot])[flow.slot]
    if is_one:
        return unbroadcast(raw, flow.input._data, node, flow.slot, reading)
    if np.shape(raw) == node._data.shape:
        return raw
    return reading.trace.call(np.broadcast_to, (raw, node._data.shape))
