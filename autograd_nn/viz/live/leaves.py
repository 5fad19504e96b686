"""What of a graph a page can set: what was given, and parts of arrays that were given."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.mutation import made_by
from autograd_nn.engine.operations.indexing import getitem
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph.walk import Item, Walk

_MOVING = {getitem, ops.reshape, ops.transpose, ops.squeeze, ops.expand_dims}


class Leaves(NamedTuple):
    """``inputs``: what the program is given, by names; those of what the page shows are its ids.

    ``parts``: by the id of a leaf that only has elements of an input in other places, as x[0] has,
    the name of that input and the place of each element. What else was computed from constants,
    as 1 - y, follows from them.
    """

    inputs: dict[str, Any]
    parts: dict[str, tuple[str, Any]]


def leaves_of(walk: Walk) -> Leaves:
    """The leaves of a graph, and the constants behind them."""
    inputs: dict[str, Any] = {}
    computed: list[Tensor] = []
    for item in walk.order:
        if not is_leaf(item) or _is_its_label(walk, item):
            continue
        if type(item) is Tensor and made_by(item) is not None:
            computed.append(item)
        else:
            inputs[walk.ids[id(item)]] = item if type(item) is Tensor else item.data
    names = {id(x): name for name, x in inputs.items()}
    for source in _sources(computed):
        if id(source) not in names:
            names[id(source)] = name = f"s{len(inputs)}"
            inputs[name] = source
    parts = {}
    for leaf in computed:
        if (found := _places(leaf)) is not None:
            source, places = found
            parts[walk.ids[id(leaf)]] = names[id(source)], places
    return Leaves(inputs, parts)


def is_leaf(item: Item) -> bool:
    """Whether it is an array, or a Tensor that was not recorded."""
    if type(item) is Tensor:
        return item.operation is None
    return isinstance(item.data, np.ndarray)


def _is_its_label(walk: Walk, item: Item) -> bool:
    """Whether all formulas have this number in them, and no name that stands for another."""
    return type(item) is not Tensor and np.ndim(item.data) == 0 and walk.name(item) is None


def _sources(leaves: list[Tensor]) -> list[Tensor]:
    """The Tensors from which constants were computed, and which were given themselves."""
    waiting, found = list(leaves), dict.fromkeys(leaves)
    for leaf in waiting:
        computed = made_by(leaf)
        for x in computed[1] if computed is not None else ():
            if type(x) is Tensor and x not in found:
                found[x] = None
                waiting.append(x)
    return [x for x in found if made_by(x) is None]


def _places(leaf: Tensor) -> tuple[Tensor, Any] | None:
    """The Tensor that a leaf has the elements of, and which of them; None where it has not."""
    computed = made_by(leaf)
    if computed is None:
        return leaf, np.arange(leaf.size).reshape(leaf.shape)
    operation, inputs, attributes, index = computed
    others = [x for x in inputs[1:] if type(x) is Tensor]
    if operation not in _MOVING or index is not None or others or type(inputs[0]) is not Tensor:
        return None
    found = _places(inputs[0])
    if found is None:
        return None
    source, places = found
    return source, np.asarray(operation.value(places, *inputs[1:], **attributes or {}))
