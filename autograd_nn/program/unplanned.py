"""The steps of a program without passes, and how its parameters are moved one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.memory import initial_state
from autograd_nn.program.reading import Reading
from autograd_nn.program.tracing import Forms, Trace, Traced
from autograd_nn.program.updating import Move, updated_one_by_one
from autograd_nn.program.values import Value


class Unplanned:
    """What was recorded, as ``steps``, and the ``moves`` of its optimizer among them.

    ``held`` are the Tensors and ``states`` the optimizer's arrays that live on from call to call,
    by what they are called in the steps.

    Parameters   forms: see `Trace`
    """

    def __init__(self, recorded: Any, forms: Forms | None = None) -> None:
        self._optimizer = recorded.optimizer
        self._wrt: Sequence[Tensor] = recorded.wanted
        self.reading, self.steps, gradients = recorded.as_recorded(forms)
        self.held = {value: tensor for tensor, value in self.reading.held.items()}
        self.states: dict[Value, tuple[Tensor, str]] = {}
        self.moves: list[Move] = []
        steps = self.steps
        if self._optimizer is not None:
            self.moves, steps.updates = self._moves(self.reading, gradients)
        steps.updates = [change for move in self.moves for change in move.changes] + steps.updates
        steps.updates += self.reading.assigned
        steps.is_step = bool(self.moves)

    def _moves(
        self, reading: Reading, gradients: Sequence[Any]
    ) -> tuple[list[Move], list[tuple[Value, Value]]]:
        trace = reading.trace
        pairs = [
            (Traced(trace, reading.held[t], t._data), g)
            for t, g in zip(self._wrt, gradients, strict=True)
        ]
        moves, changes, self.states = moved(trace, self._optimizer, self._wrt, pairs)
        return moves, changes


def moved(
    trace: Trace, optimizer: Any, tensors: Sequence[Tensor], pairs: Sequence[tuple[Traced, Any]]
) -> tuple[list[Move], list[tuple[Value, Value]], dict[Value, tuple[Tensor, str]]]:
    """How an optimizer moves parameters, of which ``pairs`` have the value and the gradient: the
    moves, what else changes, and what it keeps, as it is or zeros."""
    found: dict[Value, tuple[Tensor, str]] = {}
    states = []
    for tensor in tensors:
        state = optimizer._state.get(tensor, {})
        if state.keys() <= set(optimizer.kept_around):  # the rule was not due yet
            state = initial_state(optimizer, np.asarray(tensor._data)) | state
        name = tensor.name or "parameter"
        leaves = {key: trace.leaf(f"{name}_{key}", x, "state") for key, x in state.items()}
        found |= {leaf.value: (tensor, key) for key, leaf in leaves.items()}
        states.append(leaves)
    moves, changes = updated_one_by_one(trace, optimizer, tensors, pairs, states)
    return moves, changes, found
