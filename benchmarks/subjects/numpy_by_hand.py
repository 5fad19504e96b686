"""NumPy without a library: the fixed baseline, and one multiplication alone."""

from benchmarks.baselines.step import make_step
from benchmarks.measure import Ready
from benchmarks.works import CHAIN, LEARNING_RATE, OPERANDS, SIZES


def step(size: str) -> Ready:
    return Ready(make_step(*SIZES[size], LEARNING_RATE))


def multiply(kind: str) -> Ready:
    x = OPERANDS[kind]

    def call() -> float:
        for _ in range(CHAIN):
            x * x
        return 0.0

    return Ready(call)
