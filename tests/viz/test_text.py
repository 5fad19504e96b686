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
    assert text.startswith("Computation graph of v1: 3 nodes, 2 edges\n")
    assert line_with(text, "w").split("parameter")[1].split() == [
        *("2", "−0.5"),  # value, gradient = x
        *("slope", "−0.5", "×", "1", "=", "−0.5"),
    ]


def test_a_running_sum() -> None:
    text = viz.draw(lesson().loss).text()
    # λw twice, and 2(a − y)(1 − a²)x = -0.5315·0.3
    assert "0.2 + 0.2 − 0.1594 = 0.2406" in line_with(text, "w  parameter")
    assert text.count("w  (above)") == 2


def test_columns_are_aligned() -> None:
    lines = viz.draw(lesson().loss).text().splitlines()
    head = lines[2]
    column = head.index("gradient")
    rows = [
        line
        for line in lines[3 : 3 + len(viz.draw(lesson().loss).view.edges) - 3]
        if "(above)" not in line
    ]
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
            if line.lstrip("│├└─ ").split(" ")[0] == node.label and "(above)" not in line
        ]
        assert len(own) == 1


def test_arrays_have_a_line_for_each_value() -> None:
    loss, names = network()
    text = viz.draw(loss, names=names).text()
    assert max(map(len, text.splitlines())) <= 120
    assert "xᵀ·∂loss/∂v1 : (64,32)·(32,25) → (64,25)" in text
    assert "bypassed by the fused loss" in text
    assert "∂loss/∂loss ÷ 32, spread : () → (32,1)" in text


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
    assert line_with(text, "x").count("parameter") == 1


def test_names_keep_to_their_line() -> None:
    text = viz.draw(Tensor(1.0, name="a\nb\tc\x1b[31m\u202e") * 2).text()
    assert r"a\nb\tc\x1b[31m\u202e" in text
    assert len(viz.draw(Tensor(1.0, name="x" * 10_000) * 2).text()) < 500


def test_a_ledger_tells_what_backward_has_to_undo() -> None:
    x, b = Tensor(np.ones((3, 2)), name="x"), Tensor(np.ones(2), name="b")
    loss = ((x + b).T * 2.0).mean() + x[np.array([0, 0, 2])].sum()
    text = viz.draw(loss, edges="ledger").text()
    assert "shape (2,)" in text and "∂v8/∂v1, summed over axis 0 : (3,2) → (2,)" in text
    assert "∂v8/∂v4 ÷ 6, spread : () → (2,3)" in text
    assert "(∂v8/∂v2)ᵀ : (2,3) → (3,2)" in text
    assert "zeros, ∂v8/∂v6 added at [v5] : (3,2) → (3,2)" in text
    assert "back: slope × upstream" in text
    scalar = viz.draw(Tensor(2.0, name="w") * 3.0, edges="ledger").text()
    assert "shape ()" in scalar and "back: slope × upstream" in scalar


def test_the_last_column_is_that_of_the_detail() -> None:
    loss = lesson().loss
    for edges, head in (("receipt", "flows back"), ("ledger", "shapes"), ("check", "by differenc")):
        assert head in viz.draw(loss, edges=edges).text().splitlines()[2]


def test_colors_are_told_in_words() -> None:
    text = viz.draw(lesson().loss, color="agreement").text()
    # |0.2 + 0.2 − 0.1594| of 0.2 + 0.2 + 0.1594
    assert "2, agreement 43 %" in line_with(text, "w  parameter")
    assert "8 bytes" in viz.draw(lesson().loss, color="bytes").text()


def test_boxes_are_told_with_what_they_hold() -> None:
    text = viz.draw(network()[0], depth=1).text()
    assert line_with(text, "dense  (3").rstrip().endswith("(3 operations: @ + σ)")
    assert "kernel (64,25): gradient norm" in text
    assert text.endswith("15 of 19 nodes stand together in 3 boxes.\n")
    one = viz.draw(network()[0], focus="dense").text()
    assert "stand together in 2 boxes." in one


def test_text_needs_no_graphviz() -> None:
    from tests.helpers import without_graphviz

    loss, _ = network()
    for options in ({"depth": 1}, {"edges": "check"}, {"edges": "ledger", "color": "bytes"}):
        expected = viz.draw(loss, **options).text()
        assert without_graphviz(lambda o=options: viz.draw(loss, **o).text()) == expected
