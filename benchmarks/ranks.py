"""python -m benchmarks.ranks [--rounds N]: a step of a large network by one process and by two.

2048-2048-2048-10, relu, batch 1,024, float32, one thread of BLAS in each process, by ``fit``. Each
round starts one process, then two by mpiexec; a figure is the smallest of all rounds and epochs.
Seconds of the processor, where others are at work, are those of the first process, in which it also
waits for the other.
"""

import argparse
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import ROOT, machine, other_work

OPTIMIZERS = ("SGD", "Adam")
BATCHES, EPOCHS = 6, 3

PROGRAM = """
import sys
import time
import numpy as np
from autograd_nn import Sequential, optimizers, set_random_seed
from autograd_nn.distribution import DataParallel
from autograd_nn.layers import Dense

name, batches, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
set_random_seed(0)
x = np.random.default_rng(0).normal(size=(1024 * batches, 2048)).astype("float32")
y = np.arange(len(x)) % 10
ranks = DataParallel()
model = Sequential([Dense(2048, "relu"), Dense(2048, "relu"), Dense(10, "softmax")])
rule = getattr(optimizers, name)(1e-4)
model.compile(rule, "sparse_categorical_crossentropy", distribution=ranks)
model.fit(x, y, batch_size=1024, verbose=0)  # records and plans
walls, processors = [], []
for _ in range(epochs):
    start = time.process_time()
    walls.append(model.fit(x, y, batch_size=1024, verbose=0).seconds)
    processors.append(time.process_time() - start)
if ranks.rank == 0:
    print(min(walls) / batches, min(processors) / batches)
"""


def seconds_of_a_step(processes: int, optimizer: str) -> list[float]:
    """The smallest of some epochs, by the clock and of the processor."""
    mpiexec = str(Path(sys.executable).with_name("mpiexec"))
    start = [mpiexec, "--allow-run-as-root", "-n", str(processes)] if processes > 1 else []
    done = subprocess.run(
        [*start, sys.executable, "-c", PROGRAM, optimizer, str(BATCHES), str(EPOCHS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [float(number) for number in done.stdout.split()[-2:]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    print(" · ".join(f"{key} {value}" for key, value in machine().items()))
    if busy := other_work():
        print(busy)
    for optimizer in OPTIMIZERS:
        best = {1: [math.inf] * 2, 2: [math.inf] * 2}
        for _ in range(rounds):
            for processes in best:
                found = seconds_of_a_step(processes, optimizer)
                best[processes] = list(map(min, best[processes], found))
        for place, what in enumerate(("by the clock", "of the processor")):
            one, two = best[1][place], best[2][place]
            print(
                f"{optimizer}, a step, {what}: {one:.3f} s in one process, {two:.3f} s in two: "
                f"{two / one:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
