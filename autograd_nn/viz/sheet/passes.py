"""A recorded loss as steps, and which of their values a sheet shows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.javascript.opened_forms import forms
from autograd_nn.program import Reading, Traced, Value, moved
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import ConstantNode, Item, Walk
from autograd_nn.viz.live.local_slopes import local_slope


def is_drawn(item: Item) -> bool:
    """Whether numbers were drawn at random; what was drawn stays."""
    return type(item) is Tensor and item.operation is not None and not item.inputs


class ShownEdge(NamedTuple):
    """What comes to an input from one use: the slope, where it is one, and the contribution."""

    flow: Contribution
    local: Value | None
    contribution: Value


class ShownUpdate(NamedTuple):
    """A parameter, what it becomes, and by name what is kept for it, before and after."""

    parameter: Tensor
    after: Value
    kept: dict[str, tuple[Value, Value]]


class Passes:
    """The steps of both passes and of an update, by the rules run on values of a program.

    ``values`` are what the items of a walk are, by their ids; ``edges`` and ``totals`` what comes
    to a Tensor, and its gradient.
    """

    def __init__(self, walk: Walk, sweep: Sweep, optimizer: Any = None) -> None:
        self.reading = reading = Reading(walk.root, {}, forms())
        self.values: dict[int, Value] = {}
        for item in walk.order:
            if type(item) is Tensor and type(item._data) is not tuple:
                self.values[id(item)] = reading.trace.valued(reading.made[item])
            elif isinstance(item, ConstantNode) and np.ndim(item.data):
                self.values[id(item)] = reading.value_of(item.data)
        self.edges: dict[Tensor, list[ShownEdge]] = {}
        self.totals: dict[Tensor, Value] = {}
        self.updates: list[ShownUpdate] = []
        self.states: dict[Value, Any] = {}
        if not sweep.why_none:
            self._read_backward()
            if optimizer is not None:
                self._read_update(walk, optimizer)
        drawn = {self.values[id(x)] for x in walk.order if is_drawn(x) and id(x) in self.values}
        self.steps = [step for step in reading.trace.steps if step.output not in drawn]

    def _read_backward(self) -> None:
        reading, valued = self.reading, self.reading.trace.valued
        self._gradients: dict[Any, Any] = {}
        self.totals[reading.root] = valued(reading.seed)
        for flow in reading.swept():
            if flow.node.operation is part:
                continue
            slope = local_slope(reading, flow)
            local = None if slope is None else valued(slope)
            edge = ShownEdge(flow, local, valued(flow.contribution))
            self.edges.setdefault(flow.input, []).append(edge)
            self.totals[flow.input] = valued(flow.total)
            self._gradients[flow.input] = flow.total

    def _read_update(self, walk: Walk, optimizer: Any) -> None:
        reading = self.reading
        tensors = [
            x
            for x in walk.order
            if type(x) is Tensor and x in self._gradients and x in reading.held
        ]
        pairs = [
            (Traced(reading.trace, reading.held[t], t._data), self._traced(self._gradients[t]))
            for t in tensors
        ]
        moves, _, self.states = moved(reading.trace, optimizer, tensors, pairs)
        for tensor, move in zip(tensors, moves, strict=True):
            after = dict(move.changes)
            kept = {key: (value, after[value]) for key, value in move.state.items()}
            self.updates.append(ShownUpdate(tensor, after[move.parameter], kept))

    def _traced(self, gradient: Any) -> Traced:
        if type(gradient) is Traced:
            return gradient
        return self.reading.trace.constant(np.asarray(gradient)[()])
