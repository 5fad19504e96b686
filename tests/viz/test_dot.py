"""DOT and what Graphviz makes of it: it parses, ids are unique, names are text."""

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pygraphviz
import pytest

from autograd_nn import Operation, Tensor, viz
from autograd_nn.engine.recording import scope
from tests.viz.graphs import edges_of, lesson, network, nodes_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    'a"];x->y[label=<<script>alert(1)</script>>',
    "</TD></TR></TABLE>>];",
    "\\",
    'ends with a backslash\\"',
    r"\N\G\L\n\E\T",
    "a → b ∂ λ ᵀ 😀",
    "&lt;b&gt; &amp; &#65; &nbsp;",
    "tab\t newline\n null\x00 escape\x1b",
    "\ud800 \ufffe \u202e",
    "]]> --> <!-- <![CDATA[",
    "{braces} %s {0} {x}",
    "<HTML>",
    "",
    "x" * 10_000,
]


def texts_of(svg: str) -> list[str]:
    """Every piece of text that a picture shows."""
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("loss", [lesson().loss, network()[0]], ids=["lesson", "network"])
@pytest.mark.parametrize("edges", ["plain", "receipt", "ledger", "check"])
def test_dot_parses_with_every_node_and_edge(loss: Tensor, edges: str) -> None:
    graph = viz.draw(loss, edges=edges)
    parsed = pygraphviz.AGraph(string=graph.dot)
    assert sorted(nodes_of(parsed)) == sorted(node.id for node in graph.view.nodes)
    assert len(edges_of(parsed)) == len(graph.view.edges)
    assert {e.attr["id"] for e in edges_of(parsed)} <= {edge.id for edge in graph.view.edges}


def test_parallel_edges_are_drawn() -> None:
    x = Tensor(3.0)
    root = ElementTree.fromstring(viz.draw(x * x).svg())
    assert len([e for e in root.iter(f"{SVG}g") if e.get("class") == "edge"]) == 2


def test_in_a_picture_with_frames_an_edge_is_still_one_with_its_label() -> None:
    graph = viz.draw(network()[0], edges="receipt")
    root = ElementTree.fromstring(graph.svg())
    parts = {e.get("id"): e for e in root.iter(f"{SVG}g")}
    assert not [name for name in parts if name.endswith((".label", ".tail"))]
    (edge,) = [e for e in graph.view.edges if e.note]
    drawn = parts[edge.id]
    assert [e.text for e in drawn.iter(f"{SVG}text")] == [edge.note]
    # From the node to the label, and from there to the arrow's head.
    assert len(list(drawn.iter(f"{SVG}path"))) == 2
    assert len(list(drawn.iter(f"{SVG}polygon"))) == 1


def test_ids_are_unique_in_svg_and_those_of_the_view() -> None:
    graph = viz.draw(network()[0])
    root = ElementTree.fromstring(graph.svg())
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    assert {node.id for node in graph.view.nodes} <= set(ids)
    assert {edge.id for edge in graph.view.edges} <= set(ids)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_text(name: str) -> None:
    own = Operation(
        name or "empty", symbol=name, value=lambda x: x * 2, gradients=(lambda g, out, x: g * 2,)
    )
    x = Tensor([1.0, 2.0], name=name)
    with scope(name or "empty"):
        y = own(x)
    loss = (y * np.ones(2)).sum()
    loss.name = name
    for thing in (x, loss):
        graph = viz.draw(thing, edges="receipt", names={name: y})
        parsed = pygraphviz.AGraph(string=graph.dot)
        assert sorted(nodes_of(parsed)) == sorted(node.id for node in graph.view.nodes)
        svg = graph.svg()
        root = ElementTree.fromstring(svg)
        assert not [e for e in root.iter() if e.tag.lower().endswith("script")]
        assert len([e for e in root.iter() if e.get("class") == "node"]) == len(graph.view.nodes)
        assert len(svg) < 30_000


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_text_in_folded_pictures(name: str) -> None:
    own = Operation(
        name or "empty", symbol=name, value=lambda x: x * 2, gradients=(lambda g, out, x: g * 2,)
    )
    x: Any = Tensor([1.0, 2.0], name=name)
    for place in range(3):
        with scope(f"{name}{place}"), scope(name or "empty"):
            x = own(x) + Tensor([1.0, 1.0], name=f"{name}/{name}")
    for depth, edges, color in ((1, "check", "time"), (2, "ledger", "agreement")):
        graph = viz.draw(x.sum(), edges=edges, color=color, depth=depth)
        assert any(node.role == "group" for node in graph.view.nodes) or not name
        parsed = pygraphviz.AGraph(string=graph.dot)
        assert sorted(nodes_of(parsed)) == sorted(node.id for node in graph.view.nodes)
        root = ElementTree.fromstring(graph.svg())
        assert not [e for e in root.iter() if e.tag.lower().endswith("script")]
        assert len([e for e in root.iter() if e.get("class") == "node"]) == len(graph.view.nodes)
        lines = graph.text().splitlines()
        assert all(line.isprintable() for line in lines)
        assert max(map(len, lines)) < 400
        assert viz.GraphView.from_json(graph.view.to_json()) == graph.view


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (HOSTILE[0], 'a"];x->y[label=<<script>alert(1…'),  # at most 32 characters
        (r"\N\G\L\n\E\T", r"\N\G\L\n\E\T"),
        ("a → b ∂ λ ᵀ", "a → b ∂ λ ᵀ"),
        ("&lt;b&gt; &amp;", "&lt;b&gt; &amp;"),
        ("one\ntwo", r"one\ntwo"),
        ("{x} %s", "{x} %s"),
    ],
)
def test_a_name_reads_as_it_was_written(name: str, shown: str) -> None:
    texts = texts_of(viz.draw(Tensor(1.0, name=name) * 2.0).svg())
    assert shown in [text.replace("\xa0", " ") for text in texts]


def test_scopes_are_frames_that_nest() -> None:
    w = Tensor(1.0, name="inner/w")
    with scope("outer"), scope("inner"):
        y = w * 3.0
    root = ElementTree.fromstring(viz.draw(y * 2.0).svg())
    frames = [e for e in root.iter(f"{SVG}g") if e.get("class") == "cluster"]
    assert len(frames) == 2
    assert {"outer", "inner"} <= set(texts_of(viz.draw(y).svg()))


def test_text_is_not_small_and_colours_have_six_digits() -> None:
    for edges in ("plain", "receipt", "ledger", "check"):
        dot = viz.draw(network()[0], edges=edges).dot
        sizes = [float(x) for x in re.findall(r'(?:POINT-SIZE="|fontsize=)"?([\d.]+)', dot)]
        assert min(sizes) >= 9
        assert all(len(c) == 6 for c in re.findall(r'"#([0-9a-fA-F]+)"', dot))


def test_the_receipt_stands_on_the_edges() -> None:
    texts = texts_of(viz.draw(Tensor(3.0, name="x") ** 2).svg())
    assert texts.index("× 1 = 6") == texts.index("slope 6") + 1
    texts = texts_of(viz.draw(Tensor(3.0, name="x") ** 2, edges="plain").svg())
    assert "× 1 = 6" not in texts


def test_not_computed_is_shown_and_is_not_zero() -> None:
    graph = viz.draw(Tensor([1.0, 2.0]) * 2.0)
    assert any("not computed" in text for text in texts_of(graph.svg()))


def test_the_width_of_an_edge_tells_the_amount_and_its_text_the_sign() -> None:
    x, y = Tensor(1.0, name="x"), Tensor(1.0, name="y")
    dot = viz.draw(x * -9.0 + y).dot
    widths = {m[0]: float(m[1]) for m in re.findall(r"(v\d+ -> v\d+).*penwidth=([\d.]+)", dot)}
    assert widths["v0 -> v2"] > widths["v3 -> v4"]
    colours: Any = dict(re.findall(r"(v\d+ -> v\d+) \[.*? color=\"(#\w+)\"", dot))
    assert colours["v0 -> v2"] != colours["v3 -> v4"]
    assert "slope −9<BR/>× 1 = −9" in dot


def test_short_graphs_run_to_the_right_and_long_ones_down() -> None:
    x: Any = Tensor(1.0)
    assert "rankdir=LR" in viz.draw(x * 2.0).dot
    for _ in range(15):
        x = np.sin(x)
    assert "rankdir=TB" in viz.draw(x).dot


@pytest.mark.parametrize("depth", [1, None])
@pytest.mark.parametrize("edges", ["plain", "receipt", "ledger", "check"])
def test_text_can_be_read_on_a_page_of_1400_pixels(depth: int | None, edges: str) -> None:
    """The picture of the network, drawn as wide as the page: no letter is lower than 9 pixels."""
    graph = viz.draw(network()[0], depth=depth, edges=edges)
    assert len(graph.view.nodes) <= 40
    root = ElementTree.fromstring(graph.svg())
    width = float((root.get("viewBox") or "").split()[2])
    sizes = [float(text.get("font-size") or 0) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * 1400 / width >= 9


def test_a_box_stands_for_what_is_folded() -> None:
    x: Any = Tensor(0.5, name="x")
    for _ in range(100):
        x = np.sin(x) * 0.5
    graph = viz.draw(x)
    texts = [text.replace("\xa0", " ") for text in texts_of(graph.svg())]
    (box,) = [node for node in graph.view.nodes if node.role == "group"]
    assert box.label in texts and box.symbol in texts
    assert any("×99" in text for text in texts)
    assert graph.view.notes[0] in texts


def test_an_arrow_may_run_back_to_a_layer_that_is_used_twice() -> None:
    w = Tensor([0.5], name="dense/w")
    x: Any = Tensor([1.0], name="x")
    for _ in range(2):
        with scope("dense"):
            x = np.tanh(x * w)
        x = np.sin(x)
    graph = viz.draw(x.sum(), depth=1)
    root = ElementTree.fromstring(graph.svg())
    drawn = [e for e in root.iter(f"{SVG}g") if e.get("class") == "edge"]
    assert len(drawn) == len(graph.view.edges)


def test_what_differences_say_stands_on_the_edges() -> None:
    bad = Operation("bad", value=lambda x: 3 * x, gradients=(lambda g, out, x: 2 * g,))
    texts = texts_of(viz.draw(bad(Tensor(1.0)) + abs(Tensor(0.0)), edges="check").svg())
    marks = {text[0] for text in texts if text[0] in "✓✗∠"}
    assert marks == set("✓✗∠")
