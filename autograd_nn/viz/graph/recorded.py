"""From a Tensor to the neutral view of the graph that it was computed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.graph.edge_checks import EdgeCheck, checked_edges, summed_up
from autograd_nn.viz.graph.edge_modes import EDGE_MODES
from autograd_nn.viz.graph.flows import Receipt, Sweep, receipt
from autograd_nn.viz.graph.grouping import Group, Grouping, grouped
from autograd_nn.viz.graph.shading import amount
from autograd_nn.viz.graph.view import Cluster, Color, Detail, Edge, GraphView, Node, Numbers, Role
from autograd_nn.viz.graph.walk import ConstantNode, Item, Walk
from autograd_nn.viz.wording.saying import say

RECEIPT_UP_TO = 40
"""With so many nodes "auto" draws receipts; on more they would not be read."""


def view_of(
    root: Tensor,
    edges: Literal["auto"] | Detail = "auto",
    color: Color = "gradient",
    depth: int | None = None,
    focus: Any = None,
    names: Mapping[str, Any] | None = None,
) -> GraphView:
    """The graph behind ``root``, with gradients that are computed here and stored nowhere."""
    walk = Walk(root, names)
    return assembled(walk, Sweep(root), grouped(walk, depth, focus), edges, color)


def assembled(
    walk: Walk,
    sweep: Sweep,
    grouping: Grouping,
    edges: Literal["auto"] | Detail = "auto",
    color: Color = "gradient",
    summarise: Callable[[Any], Numbers] = notation.summarise,
) -> GraphView:
    """The view of a walk and its backward pass, with the nodes standing together as said.

    ``summarise`` makes of an array the numbers that are told of it.
    """
    if edges == "auto":
        is_small = grouping.visible(walk) <= RECEIPT_UP_TO and not grouping.groups
        edges = "receipt" if is_small else "plain"
    view = _Assembly(walk, sweep, grouping, edges, color, summarise)
    with np.errstate(all="ignore"):
        nodes = tuple(view.nodes())
        return GraphView(
            nodes=nodes,
            edges=tuple(view.edges.values()),
            clusters=_clusters(nodes),
            root=walk.ids[id(walk.root)],
            detail=edges,
            color=color,
            notes=tuple(note for note in (sweep.note, *grouping.notes, view.fold_note()) if note),
        )


def _decides(item: Any) -> bool:
    """Whether this was recorded without a gradient: a mask, a position, a count."""
    return type(item) is Tensor and item.operation is not None and not item._requires_grad


class _Assembly:
    """Nodes and edges, as far as they are visible."""

    def __init__(
        self,
        walk: Walk,
        sweep: Sweep,
        grouping: Grouping,
        detail: Detail,
        color: Color,
        summarise: Callable[[Any], Numbers],
    ) -> None:
        self.walk, self.sweep, self.grouping, self.detail = walk, sweep, grouping, detail
        self.color, self.summarise = color, summarise
        self.group_ids = {id(group): f"g{n}" for n, group in enumerate(grouping.groups)}
        flows = {walk.edge(step.node, step.slot): step for step in sweep.steps}
        self.verdicts: dict[str, EdgeCheck] = {}
        if EDGE_MODES[detail].checks:
            self.verdicts = checked_edges(flows)
        self.edges: dict[str, Edge] = {}
        self.inside: dict[int, list[str]] = {}  # the slots inside each group
        self.edge_of: dict[str, str] = {}  # the edge that shows a slot, by the slot's own id
        with np.errstate(all="ignore"):
            for name, members in self._slots().items():
                self.edges[name] = self._edge(name, members, flows)

    def end(self, item: Item) -> str | None:
        """The id of the visible node that shows an item, None where it is left out."""
        if id(item) in self.grouping.hidden:
            return None
        group = self.grouping.of.get(id(item))
        return self.walk.ids[id(item)] if group is None else self.group_ids[id(group)]

    def _slots(self) -> dict[str, list[int]]:
        """The slots that each edge shows. Between single nodes every slot is an edge of its own."""
        found: dict[str, list[int]] = {}
        shared: dict[tuple[str, str], str] = {}
        for place, (user, _, item) in enumerate(self.walk.slots):
            source, target = self.end(item), self.end(user)
            if source is None or target is None:
                continue
            if source == target:
                group = self.grouping.of[id(user)]
                self.inside.setdefault(id(group), []).append(f"e{place}")
                continue
            name = f"e{place}"
            if source.startswith("g") or target.startswith("g"):
                name = shared.setdefault((source, target), name)
            found.setdefault(name, []).append(place)
            self.edge_of[f"e{place}"] = name
        return found

    def _edge(self, name: str, members: list[int], flows: dict[str, Contribution]) -> Edge:
        user, slot, item = self.walk.slots[members[0]]
        ends: dict[str, Any] = {
            "id": name,
            "source": self.end(item),
            "target": self.end(user),
            "slot": slot,
        }
        if len(members) > 1:
            return Edge(**ends, **self._several(members, flows))
        flow = flows.get(name)
        if flow is None:
            bypassed = slot == 2 and user.operation in rules.FUSED
            note = say("numbers.bypassed") if bypassed else None
            dashed = bypassed or _decides(item) or _decides(user)
            return Edge(**ends, style="dashed" if dashed else "solid", note=note)
        upstream = None if type(flow.upstream) is tuple else self.summarise(flow.upstream)
        told = Receipt()
        if EDGE_MODES[self.detail].rules and self._is_single(ends):
            told = receipt(flow, self.walk)
        verdict = self.verdicts.get(name)
        return Edge(
            **ends,
            derivative=told.derivative,
            rule=told.rule,
            shapes=told.shapes,
            local=None if told.local is None else self.summarise(told.local),
            upstream=upstream,
            contribution=self.summarise(flow.contribution),
            check=verdict.kind if verdict else None,
            checked=verdict.text if verdict else None,
        )

    def _is_single(self, ends: dict[str, Any]) -> bool:
        return not (ends["source"].startswith("g") or ends["target"].startswith("g"))

    def _several(self, members: list[int], flows: dict[str, Contribution]) -> dict[str, Any]:
        """What several slots shown as one edge have in common: how many, and how much flows."""
        slots = [f"e{place}" for place in members]
        found: dict[str, Any] = {"count": len(members)}
        known = [np.ravel(flows[slot].contribution) for slot in slots if slot in flows]
        if known:
            # One after the other: a place among them would be that of no array.
            found["contribution"] = replace(self.summarise(np.concatenate(known)), at=None)
        verdicts = [self.verdicts[slot] for slot in slots if slot in self.verdicts]
        if verdicts:
            verdict = summed_up(verdicts)
            found |= {"check": verdict.kind, "checked": verdict.text}
        return found

    # ------------------------------------------------------------------ nodes

    def nodes(self) -> list[Node]:
        """The visible nodes; a group stands where its last item does."""
        places = {id(item): place for place, item in enumerate(self.walk.order)}
        found = [
            (places[id(item)], self._node(item))
            for item in self.walk.order
            if id(item) not in self.grouping.of and id(item) not in self.grouping.hidden
        ]
        found += [(places[id(g.items[-1])], self._group(g)) for g in self.grouping.groups]
        return [node for _, node in sorted(found, key=lambda pair: pair[0])]

    def fold_note(self) -> str:
        """How much stands together, where something does."""
        if not self.grouping.groups:
            return ""
        inside = sum(len(group.items) for group in self.grouping.groups)
        boxes = notation.count(len(self.grouping.groups), "numbers.boxes")
        whole = f"{len(self.walk.order):,}"
        return say("numbers.fold_note", inside=f"{inside:,}", nodes=whole, boxes=boxes)

    def _node(self, item: Item) -> Node:
        walk, sweep = self.walk, self.sweep
        if isinstance(item, ConstantNode):
            shown = self.summarise(item.data)
            return Node(
                id=walk.ids[id(item)],
                role="constant",
                label=walk.label(item),
                name=walk.name(item),
                shape=shown.shape,
                dtype=shown.dtype,
                value=shown,
                missing=sweep.missing(item),
                cluster=walk.scope(item),
                **self._amount([item]),
            )
        operation, data = item.operation, item._data
        several = type(data) is tuple
        value = None if several else self.summarise(data)
        gradient = sweep.gradient(item)
        expression = None
        if operation:
            expression = rules.expression(operation, walk.input_labels(item), item.attributes)
        return Node(
            id=walk.ids[id(item)],
            role=_role(item, walk.root),
            label=walk.label(item),
            name=walk.name(item),
            operation=operation.name if operation else None,
            symbol=notation.clean(operation.symbol, 24) if operation else None,
            expression=expression,
            shape=None if value is None else value.shape,
            dtype=None if value is None else value.dtype,
            value=value,
            gradient=None if gradient is None else self.summarise(gradient),
            missing=sweep.missing(item),
            received=self._received(item),
            cluster=walk.scope(item),
            details=(say("numbers.results", n=len(data)),) if several else (),
            **self._amount([item]),
        )

    def _received(self, item: Item) -> tuple[str, ...]:
        """The edge of each contribution to its gradient; none where some of them are left out."""
        steps = self.sweep.received.get(item, ())
        names = [self.edge_of.get(self.walk.edge(step.node, step.slot)) for step in steps]
        return () if None in names else tuple(name for name in names if name)

    def _group(self, group: Group) -> Node:
        """What a group is made of; value and gradient are those of its last result."""
        last = self.sweep.last_result(group.items)
        value = None if last is None else self.summarise(_data(last))
        gradient = None if last is None else self.sweep.gradient(last)
        missing = say("numbers.see_parts") if last is None else self.sweep.missing(last)
        path = group.path or ""
        return Node(
            id=self.group_ids[id(group)],
            role="group",
            label=group.label,
            symbol=group.symbol,
            shape=None if value is None else value.shape,
            dtype=None if value is None else value.dtype,
            value=value,
            gradient=None if gradient is None else self.summarise(gradient),
            missing=missing,
            cluster=path.rpartition("/")[0] or None,
            details=(*self._parameters(group), *self._checked_inside(group)),
            count=len(group.items),
            **self._amount(list(group.items)),
        )

    def _checked_inside(self, group: Group) -> tuple[str, ...]:
        """What the differences say of the edges that lie inside a group."""
        inside = self.inside.get(id(group), [])
        verdicts = [self.verdicts[edge] for edge in inside if edge in self.verdicts]
        if not verdicts:
            return ()
        found = summed_up(verdicts)
        return (say("numbers.inside", told=notation.checked(found.kind, found.text)),)

    def _parameters(self, group: Group) -> tuple[str, ...]:
        """The parameters in a group with the size of their gradients, or how many there are."""
        inside = [x for x in group.items if type(x) is Tensor and _role(x, None) == "parameter"]
        if len(inside) <= 4:
            labels = [self.walk.label(leaf) for leaf in inside]
            short = [label.rpartition("/")[2] for label in labels]
            labels = short if len(set(short)) == len(short) else labels
            return tuple(map(self._parameter, inside, labels))
        known = [g for leaf in inside if (g := self.sweep.gradient(leaf)) is not None]
        text = notation.count(len(inside), "numbers.parameters")
        if known:
            together = self.summarise(np.concatenate([np.ravel(g) for g in known]))
            told = notation.norm(together)
            return (say("numbers.gradient_together", parameters=text, told=told),)
        return (text,)

    def _parameter(self, leaf: Tensor, label: str) -> str:
        """``kernel (64,25): gradient norm 0.017``, ``w: gradient -0.3``."""
        gradient = self.sweep.gradient(leaf)
        if leaf.shape:
            label += f" {notation.shape(leaf.shape)}"
        if gradient is None:
            return say("numbers.no_gradient_of", label=label)
        numbers = self.summarise(gradient)
        told = notation.norm(numbers) if leaf.shape else notation.amount(numbers)
        return say("numbers.gradient_of", label=label, told=told)

    def _amount(self, items: list[Item]) -> dict[str, Any]:
        found, told = amount(self.sweep, self.color, items)
        return {"amount": found, "told": told}


def _data(item: Item) -> Any:
    return item._data if type(item) is Tensor else item.data


def _role(item: Tensor, root: Tensor | None) -> Role:
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
            found.setdefault(path, Cluster(path, notation.clean(steps[depth]), parent))
    return tuple(found.values())
