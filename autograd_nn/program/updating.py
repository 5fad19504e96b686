"""An optimizer's rule as steps: the same `update` that it runs on arrays, run on traced values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.tensor import Tensor
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
        self.iteration = trace.leaf(ITERATION, max(1, optimizer._iterations), "setting")
        # A copy whose learning rate is a value that is given with every call.
        self.rule = optimizer._at_rate(self.rate)
        # What is done around the rule, as few optimizers do.
        self.around = self.rule.in_any_step(self.iteration) if optimizer.kept_around else None
        # One that runs on numbers, to compare with.
        self._eager = optimizer._at_rate(self.rate.now, self.iteration.now - 1)

    def added_up(
        self, gradients: Sequence[Traced], states: Sequence[dict[str, Traced]]
    ) -> tuple[list[Traced], list[tuple[Value, Value]]]:
        """What the rule is given of gradients that it adds up, and how what is kept changes."""
        if self.around is None:
            return list(gradients), []
        means, kept = self.around.added_up(gradients, states)
        return list(means), [(before.value, self.trace.valued(new)) for before, new in kept]

    def clipped(self, gradients: Sequence[Traced]) -> list[Traced]:
        """The gradients made smaller, as the optimizer says."""
        return list(self.rule.clipped(list(gradients)))

    def moved(
        self,
        parameter: Any,
        gradient: Any,
        state: dict[str, Traced],
        decays: Any = True,
        parts: Sequence[Part | None] = (None,),
        constraint: Any = None,
    ) -> Move:
        """How a parameter gets its new value, and its state.

        Parameters   decays: whether weight decay is for it; of parameters that lie side by side, an
                     array of that
                     parts: of those, where each begins and its shape
                     constraint: what makes of the new value the one that the parameter gets
        """
        trace, iteration, held = self.trace, self.iteration, parameter.value
        rule, before = self.rule, len(trace.steps)
        start = parameter
        if rule.weight_decay and decays is not False:
            parameter = parameter - parameter * (self.rate * rule.weight_decay)
            if decays is not True:
                parameter = np.where(decays, parameter, start)
        made = len(trace.steps)
        done: Any = iteration - 1  # type: ignore[operator]
        rule._iterations = done  # which a rule may ask for too
        own = {key: item for key, item in state.items() if key not in rule.kept_around}
        known = dict(vars(rule))
        trace.runs_own = True
        try:
            number = iteration if self.around is None else self.around.number
            value, after = rule.update(parameter, gradient, dict(own), number)
        except Exception as error:  # anything may go wrong in a rule that was written for arrays
            raise untraceable_update(rule, f"{type(error).__name__}: {error}") from error
        finally:
            trace.runs_own = False
        if any(known.get(key) is not item for key, item in vars(rule).items()):
            raise untraceable_update(rule, "it changes the optimizer itself.")
        if after.keys() != own.keys():
            raise untraceable_update(rule, "its state has other names after a step.")
        results = {"": value, **after}
        for part in parts:
            expected = self._on_numbers(parameter, gradient, own, part)
            if not all(_equal(_cut(results[key], part), expected[key]) for key in results):
                raise untraceable_update(
                    rule, "it does something else to numbers than to values without them."
                )
        if self.around is not None:
            value, after = self.around.around(value, after, start, state)
        if constraint is not None:
            value = self._constrained(constraint, value)
        kept = {key: item.value for key, item in state.items() if key in after}
        changes = [(held, trace.valued(value))]
        changes += [(kept[key], trace.valued(after[key])) for key in kept]
        read = {x for step in trace.steps[made + 1 :] for x in step.read()}
        if done.value not in read.union(new for _, new in changes):
            del trace.steps[made]
        return Move(held, trace.valued(gradient), kept, trace.steps[before:], changes)

    def _constrained(self, constraint: Any, value: Any) -> Any:
        """The new value as a constraint allows it."""
        self.trace.runs_own = True
        try:
            found = constraint(value)
            expected = constraint(_cut(value, None))
        except Exception as error:  # it was written for arrays
            raise untraceable_update(constraint, f"{type(error).__name__}: {error}") from error
        finally:
            self.trace.runs_own = False
        if not _equal(_cut(found, None), np.asarray(expected, value.dtype)):
            raise untraceable_update(
                constraint, "it does something else to numbers than to values without them."
            )
        return found

    def _on_numbers(
        self, parameter: Any, gradient: Any, state: dict[str, Traced], part: Part | None
    ) -> dict[str, Any]:
        """What the rule makes of the numbers that everything has while it is traced."""
        value, after = self._eager.update(
            _cut(parameter, part),
            _cut(gradient, part),
            {key: _cut(item, part) for key, item in state.items()},
            self._eager.iterations + 1,
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
    tensors: Sequence[Tensor],
    parameters: Sequence[tuple[Traced, Any]],
    states: Sequence[dict[str, Traced]],
) -> tuple[list[Move], list[tuple[Value, Value]]]:
    """The update of every parameter by itself; what else changes."""
    with np.errstate(all="ignore"):
        update = Update(trace, optimizer)
        gradients, changes = update.added_up([gradient for _, gradient in parameters], states)
        gradients = update.clipped(gradients)
        moves = [
            update.moved(
                parameter,
                gradient,
                state,
                optimizer.decays(tensor),
                constraint=optimizer.constraint_of(tensor),
            )
            for tensor, (parameter, _), gradient, state in zip(
                tensors, parameters, gradients, states, strict=True
            )
        ]
        return moves, changes
