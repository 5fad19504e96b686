"""From a model to the neutral view of its layers."""

from __future__ import annotations

import math
from typing import Any

from autograd_nn.viz import wording
from autograd_nn.viz.view import Edge, GraphView, Node


def view_of_layers(model: Any) -> GraphView:
    """One node for each layer: its kind, its weights with their shapes, its parameter count."""
    nodes = tuple(_node(layer, place) for place, layer in enumerate(model.layers))
    edges = tuple(
        Edge(id=f"e{place}", source=f"v{place}", target=f"v{place + 1}", slot=0)
        for place in range(len(nodes) - 1)
    )
    total = sum(_parameters(layer) for layer in model.layers)
    notes = [f"{wording.count(total, 'parameter')}."]
    if not nodes:
        notes = ["The model has no layers yet: add(layer)."]
    elif not total:
        notes = ["No weights yet: they are made when the model sees its first data."]
    root = nodes[-1].id if nodes else ""
    return GraphView(nodes, edges, (), root, kind="model", notes=tuple(notes))


def _node(layer: Any, place: int) -> Node:
    kind = type(layer).__name__
    units = getattr(layer, "units", None)
    details = [wording.count(units, "unit")] if isinstance(units, int) else []
    for weight in layer.weights:
        name = wording.clean((weight.name or "weight").rpartition("/")[2])
        details.append(f"{name} {wording.shape(weight.shape)}")
    if layer.weights:
        details.append(wording.count(_parameters(layer), "parameter"))
    activation = getattr(layer, "activation", None)
    called = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    if isinstance(called, str) and called != "linear":
        details.insert(0, wording.clean(called))
    return Node(
        id=f"v{place}",
        role="layer",
        label=wording.clean(str(layer.name)),
        name=str(layer.name),
        operation=kind,
        symbol=wording.clean(kind),
        details=tuple(details),
    )


def _parameters(layer: Any) -> int:
    return sum(math.prod(weight.shape) for weight in layer.weights)
