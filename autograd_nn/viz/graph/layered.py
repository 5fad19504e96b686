"""From a model to the neutral view of its layers."""

from __future__ import annotations

import itertools
import math
from typing import Any

from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.grouping import READABLE
from autograd_nn.viz.graph.periods import runs
from autograd_nn.viz.graph.view import Edge, GraphView, Node


def view_of_layers(model: Any) -> GraphView:
    """One node for each layer: its kind, its weights with their shapes, its parameter count.

    Of more layers than can be read, equal ones in a row are one node ×N.
    """
    graph = model.layer_graph
    layers = model.layers if graph is None else graph.operations
    nodes = tuple(_node(layer, place) for place, layer in enumerate(layers))
    if graph is not None:
        links = _links(graph)
    else:
        if len(nodes) > READABLE:
            nodes = _folded(nodes)
        links = [(source.id, target.id, 0) for source, target in itertools.pairwise(nodes)]
    edges = tuple(
        Edge(id=f"e{place}", source=source, target=target, slot=slot)
        for place, (source, target, slot) in enumerate(links)
    )
    total = sum(_parameters(layer) for layer in model.layers)
    notes = [f"{notation.count(total, 'parameter')}."]
    if not nodes:
        notes = ["The model has no layers yet: add(layer)."]
    elif not total:
        notes = ["No weights yet: they are made when the model sees its first data."]
    root = nodes[-1].id if nodes else ""
    return GraphView(nodes, edges, (), root, kind="model", notes=tuple(notes))


def _links(graph: Any) -> list[tuple[str, str, int]]:
    """From each layer to those that are called on what it gives; a shared layer is one node."""
    place = {layer: f"v{n}" for n, layer in enumerate(graph.operations)}
    return [
        (place[x.call.layer], place[call.layer], slot)
        for call in graph.calls
        for slot, x in enumerate(call.inputs)
        if x.call.layer in place
    ]


def _node(layer: Any, place: int) -> Node:
    kind = "function" if layer._is_computation else type(layer).__name__
    units = getattr(layer, "units", None)
    details = [notation.count(units, "unit")] if isinstance(units, int) else []
    for weight in layer.weights:
        name = notation.clean((weight.name or "weight").rpartition("/")[2])
        details.append(f"{name} {notation.shape(weight.shape)}")
    if layer.weights:
        details.append(notation.count(_parameters(layer), "parameter"))
    activation = getattr(layer, "activation", None)
    called = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    if isinstance(called, str) and called != "linear":
        details.insert(0, notation.clean(called))
    return Node(
        id=f"v{place}",
        role="layer",
        label=notation.clean(str(layer.name)),
        name=str(layer.name),
        operation=kind,
        symbol=notation.clean(kind),
        details=tuple(details),
    )


def _folded(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Equal layers, or equal blocks of layers, one after the other as one node."""
    shown: list[Node] = []
    done = 0
    for run in runs([(node.operation, node.details) for node in nodes]):
        shown += nodes[done : run.start]
        shown.append(_together(nodes[run.start : run.stop], run.length, run.repeats))
        done = run.stop
    return (*shown, *nodes[done:])


def _together(nodes: tuple[Node, ...], length: int, repeats: int) -> Node:
    block = nodes[:length]
    kinds = " ".join(node.symbol or "" for node in block[:6]) + (" …" if length > 6 else "")
    return Node(
        id=nodes[0].id,
        role="layer",
        label=notation.clean(f"{nodes[0].label} … {nodes[-1].label}", 60),
        symbol=f"({kinds}) ×{repeats}" if length > 1 else f"{kinds} ×{repeats}",
        details=tuple(f"each {node.symbol}: {', '.join(node.details)}" for node in block[:6]),
        count=len(nodes),
    )


def _parameters(layer: Any) -> int:
    return sum(math.prod(weight.shape) for weight in layer.weights)
