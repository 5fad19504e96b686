"""What is timed by repeated calls: the tables, who takes part, and what each is compared with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks import answers
from benchmarks.answers import Answers
from benchmarks.functions import SMALL as SMALL_FUNCTIONS
from benchmarks.functions import value_and_slopes
from benchmarks.libraries import (
    BY_HAND,
    HIPS,
    JAX,
    MICROGRAD,
    MYGRAD,
    ONE_THREAD,
    OURS,
    PYTENSOR,
    PYTORCH,
    Library,
    Variables,
)
from benchmarks.problems import (
    BATCHES,
    CHAIN,
    LARGE,
    RELU_LARGE,
    RELU_SMALL,
    SMALL,
    Network,
)

FIT = "autograd_nn fit"
PROGRAM = "autograd_nn program"
DIGITS = 360 / 32  # batches
DERIVATIVES = "ours_derivatives"
COMPILED = {"compiled": "compiled", "jit": "compiled, jit"}
BESIDE = ", beside"  # how the label of a row of ours ends that runs in another checkout


@dataclass(frozen=True)
class Row:
    """One line of a table: a function of a subject, in a process of its own."""

    label: str
    library: Library
    function: str
    argument: str
    answers: Callable[[], Answers] = tuple  # what is right, computed when it is needed
    module: str = ""  # the library's own where it is empty
    variables: Variables = ()
    checkout: Path | None = None  # another one, of which the benchmarks and the library run


@dataclass(frozen=True)
class Work:
    """A table; `ours` names the row that the others are compared with, within a group.

    A row "group: name" is compared with "group: ours".
    """

    title: str
    unit: str
    rows: tuple[Row, ...]
    ours: str = ""

    def reference(self, label: str) -> str:
        """Return the label of the row that this one is compared with, "" for none."""
        if label.endswith(BESIDE):
            return label.removesuffix(BESIDE)
        group, colon, _ = label.rpartition(": ")
        return f"{group}{colon}{self.ours}" if self.ours else ""

    def beside(self, checkout: Path) -> "Work":
        """Return our rows alone, each with the same row in another checkout."""
        ours = [row for row in self.rows if row.library == OURS]
        twins = [replace(row, label=f"{row.label}{BESIDE}", checkout=checkout) for row in ours]
        pairs = zip(ours, twins, strict=True)
        return replace(self, rows=tuple(row for pair in pairs for row in pair), ours="")


def works() -> dict[str, Work]:
    """Return every work that is timed by repeated calls, by name."""
    eager = (OURS, PYTORCH, MYGRAD, HIPS)
    return {
        "step": _steps(SMALL),
        "step_large": _steps(LARGE),
        "relu": _steps(RELU_SMALL),
        "relu_large": _steps(RELU_LARGE),
        "products": _products(),
        "lenet": _lenet(),
        "sequences": _sequences(),
        "transformer": _transformer(),
        "moons": _moons(),
        "scalar": _chains("scalar operations", "scalar", (*eager, MICROGRAD)),
        "array_chain": _chains("operations on (32,) float32", "array", eager),
        "operations": Work("one multiplication", "ns", _operations()),
        "hessian": _hessian(),
        "hessian_network": _ways(
            "a Hessian: 64-25-15-1, 2,031 parameters, 100 samples", "network_hessian", "ms"
        ),
        "jacobian": _ways("a Jacobian, 200 by 50, of tanh", "tanh_jacobian", "µs", jit=True),
        "large_products": _large(),
        "functions": _functions(),
        "growth_batch": _growth(
            "batch", {n: Network("sigmoid", SMALL.dims, n) for n in (1, 8, 32, 128, 512)}
        ),
        "growth_width": _growth(
            "width", {n: Network("sigmoid", (64, n, n, 10), 32) for n in (8, 32, 128, 512)}
        ),
        "growth_depth": _growth(
            "depth", {n: Network("sigmoid", (64, *[32] * n, 10), 32) for n in (1, 2, 4, 8, 16)}
        ),
    }


def _steps(network: Network) -> Work:
    size, right = str(network), partial(answers.of_steps, network)

    def row(library: Library, label: str, function: str, module: str = "") -> Row:
        return Row(label, library, function, size, right, module)

    epochs = partial(answers.of_epochs, network, BATCHES)
    rows = [
        row(BY_HAND, "NumPy by hand", "step"),
        Row("NumPy by hand, epochs", BY_HAND, "epochs", size, epochs),
        Row(FIT, OURS, "fit", size, epochs, "ours_fit"),
        Row(f"{FIT}, jit_compile", OURS, "fit_compiled", size, epochs, "ours_fit"),
        Row(f"{FIT}, run_eagerly", OURS, "fit_eagerly", size, epochs, "ours_fit"),
        row(OURS, "autograd_nn train_on_batch", "train_on_batch", "ours_fit"),
        row(OURS, PROGRAM, "program", "ours_program"),
        row(OURS, "autograd_nn", "step"),
        row(JAX, "JAX jit", "step"),
        row(JAX, "JAX scan", "scan"),
        row(PYTORCH, "PyTorch", "step"),
        row(MYGRAD, "MyGrad", "step"),
        row(HIPS, "HIPS autograd", "step"),
    ]
    if network == SMALL:
        digits = partial(answers.of_epochs, network, DIGITS)
        rows.insert(3, Row(f"{FIT}, 360", OURS, "fit_digits", size, digits, "ours_fit"))
    what = "sigmoid" if network.head == "sigmoid" else "relu, softmax"
    title = f"a training step of {network.units}, {what}, batch {network.batch}, loss included"
    return Work(title, "µs", tuple(rows), FIT)


def _products() -> Work:
    size = str(LARGE)
    steps, products = partial(answers.of_steps, LARGE), partial(answers.of_products, LARGE)
    epochs = partial(answers.of_epochs, LARGE, BATCHES)
    rows = []
    for group, threads in (("default threads", ()), ("1 thread", ONE_THREAD)):
        rows += [
            Row(f"{group}: 8 products", BY_HAND, "products", size, products, "", threads),
            Row(f"{group}: {FIT}", OURS, "fit", size, epochs, "ours_fit", threads),
            Row(f"{group}: {PROGRAM}", OURS, "program", size, steps, "ours_program", threads),
            Row(f"{group}: NumPy by hand", BY_HAND, "step", size, steps, "", threads),
        ]
    title = f"a training step of {LARGE.units}, batch {LARGE.batch}, beside its products alone"
    return Work(title, "µs", tuple(rows), FIT)


def _sequences() -> Work:
    """With one thread of BLAS; PyTorch with the faster of one thread and its default."""
    rows = []
    for kind in ("lstm", "gru", "bag"):
        right = partial(answers.of_sequences, kind)
        here = (right, "ours_sequences", ONE_THREAD)
        rows += [
            Row(f"{kind}: autograd_nn", OURS, "step", kind, *here),
            Row(f"{kind}: autograd_nn, jit_compile", OURS, "compiled_step", kind, *here),
            Row(f"{kind}: PyTorch", PYTORCH, "sequence_step", kind, right),
            Row(f"{kind}: NumPy by hand", BY_HAND, "sequence_step", kind, right, "", ONE_THREAD),
        ]
        if kind == "lstm":
            rows.append(Row("lstm: PyTorch, cells", PYTORCH, "sequence_step", "lstm cells", right))
    title = "a training step on 32 sequences: LSTM and GRU (32 units, 50 steps), 200 embeddings"
    return Work(title, "ms", tuple(rows), "autograd_nn")


def _lenet() -> Work:
    """With the threads that each takes by itself, and with one each."""
    right = answers.of_lenet
    rows = []
    for group, variables in (("default threads", ()), ("1 thread", ONE_THREAD)):
        ours = ("autograd_nn", "autograd_nn, jit_compile")
        rows += [
            *(
                Row(f"{group}: {x}", OURS, "step", x[13:], right, "ours_lenet", variables)
                for x in ours
            ),
            Row(f"{group}: PyTorch", PYTORCH, "lenet_step", "", right, "", variables),
            Row(f"{group}: NumPy by hand", BY_HAND, "lenet_step", "", right, "", variables),
        ]
    title = "a training step of LeNet, 28 by 28 pixels, batch 64, loss included"
    return Work(title, "ms", tuple(rows), "autograd_nn")


def _transformer() -> Work:
    """With the threads that each takes by itself, and with one each."""
    right = answers.of_transformer
    rows = []
    for group, variables in (("default threads", ()), ("1 thread", ONE_THREAD)):
        ours = ("autograd_nn", "autograd_nn, jit_compile")
        rows += [
            *(
                Row(f"{group}: {x}", OURS, "step", x[13:], right, "ours_transformer", variables)
                for x in ours
            ),
            Row(f"{group}: PyTorch", PYTORCH, "transformer_step", "", right, "", variables),
        ]
    title = "a training step of a transformer, 2 layers of width 64, 64 places, batch 16"
    return Work(title, "ms", tuple(rows), "autograd_nn")


def _moons() -> Work:
    right = answers.of_moons
    rows = (
        Row("autograd_nn", OURS, "eager", "", right, "ours_moons"),
        Row("autograd_nn replayed", OURS, "replayed", "", right, "ours_moons"),
        Row("micrograd", MICROGRAD, "moons", "", right),
    )
    title = "scalars: a 2-16-16-1 network on 100 points, loss and gradients of a step"
    return Work(title, "ms", rows, "autograd_nn")


def _hessian() -> Work:
    libraries = (OURS, PYTORCH, JAX, HIPS)
    right = answers.of_hessian
    rows = [Row(x.label, x, "hessian", "", right, "", ONE_THREAD) for x in libraries]
    rows[1:1] = [
        Row(f"autograd_nn {label}", OURS, "logistic", way, right, DERIVATIVES, ONE_THREAD)
        for way, label in COMPILED.items()
    ]
    title = "a Hessian: logistic regression, 200 samples, 50 weights, float64"
    return Work(title, "ms", tuple(rows), OURS.label)


def _ways(title: str, function: str, unit: str, jit: bool = False) -> Work:
    """Ours in every way, beside JAX."""
    ways = {"eagerly": "", **COMPILED} if jit else {"eagerly": "", "compiled": "compiled"}
    rows = [
        Row(f"autograd_nn {label}".strip(), OURS, function, way, tuple, DERIVATIVES, ONE_THREAD)
        for way, label in ways.items()
    ]
    rows.append(Row(JAX.label, JAX, function, "", tuple, "", ONE_THREAD))
    return Work(f"{title}, float64, one thread of BLAS", unit, tuple(rows), OURS.label)


def _large() -> Work:
    rows = [
        Row(f"{label}: {what}", OURS, "large", f"{way} {what}", tuple, DERIVATIVES, ONE_THREAD)
        for way, label in (("eagerly", "eagerly"), ("compiled", "compiled"))
        for what in ("gradient", "hvp", "examples")
        if (way, what) != ("compiled", "examples")
    ]
    title = "of 784-256-128-10, batch 128: a Hessian times a vector, gradients of each example"
    return Work(f"{title}, float64, one thread of BLAS", "ms", tuple(rows), "gradient")


def _functions() -> Work:
    """Small functions with their gradients."""
    rows = []
    for name in SMALL_FUNCTIONS:
        right = partial(value_and_slopes, name)
        rows += [
            Row(f"{name}: {label}", OURS, "small", f"{way} {name}", right, DERIVATIVES, ONE_THREAD)
            for way, label in COMPILED.items()
        ]
        rows += [
            Row(f"{name}: {x.label}", x, "small", name, right, "", ONE_THREAD)
            for x in (JAX, PYTENSOR)
        ]
    title = "small functions, value and gradient (of the ODE, the Jacobian), float64"
    return Work(title, "µs", tuple(rows), COMPILED["jit"])


def _chains(things: str, kind: str, libraries: tuple[Library, ...]) -> Work:
    title = f"a chain of {CHAIN:,} {things} forward and backward, per operation"
    right = answers.of_chain
    rows = [Row(library.label, library, "chain", kind, right) for library in libraries]
    return Work(title, "µs", tuple(rows), OURS.label)


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


def _growth(axis: str, networks: dict[int, Network]) -> Work:
    rows = []
    for number, network in networks.items():
        size, right = str(network), partial(answers.of_steps, network)
        group = f"{axis} {number}"
        rows += [
            Row(f"{group}: NumPy by hand", BY_HAND, "step", size, right),
            Row(f"{group}: {PROGRAM}", OURS, "program", size, right, "ours_program"),
            Row(f"{group}: autograd_nn", OURS, "step", size, right),
            Row(f"{group}: PyTorch", PYTORCH, "step", size, right),
        ]
    one = next(iter(networks.values()))
    fixed = {
        "batch": f"{one.units}",
        "width": f"64-n-n-10, batch {one.batch}",
        "depth": f"n hidden layers of 32 between 64 and 10, batch {one.batch}",
    }
    return Work(f"growth of a sigmoid step with {axis}: {fixed[axis]}", "µs", tuple(rows), PROGRAM)
