"""The receipt: the numbers against the closed form, and the rules in words."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, ops, viz
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.view import Edge
from tests.engine.samples import BY_NAME, SAMPLES
from tests.viz.graphs import edges_from, lesson, node_called, value


def flows(loss: Tensor, label: str, **options: Any) -> list[Edge]:
    """The edges of a receipt that leave the node with that label."""
    return edges_from(viz.draw(loss, edges="receipt", **options).view, label)


def test_every_number_of_the_scalar_lesson() -> None:
    example = lesson()
    view = viz.draw(example.loss, edges="receipt").view
    w, x, b, a, y = example.w, example.x, example.b, example.a, example.y
    by_label = {node.expression: node for node in view.nodes if node.expression}
    error, square = by_label["v3 − 0.8"], by_label["v4 ** 2"]

    local_of_tanh = 1 - a**2
    by_error = 2 * (a - y)
    edges = {(edge.source, edge.target, edge.slot): edge for edge in view.edges}
    (of_square,) = [e for e in view.edges if (e.source, e.target) == (error.id, square.id)]
    for edge, local, upstream in (
        (of_square, by_error, 1.0),
        (edges[by_label["tanh(v2)"].id, error.id, 0], 1.0, by_error),
        (edges[by_label["v1 + b"].id, by_label["tanh(v2)"].id, 0], local_of_tanh, by_error),
        (edges[node_called(view, "b").id, by_label["v1 + b"].id, 1], 1.0, example.by_tanh),
    ):
        assert value(edge.local) == pytest.approx(local, rel=1e-12)
        assert value(edge.upstream) == pytest.approx(upstream, rel=1e-12)
        assert value(edge.contribution) == pytest.approx(local * upstream, rel=1e-12)

    three = edges_from(view, "w")
    assert sorted(value(e.local) for e in three) == [x, w, w]
    assert sorted(value(e.contribution) for e in three) == pytest.approx(
        sorted([example.by_tanh * x, 0.1 * w, 0.1 * w]), rel=1e-12
    )
    assert value(node_called(view, "w").gradient) == pytest.approx(example.by_w, rel=1e-12)
    assert value(node_called(view, "b").gradient) == pytest.approx(example.by_tanh, rel=1e-12)
    assert value(node_called(view, "L").value) == pytest.approx(
        (np.tanh(w * x + b) - y) ** 2 + 0.1 * w * w, rel=1e-12
    )


def test_contributions_add_up_in_their_order() -> None:
    view = viz.draw(lesson().loss).view
    edges = {edge.id: edge for edge in view.edges}
    w = node_called(view, "w")
    assert len(w.received) == 3
    total = 0.0
    for name in w.received:
        total += value(edges[name].contribution)
    assert total == value(w.gradient)


def test_the_local_number_is_not_found_by_division() -> None:
    x = Tensor(3.0, name="x")
    (edge,) = flows(ops.square(x) * 0.0, "x")
    assert (value(edge.local), value(edge.upstream), value(edge.contribution)) == (6.0, 0.0, 0.0)
    assert notation.receipt(edge) == ["slope 6 × 0 = 0"]
    assert edge.derivative == "∂₁v1 = 2·x"


def test_products_of_matrices() -> None:
    x, w = Tensor(np.ones((64, 32)), name="X"), Tensor(np.ones((32, 25)), name="W")
    product = x @ w
    product.name, loss = "P", product.sum()
    loss.name = "L"
    (to_x,), (to_w,) = flows(loss, "X"), flows(loss, "W")
    assert (to_w.rule, to_w.shapes) == ("Xᵀ·∂L/∂P", "(32,64)·(64,25) → (32,25)")
    assert (to_x.rule, to_x.shapes) == ("∂L/∂P·Wᵀ", "(64,25)·(25,32) → (64,32)")
    assert to_w.local is None
    contribution: Any = to_w.contribution
    assert (contribution.largest, contribution.at) == (64.0, (0, 0))
    assert contribution.norm == pytest.approx(64 * np.sqrt(32 * 25))


@pytest.mark.parametrize(
    ("left", "right", "to_left", "to_right"),
    [
        ((3,), (3,), "G·Y : ()·(3,) → (3,)", "G·X : ()·(3,) → (3,)"),
        ((2, 3), (3,), "G⊗Y : (2,)⊗(3,) → (2,3)", "G·X : (2,)·(2,3) → (3,)"),
        ((3,), (3, 2), "G·Yᵀ : (2,)·(2,3) → (3,)", "X⊗G : (3,)⊗(2,) → (3,2)"),
        (
            (5, 2, 3),
            (3, 4),
            "G·Yᵀ : (5,2,4)·(4,3) → (5,2,3)",
            "Σ Xᵀ·G : (5,3,2)·(5,2,4) → (5,3,4) → (3,4)",
        ),
    ],
)
def test_products_of_vectors_and_stacks(left: Any, right: Any, to_left: str, to_right: str) -> None:
    x, y = Tensor(np.ones(left), name="X"), Tensor(np.ones(right), name="Y")
    product = x @ y
    product.name, loss = "P", product.sum()
    loss.name = "L"
    for label, expected in (("X", to_left), ("Y", to_right)):
        (edge,) = flows(loss, label)
        assert f"{edge.rule} : {edge.shapes}" == expected.replace("G", "∂L/∂P")


def test_names_with_a_slash_stand_in_brackets() -> None:
    kernel = Tensor(np.ones((2, 3)), name="dense/kernel")
    loss = kernel @ np.ones((3, 4))
    loss.name = "dense/out"
    (edge,) = flows(loss.sum(), "dense/kernel")
    assert edge.rule == "∂v2/∂(dense/out)·v1ᵀ"


def test_a_bias_is_summed_over_the_axis_it_was_spread_over() -> None:
    b = Tensor(np.zeros(25), name="b")
    (edge,) = flows((np.ones((32, 25)) + b).sum(), "b")
    assert (edge.rule, edge.shapes) == ("∂v3/∂v2, summed over axis 0", "(32,25) → (25,)")
    column = Tensor(np.zeros((32, 1)), name="c")
    (edge,) = flows((column * np.ones((32, 25))).sum(), "c")
    assert (edge.rule, edge.shapes) == ("∂₁v2 ⊙ ∂v3/∂v2, summed over axis 1", "(32,25) → (32,1)")
    number = Tensor(2.0, name="n")
    (edge,) = flows((number * np.ones((32, 25))).sum(), "n")
    assert (edge.rule, edge.shapes) == ("∂₁v2 ⊙ ∂v3/∂v2, summed over axes 0, 1", "(32,25) → ()")


def test_sum_and_mean() -> None:
    x = Tensor(np.ones((32, 25)), name="x")
    (edge,) = flows(x.sum(), "x")
    assert (edge.rule, edge.shapes) == ("∂v1/∂v1, spread", "() → (32,25)")
    (edge,) = flows(x.mean(), "x")
    assert (edge.rule, edge.shapes) == ("∂v1/∂v1 ÷ 800, spread", "() → (32,25)")
    (edge,) = flows(x.mean(axis=0).sum(), "x")
    assert (edge.rule, edge.shapes) == ("∂v2/∂v1 ÷ 32, spread", "(25,) → (32,25)")


def test_elementwise_operations_show_the_local_derivative() -> None:
    x = Tensor(np.linspace(-2, 2, 9), name="x")
    (edge,) = flows(np.tanh(x).sum(), "x")
    local: Any = edge.local
    expected = 1 - np.tanh(np.linspace(-2, 2, 9)) ** 2
    assert edge.derivative == "∂₁v1 = 1 − v1²"
    assert (local.low, local.high) == pytest.approx((expected.min(), expected.max()), rel=1e-12)
    assert local.mean == pytest.approx(expected.mean(), rel=1e-12)
    assert (edge.rule, edge.shapes) == ("∂₁v1 ⊙ ∂v2/∂v1", "(9,)")


def test_softmax_indexing_and_joining() -> None:
    x = Tensor(np.ones((2, 3)), name="x")
    (edge,) = flows((ops.softmax(x) * np.arange(3.0)).sum(), "x")
    assert edge.rule == "v1·(∂v4/∂v1 − Σ ∂v4/∂v1·v1)"
    (edge,) = flows(x[0, 1:].sum(), "x")
    assert (edge.rule, edge.shapes) == ("zeros, ∂v2/∂v1 added at [0, 1:]", "(2,) → (2,3)")
    first, second = flows(np.concatenate([x, x]).sum(), "x")
    assert (first.rule, second.rule) == ("(∂v2/∂v1)[0:2]", "(∂v2/∂v1)[2:4]")
    (edge,) = flows(np.concatenate([np.ones((2, 1)), x], axis=1).sum(), "x")
    assert edge.rule == "(∂v3/∂v2)[:, 1:4]"
    assert second.shapes == "(4,3) → (2,3)"


def test_a_users_own_operation_gets_its_formula() -> None:
    double = Operation("double", value=lambda x: 2 * x, gradients=(lambda g, out, x: 2 * g,))
    x = Tensor(np.ones((2, 3)), name="x")
    (edge,) = flows(double(x).sum(), "x")
    assert (edge.rule, edge.shapes) == ("∂₁v1 ⊙ ∂v2/∂v1", "(2,3)")
    assert edge.derivative == "∂₁v1 = 2"


def test_a_rule_that_looks_at_numbers_gets_its_name_and_shapes() -> None:
    double = Operation(
        "double",
        value=lambda x: 2 * x,
        gradients=(lambda g, out, x: 2 * g if g.any() else 0 * g,),
    )
    x = Tensor(np.ones((2, 3)), name="x")
    (edge,) = flows(double(x).sum(), "x")
    assert (edge.rule, edge.shapes) == ("own rule of double", "(2,3) → (2,3)")
    assert edge.local is None  # whether it works element by element is not known


def test_a_users_operation_that_bears_a_known_name() -> None:
    add = Operation("add", value=lambda x: 7 * x, gradients=(lambda g, out, x: 7 * g,))
    (edge,) = flows(add(Tensor(1.0, name="x")), "x")
    assert value(edge.local) == 7.0
    assert edge.derivative == "∂₁v1 = 7"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_operation_has_words(name: str) -> None:
    operation = BY_NAME[name]
    for sample in SAMPLES[name][:2]:
        inputs = [Tensor(a) if np.asarray(a).dtype.kind == "f" else a for a in sample.inputs]
        result = operation(*inputs, **sample.attributes)
        for part in result if isinstance(result, tuple) else (result,):
            if not part.requires_grad:
                continue
            view = viz.draw(part.sum(), edges="receipt").view
            for edge in view.edges:
                if edge.contribution is not None:
                    assert edge.rule or edge.derivative
                    assert notation.receipt(edge)


@pytest.mark.parametrize("name", SAMPLES)
def test_local_derivatives_are_elementwise_where_they_are_shown(name: str) -> None:
    for sample in SAMPLES[name]:
        inputs = [Tensor(a) if np.asarray(a).dtype.kind == "f" else a for a in sample.inputs]
        result = BY_NAME[name](*inputs, **sample.attributes)
        if isinstance(result, tuple) or not result.requires_grad:
            continue
        seed = np.linspace(0.5, 1.5, result.size).reshape(result.shape)
        view = viz.draw((result * seed).sum(), edges="receipt").view
        by_result = [e for e in view.edges if e.local is not None and e.local.shape]
        for edge in by_result:
            local, up, contribution = edge.local, edge.upstream, edge.contribution
            assert local is not None and up is not None and contribution is not None
            if not (local.values and local.shape == up.shape == contribution.shape):
                continue  # larger ones are summarised, and where broadcasting is undone it is a sum
            product = np.array(local.values) * np.array(up.values)
            np.testing.assert_allclose(product, contribution.values, rtol=1e-12)
