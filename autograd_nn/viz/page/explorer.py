"""`explore`: one HTML file in which a backward pass can be walked through, step by step."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.files import checked_path
from autograd_nn.javascript.library import as_object
from autograd_nn.viz.exercises.on_page import mistakes_on_page
from autograd_nn.viz.graph.boxes import divided
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.page.assembling import assembled
from autograd_nn.viz.page.layouts import Layout, layouts
from autograd_nn.viz.page.payload import payload
from autograd_nn.viz.pictures.rendering import INSTALL, RenderingError, can_render
from autograd_nn.viz.wording.saying import say, speaking, spoken

LARGEST_PAGE = 5_000
"""Nodes; a page of so many has about 3 MB and 7,000 steps, and more would help nobody."""

SCRIPTS = (
    "words.js",
    "numbers.js",
    "bound.js",
    "live.js",
    "elements.js",
    "heat_map.js",
    "terms.js",
    "told.js",
    "sentences.js",
    "placing.js",
    "picture.js",
    "inside.js",
    "changes.js",
    "editing.js",
    "arrays.js",
    "panel.js",
    "tools.js",
    "exercise.js",
    "playing.js",
    "explorer.js",
)
"""The script of the page, one file after the other."""

TRAINING = ("curve.js", "training.js")
"""Where the page trains."""

PLANE = ("boundary.js", "plane.js")
"""And where what goes in is points of two features."""

PAINTING = ("painting.js",)
"""And where it is pictures."""

_IFRAME_HEIGHT = 800


@checked_keywords
def explore(
    loss: Tensor,
    path: str | os.PathLike[str] = "explore.html",
    *,
    optimizer: Any = None,
    names: Mapping[str, Any] | None = None,
    lang: str | None = None,
) -> Page:
    """Write one HTML file in which the forward and the backward pass are walked through.

    The page works offline and makes no request. Its sentences are those of `steps`. Nothing needs
    to be called before: the gradients are computed for the showing, and no ``.grad`` is read or
    changed. Without Graphviz the page draws its picture itself, one level of boxes at a time.

    The page computes: a number that is changed in it changes all others, in 64-bit numbers, and it
    takes steps of training. A branch of Python stays as it was taken, and what was drawn at random
    as it was drawn. Its numbers are those of NumPy to 1e-12 of the largest in each array: functions
    such as tanh differ in their last bits between browsers, and between machines in NumPy. Where
    only such bits are left, as of 1 − tanh² in an array that is saturated throughout, the same
    difference is a larger part: 2e-12 at tanh(5). A schedule of the learning rate is followed for
    5,000 steps. Where something has no form in JavaScript the page says so, and computes not.

    Parameters   loss: a Tensor; where it is not a scalar there are forward steps only
                 path: where to write, ending in .html; a file that is there is replaced
                 optimizer: an optimizer, or its name, whose update follows as the third phase
                 names: names for Tensors and arrays without one, such as ``locals()``
                 lang: "en" or "zh" (Chinese), None for that of ``viz.language``
    Returns      a Page: open its ``path`` in a browser; a notebook shows it
    Raises       ArgumentTypeError for what is not a Tensor, ArgumentError for another ending, a
                 folder, and a graph of more than 5,000 nodes
    """
    if type(loss) is not Tensor:
        raise ArgumentTypeError(
            f"explore takes a Tensor, got {type(loss).__name__}. Give it the loss itself, not its "
            ".data, .item() or float(); of a compiled model, model.explore(x, y) shows one step."
        )
    path = checked_path(path, "html")
    walk = Walk(loss, checked_names(names))
    if len(walk.order) > LARGEST_PAGE:
        raise ArgumentError(
            f"The graph has {len(walk.order):,} nodes, and a page of more than {LARGEST_PAGE:,} "
            "would be too large to open. Take a smaller part: the loss of fewer examples or "
            "steps; or compute with whole arrays, which are one node each. draw() folds it."
        )
    walk.take_paths(divided(walk))
    sweep = Sweep(loss)
    with speaking(lang):
        data = payload(walk, sweep, optimizer) | {"exercise": mistakes_on_page(walk, sweep)}
        pictures, no_graphviz = _pictures(walk, sweep, data["live"] is not None)
        text = _page(data, pictures, no_graphviz)
    path.write_bytes(text.encode())
    return Page(path, text)


class Page:
    """An HTML file that was written: ``path`` says where it is, and a notebook shows it."""

    __slots__ = ("_lang", "_text", "_title", "path")

    def __init__(self, path: Path, text: str, title: str | None = None) -> None:
        self.path = path
        self._lang = spoken()
        self._text = text
        self._title = say("page.title") if title is None else title

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        with speaking(self._lang):
            return say("page.short", path=repr(str(self.path.absolute())))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the page in a frame of its own, which nothing gets out of."""
        frame = (
            f'<iframe sandbox="allow-scripts" title="{html.escape(self._title, quote=True)}" '
            f'style="width:100%;height:{_IFRAME_HEIGHT}px;border:0" '
            f'srcdoc="{html.escape(self._text, quote=True)}"></iframe>'
        )
        bundle = {"text/plain": repr(self), "text/html": frame}
        return asked_for(bundle, include, exclude)


def _pictures(walk: Walk, sweep: Sweep, is_live: bool) -> tuple[list[Layout], str]:
    """The pictures, or why there are none and the page draws its own."""
    if not can_render():
        return [], say("page.no_graphviz", install=INSTALL)
    try:
        return layouts(walk, sweep, is_live), ""
    except RenderingError as error:
        return [], say("page.graphviz_failed", error=error)


def _page(data: dict[str, Any], pictures: list[Layout], no_graphviz: str) -> str:
    """The template with everything in its place."""
    told = [
        {
            "name": layout.name,
            "title": layout.title,
            "detail": layout.detail,
            "along": layout.along,
            "where": layout.where,
            "opens": layout.opens,
        }
        for layout in pictures
    ]
    program = data["live"]
    return assembled(
        "page/explorer.html",
        ["page/colors.css", "page/charts.css", "page/explorer.css"],
        [f"page/{name}" for name in _scripts(data)],
        data | {"layouts": told, "along": say("numbers.along_receipt"), "noGraphviz": no_graphviz},
        {
            "title": html.escape(say("page.heading", root=data["rootLabel"])),
            "root": f'<span id="root-name">{html.escape(data["rootLabel"])}</span>',
            "pictures": "\n".join(
                f'<div class="layout {layout.detail}" id="layout-{layout.name}" hidden>\n'
                f"{layout.svg}</div>"
                for layout in pictures
            ),
        },
        as_object(program["functions"], program["own"]) if program else "",
    )


def _scripts(data: dict[str, Any]) -> list[str]:
    """The scripts that the page needs."""
    *most, last = SCRIPTS
    program, examples = data["live"], data["examples"]
    if program and program["updates"]:
        most += TRAINING
        if program["predicts"]:
            most += PLANE
        elif examples and examples["shape"]:
            most += PAINTING
    return [*most, last]
