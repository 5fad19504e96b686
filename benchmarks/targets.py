"""What the project wants to reach, in one place. Printed with the tables; no test asserts it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The median of `row` is at most `limit`, or `limit` times the median of row `over`."""

    work: str
    row: str
    limit: float
    over: str | None = None


TARGETS = (
    Target("step", "autograd_nn", 0.35, over="PyTorch"),
    Target("step", "autograd_nn", 1.6, over="NumPy by hand"),
    Target("step", "autograd_nn fit", 0.35, over="NumPy by hand"),
    Target("step", "autograd_nn fit", 0.4, over="JAX jit"),
    Target("step", "autograd_nn fit", 0.08, over="PyTorch"),
    Target("step", "autograd_nn train_on_batch", 0.5, over="NumPy by hand"),
    Target("step", "autograd_nn fit, jit_compile", 0.45, over="JAX scan"),
    Target("step_large", "autograd_nn fit", 0.9, over="NumPy by hand"),
    Target("step_large", "autograd_nn fit", 0.75, over="PyTorch"),
    Target("step_large", "autograd_nn fit", 0.95, over="JAX scan"),
    Target("products", "1 thread: autograd_nn fit", 1.15, over="1 thread: 8 products"),
    Target("lenet", "default threads: autograd_nn", 1.2, over="default threads: PyTorch"),
    Target(
        "lenet", "default threads: autograd_nn, jit_compile", 1.0, over="default threads: PyTorch"
    ),
    Target("sequences", "lstm: autograd_nn", 1.3, over="lstm: PyTorch"),
    Target("sequences", "lstm: autograd_nn", 0.3, over="lstm: PyTorch, cells"),
    Target("sequences", "lstm: autograd_nn, jit_compile", 0.8, over="lstm: PyTorch"),
    Target("sequences", "lstm: autograd_nn, jit_compile", 0.2, over="lstm: PyTorch, cells"),
    Target("sequences", "gru: autograd_nn", 0.4, over="gru: PyTorch"),
    Target("sequences", "bag: autograd_nn", 0.5, over="bag: PyTorch"),
    Target("sequences", "bag: autograd_nn, jit_compile", 0.3, over="bag: PyTorch"),
    *(
        Target("transformer", f"{group}: autograd_nn{how}", limit, over=f"{group}: PyTorch")
        for group, how, limit in (
            ("default threads", "", 1.15),
            ("default threads", ", jit_compile", 1.0),
            ("1 thread", "", 0.95),
            ("1 thread", ", jit_compile", 0.85),
        )
    ),
    Target("tutorial", "autograd_nn", 0.9, over="NumPy by hand"),
    Target("tutorial", "autograd_nn", 1 / 40, over="Keras on TensorFlow"),
    Target("tutorial", "autograd_nn", 1 / 18, over="Keras on JAX"),
    Target("tutorial", "memory: autograd_nn", 1.3, over="memory: NumPy by hand"),
    Target("moons", "autograd_nn", 0.2, over="micrograd"),
    Target("moons", "autograd_nn replayed", 0.001, over="micrograd"),
    Target("moons_preparation", "program: time", 500.0),
    Target("moons_preparation", "program: memory", 100.0),
    Target("planning", "64-25-15-1, batch 32", 30.0),
    Target("fit_memory", "2,000 epochs", 1.01, over="20 epochs"),
    Target("scalar", "autograd_nn", 1.2, over="micrograd"),
    Target("hessian", "autograd_nn", 1.5, over="JAX jit"),
    Target("hessian", "autograd_nn compiled", 0.6, over="JAX jit"),
    Target("hessian", "autograd_nn compiled, jit", 0.3, over="JAX jit"),
    Target("hessian_network", "autograd_nn compiled", 0.5, over="JAX jit"),
    Target("jacobian", "autograd_nn compiled", 1.0, over="JAX jit"),
    Target("large_products", "eagerly: hvp", 4.0, over="eagerly: gradient"),
    Target("large_products", "compiled: hvp", 4.0, over="compiled: gradient"),
    Target("large_products", "eagerly: examples", 3.0, over="eagerly: gradient"),
    *(
        Target("functions", f"{name}: compiled, jit", 1.0, over=f"{name}: {peer}")
        for name in ("mixture", "ODE", "Rosenbrock", "logistic", "recursion", "spline")
        for peer in ("JAX jit", "PyTensor")
    ),
    Target("import", "import autograd_nn, over numpy", 40.0),
    Target("nodes", "1,000,000 nodes: peak memory", 300.0),
)


def verdict(target: Target, medians: Mapping[str, float]) -> tuple[float | None, bool | None]:
    """Return what was measured and whether it is within the limit; None where a row is missing."""
    value = medians.get(target.row)
    if target.over is not None:
        reference = medians.get(target.over)
        value = value / reference if value is not None and reference else None
    return (value, None if value is None else value <= target.limit)
