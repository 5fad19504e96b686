"""An exercise as HTML: for a notebook, and as a sheet to be printed with its key."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.viz.exercises.questions import AskedGraph, Question
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.recorded import view_of
from autograd_nn.viz.page.assembling import assembled
from autograd_nn.viz.pictures.picture import Graph
from autograd_nn.viz.pictures.rendering import RenderingError, can_render
from autograd_nn.viz.wording.saying import say

MOST_CELLS = 100
"""An array of at most so many elements is printed element by element."""


def sheet(graph: AskedGraph, asked: Any, title: str) -> str:
    """The page to be printed: the graph, what is given, what is asked, and behind it the key."""
    return assembled(
        "exercises/sheet.html",
        ["page/colors.css", "exercises/sheet.css"],
        [],
        {},
        {
            "title": html.escape(title),
            "picture": picture(graph),
            "given": _given(graph, asked, "h2"),
            "asked": _asked(asked, "h2"),
            "key": _key(asked),
        },
    )


def fragment(graph: AskedGraph, asked: Any, title: str) -> str:
    """What a notebook shows: the same without a place for a name, and without the key."""
    # A cell of a notebook has no style sheet, and a page with one allows no other styles.
    drawn = picture(graph).replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
    asked_for = _given(graph, asked, "h4") + _asked(asked, "h4")
    return f"<h3>{html.escape(title)}</h3>{drawn}{asked_for}"


def picture(graph: AskedGraph) -> str:
    """The graph without any number that may be asked for; nothing where nothing draws it."""
    if not can_render():
        return ""
    view = view_of(graph.root, "plain", "gradient", None, None, graph.names)
    nothing: dict[str, Any] = {"value": None, "gradient": None, "missing": None, "amount": None}
    nodes = (replace(node, **nothing, told=None, received=(), shape=None) for node in view.nodes)
    edges = (replace(e, local=None, upstream=None, contribution=None) for e in view.edges)
    try:
        svg = Graph(replace(view, nodes=tuple(nodes), edges=tuple(edges))).svg()
    except RenderingError:
        return ""
    return f"<figure>{svg[svg.index('<svg') :]}</figure>"


def _given(graph: AskedGraph, asked: Any, level: str) -> str:
    """What is given: numbers by name, or the rows of a table."""
    heading = f"<{level}>{html.escape(say('exercises.given'))}</{level}>"
    if asked.rows_told:
        rows = "".join(f"<li>{html.escape(row)}</li>" for row in asked.rows_told)
        return f"{heading}<ol>{rows}</ol>"
    if not asked.given:
        return ""
    expressions = {graph.label(node): graph.expression(node) for node in graph.computed()}
    entries = []
    for label, data in asked.given.items():
        how = f" = {expressions[label]}" if label in expressions else ""
        entries.append(f"<dt>{html.escape(label + how)} =</dt><dd>{_array(data)}</dd>")
    return f"{heading}<dl>{''.join(entries)}</dl>"


def _asked(asked: Any, level: str) -> str:
    """The questions, each with a place for its answer."""
    questions = "".join(
        f"<li>{html.escape(q.text)}{_blank(asked, q)}</li>" for q in asked.questions
    )
    return f"<{level}>{html.escape(say('exercises.asked'))}</{level}><ol>{questions}</ol>"


def _blank(asked: Any, question: Question) -> str:
    """The place for an answer: a line, or empty cells for an array."""
    solution = asked.solution(question)
    if isinstance(solution, np.ndarray) and solution.ndim:
        return _cells([["" for _ in row] for row in _rows(solution)])
    return f'<span class="line{"" if isinstance(solution, str) else " short"}"></span>'


def _key(asked: Any) -> str:
    items = []
    for question in asked.questions:
        solution = asked.solution(question)
        if isinstance(solution, np.ndarray):
            told = _array(solution)
        elif isinstance(solution, tuple):
            told = html.escape(notation.shape(solution))
        else:
            told = html.escape(str(solution))
        name = html.escape(question.name)
        items.append(f"<li>{say('numbers.told', name=name, told=told)}</li>")
    return f"<ol>{''.join(items)}</ol>"


def _array(data: Any) -> str:
    """Numbers as they are printed: one as text, a few in cells, many in a sentence."""
    array = np.asarray(data)
    if array.ndim == 0 or not 0 < array.size <= MOST_CELLS or array.ndim > 2:
        shape = f"{notation.shape(array.shape)}, " if array.ndim else ""
        return html.escape(shape + notation.amount(notation.summarise(array)))
    return _cells([[notation.element(x) for x in row] for row in _rows(array)])


def _rows(array: Any) -> list[Any]:
    rows = np.atleast_2d(array)
    return rows.reshape(-1, rows.shape[-1]).tolist()


def _cells(rows: list[list[str]]) -> str:
    lines = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table>{lines}</table>"
