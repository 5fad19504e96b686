"""Files that were changed at random: each is read correctly, or refused in words.

    python -m tests.saving.mutations            10,000 of them; the suite takes a sample
    python -m tests.saving.mutations 500 --seed 7

Of each it is looked at what comes out, how long that took, how much memory the process had at most,
and whether anything was run, written or opened that is none of a reader's business.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import AutogradError, StateError
from tests.saving.changing import mutated
from tests.saving.honest_files import Honest, files_of_models
from tests.saving.honest_runs import files_of_runs

MOST_SECONDS = 1.0

# ---------------------------------------------------------------------- looked at


class Outcome(NamedTuple):
    """What reading a file came to."""

    kind: str  # "read", "refused", or what is wrong
    seconds: float
    megabytes: float


def is_as_before(honest: Honest, result: Any) -> bool:
    """Whether all weights are those of the honest file."""
    weights = (honest.model if result is None else result).get_weights()
    pairs = zip(weights, honest.weights, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


_FORBIDDEN = (
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "subprocess.Popen"),
    *("pickle.find_class", "socket.connect", "os.remove", "os.rename", "os.mkdir", "os.rmdir"),
    *("shutil.copyfile", "shutil.move", "os.link", "os.symlink", "os.chmod", "os.truncate"),
)
_seen: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event in _FORBIDDEN:
        _seen.append(f"{event} {arguments}")
    elif event == "open":
        path, mode, flags = arguments
        is_writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if is_writing and not str(path).endswith((".pyc", ".nbi", ".nbc")):
            _seen.append(f"open {path} {mode}")


_is_watching = False


def outcome_of(path: Path, honest: Honest, is_checked: bool = False) -> Outcome:
    """Read a file, and see what comes of it."""
    global _seen, _is_watching
    if not _is_watching:
        sys.addaudithook(_hook)
        _is_watching = True
    tracemalloc.start()
    start = time.process_time()
    _seen = seen = []
    try:
        result = honest.read(path)
        kind = "read"
    except Exception as error:
        fine = isinstance(error, AutogradError) and isinstance(error, (ValueError, StateError))
        kind = "refused" if fine else f"raised {type(error).__name__}: {error!s:.200}"
    finally:
        _seen = None
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    seconds = time.process_time() - start
    # Numbers that were changed are noticed by the sums that an archive has of all bytes.
    if kind == "read" and is_checked and not is_as_before(honest, result):
        kind = "gave other weights"
    if seen:
        kind = f"did {seen[0]:.200}"
    return Outcome(kind, seconds, most / 2**20)


def resident() -> float:
    """The megabytes that the process had at most, 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def faults_of(number: int, seed: int, folder: Path) -> tuple[list[str], collections.Counter[str]]:
    """Read so many changed files; what is wrong with any, and how many came to what."""
    files = [*files_of_models(folder), *files_of_runs(folder)]
    most: dict[str, float] = {}
    for honest in files:
        path = folder / honest.name
        for _ in range(2):  # the first time with what is imported for it
            most[honest.name] = outcome_of(path, honest, bool(honest.weights)).megabytes
    faults: list[str] = []
    counts: collections.Counter[str] = collections.Counter()
    for n in range(number):
        draw = random.Random(seed * 1_000_003 + n)
        honest = draw.choice(files)
        path = folder / "changed" / honest.name
        path.parent.mkdir(parents=True, exist_ok=True)
        content, has_sums = mutated(honest.name, honest.content, draw)
        path.write_bytes(content)
        found = outcome_of(path, honest, has_sums)
        counts[found.kind.split()[0]] += 1
        what = ""
        if found.kind not in ("read", "refused"):
            what = found.kind
        elif found.seconds > MOST_SECONDS:
            what = f"took {found.seconds:.2f} s"
        elif found.megabytes > 2 * most[honest.name]:
            what = f"took {found.megabytes:.1f} MB, the honest file {most[honest.name]:.1f}"
        if what:
            faults.append(f"{n} {honest.name}: {what}")
    return faults, counts


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Read files that were changed at random.")
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before = sorted(os.listdir())
        start = time.perf_counter()
        faults, counts = faults_of(given.number, given.seed, Path(folder))
        seconds = time.perf_counter() - start
        print(f"{dict(counts)} in {seconds:.0f} s, at most {resident():.0f} MB of the process")
        if sorted(os.listdir()) != before:
            faults.append(f"files were written here: {sorted(os.listdir())}")
    print("\n".join(faults[:50]) or "no fault")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
