"""Works that need a fresh process each time: import, a chain of nodes, the tutorial program."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import ROOT, Result, SubjectError, output_of, rounds_of
from benchmarks.works import LENGTHS

IMPORT = """
import time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import autograd_nn
print((middle - start) * 1e3, (time.perf_counter() - middle) * 1e3)
"""


def measure_import(rounds: int) -> list[Result]:
    """Milliseconds of `import numpy`, then of `import autograd_nn`, three processes a round."""
    rows = (Result("import numpy", "ms"), Result("import autograd_nn, over numpy", "ms"))

    with tempfile.TemporaryDirectory() as folder:
        # Installed packages come with their bytecode files; here they are written to a folder,
        # also where the environment forbids to write them beside the sources.
        cache = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}

        def measure(_: str) -> list[float]:
            return [float(number) for number in output_of("-c", IMPORT, **cache).split()]

        # One run first, unmeasured: it writes them and warms the disk cache.
        rounds_of({"": (Result("", "ms"), Result("", "ms"))}, measure, 1)
        return rounds_of({"": rows}, measure, 3 * rounds)


def measure_nodes(rounds: int) -> list[Result]:
    """A chain of scalar additions: time per node, and in another process peak memory per node."""
    results: list[Result] = []
    times: dict[str, tuple[Result, ...]] = {}
    memory: dict[str, tuple[Result, ...]] = {}
    for length in LENGTHS:
        label = f"{length:,} nodes"
        times[str(length)] = tuple(
            Result(f"{label}: {phase}", "µs") for phase in ("build", "backward", "free")
        )
        memory[str(length)] = (Result(f"{label}: peak memory", "bytes"),)
        results += [*times[str(length)], *memory[str(length)]]

    def measure(what: str) -> Callable[[str], list[float]]:
        return lambda length: json.loads(output_of("-m", "benchmarks.nodes", length, what))

    rounds_of(times, measure("time"), rounds)
    rounds_of(memory, measure("memory"), 1)
    return results


def measure_tutorial(rounds: int) -> list[Result]:
    """Seconds of the tutorial program as a whole process, by hand and with the library."""
    programs = {"NumPy by hand": "baselines/seed_process.py", "autograd_nn": "subjects/tutorial.py"}
    rows = {label: (Result(label, "s"),) for label in programs}
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "digits.npz")
        try:
            output_of("-m", "benchmarks.subjects.tutorial", "--write", data)
        except SubjectError as error:
            return [Result(label, "s", failure=str(error)) for label in programs]

        def measure(label: str) -> list[float]:
            start = time.perf_counter()
            if label == "autograd_nn":
                output_of("-m", "benchmarks.subjects.tutorial", data)
            else:
                output_of(str(ROOT / "benchmarks" / programs[label]), data)
            return [time.perf_counter() - start]

        return rounds_of(rows, measure, rounds)
