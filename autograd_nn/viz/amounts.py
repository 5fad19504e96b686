"""What the shade of a node stands for: its gradient, value, time, bytes, or agreement."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz import wording
from autograd_nn.viz.flows import Sweep, values
from autograd_nn.viz.view import Color
from autograd_nn.viz.walk import Item, Walk


class Amounts:
    """One number for each item, and how it is told."""

    def __init__(self, walk: Walk, sweep: Sweep, color: Color) -> None:
        self.walk, self.sweep, self.color = walk, sweep, color

    def of(self, items: list[Item]) -> tuple[float | None, str | None]:
        """The amount of one item, or of a group of items, and its text.

        The gradient, value and agreement of a group are those of its last result.
        """
        if self.color in ("time", "bytes"):
            each = _seconds if self.color == "time" else _bytes
            total = sum(each(item) for item in items)
            text = _duration(total) if self.color == "time" else f"{total:,} bytes"
            return (total, text) if total else (None, None)
        results = [item for item in items if type(item) is Tensor] or items
        item = results[-1]
        if self.color == "agreement":
            share = agreement(self.sweep, item)
            return share, None if share is None else f"{share:.0%}"
        array = self.sweep.gradient(item) if self.color == "gradient" else _data(item)
        return _root_mean_square(array), None


def amounts(walk: Walk, sweep: Sweep, color: Color) -> Amounts:
    """The amounts that a picture in this color shows."""
    return Amounts(walk, sweep, color)


def agreement(sweep: Sweep, item: Item) -> float | None:
    """How far the contributions to a gradient pull one way: Σ|Σ_k c_k| / Σ Σ_k |c_k|.

    Inside one contribution the terms of a product of matrices, and those summed to undo
    broadcasting, count one by one. None where fewer than two terms meet.
    """
    flows = sweep.received.get(id(item), [])
    if not flows:
        return None
    sizes = [_size_of_terms(flow) for flow in flows]
    if len(flows) == 1 and sizes[0] is None:
        return None
    whole = 0.0
    for flow, size in zip(flows, sizes, strict=True):
        whole += float(np.abs(flow.contribution).sum()) if size is None else size
    total = float(np.abs(sweep.gradient(item)).sum())
    return min(1.0, total / whole) if whole > 0 and np.isfinite(whole) else None


def _size_of_terms(flow: Any) -> float | None:
    """Σ|terms| of a contribution that is itself a sum, None where it is not one."""
    operation, upstream = flow.node.operation, flow.upstream
    if type(upstream) is tuple:
        return None
    if operation.name == "matmul" and np.ndim(upstream) == 2:
        other = np.abs(values(flow.node)[1 - flow.slot])
        if other.ndim == 2:
            g = np.abs(upstream)
            return float((g @ other.T if flow.slot == 0 else other.T @ g).sum())
    if operation.name in ("add", "subtract") and np.size(upstream) > np.size(flow.contribution):
        return float(np.abs(upstream).sum())
    return None


def _data(item: Item) -> Any:
    return item._data if type(item) is Tensor else item.data


def _root_mean_square(array: Any) -> float | None:
    if array is None or type(array) is tuple or not np.size(array):
        return None
    norm = wording.summarise(array).norm
    return None if norm is None else norm / float(np.sqrt(np.size(array)))


def _bytes(item: Item) -> int:
    data = _data(item)
    parts = data if type(data) is tuple else (data,)
    return sum(int(np.asarray(part).nbytes) for part in parts)


def _seconds(item: Item) -> float:
    """How long the operation takes, computed once more from the inputs that it had."""
    if type(item) is not Tensor or item.operation is None:
        return 0.0
    inputs, attributes, value = values(item), item.attributes or {}, item.operation.value
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        value(*inputs, **attributes)
        best = min(best, time.perf_counter() - start)
    return best


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
