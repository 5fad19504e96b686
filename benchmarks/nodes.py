"""A chain of scalar additions, collector off: python -m benchmarks.nodes LENGTH time|memory

Prints a list: seconds of build, backward and free in microseconds per node; or the peak of the
resident memory above what it was before the chain, in bytes per node.
"""

import gc
import json
import sys
import time

from autograd_nn import Tensor
from benchmarks.memory import forget_peak, peak


def chain(x: Tensor, length: int) -> Tensor:
    """Return x + 1 + 1 + … as recorded."""
    y = x
    for _ in range(length):
        y = y + 1.0
    return y


def times(length: int) -> list[float]:
    """Return µs per node of build, backward and free."""
    x = Tensor(0.5)
    marks = [time.perf_counter()]
    y = chain(x, length)
    marks.append(time.perf_counter())
    y.backward()
    marks.append(time.perf_counter())
    del y
    marks.append(time.perf_counter())
    return [
        (after - before) * 1e6 / length for before, after in zip(marks, marks[1:], strict=False)
    ]


def memory(length: int) -> list[float]:
    """Return bytes per node at the peak."""
    x = Tensor(0.5)
    chain(x, 100).backward()
    before = forget_peak()
    y = chain(x, length)
    y.backward()
    return [(peak() - before) / length]


if __name__ == "__main__":
    gc.disable()
    print(json.dumps((times if sys.argv[2] == "time" else memory)(int(sys.argv[1]))))
