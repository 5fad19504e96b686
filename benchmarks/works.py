"""What is measured: the data every subject starts from, the right answers, and who takes part."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.baselines.step import make_step

SIZES = {"small": ((64, 25, 15, 1), 32), "large": ((784, 256, 128, 10), 128)}
LEARNING_RATE = 0.1
CHAIN = 1_000  # operations in a chain: half multiplications, half additions
# y ← y·x + x tends to x / (1 − x), whose derivative 1 / (1 − x)² is 4 at x = 1/2.
STARTS: dict[str, Any] = {"scalar": np.float64(0.5), "array": np.full(32, 0.5, np.float32)}
CHAIN_ANSWER = 4.0
OPERANDS: dict[str, Any] = {"scalar": np.float64(1.0), "array": np.ones(32, np.float32)}
LENGTHS = (10_000, 100_000, 1_000_000)  # nodes

Array = Any  # a float32 array, or the array of the library at hand


@dataclass(frozen=True)
class Library:
    """A library under test: its file in `subjects`, what is imported, and how to get it."""

    label: str
    module: str
    package: str
    pip: str
    environment: tuple[tuple[str, str], ...] = ()


BY_HAND = Library("NumPy by hand", "numpy_by_hand", "numpy", "pip install numpy")
OURS = Library("autograd_nn", "ours", "autograd_nn", "pip install .")
PYTORCH = Library("PyTorch", "pytorch", "torch", "pip install torch")
JAX = Library("JAX jit", "jax_jit", "jax", "pip install jax", (("JAX_PLATFORMS", "cpu"),))
MYGRAD = Library("MyGrad", "mygrad_eager", "mygrad", "pip install mygrad")
HIPS = Library(
    "HIPS autograd",
    "hips_autograd",
    "autograd",
    "pip install 'autograd[scipy]'",
    # Or glibc hands the heap back after every large step: 1,000 page faults, 5.7 ms and not 1.7.
    (("MALLOC_TRIM_THRESHOLD_", "268435456"), ("MALLOC_MMAP_THRESHOLD_", "33554432")),
)
MICROGRAD = Library("micrograd", "micrograd_scalars", "micrograd", "pip install micrograd")
PEERS = (PYTORCH, JAX, MYGRAD, HIPS, MICROGRAD)
LIBRARIES = (BY_HAND, OURS, *PEERS)


@dataclass(frozen=True)
class Row:
    """One line of a table: a function of a subject, in a process of its own."""

    label: str
    library: Library
    function: str
    argument: str


@dataclass(frozen=True)
class Work:
    """A table: a call does `calls` units of work; `answers` is what the first calls must give."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    calls: int = 1
    answers: tuple[float, ...] = ()

    @property
    def scale(self) -> float:
        """From seconds per call to the unit of the table."""
        return {"µs": 1e6, "ns": 1e9}[self.unit] / self.calls


def starting_point(size: str) -> tuple[Array, Array, list[Array]]:
    """Return x (N, I), y (N, O) and [kernel, bias, kernel, …] exactly as `make_step` draws them."""
    dims, batch = SIZES[size]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, dims[0])).astype(np.float32)
    y = (rng.random((batch, dims[-1])) > 0.5).astype(np.float32)
    parameters: list[Array] = []
    for inputs, outputs in zip(dims, dims[1:], strict=False):
        kernel = rng.standard_normal((inputs, outputs)) / np.sqrt(inputs)
        parameters += [kernel.astype(np.float32), np.zeros(outputs, np.float32)]
    return x, y, parameters


def works() -> dict[str, Work]:
    """Return every work that is timed by repeated calls, by name."""
    eager = (OURS, PYTORCH, MYGRAD, HIPS)
    return {
        "step": _steps("one training step of 64-25-15-1, batch 32, loss included", "small"),
        "step_large": _steps(
            "one training step of 784-256-128-10, batch 128, loss included", "large"
        ),
        "scalar": _chains("scalar operations", "scalar", (*eager, MICROGRAD)),
        "array_chain": _chains("operations on (32,) float32", "array", eager),
        "operations": Work("one multiplication", "ns", _operations(), calls=CHAIN),
    }


def _steps(title: str, size: str) -> Work:
    libraries = (BY_HAND, OURS, PYTORCH, JAX, MYGRAD, HIPS)
    rows = [Row(library.label, library, "step", size) for library in libraries]
    rows.insert(2, Row("autograd_nn train_on_batch", OURS, "step_of_model", size))
    by_hand = make_step(*SIZES[size], LEARNING_RATE)
    answers = tuple(float(by_hand()) for _ in range(3))
    return Work(title, "µs", tuple(rows), answers=answers)


def _chains(things: str, kind: str, libraries: tuple[Library, ...]) -> Work:
    title = f"a chain of {CHAIN:,} {things} forward and backward, per operation"
    rows = tuple(Row(library.label, library, "chain", kind) for library in libraries)
    return Work(title, "µs", rows, calls=CHAIN, answers=(CHAIN_ANSWER,))


def _operations() -> tuple[Row, ...]:
    rows = []
    for kind, shape in (("scalar", "scalar"), ("array", "(32,)")):
        rows += [
            Row(f"{shape}: NumPy alone", BY_HAND, "multiply", kind),
            Row(f"{shape}: apply (under no_grad)", OURS, "apply", kind),
            Row(f"{shape}: apply and record", OURS, "record", kind),
            Row(f"{shape}: reverse", OURS, "reverse", kind),
        ]
    return tuple(rows)
