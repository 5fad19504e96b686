"""From a model to the neutral view of its layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from autograd_nn.engine.mutation import undone
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.grouping import READABLE
from autograd_nn.viz.graph.periods import runs
from autograd_nn.viz.graph.view import Cluster, Edge, GraphView, Node
from autograd_nn.viz.wording.saying import say

TOLD = ("names", "activations")
"""What a layer tells beside its kind, weights and parameters unless others are asked for."""


def view_of_layers(model: Any, told: Collection[str] = TOLD) -> GraphView:
    """One node for each layer: its kind, its weights with their shapes, its parameter count.

    ``told`` says what else; with "nested" models among the layers are frames around their own.
    Of more layers than can be read, equal blocks one after the other are one node ×N.
    """
    found = _Layers(told)
    found.add(model, None)
    nodes, links = tuple(found.nodes), found.links
    if len(nodes) > READABLE:
        nodes, links = _folded(nodes, links)
    edges = tuple(
        Edge(id=f"e{place}", source=source, target=target, slot=slot)
        for place, (source, target, slot) in enumerate(links)
    )
    total = sum(_parameters(layer) for layer in model.layers)
    notes = [say("numbers.ends", told=notation.count(total, "numbers.parameters"))]
    if not nodes:
        notes = [say("numbers.no_layers")]
    elif not total:
        notes = [say("numbers.no_weights")]
    root = nodes[-1].id if nodes else ""
    return GraphView(nodes, edges, tuple(found.clusters), root, kind="model", notes=tuple(notes))


Link = tuple[str, str, int]


class _Layers:
    """The layers of a model, and which are called on what others give; a shared one is one node."""

    def __init__(self, told: Collection[str]) -> None:
        self.told = told
        self.nodes: list[Node] = []
        self.links: list[Link] = []
        self.clusters: list[Cluster] = []

    def add(self, model: Any, path: str | None) -> tuple[list[str], list[str]]:
        """The nodes of a model, inside of the frame ``path``.

        Returns      the ids of those that take what comes in, and of those that give what comes out
        """
        graph = model.layer_graph
        layers = model.layers if graph is None else graph.operations
        ends = {layer: self._ends(layer, graph, path) for layer in layers}
        if graph is None:
            for source, target in itertools.pairwise(layers):
                self.links.append((ends[source][1][0], ends[target][0][0], 0))
            return (ends[layers[0]][0], ends[layers[-1]][1]) if layers else ([], [])
        for call in graph.calls:
            entries = ends[call.layer][0]
            for slot, x in enumerate(call.inputs):
                if x.call.layer in ends:
                    entry = entries[min(slot, len(entries) - 1)]
                    self.links.append((self._exit(x, ends), entry, slot))
        into = [ends[x.call.layer][0][0] for x in graph.inputs if x.call.layer in ends]
        return into, [self._exit(x, ends) for x in graph.outputs]

    def _exit(self, x: Any, ends: dict[Any, tuple[list[str], list[str]]]) -> str:
        """The node that gives a placeholder."""
        exits = ends[x.call.layer][1]
        place = next(n for n, one in enumerate(x.call.results) if one is x)
        return exits[min(place, len(exits) - 1)]

    def _ends(self, layer: Any, graph: Any, path: str | None) -> tuple[list[str], list[str]]:
        if "nested" in self.told and hasattr(layer, "layer_graph") and layer.layers:
            inner = f"{path}/{layer.name}" if path else str(layer.name)
            self.clusters.append(Cluster(inner, notation.clean(str(layer.name)), path))
            return self.add(layer, inner)
        node = _node(layer, len(self.nodes), graph, self.told)
        self.nodes.append(replace(node, cluster=path))
        return [node.id], [node.id]


def _node(layer: Any, place: int, graph: Any, told: Collection[str]) -> Node:
    kind = "function" if layer._is_computation else type(layer).__name__
    units = getattr(layer, "units", None)
    details = [notation.count(units, "numbers.units")] if isinstance(units, int) else []
    for weight in layer.weights:
        own = (weight.name or "weight").removeprefix(f"{layer.name}/")
        name = notation.clean(own if own != weight.name else own.rpartition("/")[2])
        details.append(f"{name} {notation.shape(weight.shape)}")
    if layer.weights:
        details.append(notation.count(_parameters(layer), "numbers.parameters"))
    activation = getattr(layer, "activation", None)
    called = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    if "activations" in told and isinstance(called, str) and called != "linear":
        details.insert(0, notation.clean(called))
    if "shapes" in told:
        details.append(_shapes(layer, graph))
    if "dtypes" in told:
        details.append(str(layer.dtype))
    if "trainable" in told:
        details.append(say("numbers.trainable" if layer.trainable else "numbers.not_trainable"))
    return Node(
        id=f"v{place}",
        role="layer",
        label=notation.clean(str(layer.name) if "names" in told else kind),
        name=str(layer.name),
        operation=kind,
        symbol=notation.clean(kind) if "names" in told else None,
        details=tuple(details),
    )


def _shapes(layer: Any, graph: Any) -> str:
    """What goes into a layer and what comes out, None being the number of samples."""
    calls = [] if graph is None else [call for call in graph.calls if call.layer is layer]
    given = [str(x.shape) for call in calls for x in call.inputs]
    found = [str(x.shape) for call in calls for x in call.results]
    if not calls and (placeholder := getattr(layer, "placeholder", None)) is not None:
        return str(placeholder.shape)
    if not calls:
        shape = layer._input_shape
        if shape is None:
            return say("numbers.shapes_unknown")
        with undone():
            given, found = [str(shape)], [str(layer.compute_output_shape(shape))]
    return f"{', '.join(dict.fromkeys(given))} → {', '.join(dict.fromkeys(found))}"


def _folded(nodes: tuple[Node, ...], links: list[Link]) -> tuple[tuple[Node, ...], list[Link]]:
    """Equal layers, or equal blocks of layers, one after the other as one node.

    Blocks are equal where their layers are, and each is called on those that are as far before it.
    """
    place = {node.id: n for n, node in enumerate(nodes)}
    before: list[list[int]] = [[] for _ in nodes]
    for source, target, _ in links:
        before[place[target]].append(place[target] - place[source])
    keys = [
        (node.operation, node.details, node.cluster, *sources)
        for node, sources in zip(nodes, before, strict=True)
    ]
    shown: list[Node] = []
    standing: dict[str, str] = {}  # of each that is folded, what stands for it
    done = 0
    for run in runs(keys):
        together = nodes[run.start : run.stop]
        shown += nodes[done : run.start]
        shown.append(_together(together, run.length, run.repeats))
        standing |= {node.id: together[0].id for node in together}
        done = run.stop
    kept: dict[tuple[str, str], Link] = {}
    for source, target, slot in links:
        source, target = standing.get(source, source), standing.get(target, target)
        if source != target:
            kept.setdefault((source, target), (source, target, slot))
    return (*shown, *nodes[done:]), list(kept.values())


def _together(nodes: tuple[Node, ...], length: int, repeats: int) -> Node:
    block = nodes[:length]
    kinds = " ".join(node.operation or "" for node in block[:6]) + (" …" if length > 6 else "")
    return Node(
        id=nodes[0].id,
        role="layer",
        label=notation.clean(f"{nodes[0].label} … {nodes[-1].label}", 60),
        symbol=f"({kinds}) ×{repeats}" if length > 1 else f"{kinds} ×{repeats}",
        details=tuple(
            say("numbers.each", name=node.operation, told=say("numbers.comma").join(node.details))
            for node in block[:6]
            if node.details
        ),
        count=len(nodes),
        cluster=nodes[0].cluster,
    )


def _parameters(layer: Any) -> int:
    return sum(math.prod(weight.shape) for weight in layer.weights)
