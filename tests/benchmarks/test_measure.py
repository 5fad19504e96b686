"""Blocks, fits and summaries, with a clock that tells what it is told."""

from collections.abc import Callable

import pytest

from benchmarks.measure import (
    BLOCK_SECONDS,
    BLOCKS,
    FIT_SECONDS,
    Ready,
    Summary,
    calls_per_block,
    enough_epochs,
    seconds_per_call,
    seconds_per_epoch,
    summary,
)


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
    assert calls_per_block(clock.work, clock) == (10, BLOCKS)


def test_a_slow_call_is_a_block_alone() -> None:
    clock = Clock(lambda call: 4 * BLOCK_SECONDS)
    assert calls_per_block(clock.work, clock) == (1, BLOCKS)


def test_a_call_as_long_as_all_blocks_is_a_measurement_alone() -> None:
    clock = Clock(lambda call: 7 * BLOCK_SECONDS)
    assert calls_per_block(clock.work, clock) == (1, 1)


def test_what_was_computed_is_said_by_the_first_calls_or_by_itself() -> None:
    numbers = iter([3.0, 2.0, 1.0])
    assert Ready(lambda: next(numbers)).results() == [3.0, 2.0, 1.0]
    assert Ready(lambda: 0.0, first=[5, 6]).results() == [5.0, 6.0]


class Training:
    """A fit whose first two epochs are slow, and that starts slowly."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def fit(self, epochs: int) -> None:
        self.now += 5.0 + sum(3.0 if epoch < 2 else 0.25 for epoch in range(epochs))


def test_what_a_fit_costs_at_its_start_is_not_in_its_epochs() -> None:
    training = Training()
    assert seconds_per_epoch(training.fit, epochs=40, clock=training) == 0.25


@pytest.mark.parametrize(("per_epoch", "expected"), [(1.0, 5), (0.3, 5), (0.03, 20), (0.011, 40)])
def test_epochs_are_enough_for_the_time(per_epoch: float, expected: int) -> None:
    clock = Training()

    def fit(epochs: int) -> None:
        clock.now += epochs * per_epoch

    assert FIT_SECONDS == 0.4
    assert enough_epochs(fit, clock) == expected
