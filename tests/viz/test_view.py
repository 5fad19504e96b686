"""The neutral view: which nodes and edges a graph has, and what they tell."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, no_grad, ops, settings, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import recording
from autograd_nn.layers import Dense
from autograd_nn.viz import GraphView
from tests.viz.graphs import edges_from, lesson, network, node_called, value


def test_a_square_as_a_product_has_two_edges() -> None:
    x = Tensor(3.0, name="x")
    view = viz.draw(x * x).view
    assert [node.label for node in view.nodes] == ["x", "v1"]
    assert [(e.source, e.target, e.slot) for e in view.edges] == [("v0", "v1", 0), ("v0", "v1", 1)]
    assert [value(e.contribution) for e in view.edges] == [3.0, 3.0]
    assert value(node_called(view, "x").gradient) == 6.0


def test_constants_among_the_inputs_are_nodes() -> None:
    x = Tensor([1.0, 2.0], name="x")
    data = np.array([3.0, 4.0])
    view = viz.draw((x * data + data + 2).sum(), names={"data": data}).view
    constants = [node for node in view.nodes if node.role == "constant"]
    assert [node.label for node in constants] == ["data", "2"]  # the array is one node
    assert len(edges_from(view, "data")) == 2
    assert len(view.edges) == 2 + 2 + 2 + 1


def test_twelve_doublings_are_thirteen_nodes() -> None:
    y: Any = Tensor(1.0)
    for _ in range(12):
        y = y + y
    view = viz.draw(y).view
    assert (len(view.nodes), len(view.edges)) == (13, 24)
    assert value(view.nodes[0].gradient) == 2**12
    assert viz.draw(y).text().count("\n") < 40


def test_seventy_doublings_take_no_time() -> None:
    y: Any = Tensor(1.0)
    for _ in range(70):  # a walk along every path would never end
        y = y + y
    graph = viz.draw(y, depth=1)  # nothing folded
    assert len(graph.view.nodes) == 71
    assert value(graph.view.nodes[0].gradient) == 2.0**70
    assert graph.text() and graph.dot


def test_roles_symbols_and_names() -> None:
    loss, names = network()
    view = viz.draw(loss, names=names).view
    kernel, x = node_called(view, "dense/kernel"), node_called(view, "x")
    assert (kernel.role, kernel.shape, kernel.dtype) == ("parameter", (64, 25), "float32")
    assert (x.role, x.shape) == ("constant", (32, 64))
    assert view.nodes[-1].role == "loss"
    assert view.nodes[-1].id == view.root
    product = next(node for node in view.nodes if node.expression == "x @ dense/kernel")
    assert (product.role, product.operation, product.symbol) == ("computed", "matmul", "@")


def test_weights_lie_in_the_cluster_of_their_layer() -> None:
    loss, _ = network()
    view = viz.draw(loss).view
    assert [cluster.path for cluster in view.clusters] == ["dense", "dense_1", "dense_2"]
    assert node_called(view, "dense_1/kernel").cluster == "dense_1"
    assert view.nodes[-1].cluster is None


def test_clusters_nest_as_scopes_do() -> None:
    from autograd_nn.engine.recording import scope

    w = Tensor([1.0], name="dense/kernel")
    with scope("block"), scope("dense"):
        y = w * 2.0
    view = viz.draw(y.sum()).view
    assert [(c.path, c.label, c.parent) for c in view.clusters] == [
        ("block", "block", None),
        ("block/dense", "dense", "block"),
    ]
    assert node_called(view, "dense/kernel").cluster == "block/dense"
    assert node_called(view, "2").cluster == "block/dense"


def test_a_slash_in_a_name_alone_makes_no_cluster() -> None:
    assert viz.draw(Tensor(1.0, name="a/b") * 2).view.clusters == ()


def test_names_are_given_to_what_has_none() -> None:
    w = Tensor(2.0)
    b = Tensor(1.0, name="offset")
    y = w * 3 + b
    view = viz.draw(y, names={"w": w, "b": b, "y": y, "other": 3, "_hidden": w}).view
    assert [node.label for node in view.nodes] == ["w", "3", "v1", "offset", "y"]


def test_a_name_of_the_users_is_never_given_to_something_else() -> None:
    view = viz.draw(Tensor(1.0, name="v1") * Tensor(2.0, name="v7") * 3).view
    assert [node.label for node in view.nodes] == ["v1", "v7", "u1", "3", "u2"]
    view = viz.draw(Tensor(1.0, name="u1") * Tensor(2.0, name="v1") * 3).view
    assert [node.label for node in view.nodes] == ["u1", "v1", "t1", "3", "t2"]


def test_two_of_one_name_are_told_apart() -> None:
    first, second, third = Tensor(1.0, name="h"), Tensor(2.0, name="h"), Tensor(3.0, name="h#2")
    view = viz.draw(first * second + third).view
    assert [node.label for node in view.nodes] == ["h", "h#2", "v1", "h#2#2", "v2"]
    long = [Tensor(1.0, name="x" * 40 + str(n)) for n in range(2)]
    labels = [node.label for node in viz.draw(long[0] * long[1]).view.nodes]
    assert len(set(labels)) == 3


def test_what_has_no_name_is_counted_without_gaps() -> None:
    view = viz.draw(lesson().loss).view
    counted = [node.label for node in view.nodes if node.label.startswith("v")]
    assert counted == [f"v{n + 1}" for n in range(7)]


def test_a_layer_has_a_sum_and_a_result() -> None:
    x = np.ones((2, 3), np.float32)
    layer = Dense(2, activation="tanh", name="hidden")
    last = Dense(1, use_bias=False, name="last")
    loss: Any = last(layer(x)).sum()
    expressions = {n.label: n.expression for n in viz.draw(loss, names={"x": x}).view.nodes}
    assert expressions["hidden/z"] == "v1 + hidden/bias"
    assert expressions["hidden/a"] == "tanh(hidden/z)"
    assert expressions["last/z"] == "hidden/a @ last/kernel"
    assert "last/a" not in expressions
    twice = Dense(3, activation="gelu", name="twice")
    again: Any = twice(twice(x)).sum()
    found = {n.label for n in viz.draw(again).view.nodes}
    assert {"twice/z", "twice/a", "twice/z#2", "twice/a#2"} <= found


def test_statistics_and_small_values() -> None:
    x = Tensor(np.array([[3.0, -4.0]]), name="x")
    numbers: Any = node_called(viz.draw((x * x).sum()).view, "x").value
    assert (numbers.shape, numbers.values) == ((1, 2), (3.0, -4.0))
    assert (numbers.low, numbers.mean, numbers.high) == (-4.0, -0.5, 3.0)
    assert (numbers.norm, numbers.largest, numbers.at) == (5.0, -4.0, (0, 1))


def test_what_is_not_finite_is_counted_and_left_out_of_statistics() -> None:
    x = Tensor(np.array([1.0, np.nan, np.inf, 3.0, 1e300, 1e300, 0.0]))
    numbers: Any = viz.draw(x * 1.0).view.nodes[0].value
    assert numbers.not_finite == 2
    assert numbers.values is None
    assert (numbers.low, numbers.high) == (0.0, 1e300)
    assert numbers.norm == pytest.approx(np.sqrt(2) * 1e300)


def test_not_computed_is_not_zero() -> None:
    x, y = Tensor(1.0, name="x"), Tensor(2.0, name="y", requires_grad=False)
    view = viz.draw(x * 0.0 + y).view
    assert value(node_called(view, "x").gradient) == 0.0
    assert node_called(view, "x").missing is None
    assert node_called(view, "y").gradient is None
    assert node_called(view, "y").missing == "no gradient wanted"
    text = viz.draw(x * 0.0 + y).text()
    assert "not computed (no gradient wanted)" in text


def test_nothing_is_computed_from_a_root_that_is_not_a_scalar() -> None:
    graph = viz.draw(Tensor([1.0, 2.0], name="x") * 2)
    assert {node.missing for node in graph.view.nodes if node.role != "constant"} == {
        "the root is not a scalar"
    }
    assert all(edge.contribution is None for edge in graph.view.edges)


def test_what_the_gradient_does_not_reach() -> None:
    logits = Tensor(np.zeros((4, 1)), name="z")
    p = ops.sigmoid(logits)
    loss = ops.mean(ops.sigmoid_cross_entropy(logits, np.ones((4, 1)), p))
    view = viz.draw(loss, names={"p": p}).view
    assert node_called(view, "p").missing == "not reached"
    (bypass,) = edges_from(view, "p")
    assert (bypass.style, bypass.note) == ("dashed", "bypassed by the fused loss")
    assert {e.style for e in view.edges if e is not bypass} == {"solid"}


def test_an_operation_with_several_results() -> None:
    x = Tensor(np.arange(4.0), name="x")
    first, _, third, _ = ops.split(x, indices_or_sections=4)
    view = viz.draw((first * third).sum()).view
    packed = next(node for node in view.nodes if node.role == "operation")
    parts = [node for node in view.nodes if node.operation == "part"]
    assert [node.expression for node in parts] == [f"{packed.id}, part 0", f"{packed.id}, part 2"]
    assert len([e for e in view.edges if e.source == packed.id]) == 2
    assert node_called(view, "x").gradient.values == (2.0, 0.0, 0.0, 0.0)


def test_a_single_leaf_and_a_constant() -> None:
    (leaf,) = viz.draw(Tensor(1.0, name="w")).view.nodes
    assert (leaf.role, value(leaf.gradient)) == ("parameter", 1.0)
    with no_grad():
        outside = Tensor(1.0) * 2
    (constant,) = viz.draw(outside).view.nodes
    assert (constant.role, constant.missing) == ("constant", "no gradient wanted")


def test_ids_are_stable_and_unique() -> None:
    first, second = (viz.draw(network()[0]).view for _ in range(2))
    assert first == second
    ids = [node.id for node in first.nodes] + [edge.id for edge in first.edges]
    assert len(set(ids)) == len(ids)
    place = {node.id: i for i, node in enumerate(first.nodes)}
    assert all(place[edge.source] < place[edge.target] for edge in first.edges)


@pytest.mark.parametrize("color", ["gradient", "value", "time", "bytes", "agreement"])
@pytest.mark.parametrize("edges", ["auto", "plain", "receipt", "ledger", "check"])
def test_drawing_leaves_everything_as_it_was(edges: str, color: str) -> None:
    example = lesson()
    example.loss.backward()
    nodes = topological(example.loss)
    before = [(node, node._grad, node._requires_grad, node._data, node._clock) for node in nodes]
    random = settings.generator("weights").bit_generator.state
    legacy = np.random.get_state()[1].tolist()  # type: ignore[index]
    for depth in (None, 1):
        viz.draw(example.loss, edges=edges, color=color, depth=depth).text()
    str(viz.steps(example.loss))
    with no_grad():
        viz.draw(example.loss, edges=edges, color=color).text()
        str(viz.steps(example.loss))
        assert not recording()
    assert recording()
    for node, *was in before:
        now = (node._grad, node._requires_grad, node._data, node._clock)
        assert all(one is two for one, two in zip(was, now, strict=True))
    assert np.random.get_state()[1].tolist() == legacy  # type: ignore[index]
    assert settings.generator("weights").bit_generator.state == random
    w = next(node for node in nodes if node.name == "w")
    w.data = 5.0  # it was not frozen either


def test_data_changed_since_is_said() -> None:
    w = Tensor([1.0, 2.0], name="w")
    loss = (w * w).sum()
    w.data[0] = 7.0
    view = viz.draw(loss).view
    assert node_called(view, "w").missing == "data changed in place since"
    assert "changed in place" in view.notes[0]


def test_warnings_of_the_computation_are_not_given_again() -> None:
    x = Tensor(0.0, name="x")
    with np.errstate(divide="ignore"):
        y = np.sqrt(x)
    assert value(node_called(viz.draw(y).view, "x").gradient) == np.inf


def test_receipts_are_for_small_graphs() -> None:
    x: Any = Tensor(1.0)
    for _ in range(20):
        x = x + 1.0
    assert viz.draw(x).view.detail == "plain"  # 41 nodes
    assert viz.draw(x.inputs[0]).view.detail == "receipt"
    assert viz.draw(x, edges="receipt").view.detail == "receipt"


def test_too_many_nodes_are_refused_at_once() -> None:
    x: Any = Tensor(1.0)
    for _ in range(100_001):
        x = x + 1.0
    with pytest.raises(ArgumentError, match=r"100,002 nodes; up to 100,000.*smaller part"):
        viz.draw(x)


def test_wrong_arguments() -> None:
    x = Tensor(1.0)
    with pytest.raises(ArgumentError, match="'plain', 'receipt'.*'reciept'.*Did you mean 'rec"):
        viz.draw(x, edges="reciept")
    with pytest.raises(ArgumentError, match="'plain', 'receipt', 'ledger' or 'check'"):
        viz.draw(x, edges=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match=r"Tensor or a model, got float.*\.item\(\)"):
        viz.draw(1.0)
    with pytest.raises(ArgumentTypeError, match=r"`names` must be a dict"):
        viz.draw(x, names=["x"])  # type: ignore[arg-type]


def test_arguments_by_name_are_answered_alike() -> None:
    x = Tensor(1.0, name="x")
    y = x * 2
    calls: list[Any] = [
        *(viz.draw, viz.steps, viz.explore, y.draw, y.explore),
        *(lambda **more: viz.explain(y, x, **more), lambda **more: viz.why(y, x, **more)),
    ]
    for place, call in enumerate(calls):
        given = (y,) if place < 3 else ()
        with pytest.raises(ArgumentTypeError, match="no argument `nmes`. Did you mean 'names'"):
            call(*given, nmes={})
        with pytest.raises(ArgumentTypeError, match="`names` must be a dict"):
            call(*given, names=["x"])
    with pytest.raises(TypeError, match="positional"):
        viz.steps(y, {"y": y})  # type: ignore[misc]


@pytest.mark.parametrize("color", ["gradient", "value", "time", "bytes", "agreement"])
@pytest.mark.parametrize("edges", ["plain", "receipt", "ledger", "check"])
def test_json_round_trip(edges: str, color: str) -> None:
    for loss in (lesson().loss, network()[0], Tensor([np.inf, -np.inf]) * 1.0, Tensor([]).sum()):
        for depth in (None, 1):
            view = viz.draw(loss, edges=edges, color=color, depth=depth).view
            assert GraphView.from_json(view.to_json()) == view


def test_json_of_what_json_cannot_write() -> None:
    view = viz.draw(Tensor([np.nan, np.inf, 1.0], name="\ud800\x00") * 1.0).view
    text = view.to_json()
    assert "NaN" in text and text.isascii()
    assert GraphView.from_json(text).to_json() == text
    assert GraphView.from_json(text).nodes[0].name == "\ud800\x00"


def test_a_model_is_its_layers() -> None:
    from autograd_nn.layers import Dense, Input
    from autograd_nn.models import Sequential

    model = Sequential([Input((4,)), Dense(3, activation="relu"), Dense(2)])
    graph = viz.draw(model)
    assert [node.symbol for node in graph.view.nodes] == ["Dense", "Dense"]
    assert graph.view.nodes[0].details == (
        *("relu", "3 units", "kernel (4,3)", "bias (3,)"),
        "15 parameters",  # 4·3 + 3
    )
    assert len(graph.view.edges) == 1
    assert graph.view.notes == ("23 parameters.",)  # and 3·2 + 2
    assert "kernel (4,3)" in graph.text()
    assert "kernel (4,3)" in graph.dot
    assert viz.draw(Sequential([])).view.nodes == ()
    assert viz.draw(Sequential([])).text() and viz.draw(Sequential([])).dot


def test_a_model_of_many_layers_folds_equal_ones() -> None:
    from autograd_nn.layers import Dense, Input
    from autograd_nn.models import Sequential

    same = Sequential([Input((8,)), *[Dense(16, activation="tanh") for _ in range(100)], Dense(1)])
    graph = viz.draw(same)
    assert [(node.label, node.symbol, node.count) for node in graph.view.nodes] == [
        ("dense", "Dense", 1),
        ("dense_1 … dense_99", "Dense ×99", 99),
        ("dense_100", "Dense", 1),
    ]
    assert graph.view.nodes[1].details == (
        *("each Dense: tanh, 16 units, kernel (16,16), bias (16,), 272 parameters",),  # 16·16 + 16
    )
    assert [(edge.source, edge.target) for edge in graph.view.edges] == [
        ("v0", "v1"),
        ("v1", "v100"),
    ]
    assert graph.text().startswith("Model of 101 layers: dense, dense_1 … dense_99, dense_100\n")
    assert "×99" in graph.dot
    assert GraphView.from_json(graph.view.to_json()) == graph.view
    blocks = [Dense(4 + place % 2, activation="relu") for place in range(80)]
    (first, pairs, last) = viz.draw(Sequential([Input((4,)), *blocks])).view.nodes
    assert (first.count, pairs.symbol, pairs.count) == (1, "(Dense Dense) ×39", 78)
    assert last.count == 1
    few = Sequential([Input((8,)), *[Dense(8) for _ in range(60)]])
    assert len(viz.draw(few).view.nodes) == 60


def test_a_users_own_operation_is_drawn() -> None:
    cube = Operation(
        "cube", symbol="³", value=lambda x: x**3, gradients=(lambda g, o, x: 3 * g * x * x,)
    )
    view = viz.draw(cube(Tensor(2.0, name="x"))).view
    assert view.nodes[-1].expression == "³(x)"
    assert value(view.edges[0].local) == 12.0


def test_a_misspelt_function_is_answered_with_the_one_meant() -> None:
    with pytest.raises(AttributeError, match="'explain'"):
        _ = viz.explian  # type: ignore[attr-defined]
