"""What comes out of one operation where it is applied wrongly, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises.wrong_rules import same
from autograd_nn.viz.graph.flows import run_again, values_of


def wrong_results(node: Tensor) -> Iterator[tuple[str, Any]]:
    """Every mistake that changes the result of an operation, those with the most to say first."""
    right = node._data
    if type(right) is tuple or node.operation is part:
        return
    told: list[Any] = [right]
    for phrase, make in KINDS.items():
        for value in _all_of(make, node):
            is_usual = np.shape(value) == np.shape(right) and np.isfinite(value).all()
            if is_usual and not any(same(value, other) for other in told):
                told.append(value)
                yield phrase, np.asarray(value, right.dtype)[()]


def recomputed(root: Tensor, values: Mapping[Any, Any]) -> dict[Any, Any]:
    """The values of the whole graph where some Tensors have another; what they do not reach is as
    it was recorded."""
    found = dict(values)
    with run_again():
        for node in topological(root, leaves=False):
            if node in values or not any(x in found for x in node.inputs if type(x) is Tensor):
                continue
            inputs = [found.get(x, x._data) if type(x) is Tensor else x for x in node.inputs]
            found[node] = node.operation.value(*inputs, **(node.attributes or {}))  # type: ignore[union-attr]
    return found


def _all_of(make: Callable[[Tensor], Iterator[Any]], node: Tensor) -> list[Any]:
    """What one kind of mistake gives; where an operation does not bear it, nothing."""
    found: list[Any] = []
    try:
        with run_again():
            for value in make(node):
                found.append(value)
    except Exception:  # a value function may break off in many ways on what it is not made for
        return found
    return found


def _applied(node: Tensor, values: list[Any]) -> Any:
    return node.operation.value(*values, **(node.attributes or {}))  # type: ignore[union-attr]


def _swapped(node: Tensor) -> Iterator[Any]:
    """x − y as y − x."""
    values = values_of(node)
    if len(values) == 2:
        yield _applied(node, values[::-1])


def _transposed(node: Tensor) -> Iterator[Any]:
    """A matrix transposed in a product, or the product itself."""
    values = values_of(node)
    if len(values) < 2:
        return
    for slot, x in enumerate(values):
        if np.ndim(x) > 1:
            turned = list(values)
            turned[slot] = np.swapaxes(x, -1, -2)
            try:
                yield _applied(node, turned)
            except ValueError:  # the shapes do not fit, so nobody can hand it in
                continue
    if np.ndim(node._data) > 1:
        yield np.swapaxes(node._data, -1, -2)


def _not_applied(node: Tensor) -> Iterator[Any]:
    """The activation left out: the input itself."""
    values = values_of(node)
    if len(values) == 1:
        yield values[0]


def _input_forgotten(node: Tensor) -> Iterator[Any]:
    """x·w + b without b: one input alone."""
    values = values_of(node)
    if len(values) == 2:
        for x in values:
            yield np.broadcast_to(x, np.shape(node._data))


def _other_side(node: Tensor) -> Iterator[Any]:
    """Taken at −x."""
    values = values_of(node)
    if len(values) == 1:
        yield _applied(node, [-values[0]])


def _twice(node: Tensor) -> Iterator[Any]:
    """Applied to its own result once more."""
    if len(node.inputs) == 1:
        yield _applied(node, [node._data])


def _n_missing(node: Tensor) -> Iterator[Any]:
    """The sum in place of the mean."""
    if (n := _reduced(node)) > 1:
        yield node._data * n


def _n_twice(node: Tensor) -> Iterator[Any]:
    """The mean in place of the sum."""
    if (n := _reduced(node)) > 1:
        yield node._data / n


def _reduced(node: Tensor) -> int:
    values = values_of(node)
    if len(values) != 1 or not np.size(node._data):
        return 1
    return int(np.size(values[0]) // np.size(node._data))


def _added(node: Tensor) -> Iterator[Any]:
    """Added in place of multiplied, or what else was meant."""
    values = values_of(node)
    if len(values) == 2:
        yield np.add(*values)


def _multiplied(node: Tensor) -> Iterator[Any]:
    values = values_of(node)
    if len(values) == 2:
        yield np.multiply(*values)


def _sign(node: Tensor) -> Iterator[Any]:
    yield -node._data


def _doubled(node: Tensor) -> Iterator[Any]:
    yield node._data * 2


def _halved(node: Tensor) -> Iterator[Any]:
    yield node._data / 2


KINDS: dict[str, Callable[[Tensor], Iterator[Any]]] = {
    "mistakes.inputs_swapped": _swapped,
    "mistakes.matrix_transposed": _transposed,
    "mistakes.sum_for_mean": _n_missing,
    "mistakes.mean_for_sum": _n_twice,
    "mistakes.not_applied": _not_applied,
    "mistakes.input_forgotten": _input_forgotten,
    "mistakes.value_at_minus": _other_side,
    "mistakes.applied_twice": _twice,
    "mistakes.added": _added,
    "mistakes.multiplied": _multiplied,
    "mistakes.sign": _sign,
    "mistakes.doubled": _doubled,
    "mistakes.halved": _halved,
}
