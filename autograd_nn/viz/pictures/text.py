"""The neutral view as a tree of text, from the result down to what it was computed from."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import NamedTuple

from autograd_nn.viz.graph import letters, notation
from autograd_nn.viz.graph.columns import padded, width
from autograd_nn.viz.graph.edge_modes import EDGE_MODES, along
from autograd_nn.viz.graph.view import Edge, GraphView, Node
from autograd_nn.viz.pictures.dot import ROLES, SHADED
from autograd_nn.viz.wording.saying import say

DEEPEST = 12
"""Below so many steps a tree is continued from the left margin, so that lines stay short."""

WIDEST = 120
"""Where the columns would be wider, each value gets a line of its own."""


def to_text(view: GraphView) -> str:
    """An indented tree: each node once, and referred to by its label where it is used again.

    Numbers among the inputs stand in the expressions and have no line of their own. In a receipt
    "flows back" says what goes along the edge from the line's node to the one above.
    """
    if view.kind == "model":
        lines = _aligned(_layer_rows(view))
    else:
        lines = _in_columns(_Tree(view).rows, _heading_of(view))
    lines += letters.below("\n".join(lines))
    return "\n".join([notation.sentence(view), "", *lines, *view.notes]) + "\n"


def _heading_of(view: GraphView) -> str:
    key = EDGE_MODES[view.detail].heading
    return say(key) if key else ""


class _Row(NamedTuple):
    """A line of the tree; ``below`` is the trunk that stands before what follows."""

    head: str
    below: str
    value: str = ""
    gradient: str = ""
    flow: tuple[str, ...] = ()


class _Tree:
    def __init__(self, view: GraphView) -> None:
        self.detail, self.color = view.detail, view.color
        self.nodes = {node.id: node for node in view.nodes}
        self.labels = Counter(node.label for node in view.nodes if node.role == "group")
        self.edges = {edge.id: edge for edge in view.edges}
        self.inputs: dict[str, list[Edge]] = {}
        for edge in view.edges:
            self.inputs.setdefault(edge.target, []).append(edge)
        self.rows: list[_Row] = []
        self.shown: set[str] = set()
        # (node, edge to the node above, what stands before it, before its own inputs, depth)
        self.stack: list[tuple[Node, Edge | None, str, str, int]] = []
        used = {edge.source for edge in view.edges}
        # Around a Tensor in focus several nodes may have no user in sight.
        self.continued: list[str] = [n.id for n in reversed(view.nodes) if n.id not in used]
        for start in self.continued:
            if start in self.shown:
                continue
            if self.rows:
                self.rows.append(_Row("", ""))
            self.stack.append((self.nodes[start], None, "", "", 0))
            while self.stack:
                self._row(*self.stack.pop())

    def _row(self, node: Node, edge: Edge | None, before: str, below: str, depth: int) -> None:
        flow = tuple(along(edge, self.detail)) if edge else ()
        inputs = self._listed(node)
        again = node.id in self.shown
        later = bool(inputs) and depth >= DEEPEST
        if again or later:
            where = say("numbers.above" if again else "numbers.below")
            if later and not again:
                self.continued.append(node.id)
            self.rows.append(_Row(f"{before}{self._called(node)}  ({where})", below, flow=flow))
            return
        self.shown.add(node.id)
        if node.value is None:
            value = say("numbers.comma").join(node.details)
        else:
            value = notation.amount(node.value)
            if node.shape:
                value = f"{notation.shape(node.shape)} {value}"
            value = say("numbers.semicolon").join([value, *node.details])
        gradient = notation.running_sum(node, self.edges) or notation.gradient(node)
        if len(node.received) > 1 and node.gradient is not None and " = " not in gradient:
            gradient = f"{notation.gradient(node)} ({gradient})"
        if node.told:
            value += f", {say(SHADED[self.color])} {node.told}"
        bar = f"{below}│  " if inputs else below
        self.rows.append(
            _Row(f"{before}{_heading(node, self._called(node))}", bar, value, gradient, flow)
        )
        for place in reversed(range(len(inputs))):
            last = place == len(inputs) - 1
            self.stack.append(
                (
                    self.nodes[inputs[place].source],
                    inputs[place],
                    below + ("└─ " if last else "├─ "),
                    below + ("   " if last else "│  "),
                    depth + 1,
                )
            )

    def _called(self, node: Node) -> str:
        # Of several groups of one label each is told which it is.
        return f"{node.label} ({node.id})" if self.labels[node.label] > 1 else node.label

    def _listed(self, node: Node) -> list[Edge]:
        """The inputs that have a line: all but the numbers that the expression shows."""
        return [e for e in self.inputs.get(node.id, ()) if not _is_number(self.nodes[e.source])]


def _is_number(node: Node) -> bool:
    return node.role == "constant" and node.shape == () and node.name is None


def _heading(node: Node, text: str) -> str:
    if node.expression:
        text += f" = {node.expression}"
    elif node.role == "group":
        text += f"  ({node.symbol})" if node.symbol else ""
    elif node.role in ("parameter", "constant"):
        text += f"  {say(ROLES[node.role])}"
    return f"{text}   [{notation.clean(node.cluster)}]" if node.cluster else text


def _layer_rows(view: GraphView) -> list[tuple[str, ...]]:
    """A chain of layers, or where they branch each with those that it follows."""
    labels = {node.id: node.label for node in view.nodes}
    before: dict[str, list[str]] = {}
    for edge in view.edges:
        before.setdefault(edge.target, []).append(labels[edge.source])
    chain = [(one.id, other.id) for one, other in itertools.pairwise(view.nodes)]
    if [(edge.source, edge.target) for edge in view.edges] != chain:
        return [
            (
                f"  {node.label} ({node.symbol})",
                f"← {', '.join(before[node.id])}" if node.id in before else "",
                say("numbers.comma").join(node.details),
            )
            for node in view.nodes
        ]
    return [
        (
            f"{'↓ ' if place else '  '}{node.label} ({node.symbol})",
            say("numbers.comma").join(node.details),
        )
        for place, node in enumerate(view.nodes)
    ]


def _in_columns(rows: list[_Row], last: str) -> list[str]:
    heads = ("", say("numbers.value"), say("numbers.gradient"), last)
    cells: list[tuple[str, ...]] = [heads]
    for row in rows:
        cells.append((row.head, row.value, row.gradient, *row.flow[:1]))
        cells += [(row.below, "", "", line) for line in row.flow[1:]]
    lines = _aligned(cells)
    return lines if max(map(width, lines)) <= WIDEST else _one_below_the_other(rows, last)


def _one_below_the_other(rows: list[_Row], last: str) -> list[str]:
    lines = []
    for row in rows:
        lines.append(row.head)
        if row.value:
            lines += [f"{row.below}   {padded(say('numbers.value'), 14)}  {row.value}"]
            lines += [f"{row.below}   {padded(say('numbers.gradient'), 14)}  {row.gradient}"]
        for place, line in enumerate(row.flow):
            lines.append(f"{row.below}   {padded('' if place else last, 14)}  {line}")
    return lines


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths: list[int] = []
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            if column == len(widths):
                widths.append(0)
            widths[column] = max(widths[column], width(cell))
    return [
        "   ".join(
            cell if column >= len(widths) else padded(cell, widths[column])
            for column, cell in enumerate(row)
        ).rstrip()
        for row in rows
    ]
