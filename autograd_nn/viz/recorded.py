"""From a Tensor to the neutral view of the graph that it was computed by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, MutationError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution, fitted, walk_back
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz import rules, wording
from autograd_nn.viz.view import Cluster, Edge, GraphView, Node, Role

LARGEST = 1500
"""A picture of more nodes helps nobody, and its layout takes too long."""

RECEIPT_UP_TO = 40
"""With so many nodes "auto" draws receipts; on more they would not be read."""

BYPASSED = "bypassed by the fused loss"


def view_of(
    root: Tensor,
    edges: Literal["auto", "plain", "receipt"] = "auto",
    names: Mapping[str, Any] | None = None,
) -> GraphView:
    """The graph behind ``root``, with gradients that are computed here and stored nowhere."""
    graph = _Walk(root, names or {})
    if edges == "auto":
        edges = "receipt" if len(graph.order) <= RECEIPT_UP_TO else "plain"
    # What the computation warned of was told when it ran; showing it does not tell it again.
    with np.errstate(all="ignore"):
        sweep = _Sweep(root, graph, receipt=edges == "receipt")
        nodes = tuple(_node(item, root, graph, sweep) for item in graph.order)
    return GraphView(
        nodes=nodes,
        edges=tuple(sweep.edges),
        clusters=_clusters(nodes),
        root=graph.ids[id(root)],
        detail=edges,
        notes=(sweep.note,) if sweep.note else (),
    )


class _Constant:
    """A plain number or array among the inputs of a node."""

    __slots__ = ("data", "scope")

    def __init__(self, data: Any, scope: str | None) -> None:
        self.data = data
        self.scope = scope


class _Walk:
    """Tensors and constants in a stable order, each with its id and its label.

    ``slots`` has one entry (user, slot, input) for each input of each recorded operation.
    """

    def __init__(self, root: Tensor, names: Mapping[str, Any]) -> None:
        self.order: list[Tensor | _Constant] = []
        self.slots: list[tuple[Tensor, int, Tensor | _Constant]] = []
        self.ids: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.scopes: dict[int, str] = {}
        self._arrays: dict[int, _Constant] = {}
        self._given = {
            id(item): name
            for name, item in reversed(list(names.items()))
            if isinstance(item, (Tensor, np.ndarray)) and not name.startswith("_")
        }
        tensors = topological(root)
        _refuse_if_large(tensors)
        for tensor in tensors:
            for slot, operand in enumerate(tensor.inputs):
                self._take_input(tensor, slot, operand)
            self._append(tensor)

    def _take_input(self, user: Tensor, slot: int, operand: Any) -> None:
        if operand is None:
            return
        item = operand
        if type(operand) is not Tensor:
            item = self._arrays.get(id(operand)) or _Constant(operand, user.scope)
            if id(item) not in self.ids:
                self._append(item)
            if isinstance(operand, np.ndarray):  # the same array twice is one node
                self._arrays[id(operand)] = item
        elif operand.operation is None and id(operand) not in self.scopes:
            self.scopes[id(operand)] = _scope_of_weight(operand, user)
        self.slots.append((user, slot, item))

    def _append(self, item: Tensor | _Constant) -> None:
        name = self.ids[id(item)] = f"v{len(self.order)}"
        self.order.append(item)
        given = self.name(item)
        if given is not None:
            given = wording.clean(given)
            self.labels[id(item)] = repr(given) if wording.looks_like_id(given) else given
        elif isinstance(item, _Constant) and np.ndim(item.data) == 0:
            self.labels[id(item)] = wording.number(np.asarray(item.data).item())
        else:
            self.labels[id(item)] = name

    def name(self, item: Tensor | _Constant) -> str | None:
        """What the user called it: its own name first, then the name in ``names``."""
        if type(item) is Tensor:
            return item.name or self._given.get(id(item))
        return self._given.get(id(item.data)) if isinstance(item, _Constant) else None

    def label(self, item: Any) -> str:
        """What it is called in the picture."""
        return self.labels[id(item)]

    def input_labels(self, node: Tensor) -> tuple[str, ...]:
        """The labels of the inputs of a node, short enough for a formula."""
        return tuple(self._label_of_operand(operand) for operand in node.inputs)

    def _label_of_operand(self, operand: Any) -> str:
        item = operand if type(operand) is Tensor else self._arrays.get(id(operand))
        if item is not None:
            return wording.clean(self.labels[id(item)], 24)
        return "None" if operand is None else wording.number(np.asarray(operand).item())


def _refuse_if_large(tensors: list[Tensor]) -> None:
    found, arrays = len(tensors), set()
    for tensor in tensors:
        for operand in tensor.inputs:
            if isinstance(operand, np.ndarray):
                arrays.add(id(operand))
            elif type(operand) is not Tensor and operand is not None:
                found += 1
    found += len(arrays)
    if found > LARGEST:
        raise ArgumentError(
            f"The graph has {found:,} nodes, and a picture of more than {LARGEST:,} cannot be "
            "read (nor can its text). Draw a smaller part: the result of one layer, or the loss "
            "of fewer examples or steps; or compute with whole arrays, which are one node each."
        )


def _scope_of_weight(leaf: Tensor, user: Tensor) -> str:
    """A leaf named "dense/kernel" belongs to the layer "dense" of the operation that uses it."""
    owner = (leaf.name or "").rpartition("/")[0]
    scope = user.scope or ""
    return scope if owner and (scope == owner or scope.endswith(f"/{owner}")) else ""


class _Sweep:
    """The edges with what flows along them, and the gradient of every Tensor."""

    def __init__(self, root: Tensor, graph: _Walk, receipt: bool) -> None:
        self.graph = graph
        self.gradients: dict[int, Any] = {}
        self.received: dict[int, list[str]] = {}
        self.note = ""
        self.why_none = ""
        self._raw: tuple[Tensor | None, Any] = (None, None)
        names = {(id(user), slot): f"e{i}" for i, (user, slot, _) in enumerate(graph.slots)}
        known: dict[str, Edge] = {}
        try:
            for event in self._events(root):
                name = names[id(event.node), event.slot]
                self._add(event, name)
                known[name] = self._edge(event, name, receipt)
        except MutationError as error:
            self.gradients, self.received, known = {}, {}, {}
            self.why_none = "data changed in place since"
            self.note = f"No gradients: {error}"
        self.edges = [
            known.get(f"e{i}") or self._without_gradient(f"e{i}", user, slot, item)
            for i, (user, slot, item) in enumerate(graph.slots)
        ]

    def _events(self, root: Tensor) -> Any:
        if not root._requires_grad:
            self.why_none = "no gradient wanted"
            return ()
        if root._data.size != 1:
            self.why_none = "the root is not a scalar"
            return ()
        self.gradients[id(root)] = _ones(root._data)
        return walk_back(root)

    def _add(self, event: Contribution, edge: str) -> None:
        if event.node.operation is part:
            return
        before = self.gradients.get(id(event.input))
        total = event.contribution if before is None else before + event.contribution
        self.gradients[id(event.input)] = total
        self.received.setdefault(id(event.input), []).append(edge)

    def _without_gradient(self, name: str, user: Tensor, slot: int, item: Any) -> Edge:
        bypassed = slot == 2 and user.operation in rules.FUSED
        return Edge(
            id=name,
            source=self.graph.ids[id(item)],
            target=self.graph.ids[id(user)],
            slot=slot,
            style="dashed" if bypassed else "solid",
            note=BYPASSED if bypassed else None,
        )

    def _edge(self, event: Contribution, name: str, receipt: bool) -> Edge:
        ends: dict[str, Any] = {
            "id": name,
            "source": self.graph.ids[id(event.input)],
            "target": self.graph.ids[id(event.node)],
            "slot": event.slot,
            "contribution": wording.summarise(event.contribution),
        }
        upstream = None if type(event.upstream) is tuple else wording.summarise(event.upstream)
        if not receipt:
            return Edge(**ends, upstream=upstream)
        return Edge(**ends, upstream=upstream, **self._receipt(event))

    def _receipt(self, event: Contribution) -> dict[str, Any]:
        """The local derivative as a number where it is one, else the rule in words."""
        node, slot, operation = event.node, event.slot, event.node.operation
        assert operation is not None
        several = type(node._data) is tuple
        step = rules.Step(
            operation=operation,
            slot=slot,
            inputs=self.graph.input_labels(node),
            out=self.graph.label(node),
            input_shapes=tuple(() if type(x) is tuple else np.shape(x) for x in _values(node)),
            out_shape=tuple(x.shape for x in node._data) if several else node._data.shape,
            raw=event.contribution.shape,
            attributes=node.attributes or {},
        )
        if operation is part:
            return {"rule": rules.rule(step)[0]}
        elementwise = rules.is_elementwise(operation)
        one_number = not several and node._data.size == 1 and event.input._data.size == 1
        # A rule is linear in g: with g = 1 it gives the local derivative.
        g = _ones(node._data) if one_number or elementwise else event.upstream
        raw = self._result_of_rule(node, slot, g)
        words = rules.derivative(step)
        if one_number:
            local = wording.summarise(fitted(raw, event.input._data, node, slot))
            return {
                "local": local,
                "derivative": words,
                "rule": None if words else rules.rule(step)[0],
            }
        rule, shapes = rules.rule(replace(step, raw=np.shape(raw)))
        return {
            "rule": rule,
            "shapes": shapes,
            "derivative": words,
            "local": wording.summarise(raw) if elementwise else None,
        }

    def _result_of_rule(self, node: Tensor, slot: int, g: Any) -> Any:
        operation = node.operation
        assert operation is not None
        values, attributes = _values(node), node.attributes or {}
        own: Any = operation.gradients
        if type(own) is tuple:
            return own[slot](g, node._data, *values, **attributes)
        if self._raw[0] is not node:  # one call gives the gradients of all inputs
            self._raw = (node, own(g, node._data, *values, **attributes))
        return self._raw[1][slot]

    def missing(self, item: Tensor | _Constant) -> str:
        """Why a Tensor has no gradient in the picture."""
        if isinstance(item, _Constant) or not item._requires_grad:
            return "no gradient wanted"
        if type(item._data) is tuple:
            return "see its parts"
        return self.why_none or "not reached"


def _values(node: Tensor) -> list[Any]:
    return [x._data if type(x) is Tensor else x for x in node.inputs]


def _ones(data: Any) -> Any:
    return np.ones_like(data)[()] if data.ndim == 0 else np.ones_like(data)


def _node(item: Tensor | _Constant, root: Tensor, graph: _Walk, sweep: _Sweep) -> Node:
    name, label = graph.name(item), graph.label(item)
    missing = None if id(item) in sweep.gradients else sweep.missing(item)
    if isinstance(item, _Constant):
        number = np.ndim(item.data) == 0
        shown = wording.summarise(item.data)
        return Node(
            id=graph.ids[id(item)],
            role="constant",
            label=label,
            name=name,
            shape=shown.shape,
            dtype=shown.dtype,
            value=shown,
            missing=missing,
            cluster=(item.scope or None) if number else None,
        )
    operation, data = item.operation, item._data
    several = type(data) is tuple
    value = None if several else wording.summarise(data)
    gradient = sweep.gradients.get(id(item))
    return Node(
        id=graph.ids[id(item)],
        role=_role(item, root),
        label=label,
        name=name,
        operation=operation.name if operation else None,
        symbol=wording.clean(operation.symbol, 24) if operation else None,
        expression=(
            rules.expression(operation, graph.input_labels(item), item.attributes)
            if operation
            else None
        ),
        shape=None if value is None else value.shape,
        dtype=None if value is None else value.dtype,
        value=value,
        gradient=None if gradient is None else wording.summarise(gradient),
        missing=missing,
        received=tuple(sweep.received.get(id(item), ())),
        cluster=(item.scope if operation else graph.scopes.get(id(item))) or None,
        details=(f"{len(data)} results",) if several else (),
    )


def _role(item: Tensor, root: Tensor) -> Role:
    if item.operation is None:
        return "parameter" if item._requires_grad else "constant"
    if type(item._data) is tuple:
        return "operation"
    return "loss" if item is root and item._data.size == 1 else "computed"


def _clusters(nodes: tuple[Node, ...]) -> tuple[Cluster, ...]:
    """Every layer that a node lies in, and the layers around it, in order of appearance."""
    found: dict[str, Cluster] = {}
    for node in nodes:
        steps = (node.cluster or "").split("/") if node.cluster else []
        for depth in range(len(steps)):
            path = "/".join(steps[: depth + 1])
            parent = "/".join(steps[:depth]) or None
            found.setdefault(path, Cluster(path, wording.clean(steps[depth]), parent))
    return tuple(found.values())


def checked_names(names: Any) -> Mapping[str, Any] | None:
    """The argument ``names``, or what was expected."""
    if names is None:
        return None
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names):
        raise ArgumentTypeError(
            f"`names` must be a dict from names to Tensors, such as locals(), got {names!r:.80}."
        )
    return names
