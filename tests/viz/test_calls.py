"""Functions of NumPy that are written with operations: a picture shows what the user wrote."""

from contextlib import nullcontext
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Tensor, viz
from autograd_nn.engine.composing import in_words
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import scope


def two_variances() -> tuple[Tensor, Tensor]:
    x = Tensor([1.0, 2.0, 4.0], name="x")
    return np.var(x) + np.var(x * 2.0), x


def labels_of_groups(graph: Any) -> list[str]:
    return [node.label for node in graph.view.nodes if node.role == "group"]


def test_a_small_picture_has_the_call_open_in_a_box_of_its_own() -> None:
    loss, _ = two_variances()
    view = viz.draw(loss).view
    assert [cluster.path for cluster in view.clusters] == ["var()", "var() #2"]
    for path in ("var()", "var() #2"):
        names = [node.operation for node in view.nodes if node.cluster == path and node.operation]
        assert names == ["mean", "subtract", "square", "sum", "divide"]


def test_two_calls_side_by_side_are_two_boxes() -> None:
    loss, _ = two_variances()
    graph = viz.draw(loss, depth=1)
    assert labels_of_groups(graph) == ["var()", "var() #2"]
    first, second = (node for node in graph.view.nodes if node.role == "group")
    # The mean of squares, by hand: x has the mean 7/3, and 2x four times its variance.
    assert first.value is not None and second.value is not None
    assert first.value.values[0] == pytest.approx(14 / 9)
    assert second.value.values[0] == pytest.approx(56 / 9)
    assert "var() #2" in graph.dot and "var() #2" in graph.text()


def test_a_call_of_what_a_call_gave_is_no_circle() -> None:
    x = Tensor([[1.0, 2.0], [5.0, 3.0]], name="x")
    loss = np.var(np.std(x, axis=0)) * 1.0
    edges = {(e.source, e.target) for e in viz.draw(loss, depth=1).view.edges}
    assert ("g0", "g1") in edges and ("g1", "g0") not in edges


def test_a_large_picture_has_its_calls_closed_and_the_layers_open_while_they_fit() -> None:
    x = Tensor(np.arange(1.0, 5.0), name="x")
    with scope("norm"):
        y = x
        for _ in range(7):
            y = (y - np.mean(y)) / np.std(y) + 1.0
    graph = viz.draw(y.sum())
    assert labels_of_groups(graph) == ["std()", *(f"std() #{n}" for n in range(2, 8))]
    assert {cluster.path for cluster in graph.view.clusters} == {"norm"}


def test_a_call_inside_of_a_layer_closes_with_it_and_opens_alone() -> None:
    x, kernel = Tensor([1.0, 2.0, 4.0], name="x"), Tensor([1.0, 2.0, 3.0], name="dense/kernel")
    with scope("dense"):
        y = np.var(x * kernel) + np.var(kernel) + np.sin(x)
    loss = y.sum()
    assert labels_of_groups(viz.draw(loss, depth=1)) == ["dense"]
    assert labels_of_groups(viz.draw(loss, depth=2)) == ["var()", "var() #2"]
    assert labels_of_groups(viz.draw(loss, focus="dense")) == ["var()", "var() #2"]
    assert labels_of_groups(viz.draw(loss, focus="dense/var()")) == ["var() #2"]
    alone = viz.draw(loss, depth=1).view
    assert [n.label for n in alone.nodes] == ["x", "dense", alone.nodes[-1].label]


def test_a_weight_that_only_a_call_uses_belongs_to_the_layer() -> None:
    kernel = Tensor([1.0, 2.0, 3.0], name="dense/kernel")
    with scope("dense"):
        y = np.var(kernel) * 2.0
    (leaf,) = [n for n in viz.draw(y.sum()).view.nodes if n.name == "dense/kernel"]
    assert leaf.cluster == "dense"


def test_in_words_a_call_is_no_layer() -> None:
    assert in_words("dense") == "layer 'dense'"
    assert in_words("block/dense") == "layer 'block/dense'"
    assert in_words("var()") == "var()"
    assert in_words("block/dense/var()") == "var() in layer 'block/dense'"


def test_steps_explain_why_and_zoom_name_the_call() -> None:
    loss, x = two_variances()
    told = str(viz.steps(loss))
    assert "In var(): v1 = mean(x, keepdims=True)" in told
    assert "In var() #2: " in told
    assert "[var() #2]" in viz.explain(loss, x).text
    # The numbers of the second call go on to what it was given, not into the first.
    text = viz.why(loss, x).text
    assert "in var()" in text and "layer" not in text
    zoom = viz.zoom(loss, ())
    assert "layer" not in str(zoom)


def test_what_is_not_finite_is_in_a_call_and_in_no_layer() -> None:
    x = Tensor([1.0, np.inf], name="x")
    with np.errstate(all="ignore"):
        text = viz.why(np.var(x) * 2.0, x).text
    assert "layer" not in text


def test_the_page_opens_calls(tmp_path: Any) -> None:
    loss, _ = two_variances()
    page = tmp_path / "page.html"
    viz.explore(loss, page)
    text = page.read_text(encoding="utf-8")
    assert "Calls closed" in text and "var() #2" in text


def test_a_program_names_values_after_the_call() -> None:
    loss, x = two_variances()
    source = loss.program([x]).plain.source
    assert "var_mean = " in source and "var_mean_2 = " in source and "var__" not in source


CALLS: list[Any] = [
    np.var,
    lambda x: np.std(x, axis=0),
    np.linalg.norm,
    np.median,
    lambda x: np.diff(x, append=1.0),
    np.ptp,
    lambda x: np.flip(x) * 2.0,
    lambda x: x * x + 1.0,
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(CALLS), st.integers(0, 9), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([None, 1, 2, 3]),
)
def test_closed_calls_are_one_group_each_and_never_in_a_circle(steps: Any, depth: Any) -> None:
    pool = [Tensor([1.0, 2.5, 4.0, 0.5], name="x")]
    for place, (call, source, in_layer) in enumerate(steps):
        x = pool[source % len(pool)]
        with scope(f"layer_{place}") if in_layer else nullcontext():
            pool.append(call(x) + pool[0])
    root = np.concatenate([t.ravel() for t in pool]).sum()
    view = viz.draw(root, depth=depth).view
    arrows = {(edge.source, edge.target) for edge in view.edges}
    left = dict.fromkeys(node.id for node in view.nodes)
    while left:  # what nothing that is left points to is taken away, until nothing is left
        free = [n for n in left if not any(a in left for a, b in arrows if b == n)]
        assert free
        for node in free:
            del left[node]
    if depth == 1:
        recorded = [n.scope for n in topological(root) if n.scope and n.scope.endswith("()")]
        alone = {id(text) for text in recorded if "/" not in text}
        several = [i for i in alone if [id(text) for text in recorded].count(i) > 1]
        labels = [n.label for n in view.nodes if n.role == "group" and "()" in n.label]
        assert len(labels) >= len(several) and len(set(labels)) == len(labels)
