"""micrograd: scalars only; its walk is recursive, so the limit is raised."""

import sys

from micrograd.engine import Value

from benchmarks.measure import Ready
from benchmarks.works import CHAIN, STARTS


def chain(kind: str) -> Ready:
    sys.setrecursionlimit(10 * CHAIN)
    start = float(STARTS[kind])

    def call() -> float:
        x = Value(start)
        y = x
        for _ in range(CHAIN // 2):
            y = y * x
            y = y + x
        y.backward()
        return x.grad

    return Ready(call)
