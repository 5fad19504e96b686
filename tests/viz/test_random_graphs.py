"""Laws that hold for every graph, on random ones."""

from collections import Counter
from typing import Any, get_args

import hypothesis.strategies as st
import numpy as np
import pygraphviz
from hypothesis import given, settings

from autograd_nn import Operation, Tensor, gradients, ops, viz
from autograd_nn.engine.graph import topological
from autograd_nn.viz import GraphView
from autograd_nn.viz.graph.recorded import view_of
from autograd_nn.viz.graph.view import Color, Detail
from tests.viz.graphs import edges_of, nodes_of


def _turned(g: Any, out: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Of (x·cos y, x·sin y); where nothing came back there is None."""
    to_first, to_second = (0.0 if d is None else d for d in g)
    return to_first * np.cos(y) + to_second * np.sin(y), to_second * out[0] - to_first * out[1]


turned = Operation("turned", value=lambda x, y: (x * np.cos(y), x * np.sin(y)), gradients=_turned)
mixed = Operation(
    "mixed",
    value=lambda x, y, z: x * y + z,
    gradients=(lambda g, out, x, y, z: g * y, lambda g, out, x, y, z: g * x, lambda g, *_: g),
)
halved = Operation("halved", value=lambda x: x / 2, gradients=(lambda g, out, x: g / 2,))
UNARY = [np.tanh, np.sin, ops.softmax, ops.sigmoid, halved, lambda x: x.T, lambda x: x - x.mean()]
BINARY: list[Any] = [
    *(np.add, np.multiply, np.subtract, ops.matmul, np.maximum),
    lambda x, y: np.concatenate([x, y], axis=1)[:, 1:3],
    lambda x, y: x + y[0] * y[:, :1],
    lambda x, y: ops.split(x, indices_or_sections=2)[1] * y,
    lambda x, y: x * 2.0 + np.ones((2, 2)) * y,
    lambda x, y: turned(x, y)[1],
    lambda x, y: turned(x, y)[0] - turned(y, x)[1],
    lambda x, y: mixed(x, y, x),
    lambda x, y: mixed(x, 2.0, y[:1]),
]
DETAILS, COLORS = get_args(Detail), get_args(Color)


@st.composite
def losses(draw: Any) -> Tensor:
    """A scalar computed from some 2 × 2 leaves, each result from any of those before."""
    count = draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pool: list[Any] = [Tensor(random.standard_normal((2, 2)), name=f"t{i}") for i in range(count)]
    for _ in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            pool.append(draw(st.sampled_from(UNARY))(draw(st.sampled_from(pool))))
        else:
            rule = draw(st.sampled_from(BINARY))
            pool.append(rule(draw(st.sampled_from(pool)), draw(st.sampled_from(pool))))
    return pool[-1].sum()


@settings(max_examples=100)
@given(losses())
def test_an_edge_for_every_input(loss: Tensor) -> None:
    view = viz.draw(loss, edges="receipt", depth=1).view  # nothing folded
    assert len(view.edges) == sum(len(node.inputs) for node in topological(loss))
    ids = [item.id for item in (*view.nodes, *view.edges)]
    assert len(set(ids)) == len(ids)
    assert viz.draw(loss, edges="receipt", depth=1).view == view
    assert GraphView.from_json(view.to_json()) == view


def _assert_sum(total: Any, gradient: Any, count: int) -> None:
    """Bit for bit; more than two numbers may be told in another order than they were added in."""
    if count <= 2:
        assert np.asarray(total).tobytes() == np.asarray(gradient).tobytes()
    np.testing.assert_allclose(total, gradient, rtol=1e-12, atol=1e-14)


@settings(max_examples=100)
@given(losses())
def test_contributions_add_up_to_the_gradient(loss: Tensor) -> None:
    view = view_of(loss, "receipt", depth=1)
    edges = {edge.id: edge for edge in view.edges}
    leaves = [t for t in topological(loss) if t.name]
    found = gradients(loss, leaves)
    for leaf, gradient in zip(leaves, found, strict=True):
        (node,) = [node for node in view.nodes if node.name == leaf.name]
        if gradient is None:
            assert node.gradient is None
            continue
        assert node.gradient is not None and node.gradient.values == tuple(gradient.ravel())
        if leaf is loss:
            continue
        total: Any = None
        for name in node.received:
            contribution: Any = edges[name].contribution
            part = np.array(contribution.values)
            total = part if total is None else total + part
        _assert_sum(total, gradient.ravel(), len(node.received))


@settings(max_examples=40)
@given(losses())
def test_every_form_can_be_written(loss: Tensor) -> None:
    graph = viz.draw(loss)
    assert all(node.id in graph.dot for node in graph.view.nodes)
    # Plain numbers stand in the expressions.
    shown = [
        n.id if n.role == "group" else n.label
        for n in graph.view.nodes
        if n.role != "constant" or n.shape
    ]
    words = set(graph.text().replace("(", " ").replace(")", " ").split())
    assert all(name in words for name in shown)


@settings(max_examples=100)
@given(losses())
def test_steps_end_at_the_gradient(loss: Tensor) -> None:
    """Each step adds its contribution, and the last ``after`` is the gradient bit for bit."""
    leaves = [t for t in topological(loss) if t.name]
    found = gradients(loss, leaves)
    after: dict[Any, Any] = {}
    told = viz.steps(loss)
    many = Counter(step.input for step in told if step.slot is not None)
    count: Counter[Any] = Counter()
    for step in told:
        assert len(step.sentence.splitlines()) == 1
        if step.slot is None or step.operation == "part":
            continue
        before = after.get(step.input)
        assert (step.before is None) == (before is None)
        total = step.contribution if before is None else before + step.contribution
        count[step.input] += 1
        is_last = count[step.input] == many[step.input]
        _assert_sum(total, step.after, count[step.input] if is_last else 1)
        after[step.input] = step.after
    for leaf, gradient in zip(leaves, found, strict=True):
        if gradient is None:
            assert leaf not in after
        elif leaf is not loss:
            assert after[leaf].tobytes() == gradient.tobytes()
    wanted = sum(edge.contribution is not None for edge in view_of(loss, depth=1).edges)
    assert sum(step.slot is not None for step in told) == wanted


@settings(max_examples=40)
@given(losses(), st.sampled_from(DETAILS), st.sampled_from(COLORS), st.sampled_from([1, None]))
def test_every_detail_and_color(loss: Tensor, edges: Any, color: Any, depth: int | None) -> None:
    graph = viz.draw(loss, edges=edges, color=color, depth=depth)
    assert len(graph.view.nodes) <= 60 or depth
    assert GraphView.from_json(graph.view.to_json()) == graph.view
    parsed = pygraphviz.AGraph(string=graph.dot)
    assert sorted(nodes_of(parsed)) == sorted(node.id for node in graph.view.nodes)
    assert len(edges_of(parsed)) == len(graph.view.edges)
    assert graph.text()
    # The numbers are the same whatever is written along the edges.
    plain = viz.draw(loss, edges="plain", depth=depth).view
    assert [n.gradient for n in plain.nodes] == [n.gradient for n in graph.view.nodes]


@settings(max_examples=40)
@given(losses())
def test_no_edge_is_accused(loss: Tensor) -> None:
    """All the rules in these graphs are right: differences must never call one wrong."""
    view = viz.draw(loss, edges="check", depth=1).view
    assert "wrong" not in {edge.check for edge in view.edges}
