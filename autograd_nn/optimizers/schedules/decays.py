"""Schedules that go down by a law of their own: a power, a fraction, a polynomial, steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.optimizers.schedules.schedule import Decay, name_of, number, numbers, steps


@final
class ExponentialDecay(Decay):
    """The rate is multiplied by ``decay_rate`` for every ``decay_steps``.

    Formula      rate = initial_learning_rate * decay_rate ** (step / decay_steps)

                 with staircase=True the quotient is rounded down
    Parameters   initial_learning_rate: at least 0
                 decay_steps: above 0
                 decay_rate: at least 0, usually below 1
                 staircase: whether the rate stays for decay_steps at a time, default False
                 name: default "ExponentialDecay"
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example      0.1·0.5² = 0.025 after 20 steps

    >>> ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
    0.025
    """

    @checked_keywords
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = steps("decay_steps", decay_steps)
        self.decay_rate = number("decay_rate", decay_rate)
        self.staircase = true_or_false("staircase", staircase)
        self.name = name_of(name)

    @staticmethod
    def _formula(  # type: ignore[override]
        step: Any, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any
    ) -> Any:
        """The learning rate after so many steps."""
        passed = step / decay_steps
        if staircase:
            passed = int(passed)
        return initial_learning_rate * decay_rate**passed


@final
class InverseTimeDecay(Decay):
    """The rate is divided by a number that grows evenly.

    Formula      rate = initial_learning_rate / (1 + decay_rate * step / decay_steps)

                 with staircase=True step / decay_steps is rounded down
    Parameters   initial_learning_rate: at least 0
                 decay_steps: above 0
                 decay_rate: at least 0
                 staircase: whether the rate stays for decay_steps at a time, default False
                 name: default "InverseTimeDecay"
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example      0.1/(1 + 0.5·20/10) = 0.05 after 20 steps

    >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
    0.05
    """

    @checked_keywords
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = steps("decay_steps", decay_steps)
        self.decay_rate = number("decay_rate", decay_rate)
        self.staircase = true_or_false("staircase", staircase)
        self.name = name_of(name)

    @staticmethod
    def _formula(  # type: ignore[override]
        step: Any, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: Any
    ) -> Any:
        """The learning rate after so many steps."""
        passed = step / decay_steps
        if staircase:
            passed = int(passed)
        return initial_learning_rate / (1 + decay_rate * passed)


@final
class PolynomialDecay(Decay):
    """The rate goes down to ``end_learning_rate`` in ``decay_steps``, and stays there.

    Formula      left = 1 - min(step, decay_steps) / decay_steps
                 rate = (initial_learning_rate - end_learning_rate) * left**power
                        + end_learning_rate

                 with cycle=True it starts anew from a smaller rate each time that it arrives: in
                 the place of decay_steps stands the first multiple of it that is not below step
    Parameters   initial_learning_rate: at least 0
                 decay_steps: above 0
                 end_learning_rate: at least 0, default 0.0001
                 power: at least 0; default 1, a straight line
                 cycle: default False
                 name: default "PolynomialDecay"
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example      Half way from 0.5 to 0.25

    >>> PolynomialDecay(0.5, decay_steps=10, end_learning_rate=0.25)(5)
    0.375
    """

    @checked_keywords
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str | None = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = steps("decay_steps", decay_steps)
        self.end_learning_rate = number("end_learning_rate", end_learning_rate)
        self.power = number("power", power)
        self.cycle = true_or_false("cycle", cycle)
        self.name = name_of(name)

    @staticmethod
    def _formula(  # type: ignore[override]
        step: Any,
        initial_learning_rate: Any,
        decay_steps: Any,
        end_learning_rate: Any,
        power: Any,
        cycle: Any,
    ) -> Any:
        """The learning rate after so many steps."""
        if cycle and step > decay_steps:
            decay_steps *= float(np.ceil(step / decay_steps))
        left = 1 - min(step / decay_steps, 1)
        return (initial_learning_rate - end_learning_rate) * left**power + end_learning_rate


@final
class PiecewiseConstantDecay(Decay):
    """One rate up to the first boundary, another one up to the second, and so on.

    Formula      rate = values[0] while step <= boundaries[0], values[1] while
                 step <= boundaries[1], …, values[-1] beyond the last boundary
    Parameters   boundaries: numbers of steps, each larger than the one before
                 values: the rates, one more than boundaries
                 name: default "PiecewiseConstant"
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example      A boundary belongs to what is before it

    >>> rate = PiecewiseConstantDecay([100, 200], [0.1, 0.05, 0.01])
    >>> rate(100), rate(101), rate(1000)
    (0.1, 0.05, 0.01)
    """

    @checked_keywords
    def __init__(
        self,
        boundaries: Iterable[float],
        values: Iterable[float],
        name: str | None = "PiecewiseConstant",
    ) -> None:
        self.boundaries = numbers("boundaries", boundaries)
        self.values = numbers("values", values)
        self.name = name_of(name)
        if len(self.values) != len(self.boundaries) + 1 or not self.boundaries:
            raise ArgumentError(
                "`values` must have one element more than `boundaries`, of which there is at least "
                f"one: the last value is the rate beyond the last boundary. Got {boundaries!r} "
                f"(length {len(self.boundaries)}) and {values!r} (length {len(self.values)})."
            )
        for place, pair in enumerate(zip(self.boundaries[:-1], self.boundaries[1:], strict=True)):
            if pair[0] >= pair[1]:
                raise ArgumentError(
                    f"`boundaries` must be increasing numbers of steps, got {pair[1]!r} behind "
                    f"{pair[0]!r} at index {place + 1}. Sort them, and `values` with them."
                )

    @staticmethod
    def _formula(step: Any, boundaries: Any, values: Any) -> Any:  # type: ignore[override]
        """The learning rate after so many steps."""
        return values[sum(step > boundary for boundary in boundaries)]
