"""The neutral view as DOT, the language of Graphviz."""

from __future__ import annotations

import math
import re
from typing import Any

from autograd_nn.viz.graph import letters, notation
from autograd_nn.viz.graph.edge_modes import EDGE_MODES, along
from autograd_nn.viz.graph.view import Cluster, Edge, GraphView, Node
from autograd_nn.viz.pictures.arrows import Arrows
from autograd_nn.viz.pictures.html_like import (
    INK,
    LARGE,
    NORMAL,
    QUIET,
    escaped,
    font,
    html_like,
    table,
)
from autograd_nn.viz.wording.saying import say

FONT = "Arial,Liberation Sans,Helvetica,sans-serif"
GRADIENT_INK = "#3d2266"
VALUE_INK = "#1d2734"
"""Gradients and values have colours of their own, by which the explorer finds them, to hide them
until they are computed."""

_PAPER = "#ffffff"
# What each role is filled and framed with; its name stands in the box too.
_FILL = {
    "parameter": ("#e6f2e6", "#3d7a3d"),
    "constant": ("#f3f3f1", "#8b8b85"),
    "computed": ("#eef3fa", "#56718f"),
    "operation": ("#eef3fa", "#56718f"),
    "loss": ("#fdf0d2", "#a8770c"),
    "layer": ("#eef3fa", "#56718f"),
    "group": ("#f1eefa", "#6a5a9c"),
}
# From little to much, in steps that dark text stays readable on.
_SHADES = ("#fff8ec", "#ffeccb", "#ffdc9e", "#fdc873", "#f6b04f")
LONGEST_ROW = 1850
"""A graph that would be about so many pixels long or less is drawn from left to right, another
from top to bottom: down is easier to scroll than along, and on a page of 1,400 pixels no text of a
row is lower than 9."""

ROLES = {
    "parameter": "numbers.parameter",
    "constant": "numbers.constant",
    "loss": "numbers.loss",
}
SHADED = {
    "gradient": "numbers.gradient",
    "value": "numbers.value",
    "time": "numbers.time",
    "bytes": "numbers.bytes",
    "agreement": "numbers.agreement",
}
SHORT, LONG = 12, 20
"""Letters of a number that needs no room behind it in a narrow box, and of an expression from which
on it has the smaller size there."""


def to_dot(
    view: GraphView,
    prefix: str = "",
    narrow: bool = False,
    direction: str | None = None,
) -> str:
    """DOT text. ``prefix`` stands before every id, for several pictures on one page.

    ``direction``, "TB", "BT", "LR" or "RL", is where arrows point; None takes what fits.

    ``narrow`` pictures are for a page that says itself what the texts along the edges mean: what
    makes a row long is stacked, so that more boxes stand side by side.

    What users wrote (names of Tensors, operations, layers) appears in HTML-like labels only,
    escaped, so that it is text in DOT and in every format made of it.
    """
    from graphviz import Digraph

    down = _longest_path(view) * _step(view, narrow) > LONGEST_ROW
    if direction is not None:
        down = direction in ("TB", "BT")
    picture = Digraph("autograd")
    arrows = Arrows(view, narrow)
    apart = 0.08 if narrow and not down else 0.3 if down else 0.45
    if arrows.have_labels_as_nodes:  # of its own labels Graphviz takes half of the room
        apart /= 2
    picture.attr(
        "graph",
        id=f"{prefix}graph",
        rankdir=direction or ("TB" if down else "LR"),
        bgcolor=_PAPER,
        fontname=FONT,
        fontsize=str(NORMAL),
        fontcolor=QUIET,
        nodesep="0.1" if narrow else "0.25",
        ranksep=str(apart),
        pad="0.08" if narrow else "0.2",
    )
    picture.attr("node", shape="plain", fontname=FONT, fontcolor=INK)
    picture.attr("edge", fontname=FONT, arrowsize="0.6")
    if not narrow and (caption := _caption(view)):
        picture.attr(label=caption, labelloc="b", labeljust="l")
    _add_nodes(picture, view, arrows, prefix, down, narrow)
    arrows.add(picture, prefix)
    return str(picture.source)


def _longest_path(view: GraphView) -> int:
    """The number of nodes on the longest way through the graph.

    An arrow back, to a layer that is used twice and drawn once, makes no way longer.
    """
    inputs: dict[str, list[str]] = {}
    for edge in view.edges:
        inputs.setdefault(edge.target, []).append(edge.source)
    depth: dict[str, int] = {}
    for node in view.nodes:
        depth[node.id] = 1 + max(
            (depth.get(name, 0) for name in inputs.get(node.id, ())), default=0
        )
    return max(depth.values(), default=0)


def _step(view: GraphView, narrow: bool) -> int:
    """About how many pixels a node and the label of its edge take from left to right."""
    if view.detail == "plain" or narrow:
        return 170
    if view.detail != "receipt":
        return 320
    flows = [edge for edge in view.edges if edge.contribution is not None]
    return 250 if all(notation.is_one_number(edge) for edge in flows) else 400


def _add_nodes(
    picture: Any, view: GraphView, arrows: Arrows, prefix: str, down: bool, narrow: bool
) -> None:
    edges = {edge.id: edge for edge in view.edges}
    shades = _shades(view)
    inside: dict[str | None, list[Node]] = {}
    for node in view.nodes:
        inside.setdefault(node.cluster, []).append(node)
    within: dict[str | None, list[Cluster]] = {}
    for cluster in view.clusters:
        within.setdefault(cluster.parent, []).append(cluster)
    numbers = {cluster.path: place for place, cluster in enumerate(view.clusters)}

    def fill(part: Any, path: str | None) -> None:
        for node in inside.get(path, ()):
            part.node(
                node.id,
                id=f"{prefix}{node.id}",
                label=_box(
                    node, edges, down and not narrow, narrow, view.color, shades.get(node.id)
                ),
            )
        arrows.add_labels(part, path or "", prefix)
        for cluster in within.get(path, ()):
            place = f"c{numbers[cluster.path]}"
            with part.subgraph(name=f"cluster_{place}") as layer:
                layer.attr(
                    id=f"{prefix}{place}",
                    label=html_like(font(escaped(cluster.label), LARGE, QUIET)),
                    labelloc="t",
                    labeljust="l",
                    style="rounded",
                    color="#b9c2cc",
                    bgcolor="#fafbfc",
                    margin="10",
                )
                fill(layer, cluster.path)

    fill(picture, None)


def _caption(view: GraphView) -> str:
    """What the texts along the edges and the shades mean, and how much is folded."""
    lines = []
    caption = EDGE_MODES[view.detail].caption
    if caption and any(edge.contribution for edge in view.edges):
        lines.append(say(caption))
    lines += letters.explained("\n".join(_texts(view)))
    rows = [_caption_row(line) for line in lines]
    if view.kind == "tensor":
        rows += _legend(view)
    rows += [_caption_row(note) for note in view.notes]
    if not rows:
        return ""
    return html_like(f"{table(0, 2)}{''.join(rows)}</TABLE>")


def _texts(view: GraphView) -> list[str]:
    """The formulas in a picture."""
    shown = [line for edge in view.edges for line in along(edge, view.detail)]
    return shown + [node.expression for node in view.nodes if node.expression]


def _caption_row(text: str) -> str:
    return _row(font(escaped(text), NORMAL, QUIET))


def _legend(view: GraphView) -> list[str]:
    """The shades from little to much, between the numbers that they stand for."""
    amounts = [node.amount for node in view.nodes if node.amount]
    if view.color == "agreement":
        ends = (1.0, 0.0) if any(node.amount is not None for node in view.nodes) else ()
    else:
        ends = (min(amounts), max(amounts)) if amounts else ()
    if not ends:
        return []
    low, high = (font(escaped(notation.quantity(view.color, x)), NORMAL, QUIET) for x in ends)
    colors = _SHADES if ends[0] != ends[1] else _SHADES[:1]
    cells = "".join(f'<TD BGCOLOR="{color}">&#160;&#160;&#160;</TD>' for color in colors)
    upper = f"<TD>&#160;{high}</TD>" if len(colors) > 1 else ""
    scale = f"{table(0, 0)}<TR><TD>{low}&#160;</TD>{cells}{upper}</TR></TABLE>"
    return [
        _caption_row(say("numbers.shade", told=say(notation.LEGEND[view.color]))),
        f'<TR><TD ALIGN="LEFT">{scale}</TD></TR>',  # a table stands alone in its cell
    ]


def _shades(view: GraphView) -> dict[str, str]:
    """The shade of each node that has an amount, by its id: logarithmic over six decades."""
    if view.color == "agreement":
        # The more they cancel, the darker.
        levels = {node.id: 1 - node.amount for node in view.nodes if node.amount is not None}
    else:
        known = {node.id: math.log10(node.amount) for node in view.nodes if node.amount}
        high = max(known.values(), default=0.0)
        low = max(min(known.values(), default=0.0), high - 6)
        levels = {
            name: (max(level, low) - low) / (high - low) if high > low else 0.0
            for name, level in known.items()
        }
    last = len(_SHADES) - 1
    return {name: _SHADES[min(last, int(level * len(_SHADES)))] for name, level in levels.items()}


def _box(
    node: Node,
    edges: dict[str, Edge],
    wide: bool,
    narrow: bool,
    color: str,
    shade: str | None,
) -> str:
    """The table of one node: how it was made, its shape, value and gradient."""
    fill, frame = _FILL[node.role]
    if node.role == "constant" and not node.shape and not node.name:
        rows = [_row(font(escaped(node.label), NORMAL, INK))]
    elif node.role == "layer":
        rows = [
            _row(f"<B>{font(escaped(node.label), LARGE, INK)}</B>"),
            _row(font(escaped(node.symbol or ""), NORMAL, QUIET)),
            *(_row(font(escaped(line), NORMAL, INK)) for line in node.details),
        ]
    else:
        rows = [*_heading(node, narrow), *_body(node, edges, wide, narrow, color, shade)]
    border = 2 if node.role in ("loss", "group") else 1
    rounded = "" if node.role == "constant" else ' STYLE="ROUNDED"'
    padding = 2 if narrow else 3
    if narrow:  # close lines, with room between them and the frame
        rows = [f"<TR><TD>{table(0, 1)}{''.join(rows)}</TABLE></TD></TR>"]
    look = f' COLOR="{frame}" BGCOLOR="{fill}"{rounded}'
    return html_like(f"{table(border, padding, look)}{''.join(rows)}</TABLE>")


def _heading(node: Node, narrow: bool) -> list[str]:
    title = f"<B>{font(escaped(node.label), LARGE, INK)}</B>"
    if node.role in ("parameter", "constant", "loss") and node.label != node.role:
        title += font(f"&#160;&#160;{say(ROLES[node.role])}", NORMAL, QUIET)
    rows = [_row(title, 2)]
    if node.role == "group":
        rows.append(_row(font(escaped(node.symbol or ""), NORMAL, QUIET), 2))
        rows += [_of_parameter(line, narrow) for line in node.details]
    elif node.expression:
        long = narrow and len(node.expression) > LONG
        size = NORMAL if long else LARGE
        rows.append(_row(font(escaped(f"= {node.expression}"), size, INK), 2))
    return rows


def _of_parameter(line: str, narrow: bool) -> str:
    """What a group tells of a parameter; a narrow one leaves its shape to the picture inside."""
    name, found, told = line.partition(say("numbers.gradient_of", label="", told=""))
    if narrow and found:
        gradient = say("numbers.gradient_is", told=told)
        return _pair(name.partition(" (")[0], gradient, narrow, ink=GRADIENT_INK)
    return _row(font(escaped(line), NORMAL, GRADIENT_INK), 2)


def _body(
    node: Node, edges: dict[str, Edge], wide: bool, narrow: bool, color: str, shade: str | None
) -> list[str]:
    if node.value is None:
        return [_row(font(escaped(line), NORMAL, INK), 2) for line in node.details]
    heads = ("numbers.value", "numbers.gradient")
    if node.role == "group" and narrow:
        heads = ("numbers.result", "numbers.gradient")
    elif node.role == "group":
        heads = ("numbers.last_result", "numbers.its_gradient")
    heads = say(heads[0]), say(heads[1])
    rows = (
        [_pair(say("numbers.shape_head"), notation.shape(node.shape), narrow)] if node.shape else []
    )
    spread = _spread(notation.amount(node.value), wide)
    rows += _pairs(heads[0], spread, narrow, shade if color == "value" else None, VALUE_INK)
    if node.gradient is None:
        text = (
            f"<I>{font(escaped(say('numbers.never')), NORMAL, QUIET)}</I>"
            if not narrow
            else font("–", NORMAL, QUIET)
        )
        rows.append(_cells(_head(heads[1], narrow), text))
    else:
        sum_text = notation.running_sum(node, edges)
        lines = _spread(notation.amount(node.gradient), wide)
        if sum_text and " = " not in sum_text:
            lines.append(sum_text)
        elif sum_text:
            lines = _stacked_sum(sum_text) if narrow else [sum_text]
        shaded = shade if color == "gradient" else None
        rows += _pairs(heads[1], lines, narrow, shaded, GRADIENT_INK)
    if node.told:
        rows.append(_pair(say(SHADED[color]), node.told, narrow, shade))
    return rows


def _stacked_sum(text: str) -> list[str]:
    """A running sum, its terms and what they add up to below each other."""
    return re.split(r" (?=[-−+=] )", text)


def _spread(text: str, wide: bool) -> list[str]:
    """Statistics on two lines where boxes must be narrow."""
    head, found, rest = text.partition(" (")
    return [head, f"({rest}"] if found and not wide else [text]


def _pairs(
    head: str, lines: list[str], narrow: bool, shade: str | None = None, ink: str = INK
) -> list[str]:
    return [
        _pair("" if place else head, line, narrow, shade, ink) for place, line in enumerate(lines)
    ]


def _pair(head: str, text: str, narrow: bool, shade: str | None = None, ink: str = INK) -> str:
    # Room for a browser's letters, a little wider than those measured: a narrow box has it around,
    # enough for a short text.
    room = "" if narrow and len(text) <= SHORT else "&#160;"
    return _cells(_head(head, narrow), font(f"{escaped(text)}{room}", NORMAL, ink), shade)


def _head(text: str, narrow: bool) -> str:
    return font(f"{text}&#160;" if narrow else text, NORMAL, QUIET)


def _cells(head: str, text: str, shade: str | None = None) -> str:
    fill = f' BGCOLOR="{shade}"' if shade else ""
    return f'<TR><TD ALIGN="LEFT">{head}</TD><TD ALIGN="LEFT"{fill}>{text}</TD></TR>'


def _row(text: str, columns: int = 1) -> str:
    span = f' COLSPAN="{columns}"' if columns > 1 else ""
    room = font("&#160;&#160;", NORMAL, QUIET)
    return f'<TR><TD ALIGN="LEFT"{span}>{text}{room}</TD></TR>'
