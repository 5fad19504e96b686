"""python -m benchmarks [WORK …] [--rounds N] [--json FILE] [--picture FILE] [--require-peers]
[--beside CHECKOUT]
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks import tensorflow_environment
from benchmarks.libraries import PEERS, TENSORFLOW, Library
from benchmarks.picture import draw
from benchmarks.processes import Result, machine, measure_work, other_work
from benchmarks.table import ratio_of, summaries, table
from benchmarks.targets import TARGETS, verdict
from benchmarks.tutorial import measure_tutorial
from benchmarks.whole import (
    measure_fit_memory,
    measure_import,
    measure_nodes,
    measure_planning,
    measure_preparation,
)
from benchmarks.works import works


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status: 1 where a subject failed or a peer is missing."""
    options = _options(arguments)
    missing = missing_peers()
    for peer in () if options.beside else missing:
        print(f"{peer.label} is not installed and is left out: {peer.pip}")
    if missing and options.require_peers:
        print("--require-peers: nothing was measured.")
        return 1

    facts = machine()
    versions = {peer.label: version_of(peer) for peer in PEERS if peer not in missing}
    for line in (facts, versions):
        print(" · ".join(f"{key} {value}" for key, value in line.items()))
    print(f"Medians and quartiles of {options.rounds} interleaved rounds; ratios are of medians.")
    if busy := other_work():
        print(busy)
    report: dict[str, object] = {}
    measured: dict[str, tuple[str, Sequence[Result]]] = {}
    failed = False
    for name, (title, measure) in _chosen(options.works, missing, options.beside).items():
        results = measure(options.rounds)
        failed |= any(result.failure for result in results)
        report[name] = _record(name, title, results)
        measured[name] = (title, results)
        print(f"\n{table(title, name, results)}", flush=True)
        if options.json:  # after every work: what was measured stays where the rest is interrupted
            whole = {**facts, "peers": versions, "rounds": options.rounds, "works": report}
            options.json.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    if options.picture:
        try:
            draw(measured, options.picture)
        except ValueError as error:
            print(f"No picture: {error}")
            failed = True
    return int(failed)


def missing_peers() -> list[Library]:
    """Return the peers that cannot be run here."""
    return [peer for peer in PEERS if not is_installed(peer)]


def is_installed(peer: Library) -> bool:
    """Whether it can be imported; TensorFlow, whether its own environment was made."""
    if peer is TENSORFLOW:
        return tensorflow_environment.is_there()
    return find_spec(peer.package) is not None


def version_of(peer: Library) -> str:
    """Return the version that is installed."""
    if peer is TENSORFLOW:
        return tensorflow_environment.version()
    return version(peer.distribution or peer.package)


Measures = dict[str, tuple[str, Callable[[int], list[Result]]]]


def measures(missing: Sequence[Library], beside: Path | None = None) -> Measures:
    """Return title and measurement of every work, without the rows of missing peers.

    Parameters   beside: another checkout: then our rows alone, each in turn with the same one there
    """
    found: Measures = {}
    for name, work in works().items():
        rows = tuple(row for row in work.rows if row.library not in missing)
        chosen = replace(work, rows=rows) if beside is None else work.beside(beside)
        found[name] = (work.title, partial(measure_work, chosen))
    if beside is not None:
        importing, training = (
            partial(measure_import, beside=beside),
            partial(measure_tutorial, beside=beside),
        )
        return found | {"import": ("import", importing), "tutorial": ("the tutorial", training)}
    whole = {
        "moons_preparation": ("the moons network before it is replayed", measure_preparation),
        "planning": ("making the program of a training step, RMSprop", measure_planning),
        "fit_memory": ("peak memory of a process that fits 360 digits", measure_fit_memory),
        "import": ("import in a fresh process, one after the other", measure_import),
        "nodes": (
            "a chain of scalar additions, per node, collector off; peak resident memory",
            measure_nodes,
        ),
        "tutorial": (
            "100 epochs over 360 digits, RMSprop, as a whole process",
            partial(measure_tutorial, missing=missing),
        ),
    }
    return found | whole


def _chosen(names: Sequence[str], missing: Sequence[Library], beside: Path | None) -> Measures:
    every = measures(missing) if beside is None else measures(missing, beside)
    return {name: every[name] for name in every if not names or name in names}


def _record(work: str, title: str, results: Sequence[Result]) -> dict[str, object]:
    known = summaries(results)
    middle = {label: spread.median for label, spread in known.items()}
    return {
        "title": title,
        "rows": [
            asdict(result)
            | (asdict(known[result.label]) if result.label in known else {})
            | {"ours_divided_by_it": ratio_of(result, known)}
            for result in results
        ],
        "targets": [
            asdict(target) | dict(zip(("measured", "met"), verdict(target, middle), strict=True))
            for target in TARGETS
            if target.work == work
        ],
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = list(measures(()))
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"default all: {' '.join(names)}")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default 7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample here")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="also draw the ratios (PNG, SVG or PDF)"
    )
    parser.add_argument(
        "--require-peers", action="store_true", help="measure only if every peer is installed"
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="CHECKOUT",
        help="measure ours alone, in turn with ours there",
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.works if name not in names]
    if unknown:
        parser.error(f"no work named {', '.join(unknown)}; there are {', '.join(names)}")
    if options.picture and find_spec("matplotlib") is None:
        parser.error("--picture needs matplotlib: pip install '.[viz]'")
    if options.beside and not (options.beside / "benchmarks" / "subject.py").exists():
        parser.error(f"--beside wants a checkout of this project, not {options.beside}")
    options.beside = options.beside and options.beside.resolve()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    return options


if __name__ == "__main__":
    sys.exit(main())
