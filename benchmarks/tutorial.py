"""The tutorial program as a whole process, in every library: seconds and peak memory."""

import os
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import tensorflow_environment
from benchmarks.libraries import JAX, KERAS, OURS, PYTORCH, SKLEARN, TENSORFLOW, Library
from benchmarks.memory import MIB
from benchmarks.processes import ROOT, Result, SubjectError, output_of, rounds_of, whole_process
from benchmarks.works import BESIDE

TRAINED = 0.1  # every program ends far below it; the digits of an untrained network give 0.69
# Where the disk is slow, the processor's time says more about a library than the clock's.
KINDS = {"": "s", "processor: ": "s", "memory: ": "MiB"}
FOLDER = ROOT / "benchmarks"


@dataclass(frozen=True)
class Program:
    """One row: what is run, and what it needs."""

    label: str
    path: str
    needs: tuple[Library, ...] = ()
    options: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    note: str = ""
    checkout: Path = ROOT

    @property
    def interpreter(self) -> str:
        """The Python that runs it."""
        if TENSORFLOW in self.needs:
            return str(tensorflow_environment.interpreter())
        return sys.executable


PROGRAMS = (
    Program("NumPy by hand", "baselines/seed_process.py"),
    Program("autograd_nn", "programs/autograd_nn_tutorial.py"),
    Program("autograd_nn, run_eagerly", "programs/autograd_nn_tutorial.py", (), ("--eagerly",)),
    Program("PyTorch", "programs/pytorch_tutorial.py", (PYTORCH,), note="1 thread"),
    Program("scikit-learn", "programs/sklearn_tutorial.py", (SKLEARN,), note="Adam"),
    Program(
        "Keras on JAX",
        "programs/keras_tutorial.py",
        (KERAS, JAX),
        (),
        (("KERAS_BACKEND", "jax"), ("JAX_PLATFORMS", "cpu")),
    ),
    Program(
        "Keras on TensorFlow",
        "programs/keras_tutorial.py",
        (TENSORFLOW,),
        (),
        (("KERAS_BACKEND", "tensorflow"), ("TF_CPP_MIN_LOG_LEVEL", "3")),
    ),
)


def measure_tutorial(
    rounds: int, missing: Collection[Library] = (), beside: Path | None = None
) -> list[Result]:
    """Seconds and peak memory of each program, after one run each that is not measured.

    Parameters   beside: another checkout: then ours alone, in turn with it
    """
    if beside is None:
        chosen = [p for p in PROGRAMS if not set(p.needs) & set(missing)]
    else:
        ours = [p for p in PROGRAMS if p.label.startswith(OURS.label)]
        chosen = ours + [replace(p, label=p.label + BESIDE, checkout=beside) for p in ours]
    programs = {p.label: p for p in chosen}
    rows = {label: _rows(program) for label, program in programs.items()}
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "digits.npz")
        output_of(str(FOLDER / "programs/write_digits.py"), data, **_found(folder))

        def measure(label: str) -> tuple[float, ...]:
            return run(programs[label], data, folder)

        # Once first, unmeasured: it fills the disk cache and writes our bytecode.
        rounds_of({label: _rows(programs[label]) for label in rows}, measure, 1)
        rounds_of(rows, measure, rounds)
    return [results[kind] for kind in range(len(KINDS)) for results in rows.values()]


def run(program: Program, data: str, cache: str) -> tuple[float, ...]:
    """Return seconds, seconds of processors and MiB of one run, its last loss checked."""
    path = program.checkout / "benchmarks" / program.path
    command = (program.interpreter, str(path), data, *program.options)
    done = whole_process(*command, **dict(program.variables), **_found(cache, program))
    loss = float(done.printed.split()[-1])
    if not 0 < loss < TRAINED:
        raise SubjectError(f"ended with the loss {loss!r}; trained ones are below {TRAINED}")
    return done.seconds, done.processor, done.peak / MIB


def _rows(program: Program) -> tuple[Result, ...]:
    return tuple(
        Result(f"{kind}{program.label}", unit, [], program.note, "", f"{kind}{_reference(program)}")
        for kind, unit in KINDS.items()
    )


def _reference(program: Program) -> str:
    is_beside = program.label.endswith(BESIDE)
    return program.label.removesuffix(BESIDE) if is_beside else OURS.label


def _found(cache: str, program: Program | None = None) -> dict[str, str]:
    """Return the variables with which our package is found, its bytecode in a folder.

    Installed packages come with their bytecode; ours is written also where the environment forbids
    to write it beside the sources.
    """
    if program is not None and program.label.split(",")[0] != OURS.label:
        return {}
    checkout = ROOT if program is None else program.checkout
    path = os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": path, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
