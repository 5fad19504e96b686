"""`draw`, and the Graph that it gives: a picture in every format."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.files import checked_path
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.layered import TOLD, view_of_layers
from autograd_nn.viz.graph.recorded import view_of
from autograd_nn.viz.graph.view import Color, Detail, GraphView
from autograd_nn.viz.graph.walk import checked_names
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.pictures.dot import to_dot
from autograd_nn.viz.pictures.rendering import FINER, INSTALL, PICTURES, can_render, render
from autograd_nn.viz.pictures.text import to_text
from autograd_nn.viz.wording.saying import say, speaking, spoken

_EDGES = ("auto", *get_args(Detail))
_COLORS = get_args(Color)
_TEXTS: dict[str, Callable[[GraphView], str]] = {
    "dot": to_dot,
    "json": GraphView.to_json,
    "txt": to_text,
}
_pages = itertools.count(1)


@checked_keywords
def draw(
    thing: Any,
    edges: str = "auto",
    color: str = "gradient",
    depth: int | None = None,
    focus: Any = None,
    names: Mapping[str, Any] | None = None,
    tell: Any = TOLD,
) -> Graph:
    """A picture of how a Tensor was computed and of the gradient of every step, or of a model.

    Nothing needs to be called before: the gradients shown are computed for the showing, and no
    ``.grad`` is read or changed. Where the result is not a scalar, where it does not reach, or
    where none is wanted, the gradient is "not computed", which is not 0.

    A graph of more than 60 nodes is drawn with its layers closed, equal blocks folded to one node
    ×N, and stretches of operations as one node, as far as it needs.

    Parameters   thing: a Tensor, or a model (its layers)
                 edges: "receipt" writes slope × gradient above along each edge, or the
                 rule with its shapes where that is not one number; "ledger" the shapes and what
                 the backward pass must undo; "check" whether differences of the operation agree
                 with its rule; "plain" draws arrows only; "auto" is receipt up to 40 nodes
                 color: what the shade of a node stands for: "gradient", "value", "time" (to
                 compute it again), "bytes", or "agreement" (how far contributions do not cancel)
                 depth: the level at which layers are closed, with nothing else folded: 1 has every
                 layer as one node, 2 opens those and closes the layers inside them
                 focus: a Tensor, to see what is up to two steps away, or the name of a layer, to
                 have it open and the others closed
                 names: names for Tensors and arrays without one, such as ``locals()``
                 tell: of a model without data what each layer tells beside its kind, weights and
                 parameters: "names", "activations" (these are the default), "shapes", "dtypes",
                 "trainable"; "nested" opens models among the layers
    Raises       ArgumentTypeError for another thing, ArgumentError for an unknown word,
                 and for more than 1,500 visible nodes, naming the depth that fits
    Example      y = x·x has two edges from x, and each contributes 3·1 to dy/dx = 6

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> print(viz.draw(x * x).text())
    Computation graph of v1: 2 nodes, 2 edges
    <BLANKLINE>
                      value   gradient    flows back
    v1 = x × x        9       1
    ├─ x  parameter   3       3 + 3 = 6   slope 3 × 1 = 3
    └─ x  (above)                         slope 3 × 1 = 3
    <BLANKLINE>
    """
    _check_word("edges", edges, _EDGES)
    _check_word("color", color, _COLORS)
    if depth is not None:
        depth = positive_integer("depth", depth)
    names = checked_names(names)
    tell = _words(tell)
    if type(thing) is Tensor and tell != TOLD:
        raise ArgumentError(
            "`tell` is for the layers of a model, and this is a recorded graph: model.draw(tell=…)."
        )
    if type(thing) is Tensor:
        return Graph(view_of(thing, edges, color, depth, focus, names))  # type: ignore[arg-type]
    if hasattr(thing, "layers"):
        given = {"edges": edges != "auto", "color": color != "gradient", "depth": depth is not None}
        for name, is_given in {**given, "focus": focus is not None}.items():
            if is_given:
                raise ArgumentError(
                    f"`{name}` is for a recorded graph, and this picture shows the layers of a "
                    f"model. Draw one step with its gradients: model.draw(x, y, {name}=…)."
                )
        return Graph(view_of_layers(thing, frozenset(tell)))
    raise ArgumentTypeError(
        f"draw takes a Tensor or a model, got {type(thing).__name__}. A picture shows how a Tensor "
        "was computed: give it the Tensor itself, not its .data, .item() or float()."
    )


def _words(tell: Any) -> tuple[str, ...]:
    """What is to be told of layers, checked."""
    words = (tell,) if isinstance(tell, str) else tuple(tell)
    for word in words:
        _check_word("tell", word, (*TOLD, "shapes", "dtypes", "trainable", "nested"))
    return words


def _check_word(name: str, word: Any, known: tuple[str, ...]) -> None:
    if word not in known:
        raise ArgumentError(
            f"`{name}` must be {', '.join(map(repr, known[:-1]))} or {known[-1]!r}, got {word!r}."
            f"{suggestion(word, known) if isinstance(word, str) else ''}"
        )


class Graph:
    """A graph to look at: shown by notebooks, and written to files by `save`.

    ``view`` is the neutral data that every format is made of; ``direction``, "TB" and the like,
    is where its arrows point, None what fits, ``dpi`` how fine a PNG is.
    """

    __slots__ = ("_lang", "direction", "dpi", "view")

    def __init__(self, view: GraphView) -> None:
        self._lang = spoken()
        self.view = view
        self.direction: str | None = None
        self.dpi = FINER

    @property
    def dot(self) -> str:
        """The graph in DOT, the language of Graphviz."""
        with speaking(self._lang):
            return to_dot(self.view, direction=self.direction)

    def text(self) -> str:
        """The graph as an indented tree of text; it needs no Graphviz."""
        with speaking(self._lang):
            return to_text(self.view)

    def svg(self) -> str:
        """The picture as SVG text.

        Raises       NoRendererError (a RuntimeError) without Graphviz
        """
        return render(self.dot, "svg").decode()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file; the ending says as what: svg png pdf dot json txt.

        Raises       ArgumentError for another ending and a folder that is not there,
                     NoRendererError (a RuntimeError) where svg, png and pdf have no Graphviz
        """
        path = checked_path(path, *PICTURES, *_TEXTS)
        kind = path.suffix.removeprefix(".").lower()
        if kind in PICTURES:
            path.write_bytes(render(self.dot, kind, self.dpi))
        else:
            with speaking(self._lang):
                text = self.dot if kind == "dot" else _TEXTS[kind](self.view)
            path.write_bytes(text.encode())
        return path

    def __repr__(self) -> str:
        with speaking(self._lang):
            nodes = notation.count(len(self.view.nodes), "numbers.nodes")
            edges = notation.count(len(self.view.edges), "numbers.edges")
            return say("numbers.short", nodes=nodes, edges=edges)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, else the text and how to get pictures."""
        with speaking(self._lang):
            return asked_for(self._bundle(), include, exclude)

    def _bundle(self) -> dict[str, str]:
        if not can_render():
            text = f"{self.text()}\n{say('numbers.install', install=INSTALL)}"
            return {"text/plain": text}
        # Ids must be unique on a page that may show the same graph twice.
        picture = to_dot(self.view, prefix=f"g{next(_pages)}-", direction=self.direction)
        picture = render(picture, "svg").decode()
        picture = picture[picture.index("<svg") :]
        label = html.escape(notation.sentence(self.view), quote=True)
        return {
            "text/plain": self.text(),
            "text/html": f'<div role="img" tabindex="0" aria-label="{label}" '
            f'style="overflow-x:auto">{picture}</div>',
            "image/svg+xml": picture,
        }
