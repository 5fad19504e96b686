"""Timing one piece of work, and summing up many rounds of it."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

BLOCKS = 5
BLOCK_SECONDS = 0.015  # five blocks: about 75 ms a measurement
SHORT_FIT = 2  # epochs: where a step is recorded and planned, in the short fit as in the long one
FIT_SECONDS = 0.4  # what the epochs take that the long fit has more, or a little longer

Clock = Callable[[], float]


@dataclass(frozen=True)
class Ready:
    """A piece of work to repeat: a call does `units` units of it.

    A call returns a number that says what it computed; `first` is said in place of the first
    three, where one number does not say enough.
    """

    call: Callable[[], float]
    note: str = ""
    units: int = 1
    first: Sequence[float] = ()

    def results(self) -> list[float]:
        """What it computes, to be compared with what is right."""
        return [float(x) for x in self.first] or [float(call()) for call in repeat(self.call, 3)]

    def stopwatch(self) -> Callable[[], float]:
        """Warm up, and return what measures seconds per unit."""
        calls, blocks = calls_per_block(self.call)
        return lambda: seconds_per_call(self.call, calls, blocks) / self.units


@dataclass(frozen=True)
class Fits:
    """A training to repeat: `fit(epochs)` goes through the data, an epoch in `steps` steps."""

    fit: Callable[[int], object]
    steps: int
    first: Sequence[float]
    note: str = ""

    def results(self) -> list[float]:
        """What it computes: the losses of its first epochs."""
        return [float(x) for x in self.first]

    def stopwatch(self) -> Callable[[], float]:
        """Warm up, and return what measures seconds per step."""
        epochs = enough_epochs(self.fit)
        return lambda: seconds_per_epoch(self.fit, epochs) / self.steps


@dataclass(frozen=True)
class Summary:
    """Median and quartiles of the rounds."""

    median: float
    lower: float
    upper: float


def summary(samples: Sequence[float]) -> Summary:
    """Return median and quartiles; of one sample, that sample three times."""
    if len(samples) == 1:
        return Summary(samples[0], samples[0], samples[0])
    lower, median, upper = statistics.quantiles(samples, n=4, method="inclusive")
    return Summary(median, lower, upper)


def seconds_per_call(
    call: Callable[[], float],
    calls: int,
    blocks: int = BLOCKS,
    clock: Clock = time.perf_counter,
) -> float:
    """Return the median of a few blocks of `calls` calls: one interrupted block does not count."""
    spent = []
    for _ in range(blocks):
        start = clock()
        for _ in range(calls):
            call()
        spent.append((clock() - start) / calls)
    return statistics.median(spent)


def calls_per_block(call: Callable[[], float], clock: Clock = time.perf_counter) -> tuple[int, int]:
    """Warm up, and return how many calls fill one block, and how many blocks to measure.

    A call that takes as long as all blocks together is a measurement alone.
    """
    calls = 1
    while True:
        start = clock()
        for _ in range(calls):
            call()
        spent = clock() - start
        if spent >= BLOCK_SECONDS:
            blocks = BLOCKS if spent / calls < BLOCKS * BLOCK_SECONDS else 1
            return max(1, round(calls * BLOCK_SECONDS / spent)), blocks
        calls *= 2


def seconds_per_epoch(
    fit: Callable[[int], object], epochs: int, clock: Clock = time.perf_counter
) -> float:
    """Return what an epoch more costs: a long fit less a short one, over what it has more."""
    short = _seconds(fit, SHORT_FIT, clock)
    return (_seconds(fit, SHORT_FIT + epochs, clock) - short) / epochs


def enough_epochs(fit: Callable[[int], object], clock: Clock = time.perf_counter) -> int:
    """Warm up, and return how many epochs take long enough: five, or twice as many, or …"""
    epochs = 5
    while _seconds(fit, epochs, clock) < FIT_SECONDS:
        epochs *= 2
    return epochs


def _seconds(fit: Callable[[int], object], epochs: int, clock: Clock) -> float:
    start = clock()
    fit(epochs)
    return clock() - start
