"""An optimizer's rule as steps: the same `update` that it runs on arrays, run on traced values."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.program.tracing import NotTraceable, Trace, Traced
from autograd_nn.program.values import UPDATE, Step, Value

LEARNING_RATE, ITERATION = "learning_rate", "iteration"


class Move(NamedTuple):
    """How one parameter is moved: what lives on, the steps, and what is put in place of what."""

    parameter: Value
    gradient: Value
    state: dict[str, Value]
    steps: list[Step]
    changes: list[tuple[Value, Value]]


def initial_state(optimizer: Any, data: Any) -> dict[str, Any]:
    """The state of a parameter before its first step: zeros under the names that the rule uses.

    Raises       NotTraceable where the rule's own start is not that of zeros
    """
    zeros = np.zeros_like(data)
    ones = np.ones_like(data)
    with np.errstate(all="ignore"):
        first, after = optimizer.update(ones, ones, {}, 1)
        state = {key: np.zeros_like(value) for key, value in after.items()}
        again, _ = optimizer.update(ones, ones, state, 1)
    fits = all(np.shape(value) == zeros.shape for value in state.values())
    if not fits or not np.array_equal(first, again, equal_nan=True):
        raise NotTraceable(
            f"The state of {type(optimizer).__name__} does not start as zeros of the shape of its "
            "parameter."
        )
    return state


class Update:
    """The rule of an optimizer, written into a trace.

    Raises       NotTraceable, or what the rule raises on values without numbers
    """

    def __init__(self, trace: Trace, optimizer: Any) -> None:
        self.trace = trace
        trace.phase = UPDATE
        self.rate = trace.leaf(LEARNING_RATE, float(optimizer.learning_rate), "setting")
        self.iteration = trace.leaf(ITERATION, max(1, optimizer.iterations), "setting")
        # A copy whose learning rate is a value that is given with every call.
        self.rule = copy.copy(optimizer)
        self.rule._learning_rate = self.rate
        self.rule._factors = {}

    def clipped(self, gradients: Sequence[Traced]) -> list[Traced]:
        """The gradients made smaller, as the optimizer says."""
        return list(self.rule.clipped(list(gradients)))

    def moved(
        self, parameter: Traced, gradient: Traced, state: dict[str, Traced]
    ) -> tuple[Traced, dict[str, Traced]]:
        """The new value of a parameter and its new state."""
        if self.rule.weight_decay:
            parameter = parameter - parameter * (self.rate * self.rule.weight_decay)
        value, after = self.rule.update(parameter, gradient, dict(state), self.iteration)
        if after.keys() != state.keys():
            raise NotTraceable(
                f"The state of {type(self.rule).__name__} has other names after a step."
            )
        return value, after


def updated_one_by_one(
    trace: Trace,
    optimizer: Any,
    parameters: Sequence[tuple[Traced, Traced]],
    states: Sequence[dict[str, Any]],
) -> list[Move]:
    """The update of every parameter by itself."""
    with np.errstate(all="ignore"):
        update = Update(trace, optimizer)
        gradients = update.clipped([gradient for _, gradient in parameters])
        moves: list[Move] = []
        for (parameter, _), gradient, state in zip(parameters, gradients, states, strict=True):
            name = parameter.value.name
            before = len(trace.steps)
            traced = {k: trace.leaf(f"{name}_{k}", data, "state") for k, data in state.items()}
            value, after = update.moved(parameter, gradient, traced)
            changes = [(parameter.value, trace.valued(value))]
            changes += [(traced[k].value, trace.valued(after[k])) for k in traced]
            kept = {k: item.value for k, item in traced.items()}
            steps = trace.steps[before:]
            moves.append(Move(parameter.value, trace.valued(gradient), kept, steps, changes))
    return moves
