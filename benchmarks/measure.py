"""Timing one piece of work, and summing up many rounds of it."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BLOCKS = 5
BLOCK_SECONDS = 0.015  # five blocks: about 75 ms a measurement


@dataclass(frozen=True)
class Ready:
    """A piece of work to repeat; a call returns a number that says what it computed."""

    call: Callable[[], float]
    note: str = ""


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
    call: Callable[[], float], calls: int, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median of a few blocks of `calls` calls: one interrupted block does not count."""
    blocks = []
    for _ in range(BLOCKS):
        start = clock()
        for _ in range(calls):
            call()
        blocks.append((clock() - start) / calls)
    return statistics.median(blocks)


def calls_per_block(
    call: Callable[[], float], clock: Callable[[], float] = time.perf_counter
) -> int:
    """Warm up, and return how many calls fill one block."""
    calls = 1
    while True:
        start = clock()
        for _ in range(calls):
            call()
        spent = clock() - start
        if spent >= BLOCK_SECONDS:
            return max(1, round(calls * BLOCK_SECONDS / spent))
        calls *= 2
