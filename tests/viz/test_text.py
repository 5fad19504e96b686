"""The text tree: the form that works everywhere and can be read aloud."""

from typing import Any

import numpy as np

from autograd_nn import Tensor, viz
from tests.viz.graphs import lesson, network


def line_with(text: str, start: str) -> str:
    """The one line whose tree part starts so."""
    (found,) = [line for line in text.splitlines() if line.lstrip("│├└─ ").startswith(start)]
    return found


def test_the_receipt_of_a_product() -> None:
    text = viz.draw(Tensor(2.0, name="w") * Tensor(-0.5, name="x")).text()
    assert text.startswith("Computation graph of v2: 3 nodes, 2 edges\n")
    assert line_with(text, "v0 w").split("parameter")[1].split() == [
        *("2", "-0.5"),  # value, gradient = x
        *("-0.5", "×", "1", "=", "-0.5"),
    ]


def test_a_running_sum() -> None:
    text = viz.draw(lesson().loss).text()
    # λw twice, and 2(a − y)(1 − a²)x = -0.5315·0.3
    assert "0.2 + 0.2 - 0.1594 = 0.2406" in line_with(text, "v0 w  parameter")
    assert text.count("w  (above)") == 2


def test_columns_are_aligned() -> None:
    lines = viz.draw(lesson().loss).text().splitlines()
    head = lines[2]
    column = head.index("gradient")
    rows = [line for line in lines[3:] if "(above)" not in line]
    assert len(rows) > 8
    for line in rows:
        assert line[column - 1] == " " and line[column] != " "


def test_each_node_has_one_line_of_its_own() -> None:
    graph = viz.draw(network()[0])
    text = graph.text()
    for node in graph.view.nodes:
        own = [
            line
            for line in text.splitlines()
            if line.lstrip("│├└─ ").split(" ")[0] == node.id and "(above)" not in line
        ]
        assert len(own) == 1


def test_arrays_have_a_line_for_each_value() -> None:
    loss, names = network()
    text = viz.draw(loss, names=names).text()
    assert max(map(len, text.splitlines())) <= 120
    assert "d dense/kernel = xᵀ·G : (64,32)·(32,25) → (64,25)" in text
    assert "bypassed by the fused loss" in text
    assert "mean back: ÷ 32, spread : () → (32,1)" in text


def test_plain_text_has_values_and_gradients_and_no_receipts() -> None:
    text = viz.draw(lesson().loss, edges="plain").text()
    assert "gradient" in text and "flows back" not in text and "0.3 ×" not in text


def test_a_deep_graph_is_continued_at_the_margin() -> None:
    x: Any = Tensor(1.0, name="x")
    for _ in range(500):
        x = np.sin(x)
    text = viz.draw(x, depth=1).text()  # nothing folded
    assert max(map(len, text.splitlines())) < 120
    assert "(continued below)" in text
    assert line_with(text, "v0 x").count("parameter") == 1


def test_names_keep_to_their_line() -> None:
    text = viz.draw(Tensor(1.0, name="a\nb\tc\x1b[31m\u202e") * 2).text()
    assert r"a\nb\tc\x1b[31m\u202e" in text
    assert len(viz.draw(Tensor(1.0, name="x" * 10_000) * 2).text()) < 500
