"""python -m benchmarks.ranks [--rounds N]: a step of a large network by one process and by two.

2048-2048-2048-10, relu, batch 1,024, float32, one thread of BLAS in each process, by ``fit``. Each
round starts one process, then two by mpiexec; a figure is the smallest of all rounds and epochs.
"""

import argparse
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
seconds = [model.fit(x, y, batch_size=1024, verbose=0).seconds for _ in range(epochs)]
if ranks.rank == 0:
    print(min(seconds) / batches)
"""


def seconds_of_a_step(processes: int, optimizer: str) -> float:
    """The smallest of some epochs."""
    mpiexec = str(Path(sys.executable).with_name("mpiexec"))
    start = [mpiexec, "--allow-run-as-root", "-n", str(processes)] if processes > 1 else []
    done = subprocess.run(
        [*start, sys.executable, "-c", PROGRAM, optimizer, str(BATCHES), str(EPOCHS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    print(" · ".join(f"{key} {value}" for key, value in machine().items()))
    if busy := other_work():
        print(busy)
    for optimizer in OPTIMIZERS:
        best = {1: float("inf"), 2: float("inf")}
        for _ in range(rounds):
            for processes in best:
                best[processes] = min(best[processes], seconds_of_a_step(processes, optimizer))
        print(
            f"{optimizer}: {best[1]:.3f} s a step in one process, {best[2]:.3f} s in two: "
            f"{best[2] / best[1]:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
