"""Blocks and summaries, with a clock that tells what it is told."""

from collections.abc import Callable

from benchmarks.measure import BLOCK_SECONDS, Summary, calls_per_block, seconds_per_call, summary


class Clock:
    """A clock that moves only when the work is called."""

    def __init__(self, cost: Callable[[int], float]) -> None:
        self.now = 0.0
        self.calls = 0
        self.cost = cost

    def __call__(self) -> float:
        return self.now

    def work(self) -> float:
        self.now += self.cost(self.calls)
        self.calls += 1
        return 0.0


def test_summary_is_median_and_quartiles() -> None:
    assert summary([5.0, 1.0, 4.0, 2.0, 3.0]) == Summary(median=3.0, lower=2.0, upper=4.0)


def test_summary_of_one_round_has_no_spread() -> None:
    assert summary([2.5]) == Summary(2.5, 2.5, 2.5)


def test_one_interrupted_block_does_not_count() -> None:
    clock = Clock(lambda call: 100.0 if call == 0 else 0.5)
    assert seconds_per_call(clock.work, calls=4, clock=clock) == 0.5


def test_calls_fill_a_block() -> None:
    clock = Clock(lambda call: BLOCK_SECONDS / 10)
    assert calls_per_block(clock.work, clock) == 10


def test_a_slow_call_is_a_block_alone() -> None:
    clock = Clock(lambda call: 7 * BLOCK_SECONDS)
    assert calls_per_block(clock.work, clock) == 1
