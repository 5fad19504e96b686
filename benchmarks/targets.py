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
    Target("scalar", "autograd_nn", 1.2, over="micrograd"),
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
