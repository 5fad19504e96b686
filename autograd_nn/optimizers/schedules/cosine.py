"""Schedules that follow a wave of the cosine."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.optimizers.schedules.schedule import Decay, name_of, number, steps


@final
class CosineDecay(Decay):
    """The rate follows half a wave of the cosine down, where wanted after rising evenly to its top.

    Formula      passed = min(step, decay_steps) / decay_steps
                 rate = initial_learning_rate * ((1 - alpha) * (1 + cos(π * passed)) / 2 + alpha)

                 with a warmup the first warmup_steps go in a straight line from
                 initial_learning_rate to warmup_target, from which the wave then starts:
                 step - warmup_steps stands in the place of step
    Parameters   initial_learning_rate: at least 0
                 decay_steps: above 0, those of the warmup not counted
                 alpha: 0 to 1, what is left in the end, as a part of the top; default 0
                 name: default "CosineDecay"
                 warmup_target: the rate at the end of the warmup; None means no warmup
                 warmup_steps: how long the warmup is, default 0; both or none
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Loshchilov and Hutter 2017 (arXiv:1608.03983); warmup: Goyal and others 2017
    Example      The middle of the warmup, its end, the middle of the wave, its end

    >>> rate = CosineDecay(0.0, decay_steps=100, warmup_target=0.5, warmup_steps=10)
    >>> rate(5), rate(10), rate(60), rate(110)
    (0.25, 0.5, 0.25, 0.0)
    """

    @checked_keywords
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str | None = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = steps("decay_steps", decay_steps)
        self.alpha = number_within("alpha", alpha, 0, 1)
        self.name = name_of(name)
        has_target = warmup_target is not None
        self.warmup_target = number("warmup_target", warmup_target) if has_target else None
        self.warmup_steps = steps("warmup_steps", warmup_steps, low_open=False)
        if has_target != (self.warmup_steps > 0):
            raise ArgumentError(
                "A warmup needs `warmup_target`, the rate at its end, and `warmup_steps` above 0: "
                f"both or none, got warmup_target={warmup_target!r} and "
                f"warmup_steps={warmup_steps!r}."
            )

    @staticmethod
    def _formula(  # type: ignore[override]
        step: Any,
        initial_learning_rate: Any,
        decay_steps: Any,
        alpha: Any,
        warmup_target: Any,
        warmup_steps: Any,
    ) -> Any:
        """The learning rate after so many steps."""
        top = initial_learning_rate
        if warmup_target is not None:
            if step < warmup_steps:
                rise = warmup_target - initial_learning_rate
                return rise * (step / warmup_steps) + initial_learning_rate
            top = warmup_target
            step = step - warmup_steps
        passed = min(step / decay_steps, 1)
        return top * ((1 - alpha) * 0.5 * (1 + float(np.cos(np.pi * passed))) + alpha)


@final
class CosineDecayRestarts(Decay):
    """Half a wave of the cosine down, then the next one from the top, usually longer.

    Formula      rate = initial_learning_rate
                        * ((1 - alpha) * m_mul**i * (1 + cos(π * passed)) / 2 + alpha)

                 i is the number of restarts so far, passed the part of the present wave that is
                 over. The first wave takes first_decay_steps, every other t_mul times as many as
                 the one before it
    Parameters   initial_learning_rate: at least 0
                 first_decay_steps: above 0
                 t_mul: at least 1, default 2
                 m_mul: at least 0, by what the top is multiplied at a restart, default 1
                 alpha: 0 to 1, what is left at the end of a wave, as a part of the initial rate;
                 default 0
                 name: default "SGDRDecay"
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Loshchilov and Hutter 2017 (arXiv:1608.03983)
    Example      Waves of 10 and 20 steps: their tops, and the middle of the second

    >>> rate = CosineDecayRestarts(0.5, first_decay_steps=10, m_mul=0.5)
    >>> rate(0), rate(10), rate(20)
    (0.5, 0.25, 0.125)
    """

    @checked_keywords
    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str | None = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = steps("first_decay_steps", first_decay_steps)
        self.t_mul = number_within("t_mul", t_mul, 1, math.inf, high_open=True)
        self.m_mul = number("m_mul", m_mul)
        self.alpha = number_within("alpha", alpha, 0, 1)
        self.name = name_of(name)

    @staticmethod
    def _formula(  # type: ignore[override]
        step: Any,
        initial_learning_rate: Any,
        first_decay_steps: Any,
        t_mul: Any,
        m_mul: Any,
        alpha: Any,
    ) -> Any:
        """The learning rate after so many steps."""
        passed = step / first_decay_steps
        if t_mul == 1:
            restarts = int(passed)
            passed -= restarts
        else:
            # At a restart the quotient is a whole number, or below it by rounding: log 243 / log 3.
            restarts = int(np.log(1 + passed * (t_mul - 1)) / np.log(t_mul) + 1e-9)
            length = t_mul**restarts
            passed = (passed - (length - 1) / (t_mul - 1)) / length
        wave = 0.5 * m_mul**restarts * (1 + float(np.cos(np.pi * passed)))
        return initial_learning_rate * ((1 - alpha) * wave + alpha)
