"""The Tensors and constants behind a result, in a stable order, each with its id and its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.composing import is_call
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.naming import labels_of
from autograd_nn.viz.graph.order_of_steps import told_order

LARGEST_WALK = 100_000
"""Three seconds of work; a larger graph would look like a program that hangs."""


class ConstantNode:
    """A plain number or array among the inputs of a node."""

    __slots__ = ("data", "scope")

    def __init__(self, data: Any, scope: str | None) -> None:
        self.data = data
        self.scope = scope


Item = Tensor | ConstantNode


class Walk:
    """Everything that ``root`` was computed from, in the order in which it is told.

    ``order`` are the Tensors and constants, inputs before their users and ``root`` last. ``slots``
    has one entry (user, slot, input) for each input of each recorded operation. Item n of the order
    has the id ``vn``, slot n the id ``en``: these are for programs. What is shown is the label
    (`naming`).
    """

    def __init__(self, root: Tensor, names: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.order: list[Item] = []
        self.slots: list[tuple[Tensor, int, Item]] = []
        self._edges: dict[tuple[int, int], str] = {}
        self.ids: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self._inputs: dict[int, list[Item]] = {}
        self._scopes: dict[int, str] = {}
        self._paths: dict[int, str] = {}
        self._divided: Mapping[int, str] = {}
        self._calls: Counter[str] = Counter()
        self._arrays: dict[int, ConstantNode] = {}
        self._input_labels: dict[int, tuple[str, ...]] = {}
        self._input_shapes: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._given = {
            id(item): name
            for name, item in reversed(list((names or {}).items()))
            if isinstance(item, (Tensor, np.ndarray)) and not name.startswith("_")
        }
        tensors = told_order(root)
        if len(tensors) > LARGEST_WALK:
            raise ArgumentError(
                f"The graph has {len(tensors):,} nodes; up to {LARGEST_WALK:,} can be folded into "
                "something to look at. Take a smaller part: the result of one layer, or the loss "
                "of fewer examples or steps; or compute with whole arrays, which are one node each."
            )
        for tensor in tensors:
            for slot, operand in enumerate(tensor.inputs):
                self._take_input(tensor, slot, operand)
            self._append(tensor)
            self._take_scope(tensor.scope or "")
        labels = labels_of(self.order, [self.name(item) for item in self.order])
        self.labels = {id(x): label for x, label in zip(self.order, labels, strict=True)}

    def _take_scope(self, scope: str) -> None:
        """Tell two calls of a function apart, as ``var()`` and ``var() #2``: each made its text."""
        if is_call(scope) and id(scope) not in self._paths:
            self._calls[scope] += 1
            count = self._calls[scope]
            self._paths[id(scope)] = scope if count == 1 else f"{scope} #{count}"

    def _take_input(self, user: Tensor, slot: int, operand: Any) -> None:
        if operand is None:
            return
        item = operand
        if type(operand) is not Tensor:
            item = self._arrays.get(id(operand)) or ConstantNode(operand, user.scope)
            if id(item) not in self.ids:
                self._append(item)
            if isinstance(operand, np.ndarray):  # the same array twice is one node
                self._arrays[id(operand)] = item
        elif operand.operation is None and id(operand) not in self._scopes:
            self._scopes[id(operand)] = _scope_of_weight(operand, user)
        self._edges[id(user), slot] = f"e{len(self.slots)}"
        self.slots.append((user, slot, item))
        self._inputs.setdefault(id(user), []).append(item)

    def _append(self, item: Item) -> None:
        self.ids[id(item)] = f"v{len(self.order)}"
        self.order.append(item)

    def inputs(self, item: Item) -> list[Item]:
        """What an operation was applied to, None among its inputs left out."""
        return self._inputs.get(id(item), [])

    def input_at(self, node: Tensor, slot: int) -> Item | None:
        """What one input of a node is shown as, None for a None among them."""
        edge = self._edges.get((id(node), slot))
        return None if edge is None else self.slots[int(edge[1:])][2]

    def edge(self, node: Tensor, slot: int) -> str:
        """The id of one input of a node."""
        return self._edges[id(node), slot]

    def name(self, item: Item) -> str | None:
        """What the user called it: its own name first, then the name in ``names``."""
        if type(item) is Tensor:
            return item.name or self._given.get(id(item))
        return self._given.get(id(item.data)) if isinstance(item, ConstantNode) else None

    def label(self, item: Item) -> str:
        """What it is called in the picture."""
        return self.labels[id(item)]

    def labels_of_inputs(self) -> dict[int, str]:
        """The label of every Tensor and of every array among the inputs, by its id."""
        arrays = {key: self.labels[id(item)] for key, item in self._arrays.items()}
        tensors = {id(x): self.labels[id(x)] for x in self.order if type(x) is Tensor}
        return arrays | tensors

    def input_labels(self, node: Tensor) -> tuple[str, ...]:
        """The labels of the inputs of a node."""
        found = self._input_labels.get(id(node))
        if found is None:  # asked for once for each input
            found = tuple(self._label_of_operand(operand) for operand in node.inputs)
            self._input_labels[id(node)] = found
        return found

    def input_shapes(self, node: Tensor) -> tuple[tuple[int, ...], ...]:
        """The shapes of the inputs of a node, () for several results and for None."""
        found = self._input_shapes.get(id(node))
        if found is None:
            data = [x._data if type(x) is Tensor else x for x in node.inputs]
            found = tuple(() if type(x) is tuple else np.shape(x) for x in data)
            self._input_shapes[id(node)] = found
        return found

    def _label_of_operand(self, operand: Any) -> str:
        item = operand if type(operand) is Tensor else self._arrays.get(id(operand))
        if item is not None:
            return self.labels[id(item)]
        return "None" if operand is None else notation.number(np.asarray(operand).item())

    def take_paths(self, paths: Mapping[int, str]) -> None:
        """Let `scope` answer these paths, by the item's id, and not those that were recorded."""
        self._divided = paths

    def scope(self, item: Item) -> str | None:
        """The path of the layer or the call that it belongs to, None outside of all of them."""
        if id(item) in self._divided:
            return self._divided[id(item)] or None
        if isinstance(item, ConstantNode):
            found = item.scope if np.ndim(item.data) == 0 else None
        else:
            found = item.scope if item.operation else self._scopes.get(id(item))
        return self._paths.get(id(found), found) or None


def _scope_of_weight(leaf: Tensor, user: Tensor) -> str:
    """A leaf named "dense/kernel" belongs to the layer "dense" of the operation that uses it.

    So does one named "attention/query/kernel", of a part that the layer "attention" uses itself.
    """
    owners = (leaf.name or "").split("/")[:-1]
    scope = user.scope or ""
    if is_call(scope):
        scope = scope.rpartition("/")[0]
    around = ("/".join(owners[:depth]) for depth in range(len(owners), 0, -1))
    return scope if any(f"/{scope}".endswith(f"/{owner}") for owner in around) else ""


def checked_names(names: Any) -> Mapping[str, Any] | None:
    """The argument ``names``, or what was expected."""
    if names is None:
        return None
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names):
        raise ArgumentTypeError(
            f"`names` must be a dict from names to Tensors, such as locals(), got {names!r:.80}."
        )
    return names
