"""Works that need a fresh process each time: import, a chain of nodes, preparing."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.problems import LENGTHS
from benchmarks.processes import ROOT, Result, output_of, rounds_of
from benchmarks.works import BESIDE

IMPORT = """
import time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import autograd_nn
print((middle - start) * 1e3, (time.perf_counter() - middle) * 1e3)
"""


def measure_import(rounds: int, beside: Path | None = None) -> list[Result]:
    """Milliseconds of `import numpy`, then of `import autograd_nn`, three processes a round.

    Parameters   beside: another checkout, the library of which is imported in turn with ours
    """
    ours = "import autograd_nn, over numpy"
    rows = {str(ROOT): (Result("import numpy", "ms"), Result(ours, "ms"))}
    if beside is not None:
        rows[str(beside)] = (
            Result(f"import numpy{BESIDE}", "ms", reference="import numpy"),
            Result(f"{ours}{BESIDE}", "ms", reference=ours),
        )

    with tempfile.TemporaryDirectory() as folder:
        # Installed packages come with their bytecode files; here they are written to a folder,
        # also where the environment forbids to write them beside the sources.
        cache = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}

        def measure(checkout: str) -> list[float]:
            printed = output_of("-c", IMPORT, checkout=Path(checkout), **cache)
            return [float(number) for number in printed.split()]

        # One run first, unmeasured: it writes them and warms the disk cache.
        rounds_of({name: (Result("", "ms"), Result("", "ms")) for name in rows}, measure, 1)
        return rounds_of(rows, measure, 3 * rounds)


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


def measure_preparation(rounds: int) -> list[Result]:
    """The moons network: milliseconds and MiB of recording, and up to the first replay."""
    rows = tuple(
        Result(f"{what}: {kind}", unit)
        for what in ("recording", "program")
        for kind, unit in (("time", "ms"), ("memory", "MiB"))
    )
    return rounds_of({"moons": rows}, _prepared, rounds)


def measure_planning(rounds: int) -> list[Result]:
    """Milliseconds of making the program of a step, in a fresh process; then for another batch."""
    rows = tuple(Result(f"64-25-15-1, batch {batch}", "ms") for batch in (32, 8))
    return rounds_of({"planning": rows}, _prepared, rounds)


def measure_fit_memory(rounds: int) -> list[Result]:
    """Peak memory of processes that fit for more and more epochs, in three rounds at most."""
    rows = {f"fit {n}": (Result(f"{n:,} epochs", "MiB"),) for n in (20, 200, 2_000)}
    return rounds_of(rows, _prepared, min(rounds, 3))


def _prepared(what: str) -> list[float]:
    return json.loads(output_of("-m", "benchmarks.preparation", *what.split()))
