"""An optimizer's rule as steps: the same `update` that it runs on arrays, run on traced values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.program.refusals import untraceable_update
from autograd_nn.program.tracing import Trace, Traced
from autograd_nn.program.values import UPDATE, Instruction, Value

LEARNING_RATE, ITERATION = "learning_rate", "iteration"

Part = tuple[int, tuple[int, ...]]


class Move(NamedTuple):
    """How one parameter is moved: what lives on, the steps, and what is put in place of what."""

    parameter: Value
    gradient: Value
    state: dict[str, Value]
    steps: list[Instruction]
    changes: list[tuple[Value, Value]]


class Update:
    """The rule of an optimizer, written into a trace.

    Raises       NotTraceable where the rule asks for the numbers of what it is given
    """

    def __init__(self, trace: Trace, optimizer: Any) -> None:
        self.trace = trace
        trace.phase = UPDATE
        self.rate = trace.leaf(LEARNING_RATE, float(optimizer.learning_rate), "setting")
        self.iteration = trace.leaf(ITERATION, max(1, optimizer.iterations), "setting")
        # A copy whose learning rate is a value that is given with every call.
        self.rule = optimizer._at_rate(self.rate)
        # One that runs on numbers, to compare with.
        self._eager = optimizer._at_rate(self.rate.now, self.iteration.now - 1)

    def clipped(self, gradients: Sequence[Traced]) -> list[Traced]:
        """The gradients made smaller, as the optimizer says."""
        return list(self.rule.clipped(list(gradients)))

    def moved(
        self,
        parameter: Any,
        gradient: Any,
        state: dict[str, Traced],
        parts: Sequence[Part | None] = (None,),
    ) -> Move:
        """How a parameter gets its new value, and its state.

        Parameters   parts: of parameters that lie side by side, where each begins and its shape
        """
        trace, iteration, held = self.trace, self.iteration, parameter.value
        before = len(trace.steps)
        if self.rule.weight_decay:
            parameter = parameter - parameter * (self.rate * self.rule.weight_decay)
        made = len(trace.steps)
        done: Any = iteration - 1  # type: ignore[operator]
        self.rule._iterations = done  # which a rule may ask for too
        known = dict(vars(self.rule))
        try:
            value, after = self.rule.update(parameter, gradient, dict(state), iteration)
        except Exception as error:  # anything may go wrong in a rule that was written for arrays
            raise untraceable_update(self.rule, f"{type(error).__name__}: {error}") from error
        if any(known.get(key) is not item for key, item in vars(self.rule).items()):
            raise untraceable_update(self.rule, "it changes the optimizer itself.")
        if after.keys() != state.keys():
            raise untraceable_update(self.rule, "its state has other names after a step.")
        results = {"": value, **after}
        for part in parts:
            expected = self._on_numbers(parameter, gradient, state, part)
            if not all(_equal(_cut(results[key], part), expected[key]) for key in results):
                raise untraceable_update(
                    self.rule, "it does something else to numbers than to values without them."
                )
        kept = {key: item.value for key, item in state.items()}
        changes = [(held, trace.valued(value))]
        changes += [(kept[key], trace.valued(after[key])) for key in kept]
        read = {x for step in trace.steps[made + 1 :] for x in step.read()}
        if done.value not in read.union(new for _, new in changes):
            del trace.steps[made]
        return Move(held, trace.valued(gradient), kept, trace.steps[before:], changes)

    def _on_numbers(
        self, parameter: Any, gradient: Any, state: dict[str, Traced], part: Part | None
    ) -> dict[str, Any]:
        """What the rule makes of the numbers that everything has while it is traced."""
        value, after = self._eager.update(
            _cut(parameter, part),
            _cut(gradient, part),
            {key: _cut(item, part) for key, item in state.items()},
            self.iteration.now,
        )
        return {"": value, **after}


def _cut(item: Any, part: Part | None) -> Any:
    """The numbers of one part, of its own: a rule may work in place."""
    numbers = item.now if type(item) is Traced else item
    if part is not None:
        start, shape = part
        numbers = np.asarray(numbers)[start : start + math.prod(shape)].reshape(shape)
    return np.array(numbers)[()]


def _equal(ours: Any, expected: Any) -> bool:
    return (
        np.shape(ours) == np.shape(expected)
        and np.asarray(ours).dtype == np.asarray(expected).dtype
        and np.array_equal(ours, expected, equal_nan=True)
    )


def updated_one_by_one(
    trace: Trace,
    optimizer: Any,
    parameters: Sequence[tuple[Traced, Any]],
    states: Sequence[dict[str, Traced]],
) -> list[Move]:
    """The update of every parameter by itself."""
    with np.errstate(all="ignore"):
        update = Update(trace, optimizer)
        gradients = update.clipped([gradient for _, gradient in parameters])
        return [
            update.moved(parameter, gradient, state)
            for (parameter, _), gradient, state in zip(parameters, gradients, states, strict=True)
        ]
