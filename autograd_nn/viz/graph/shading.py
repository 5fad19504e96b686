"""What the shade of a node stands for: its gradient, value, time, bytes, or agreement."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import (
    Sweep,
    is_elementwise,
    run_again,
    sizes_of_terms,
    values_of,
)
from autograd_nn.viz.graph.view import Color
from autograd_nn.viz.graph.walk import Item

IN_THE_BOX = ("gradient", "value")
"""The colors whose numbers the box of a node shows in any case."""


def amount(sweep: Sweep, color: Color, items: Sequence[Item]) -> tuple[float | None, str | None]:
    """The amount of one item, or of items that stand together, and its text.

    Several have the time and the bytes of all, and the gradient, value and agreement of their
    last result.
    """
    found = _amount(sweep, color, items)
    told = None if found is None or color in IN_THE_BOX else notation.quantity(color, found)
    return found, told


def _amount(sweep: Sweep, color: Color, items: Sequence[Item]) -> float | None:
    if color == "time":
        with run_again():
            return sum(map(_seconds, items)) or None
    if color == "bytes":
        return float(sum(map(_bytes, items))) or None
    item = items[0] if len(items) == 1 else sweep.last_result(items)
    if item is None:
        return None
    if color == "agreement":
        return agreement(sweep, item)
    if color == "gradient":
        return _root_mean_square(sweep.gradient(item))
    return _root_mean_square(item._data if type(item) is Tensor else item.data)


def agreement(sweep: Sweep, item: Item) -> float | None:
    """How far the contributions to a gradient pull one way: Σ|Σ_k c_k| / Σ Σ_k |c_k|.

    Inside one contribution the terms of a product of matrices, and those summed to undo
    broadcasting, count one by one. None where fewer than two terms meet.
    """
    flows = sweep.received.get(item, [])
    if not flows or (len(flows) == 1 and not _is_sum(flows[0])):
        return None
    whole = sum(float(np.sum(sizes_of_terms(flow), dtype=np.float64)) for flow in flows)
    total = float(np.abs(sweep.gradient(item)).sum(dtype=np.float64))
    return min(1.0, total / whole) if whole > 0 and math.isfinite(whole) else None


def _is_sum(flow: Contribution) -> bool:
    """Whether more than one term goes into an element of a contribution."""
    node, operation = flow.node, flow.node.operation
    assert operation is not None
    if type(node._data) is tuple:
        return False
    if operation is ops.matmul:  # an outer product has one term for each element
        return bool(node.size * values_of(node)[0].shape[-1] > flow.input.size)
    return bool(node.size > flow.input.size and is_elementwise(node, flow.slot))


def _root_mean_square(array: Any) -> float | None:
    """Over the finite elements; None where there are none."""
    if array is None or type(array) is tuple:
        return None
    finite = np.asarray(array, np.float64)
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return None
    scale = float(np.abs(finite).max()) or 1.0  # the square of a large number would be infinite
    return scale * float(np.sqrt(np.mean(np.square(finite / scale))))


def _bytes(item: Item) -> int:
    data = item._data if type(item) is Tensor else item.data
    parts = data if type(data) is tuple else (data,)
    return sum(int(np.asarray(part).nbytes) for part in parts)


def _seconds(item: Item) -> float:
    """How long the operation takes, computed once more from the inputs that it had."""
    if type(item) is not Tensor or item.operation is None:
        return 0.0
    inputs, attributes, value = values_of(item), item.attributes or {}, item.operation.value
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        value(*inputs, **attributes)
        best = min(best, time.perf_counter() - start)
    return best
