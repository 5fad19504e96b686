"""The pictures of the explorer: one graph laid out with its layers closed, open, one open."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_nn.engine.composing import CALLED
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.edge_modes import EDGE_MODES
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.grouping import Grouping, grouped, scopes
from autograd_nn.viz.graph.recorded import assembled
from autograd_nn.viz.graph.view import Edge, GraphView, Numbers
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.page.payload import path_of
from autograd_nn.viz.pictures.dot import FONT, GRADIENT_INK, VALUE_INK, to_dot
from autograd_nn.viz.pictures.html_like import INK, NORMAL
from autograd_nn.viz.pictures.rendering import render
from autograd_nn.viz.wording.saying import say

LARGEST_PICTURE = 300
"""A picture of more nodes is not made: it could not be read."""

LAYERS_ALONE = 12
"""So many layers, the first ones, get a picture in which only they are open."""

IN_A_BOX, BESIDE = -0.8642, -0.864
"""Numbers that take the room of most: one alone in a box, and one of two or along an arrow. The
page writes its own in their places, in narrower letters where they are longer; by the second one
`told.js` finds where numbers stand along an arrow."""


@dataclass(frozen=True)
class Layout:
    """One picture. ``along`` says what stands along its edges. ``where`` has the visible id of each
    node and edge that is not shown itself, None where it is inside of a group. ``opens`` has the
    layout that opens each closed layer, "/" and its path where the page draws that itself."""

    name: str
    title: str
    svg: str
    detail: str
    along: str
    where: dict[str, str | None]
    opens: dict[str, str]


def layouts(walk: Walk, sweep: Sweep, live: bool = False) -> list[Layout]:
    """Every picture of the graph that is small enough to be read; the first is shown first.

    Those of a ``live`` page have room for any numbers, which the page writes, in place of them.
    """
    summarise = _widest if live else notation.summarise
    layers = [path for path in scopes(walk) if "/" not in path]
    recorded = {(item.scope or "").partition("/")[0] for item in walk.order}
    named = [path for path in layers if path.partition(" #")[0] in recorded]
    names = {path: f"layer-{n + 1}" for n, path in enumerate(named[:LAYERS_ALONE])}
    wanted: dict[str, tuple[str, Grouping | None]] = {}
    if layers:
        are_calls = all(CALLED in path for path in layers)
        key = "page.calls_closed" if are_calls else "page.layers_closed" if named else ""
        wanted["closed"] = (say(key or "page.steps_closed"), _grouped(walk, depth=1))
    wanted["open"] = (say("page.all_open" if layers else "page.graph"), Grouping())
    if len(named) > 1:
        for path, name in names.items():
            wanted[name] = (
                say("page.is_open", name=notation.clean(path)),
                _grouped(walk, focus=path),
            )
    small = {
        name: (title, grouping)
        for name, (title, grouping) in wanted.items()
        if grouping is not None and grouping.visible(walk) <= LARGEST_PICTURE
    }
    if not small:
        small["folded"] = (say("page.folded"), grouped(walk))
    opening = {path: name for path, name in names.items() if name in small}
    if "open" in small and named:
        # What is closed inside of an open layer.
        inner = (path for path in scopes(walk) if "/" in path or path not in opening)
        opening |= dict.fromkeys(inner, "open")
    return [
        _layout(walk, sweep, name, title, grouping, opening, summarise)
        for name, (title, grouping) in small.items()
    ]


def _grouped(walk: Walk, **how: Any) -> Grouping | None:
    try:
        return grouped(walk, **how)
    except ArgumentError:  # far too many nodes would be visible
        return None


def _layout(
    walk: Walk,
    sweep: Sweep,
    name: str,
    title: str,
    grouping: Grouping,
    opening: dict[str, str],
    summarise: Callable[[Any], Numbers],
) -> Layout:
    view = _unshaded(assembled(walk, sweep, grouping, summarise=summarise))
    if summarise is _widest:
        view = replace(view, edges=tuple(map(_beside, view.edges)))
    groups = {f"g{n}": group for n, group in enumerate(grouping.groups)}
    return Layout(
        name=name,
        title=title,
        svg=_inlined(render(to_dot(view, prefix=f"{name}-", narrow=True), "svg").decode()),
        detail=view.detail,
        along=say(caption) if (caption := EDGE_MODES[view.detail].caption) else "",
        where=_where(walk, view, groups),
        opens={
            g: opening.get(group.path) or f"/{path_of(group.path)}"
            for g, group in groups.items()
            if group.path is not None
        },
    )


def _widest(array: Any) -> Numbers:
    """What is told of an array whose numbers all take the most room."""
    array = np.asarray(array)
    few = array.size <= notation.SHOWN_WHOLE
    return replace(
        notation.summarise(np.zeros(1)),
        shape=array.shape,
        dtype=str(array.dtype),
        values=(IN_A_BOX,) * array.size if few else None,
        low=BESIDE,
        mean=BESIDE,
        high=BESIDE / 2,
        norm=BESIDE,
        largest=BESIDE,
        at=tuple(max(0, length - 1) for length in array.shape),
    )


def _beside(edge: Edge) -> Edge:
    """An edge of such numbers, in the room that there is along an arrow."""
    numbers = (edge.local, edge.upstream, edge.contribution)
    local, upstream, contribution = (
        x and replace(x, values=x.values and (BESIDE,) * len(x.values)) for x in numbers
    )
    return replace(edge, local=local, upstream=upstream, contribution=contribution)


def _unshaded(view: GraphView) -> GraphView:
    """The view without what would tell a gradient before its step: the shades and their legend."""
    nodes = tuple(replace(node, amount=None, told=None) for node in view.nodes)
    return replace(view, nodes=nodes, notes=())


def _where(walk: Walk, view: GraphView, groups: dict[str, Any]) -> dict[str, str | None]:
    shown: dict[int, str] = {id(item): g for g, group in groups.items() for item in group.items}
    ends = {(edge.source, edge.target): edge.id for edge in view.edges}
    visible = {edge.id for edge in view.edges}
    found: dict[str, str | None] = {
        walk.ids[id(item)]: shown[id(item)] for item in walk.order if id(item) in shown
    }
    for place, (user, _, item) in enumerate(walk.slots):
        if f"e{place}" not in visible:
            source, target = (shown.get(id(x), walk.ids[id(x)]) for x in (item, user))
            found[f"e{place}"] = ends.get((source, target))
    return found


def _inlined(svg: str) -> str:
    """The picture as it stands inside of a page, whose style has the font and the colours."""
    svg = svg[svg.index("<svg") :]
    # Titles and comments hold our own ids only, and titles would pop up as tooltips.
    svg = re.sub(r"<!--.*?-->\s*|<title>.*?</title>\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace(f' font-family="{FONT}"', "").replace(' xml:space="preserve"', "")
    # What most texts have they have from the picture.
    svg = svg.replace(' text-anchor="start"', "").replace(f' font-size="{NORMAL}.00"', "")
    svg = svg.replace("<svg", f'<svg font-size="{NORMAL}"', 1)
    svg = _short(svg)
    svg = svg.replace(f'fill="{VALUE_INK}"', f'class="value" fill="{INK}"')
    return svg.replace(f'fill="{GRADIENT_INK}"', f'class="gradient" fill="{GRADIENT_INK}"')


def _short(svg: str) -> str:
    """The same picture in two thirds of the text: nothing blank, and no lines told as curves."""
    svg = re.sub(r"<text [^>]*>\s*</text>\n", "", svg).replace(' text-anchor="start"', "")
    svg = re.sub(r'(font-size="\d+)\.00"', r'\1"', svg)
    return re.sub(r' d="M([^"C]+)C([^"]+)"', _with_lines, svg)


def _with_lines(path: re.Match[str]) -> str:
    """A path of curves with those of them as lines that are."""
    at, points, found = path[1], path[2].split(), f"M{path[1]}"
    for first, second, end in zip(points[::3], points[1::3], points[2::3], strict=True):
        is_line = first == at and second == end
        found += f"L{end}" if is_line else f"C{first} {second} {end}"
        at = end
    return f' d="{found}"'
