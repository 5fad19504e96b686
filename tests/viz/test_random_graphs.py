"""Laws that hold for every graph, on random ones."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from autograd_nn import Operation, Tensor, gradients, ops, viz
from autograd_nn.engine.graph import topological
from autograd_nn.viz import GraphView
from autograd_nn.viz.recorded import view_of

halved = Operation("halved", value=lambda x: x / 2, gradients=(lambda g, out, x: g / 2,))
UNARY = [np.tanh, np.sin, ops.softmax, ops.sigmoid, halved, lambda x: x.T, lambda x: x - x.mean()]
BINARY: list[Any] = [
    *(np.add, np.multiply, np.subtract, ops.matmul, np.maximum),
    lambda x, y: np.concatenate([x, y], axis=1)[:, 1:3],
    lambda x, y: x + y[0] * y[:, :1],
    lambda x, y: ops.split(x, indices_or_sections=2)[1] * y,
    lambda x, y: x * 2.0 + np.ones((2, 2)) * y,
]


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


@settings(max_examples=150)
@given(losses())
def test_an_edge_for_every_input(loss: Tensor) -> None:
    view = viz.draw(loss, edges="receipt").view
    assert len(view.edges) == sum(len(node.inputs) for node in topological(loss))
    ids = [item.id for item in (*view.nodes, *view.edges)]
    assert len(set(ids)) == len(ids)
    assert viz.draw(loss, edges="receipt").view == view
    assert GraphView.from_json(view.to_json()) == view


@settings(max_examples=150)
@given(losses())
def test_contributions_add_up_to_the_gradient(loss: Tensor) -> None:
    """Bit for bit, in the order in which the view lists them."""
    view = view_of(loss, "receipt")
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
        assert total.tolist() == gradient.ravel().tolist()


@settings(max_examples=40)
@given(losses())
def test_every_form_can_be_written(loss: Tensor) -> None:
    graph = viz.draw(loss)
    assert all(node.id in graph.dot for node in graph.view.nodes)
    # Plain numbers stand in the expressions.
    shown = [n.id for n in graph.view.nodes if n.role != "constant" or n.shape]
    words = set(graph.text().split())
    assert all(name in words for name in shown)
