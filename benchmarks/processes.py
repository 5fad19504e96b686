"""Subjects in processes of their own, asked in turn: what disturbs one round disturbs all alike."""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import numpy as np

from benchmarks.works import Row, Work

SCALES = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}
ROOT = Path(__file__).resolve().parent.parent
PAUSE = 0.05  # idle threads of BLAS spin for a while after the last call of a subject
PATIENCE = 100  # seconds: who takes longer to prepare, or for a whole process, is not measured
SMALLEST = 1e-3  # below this an answer is compared as it stands, not relative to its size
TOLERANCE = 1e-3  # float32, and each library's own order of summation


@dataclass
class Result:
    """One line of a table: a sample per round, or why there is none."""

    label: str
    unit: str
    samples: list[float] = field(default_factory=list)
    note: str = ""
    failure: str = ""
    reference: str = ""  # the label of our row that it is compared with


class SubjectError(RuntimeError):
    """A subject's process ended, or computed something else than the others."""


class Subject:
    """A running `benchmarks.subject`."""

    def __init__(self, row: Row) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in close)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.subject"),
                *(row.module or row.library.module, row.function, row.argument),
            ],
            cwd=row.checkout or ROOT,
            env={**os.environ, **dict(row.library.environment), **dict(row.variables)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def prepare(self, answers: Sequence[float]) -> str:
        """Wait until it is ready, check what it computes, and return its note."""
        clock = Timer(PATIENCE, self._process.kill)
        clock.start()
        try:
            report = json.loads(self._line())
        except SubjectError:
            if not clock.is_alive():
                raise SubjectError(f"not ready after {PATIENCE} s") from None
            raise
        finally:
            clock.cancel()
        for expected, found in zip(answers, report["answers"], strict=False):
            if not abs(found - expected) <= TOLERANCE * max(abs(expected), SMALLEST):
                raise SubjectError(f"computed {found!r} where {expected!r} is right")
        return str(report["note"])

    def seconds(self) -> float:
        """Ask for one measurement: seconds per call."""
        assert self._process.stdin
        with suppress(BrokenPipeError):  # the empty answer tells why it ended
            print(file=self._process.stdin, flush=True)
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise SubjectError(last_line(self._errors.read()))
        return line


def measure_work(work: Work, rounds: int) -> list[Result]:
    """Run every row of a work in interleaved rounds."""
    results = {
        row.label: Result(row.label, work.unit, reference=work.reference(row.label))
        for row in work.rows
    }
    scale = SCALES[work.unit]
    subjects: dict[str, Subject] = {}
    try:
        for row in work.rows:
            subject = subjects[row.label] = Subject(row)
            try:
                results[row.label].note = subject.prepare(row.answers())
            except SubjectError as error:
                results[row.label].failure = str(error)
        running = [label for label in subjects if not results[label].failure]
        for label in interleaved(running, rounds):
            time.sleep(PAUSE)
            if not results[label].failure:
                try:
                    results[label].samples.append(subjects[label].seconds() * scale)
                except SubjectError as error:
                    results[label].failure = str(error)
    finally:
        for subject in subjects.values():
            subject.close()
    return list(results.values())


def interleaved(labels: Sequence[str], rounds: int) -> Iterable[str]:
    """Yield every label once a round, each round beginning one further: no fixed neighbours."""
    for number in range(rounds):
        start = number % max(1, len(labels))
        yield from labels[start:]
        yield from labels[:start]


def output_of(*arguments: str, checkout: Path = ROOT, **variables: str) -> str:
    """Return what a fresh Python process prints; ``variables`` join its environment."""
    return _finished([sys.executable, *arguments], variables, checkout)


@dataclass(frozen=True)
class WholeProcess:
    """What a command printed and cost; `processor` counts the seconds of all its threads."""

    printed: str
    seconds: float
    processor: float
    peak: int  # bytes


def whole_process(*command: str, **variables: str) -> WholeProcess:
    """Run a command to its end."""
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launcher.py")]
    output = _finished([*launcher, *command], variables)
    printed, _, last = output.rstrip().rpartition("\n")
    seconds, processor, peak = last.split()
    return WholeProcess(printed, float(seconds), float(processor), int(peak))


def _finished(command: Sequence[str], variables: Mapping[str, str], checkout: Path = ROOT) -> str:
    """Return what it prints, or raise with the last line that it says of its failure."""
    process = subprocess.Popen(
        command,
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As in a user's shell: modules are compiled once, and kept.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **variables},
        start_new_session=True,
    )
    try:
        printed, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with what the launcher started
        process.communicate()
        raise SubjectError(f"not finished after {PATIENCE} s") from None
    if process.returncode:
        raise SubjectError(last_line(errors))
    return printed


def rounds_of(
    measures: Mapping[str, tuple[Result, ...]],
    measure: Callable[[str], Sequence[float]],
    rounds: int,
) -> list[Result]:
    """Call `measure(name)` in interleaved rounds; it gives one number for each Result of `name`."""
    for name in interleaved(list(measures), rounds):
        results = measures[name]
        if results[0].failure:
            continue
        try:
            for result, sample in zip(results, measure(name), strict=True):
                result.samples.append(sample)
        except SubjectError as error:
            for result in results:
                result.failure = str(error)
    return [result for results in measures.values() for result in results]


def last_line(text: str) -> str:
    """Return the last line with something on it: where Python names the exception."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "ended silently")


def machine() -> dict[str, object]:
    """Return what the figures depend on, also the variables that change how BLAS computes."""
    of_blas = ("OPENBLAS_", "MKL_", "OMP_", "BLIS_", "VECLIB_")
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        **{name: value for name, value in sorted(os.environ.items()) if name.startswith(of_blas)},
    }


def other_work() -> str:
    """Return a sentence where the machine is busy before anything is measured, else nothing."""
    load, cores = (os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0), os.cpu_count() or 1
    if load < 0.5:
        return ""
    return f"Others are at work here (load {load:.1f}, cores {cores}): look at the quartiles."
