"""What the shade of a node stands for: its gradient, value, time, bytes, or agreement."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.fitting import fitted
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import rules, wording
from autograd_nn.viz.graph.flows import Flow, Sweep, result_of_rule, run_again, values_of
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
    told = None if found is None or color in IN_THE_BOX else wording.quantity(color, found)
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
    flows = sweep.received.get(id(item), [])
    sizes = [_size_of_terms(flow) for flow in flows]
    if not flows or (len(flows) == 1 and sizes[0] is None):
        return None
    whole = 0.0
    for flow, size in zip(flows, sizes, strict=True):
        whole += float(np.abs(flow.contribution).sum()) if size is None else size
    total = float(np.abs(sweep.gradient(item)).sum())
    return min(1.0, total / whole) if whole > 0 and math.isfinite(whole) else None


def _size_of_terms(flow: Flow) -> float | None:
    """Σ|terms| of a contribution that is itself a sum, None where it is not one."""
    node, slot, operation = flow.node, flow.slot, flow.node.operation
    assert operation is not None
    if type(node._data) is tuple:
        return None
    if operation is ops.matmul:
        left, right = (np.abs(x) for x in values_of(node))
        if node._data.size * left.shape[-1] <= flow.input._data.size:
            return None  # an outer product: one term for each element
        # The rule is products and sums: of sizes it gives the sum of the sizes of all terms.
        own: Any = operation.gradients
        sizes = own[slot](np.abs(flow.upstream), np.abs(node._data), left, right)
        return float(fitted(sizes, flow.input._data, node, slot).sum())
    if rules.is_elementwise(operation) and node._data.size > flow.input._data.size:
        return float(np.abs(result_of_rule(node, slot, flow.upstream)).sum())
    return None


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
