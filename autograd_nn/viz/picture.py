"""`draw`, and the Graph that it gives: a picture in every format."""

from __future__ import annotations

import html
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz import wording
from autograd_nn.viz.dot import to_dot
from autograd_nn.viz.layered import view_of_layers
from autograd_nn.viz.recorded import checked_names, view_of
from autograd_nn.viz.rendering import INSTALL, PICTURES, can_render, render
from autograd_nn.viz.text import to_text
from autograd_nn.viz.view import GraphView

_EDGES = ("plain", "receipt")
_FORMATS = (*PICTURES, "dot", "json", "txt")
_pages = itertools.count(1)


def draw(thing: Any, edges: str = "auto", *, names: Mapping[str, Any] | None = None) -> Graph:
    """A picture of how a Tensor was computed and of the gradient of every step, or of a model.

    Nothing needs to be called before: the gradients shown are computed for the showing, and no
    ``.grad`` is read or changed. Where the result is not a scalar, where it does not reach, or
    where none is wanted, the gradient is "not computed", which is not 0.

    Parameters   thing: a Tensor, or a model (its layers)
                 edges: "receipt" writes local × upstream = contribution along each edge, or the
                 rule with its shapes where that is not one number; "plain" draws arrows only;
                 "auto" is receipt up to 40 nodes
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentTypeError for another thing, ArgumentError for more than 1,500 nodes
    Example      y = x·x has two edges from x, and each contributes 3·1 to dy/dx = 6

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> print(viz.draw(x * x).text())
    Computation graph of v1: 2 nodes, 2 edges
    <BLANKLINE>
                         value   gradient    flows back
    v1 = x × x           9       1
    ├─ v0 x  parameter   3       3 + 3 = 6   3 × 1 = 3
    └─ v0 x  (above)                         3 × 1 = 3
    <BLANKLINE>
    """
    if edges not in ("auto", *_EDGES):
        raise ArgumentError(
            f"`edges` must be 'plain' or 'receipt' (or 'auto'), got {edges!r}."
            f"{suggestion(edges, _EDGES) if isinstance(edges, str) else ''}"
        )
    names = checked_names(names)
    if type(thing) is Tensor:
        return Graph(view_of(thing, edges, names))  # type: ignore[arg-type]
    if hasattr(thing, "layers"):
        return Graph(view_of_layers(thing))
    raise ArgumentTypeError(
        f"draw takes a Tensor or a model, got {type(thing).__name__}. A picture shows how a Tensor "
        "was computed: give it the Tensor itself, not its .data, .item() or float()."
    )


class Graph:
    """A graph to look at: shown by notebooks, and written to files by `save`.

    ``view`` is the neutral data that every format is made of.
    """

    __slots__ = ("view",)

    def __init__(self, view: GraphView) -> None:
        self.view = view

    @property
    def dot(self) -> str:
        """The graph in DOT, the language of Graphviz."""
        return to_dot(self.view)

    def text(self) -> str:
        """The graph as an indented tree of text; it needs no Graphviz."""
        return to_text(self.view)

    def svg(self) -> str:
        """The picture as SVG text.

        Raises       NoRendererError (a RuntimeError) without Graphviz
        """
        return render(self.dot, "svg").decode()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file; the ending says as what: svg png pdf dot json txt.

        Raises       ArgumentError for another ending, NoRendererError (a RuntimeError) where svg,
                     png and pdf have no Graphviz
        """
        path = Path(path)
        kind = path.suffix.removeprefix(".").lower()
        if kind not in _FORMATS:
            raise ArgumentError(
                f"`path` must end in one of .{', .'.join(_FORMATS)}, got {str(path)!r}."
            )
        if kind in PICTURES:
            content = render(self.dot, kind)
        else:
            write = {"dot": lambda: self.dot, "json": self.view.to_json, "txt": self.text}[kind]
            content = write().encode()
        path.write_bytes(content)
        return path

    def __repr__(self) -> str:
        nodes = wording.count(len(self.view.nodes), "node")
        edges = wording.count(len(self.view.edges), "edge")
        return f"<Graph of {nodes} and {edges}: see .text(), or .save('graph.svg')>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, else the text and how to get pictures."""
        if not can_render():
            text = f"{self.text()}\nFor pictures install Graphviz: {INSTALL}"
            bundle = {"text/plain": text}
        else:
            # Ids must be unique on a page that may show the same graph twice.
            picture = render(to_dot(self.view, prefix=f"g{next(_pages)}-"), "svg").decode()
            picture = picture[picture.index("<svg") :]
            label = html.escape(wording.sentence(self.view), quote=True)
            bundle = {
                "text/plain": self.text(),
                "text/html": f'<div role="img" aria-label="{label}" '
                f'style="overflow-x:auto">{picture}</div>',
                "image/svg+xml": picture,
            }
        return {
            kind: content
            for kind, content in bundle.items()
            if (not include or kind in include) and (not exclude or kind not in exclude)
        }
