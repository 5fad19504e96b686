"""The reverse sweep on numbers, unrolled: what `reverse.sweep` computes, bit for bit, sooner.

Nodes of one and of two inputs are written out, nothing is yielded, and a rule's result that has
its input's shape and dtype already is taken as it is. That halves the time of a chain of scalars.
A test holds both sweeps equal on random graphs; measure (`python -m benchmarks`) before changing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.contributions import (
    check_unchanged,
    described_node,
    from_numbers,
    with_part,
)
from autograd_nn.engine.linear_algebra_errors import explained
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast

_array = np.ndarray


def fast_sweep(
    root: Tensor,
    seed: Any,
    nodes: list[Tensor],
    needed: set[Tensor] | None,
    keep: set[Tensor] | None,
    interior: list[Any] | None = None,
) -> dict[Tensor, Any]:
    """Gradients of the leaves, or of the Tensors in ``keep``.

    Parameters   nodes: those recorded, inputs before their users
                 needed: those on the way to what is wanted; all when None
                 interior: is given the gradients of the nodes, in the order of the sweep
    """
    pending: dict[Any, Any] = {root: seed}
    kept: dict[Tensor, Any] = {}
    take = pending.pop
    node = root
    try:
        for node in reversed(nodes):
            g = take(node, None)
            if interior is not None:
                interior.append(g)
            elif node in keep and g is not None:  # type: ignore[operator]
                kept[node] = g
            if g is None:
                continue
            rules = node.operation.gradients  # type: ignore[union-attr]
            inputs = node.inputs
            number = len(inputs)
            if number == 2 and node.attributes is None and type(rules) is tuple:
                x, y = inputs
                wants_x = wants_y = False
                if type(x) is Tensor:
                    if x._clock > node._clock:
                        check_unchanged(node)
                    x_data = x._data
                    wants_x = x._requires_grad and (needed is None or x in needed)
                else:
                    x_data = x
                if type(y) is Tensor:
                    if y._clock > node._clock:
                        check_unchanged(node)
                    y_data = y._data
                    wants_y = y._requires_grad and (needed is None or y in needed)
                else:
                    y_data = y
                out = node._data
                if wants_x and (rule := rules[0]) is not None:
                    d = rule(g, out, x_data, y_data)
                    kind = type(x_data)
                    if type(d) is not kind:
                        d = unbroadcast(d, x_data, node, 0)
                    elif kind is _array:
                        if d.shape != x_data.shape or d.dtype is not x_data.dtype:
                            d = unbroadcast(d, x_data, node, 0)
                        elif x.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[x] = pending[x] + d if x in pending else d
                if wants_y and (rule := rules[1]) is not None:
                    d = rule(g, out, x_data, y_data)
                    kind = type(y_data)
                    if type(d) is not kind:
                        d = unbroadcast(d, y_data, node, 1)
                    elif kind is _array:
                        if d.shape != y_data.shape or d.dtype is not y_data.dtype:
                            d = unbroadcast(d, y_data, node, 1)
                        elif y.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[y] = pending[y] + d if y in pending else d
            elif number == 1 and type(rules) is tuple:
                x = inputs[0]
                if x._clock > node._clock:
                    check_unchanged(node)
                if (rule := rules[0]) is not None and (needed is None or x in needed):
                    data = x._data
                    if node.attributes is None:
                        d = rule(g, node._data, data)
                    else:
                        d = rule(g, node._data, data, **node.attributes)
                    kind = type(data)
                    if type(d) is not kind:
                        d = unbroadcast(d, data, node, 0)
                    elif kind is _array:
                        if d.shape != data.shape or d.dtype is not data.dtype:
                            d = unbroadcast(d, data, node, 0)
                        elif x.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[x] = pending[x] + d if x in pending else d
            else:
                _add_contributions(node, g, needed, pending)
    except Exception as error:
        told = explained(error)
        told.add_note(f"This happened while the gradient of {described_node(node)} was computed.")
        if told is error:
            raise
        raise told from None
    if keep is not None:
        kept.update((leaf, g) for leaf, g in pending.items() if leaf in keep)
        return kept
    return pending


def _add_contributions(
    node: Tensor, g: Any, needed: set[Tensor] | None, pending: dict[Any, Any]
) -> None:
    """The general case, as in `reverse.sweep`."""
    slots = [
        slot
        for slot, x in enumerate(node.inputs)
        if type(x) is Tensor and x._requires_grad and (needed is None or x in needed)
    ]
    for slot, d in from_numbers(node, g, slots):
        x = node.inputs[slot]
        before = pending.get(x)
        if node.operation is part:
            pending[x] = with_part(node, d, before)
            continue
        if x.operation is None and type(d) is _array and (d is g or d.base is not None):
            d = d.copy()
        pending[x] = d if before is None else before + d
