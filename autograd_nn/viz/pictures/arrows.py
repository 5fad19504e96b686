"""The arrows of a picture, with what stands along them.

Graphviz keeps nodes within their frames and out of others, but not the labels of edges. So in a
picture with frames a label is a node of its own in the middle of its arrow, which is drawn as a
tail to the label and a head from it; in SVG `one_each` makes them one again.
"""

from __future__ import annotations

import functools
import math
import os
import re
from typing import Any

from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.edge_modes import along
from autograd_nn.viz.graph.view import Detail, Edge, GraphView
from autograd_nn.viz.pictures.html_like import NORMAL, QUIET, escaped, font, html_like, table
from autograd_nn.viz.wording.saying import say

_PLUS, _MINUS, _LINE, _FAINT = "#1f5fa8", "#b3400f", "#5b6673", "#a3acb5"
_CHECKED = {"right": "#2c7a3f", "wrong": "#b3400f", "kink": "#7a6a10"}
_TAIL, _LABEL = ".tail", ".label"


class Arrows:
    """The edges of a view, to be written into a picture that has its nodes and frames."""

    def __init__(self, view: GraphView, narrow: bool) -> None:
        self._view = view
        self._layer = {node.id: node.cluster or "" for node in view.nodes}
        self._largest = max((_weight(edge) for edge in view.edges), default=0.0)
        self._labels = {edge.id: _label(edge, view.detail, narrow) for edge in view.edges}

    @property
    def have_labels_as_nodes(self) -> bool:
        """Whether there are frames for labels to keep out of."""
        return bool(self._view.clusters) and any(self._labels.values())

    def add_labels(self, part: Any, path: str, prefix: str) -> None:
        """Write the labels that stand in the frame of a layer, "" being the picture itself."""
        if not self.have_labels_as_nodes:
            return
        for edge in self._view.edges:
            if self._labels[edge.id] and self._around(edge) == path:
                name = f"{edge.id}{_LABEL}"
                part.node(name, id=f"{prefix}{name}", label=self._labels[edge.id])

    def add(self, picture: Any, prefix: str) -> None:
        """Write the arrows."""
        for edge in self._view.edges:
            name, label = f"{prefix}{edge.id}", self._labels[edge.id]
            layers = {self._layer[edge.source], self._layer[edge.target]}
            look = _look(edge, self._view.detail, self._largest)
            apart = len(layers) == 2 and "" not in layers
            if apart:  # keeps frames in one line instead of a staircase
                look["weight"] = "8"
            if label and self.have_labels_as_nodes:
                middle, (tail, head) = f"{edge.id}{_LABEL}", self._lengths(edge)
                bare = {"id": f"{name}{_TAIL}", "minlen": str(tail), "arrowhead": "none"}
                picture.edge(edge.source, middle, **look, **bare)
                picture.edge(middle, edge.target, id=name, **look, minlen=str(head))
                continue
            if label:
                look["label"] = label
            if apart or self.have_labels_as_nodes:
                look["minlen"] = "4" if apart and self.have_labels_as_nodes else "2"
            picture.edge(edge.source, edge.target, id=name, **look)

    def _around(self, edge: Edge) -> str:
        """The innermost frame around both ends."""
        ends = [self._layer[end].split("/") for end in (edge.source, edge.target)]
        return "/".join(os.path.commonprefix(ends))

    def _lengths(self, edge: Edge) -> tuple[int, int]:
        """How many ranks an arrow takes at least to its label and from there.

        A label stands behind the whole frame that its arrow leaves, and before that it enters.
        """
        around = self._around(edge)
        left, entered = (self._outermost(end, around) for end in (edge.source, edge.target))
        tail = self._ranks(left, False).get(edge.source, 0) if left else 0
        head = self._ranks(entered, True).get(edge.target, 0) if entered else 0
        return 1 + tail, 1 + head

    def _outermost(self, node: str, around: str) -> str:
        """The largest frame that a node is in within another, "" where there is none."""
        inner = self._layer[node].removeprefix(around).removeprefix("/").partition("/")[0]
        return f"{around}/{inner}" if around and inner else inner

    @functools.cache  # noqa: B019
    def _ranks(self, frame: str, before: bool) -> dict[str, int]:
        """How many ranks of a frame lie before each of its nodes, or behind it."""
        nodes = [n.id for n in self._view.nodes if f"{n.cluster}/".startswith(f"{frame}/")]
        found: dict[str, int] = {}
        others: dict[str, list[str]] = {}
        for edge in self._view.edges:
            one, other = (edge.target, edge.source) if before else (edge.source, edge.target)
            others.setdefault(one, []).append(other)
        for node in nodes if before else reversed(nodes):
            known = [found[other] + 2 for other in others.get(node, ()) if other in found]
            found[node] = max(known, default=0)
        return found


def one_each(svg: str) -> str:
    """The picture with the tail and the label of each arrow where its head is."""
    parts: dict[str, dict[str, str]] = {}

    def taken(part: re.Match[str]) -> str:
        name, kind, drawn = part.groups()
        parts.setdefault(name, {})[kind] = re.sub(r"<title>.*?</title>\s*", "", drawn)
        return ""

    kinds = "|".join(map(re.escape, (_TAIL, _LABEL)))
    part = rf'<g id="([^"]*)({kinds})" class="\w+">\n(.*?)</g>\s*'
    svg = re.sub(part, taken, svg, flags=re.DOTALL)
    return re.sub(
        r'<g id="([^"]*)" class="edge">\n',
        lambda head: head[0] + "".join(parts.get(head[1], {}).get(k, "") for k in (_TAIL, _LABEL)),
        svg,
    )


def _look(edge: Edge, detail: Detail, largest: float) -> dict[str, str]:
    """The colour, the width and the style of an arrow."""
    color, width = _ink(edge, detail), 1.0
    if detail == "check" and edge.check:
        width = 1.0 if edge.check == "right" else 2.5
    elif detail == "receipt" and edge.contribution is not None:
        # The square root keeps small contributions visible beside large ones.
        width = 0.8 + 3.0 * math.sqrt(_weight(edge) / largest) if largest else 0.8
    return {"color": color, "penwidth": f"{width:.2f}", "style": edge.style}


def _ink(edge: Edge, detail: Detail) -> str:
    if detail == "check" and edge.check:
        return _CHECKED[edge.check]
    if edge.contribution is None:
        return _FAINT
    if detail == "receipt" and notation.is_one_number(edge):
        return _MINUS if _sign(edge) < 0 else _PLUS
    return _LINE


def _label(edge: Edge, detail: Detail, narrow: bool) -> str:
    """What stands along an arrow, "" where nothing does."""
    lines = [
        piece for line in along(edge, detail) for piece in (_stacked if narrow else _wrapped)(line)
    ]
    ink = _ink(edge, detail) if edge.contribution is not None else QUIET
    return html_like(_lines(lines, ink, 2 if narrow else 5)) if lines else ""


def _weight(edge: Edge) -> float:
    norm = edge.contribution.norm if edge.contribution is not None else None
    return norm if norm is not None and math.isfinite(norm) else 0.0


def _sign(edge: Edge) -> float:
    numbers = edge.contribution
    return numbers.values[0] if numbers is not None and numbers.values else 0.0


def _wrapped(line: str) -> list[str]:
    """A product, or a rule and its shapes, on several lines: along an arrow texts are narrow."""
    if line.startswith(f"{say('numbers.slope')} ") and " × " in line:
        slope, _, rest = line.partition(" × ")
        return [slope, f"× {rest}"]
    if len(line) <= 30:
        return [line]
    for mark in (" : ", "; ", ": "):
        head, found, rest = line.partition(mark)
        if found:
            return [*_wrapped(head), *_wrapped(rest)]
    # What stands in brackets stays whole, of an array every row.
    head, *more = re.split(r", (?![^\[]*\])", line, maxsplit=1)
    if not more:
        return [line]
    return [f"{head}," if more[0].startswith("[") else head, *_wrapped(more[0])]


def _stacked(line: str) -> list[str]:
    """A product of numbers, its factors and itself below each other; other texts as they are."""
    pieces = re.split(rf" (?=[×=] )|(?<=^{say('numbers.slope')}) ", line)
    return pieces if len(pieces) > 1 else _wrapped(line)


def _lines(lines: list[str], color: str, padding: int) -> str:
    text = font("<BR/>".join(escaped(line) for line in lines), NORMAL, color)
    # The padding of a table keeps the text off the line that it belongs to.
    return f"{table(0, padding)}<TR><TD>{text}</TD></TR></TABLE>"
