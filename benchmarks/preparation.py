"""What comes before replaying: python -m benchmarks.preparation moons | planning | fit EPOCHS

Prints a list. moons: milliseconds and peak MiB of recording the loss, then of making the program
and calling it once. planning: milliseconds of making the program of a training step, for a batch
of 32 and then for one of 8. fit: the peak MiB of the process after a fit of so many epochs.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from autograd_nn.optimizers import RMSprop
from benchmarks.memory import MIB, forget_peak, peak
from benchmarks.problems import SMALL, Network, data_set, starting_point
from benchmarks.subjects.ours import as_tensors, network_loss
from benchmarks.subjects.ours_fit import compiled_model
from benchmarks.subjects.ours_moons import as_weights, hinge_loss, parameters


def of_moons() -> list[float]:
    weights = as_weights()
    every = list(parameters(weights))
    loss, *recording = _measured(lambda: hinge_loss(weights))

    def first_gradients() -> Any:
        program = loss.program(every)
        return program, program()

    _, *preparing = _measured(first_gradients)
    return [*recording, *preparing]


def of_planning() -> list[float]:
    import autograd_nn.program.planning.planner  # noqa: F401  (not part of what a shape takes)

    found = []
    for batch in (32, 8):
        network = Network(SMALL.head, SMALL.dims, batch)
        x, y, arrays = starting_point(network)
        tensors = as_tensors(arrays)
        loss = network_loss(network)(x, y, tensors)
        start = time.perf_counter()
        loss.program(tensors, optimizer=RMSprop())
        found.append((time.perf_counter() - start) * 1e3)
    return found


def of_fit(epochs: str) -> list[float]:
    x, y = data_set(SMALL, 360 / 32)
    compiled_model(SMALL, RMSprop()).fit(x, y, epochs=int(epochs), verbose=0)
    return [peak() / MIB]


def _measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    before = forget_peak()
    start = time.perf_counter()
    result = work()
    milliseconds = (time.perf_counter() - start) * 1e3
    return result, milliseconds, (peak() - before) / MIB


if __name__ == "__main__":
    of = {"moons": of_moons, "planning": of_planning, "fit": of_fit}
    print(json.dumps(of[sys.argv[1]](*sys.argv[2:])))
