"""What an optimizer does around its rule: gradients added up over steps, parameters averaged.

What has to be kept for a parameter is kept in its state beside that of the rule, which does not see
it. A step of an optimizer knows its number; a step of a program is written once for all numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.optimizers.options import AVERAGE, GRADIENTS

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor
    from autograd_nn.optimizers.optimizer import Optimizer


class InThisStep:
    """The step that is made next, on arrays."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self._count = count = optimizer.gradient_accumulation_steps
        self.is_due = count is None or (optimizer._iterations + 1) % count == 0

    def given(self, pairs: list[tuple[Any, Tensor]]) -> list[tuple[Any, Tensor]]:
        """What has come together of every gradient; where the rule is due, the mean."""
        count, states = self._count, self._optimizer._state
        if count is None:
            return pairs
        totals = [states.get(p, {}).get(GRADIENTS, 0.0) + gradient for gradient, p in pairs]
        means = [total / count for total in totals] if self.is_due else totals
        return [(gradient, p) for gradient, (_, p) in zip(means, pairs, strict=True)]

    def update(
        self, parameter: Any, gradient: Any, state: Mapping[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """That of the optimizer where it is due, and what is kept around it."""
        optimizer, value, after = self._optimizer, parameter, _own(state)
        if self.is_due:
            value, after = optimizer.update(parameter, gradient, after, optimizer.iterations + 1)
            gradient = np.zeros_like(gradient)[()]
        kept = {} if self._count is None else {GRADIENTS: gradient}
        if optimizer.use_ema:
            value, kept[AVERAGE] = _averaged(optimizer, value, state.get(AVERAGE, 0.0))
        return value, {**after, **kept}


class InAnyStep:
    """The same in a program: all is computed, and chosen by the number of the step.

    Parameters   optimizer: whose count of steps is a value of the program, too
                 step: the number, from 1
    """

    def __init__(self, optimizer: Optimizer, step: Any) -> None:
        self._optimizer = optimizer
        self._step = step
        self._count = optimizer.gradient_accumulation_steps

    @property
    def number(self) -> Any:
        """The number of the step as the rule counts."""
        return self._step if self._count is None else self._optimizer.iterations + 1

    def added_up(
        self, gradients: Sequence[Any], states: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Any], list[tuple[Any, Any]]]:
        """The mean of what has come together of every gradient; what is kept, before and after."""
        if self._count is None:
            return gradients, []
        before = [state[GRADIENTS] for state in states]
        totals = [kept + gradient for kept, gradient in zip(before, gradients, strict=True)]
        after = [_chosen(self._step % self._count == 0, 0.0, total) for total in totals]
        return [total / self._count for total in totals], list(zip(before, after, strict=True))

    def around(
        self, value: Any, after: Mapping[str, Any], parameter: Any, state: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """The new value and state of a parameter, of those that its rule gives.

        Parameters   parameter, state: as they were before the step
        """
        if self._count is not None:
            is_due = self._step % self._count == 0
            value = _chosen(is_due, value, parameter)
            after = {key: _chosen(is_due, item, state[key]) for key, item in after.items()}
        after = dict(after)
        if self._optimizer.use_ema:
            value, after[AVERAGE] = _averaged(self._optimizer, value, state[AVERAGE])
        return value, after


def _own(state: Mapping[str, Any]) -> dict[str, Any]:
    """What the rule keeps."""
    return {key: item for key, item in state.items() if key not in (AVERAGE, GRADIENTS)}


def _chosen(is_so: Any, one: Any, other: Any) -> Any:
    """One of two values, by a condition that may not be known yet."""
    value = np.where(is_so, one, other)
    return value if value.ndim else value[()]


def _averaged(optimizer: Optimizer, value: Any, average: Any) -> tuple[Any, Any]:
    """A parameter after a step, and its running average.

    Formula      average = ema_momentum * average + (1 - ema_momentum) * parameter

                 in the first step, average = parameter. In every step whose number is a multiple of
                 ema_overwrite_frequency, parameter = average
    """
    done = optimizer.iterations
    kept = (done != 0) * optimizer.ema_momentum
    average = kept * average + (1 - kept) * value
    if optimizer.ema_overwrite_frequency is not None:
        is_time = (done + 1) % optimizer.ema_overwrite_frequency == 0
        value = _chosen(is_time, average, value)
    return value, average
