"""Large graphs: what stands together, and that nothing is lost or made up by it."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Tensor, ops, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.recording import scope
from autograd_nn.layers import Dense, Input, MultiHeadAttention
from autograd_nn.models import Model, Sequential
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.grouping import LARGEST, READABLE, Grouping, grouped, scopes
from autograd_nn.viz.graph.recorded import assembled, view_of
from autograd_nn.viz.graph.walk import Walk
from tests.viz.graphs import network, node_called


def chain(length: int) -> Any:
    x: Any = Tensor(0.5, name="x")
    for _ in range(length):
        x = np.sin(x) * 0.5
    return x


def perceptron(inputs: int, *units: int) -> Any:
    """A network of single numbers."""
    random = np.random.default_rng(0)
    values: list[Any] = [Tensor(float(i), name=f"x{i}") for i in range(inputs)]
    for layer, many in enumerate(units):
        results = []
        for unit in range(many):
            total: Any = Tensor(0.1, name=f"b{layer}_{unit}")
            for x in values:
                total = total + Tensor(float(random.standard_normal())) * x
            results.append(np.tanh(total))
        values = results
    return values[0]


def irregular(seed: int, size: int, leaves: int = 1) -> Any:
    """Scalars from two of the last thirty each, in no order that repeats."""
    random = np.random.default_rng(seed)
    pool: list[Any] = [Tensor(0.5, name=f"x{i}") for i in range(leaves)]
    for _ in range(size):
        x, y = (pool[-1 - int(random.integers(min(30, len(pool))))] for _ in range(2))
        kind = int(random.integers(4))
        pool.append([x * y, 0.5 * x + y, np.tanh(x), x - y][kind])
    total = pool[-1]
    for x in pool[:leaves]:
        total = total + x
    return total


def nested(blocks: int, inside: int) -> Any:
    """block_0/layer_0 … each a product and a sine."""
    x: Any = Tensor([1.0, 2.0], name="x")
    for block in range(blocks):
        with scope(f"block_{block}"):
            for layer in range(inside):
                with scope(f"layer_{layer}"):
                    weights = Tensor([0.5, 0.5], name=f"layer_{layer}/w")
                    x = np.sin(x * weights)
    return x.sum()


def shared(times: int) -> Any:
    """One layer used again and again, with something between."""
    w = Tensor([0.5, 0.5], name="dense/w")
    x: Any = Tensor([1.0, 2.0], name="x")
    for _ in range(times):
        with scope("dense"):
            x = np.tanh(x * w)
        x = np.sin(x) + 0.1
    return x.sum()


def deep_model() -> Any:
    model = Sequential([Input((8,)), *[Dense(16, activation="tanh") for _ in range(100)], Dense(1)])
    return model(np.ones((4, 8))).sum()


GRAPHS: dict[str, Callable[[], Any]] = {
    "chain": lambda: chain(400),
    "perceptron": lambda: perceptron(8, 10, 10, 1),
    "irregular": lambda: irregular(0, 500),
    "irregular with hundreds of leaves": lambda: irregular(1, 400, leaves=300),
    "stack": lambda: ops.stack([Tensor(float(i)) for i in range(500)]),
    "sum of a stack": lambda: ops.stack([Tensor(float(i)) for i in range(500)]).sum(),
    "stack of products": lambda: ops.stack([Tensor(float(i)) * 2.0 for i in range(500)]).sum(),
    "one Tensor used 300 times": lambda: shared(1) * sum([chain(0) * i for i in range(300)]),
    "nested": lambda: nested(10, 8),
    "deeply nested": lambda: nested(100, 2),
    "a layer used 100 times": lambda: shared(100),
    "100 Dense": deep_model,
}


def quotient_is_acyclic(walk: Walk, grouping: Grouping) -> bool:
    """Whether what stands together can be put in an order in which no arrow runs backwards."""

    def end(item: Any) -> int:
        return id(grouping.of.get(id(item), item))

    users: dict[int, set[int]] = {}
    waiting: dict[int, int] = {end(item): 0 for item in walk.order}
    for user, _, item in walk.slots:
        if end(user) != end(item) and end(user) not in users.setdefault(end(item), set()):
            users[end(item)].add(end(user))
            waiting[end(user)] += 1
    free = [name for name, many in waiting.items() if not many]
    for name in free:
        for user in users.get(name, ()):
            waiting[user] -= 1
            if not waiting[user]:
                free.append(user)
    return len(free) == len(waiting)


def check_laws(root: Any, grouping: Grouping, walk: Walk) -> None:
    """Nothing is lost, nothing is twice, and every number is that of the graph itself."""
    sweep = Sweep(root)
    view = assembled(walk, sweep, grouping)
    inside = [id(item) for group in grouping.groups for item in group.items]
    assert len(inside) == len(set(inside)) == len(grouping.of)
    assert sum(node.count for node in view.nodes) == len(walk.order) - len(grouping.hidden)
    assert len(view.nodes) == grouping.visible(walk)
    if not grouping.hidden:
        within = sum(
            grouping.of.get(id(user)) is not None
            and grouping.of.get(id(user)) is grouping.of.get(id(item))
            for user, _, item in walk.slots
        )
        assert sum(edge.count for edge in view.edges) + within == len(walk.slots)
    names = {node.id for node in view.nodes}
    assert {name for edge in view.edges for name in (edge.source, edge.target)} <= names
    assert len(names) == len(view.nodes)
    assert len({edge.id for edge in view.edges}) == len(view.edges)
    whole = {node.id: node for node in assembled(walk, sweep, Grouping(), "plain").nodes}
    for node in view.nodes:
        if node.id in whole:
            assert (node.value, node.gradient) == (whole[node.id].value, whole[node.id].gradient)
            many = len(whole[node.id].received)
            assert len(node.received) == (0 if grouping.hidden and not node.received else many)
    graph = viz.Graph(view)
    assert graph.text() and graph.dot
    assert viz.GraphView.from_json(view.to_json()) == view


@pytest.mark.parametrize("name", GRAPHS)
def test_every_graph_can_be_read(name: str) -> None:
    root = GRAPHS[name]()
    walk = Walk(root)
    assert len(walk.order) > READABLE
    found = grouped(walk)
    assert 2 <= found.visible(walk) <= READABLE
    check_laws(root, found, walk)
    if not name.startswith("a layer used"):  # the layer stands before and behind what is between
        assert quotient_is_acyclic(walk, found)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 200), leaves=st.sampled_from([1, 7, 90]))
def test_laws_of_folding(seed: int, size: int, leaves: int) -> None:
    root = irregular(seed, size, leaves)
    walk = Walk(root)
    found = grouped(walk)
    assert found.visible(walk) <= READABLE
    assert quotient_is_acyclic(walk, found)
    check_laws(root, found, walk)


@settings(max_examples=15)
@given(st.data())
def test_laws_with_layers(data: Any) -> None:
    """Layers within layers, some of them used again, whatever is closed or open."""
    names = st.sampled_from(["a", "b", "c", "a/x", "a/y", "b/x", "b/x/z", ""])
    x: Any = Tensor([0.5, 0.3], name="x")
    pool = [x]
    for place in range(data.draw(st.integers(1, 30))):
        path = data.draw(names)
        with scope(path) if path else scope("c"):
            weights = Tensor([1.0, 2.0], name=f"{path.rpartition('/')[2]}/w{place}")
            pool.append(np.tanh(pool[-1] * weights + pool[data.draw(st.integers(0, place))]))
    root = pool[-1].sum()
    walk = Walk(root)
    depth = data.draw(st.sampled_from([None, 1, 2, 3]))
    focus = (
        data.draw(st.sampled_from([None, *scopes(walk), pool[len(pool) // 2]]))
        if not depth
        else None
    )
    found = grouped(walk, depth, focus)
    check_laws(root, found, walk)
    if depth is None and focus is None:
        assert found.visible(walk) <= READABLE


def test_up_to_sixty_nodes_nothing_is_folded() -> None:
    x: Any = Tensor(0.5)
    for _ in range(READABLE - 1):
        x = np.sin(x)
    assert len(viz.draw(x).view.nodes) == READABLE
    view = viz.draw(np.sin(x)).view
    # The first sine is of a leaf and the others are of a sine; the result is never folded.
    assert [node.count for node in view.nodes] == [1, 1, READABLE - 2, 1]
    assert view.notes == ("58 of 61 nodes stand together in 1 box.",)


def test_equal_layers_are_one_box() -> None:
    view = viz.draw(deep_model()).view
    boxes = [node for node in view.nodes if node.role == "group"]
    assert [box.label for box in boxes] == ["dense", "dense_1 … dense_99", "dense_100"]
    assert (boxes[1].symbol or "").endswith("×99")
    assert boxes[1].count == 99 * (3 + 2)  # product, bias, tanh, and two parameters


def test_a_repeated_block_tells_what_it_repeats() -> None:
    view = viz.draw(chain(100)).view
    (box,) = [node for node in view.nodes if node.role == "group"]
    assert box.symbol == "(× sin) ×99" or box.symbol == "(sin ×) ×99"


def test_inputs_of_a_box_of_inputs_have_no_value_of_their_own() -> None:
    view = viz.draw(ops.stack([Tensor(float(i)) for i in range(500)])).view
    (box,) = [node for node in view.nodes if node.role == "group"]
    assert (box.label, box.value, box.gradient) == ("500 inputs", None, None)


# ---------------------------------------------------------------------- depth


def test_depth_closes_what_lies_deeper() -> None:
    root = nested(3, 2)
    assert [n.label for n in viz.draw(root, depth=1).view.nodes if n.role == "group"] == [
        *("block_0", "block_1", "block_2"),
    ]
    two = viz.draw(root, depth=2).view
    assert [n.label for n in two.nodes if n.role == "group"] == ["layer_0", "layer_1"] * 3
    assert [c.path for c in two.clusters] == ["block_0", "block_1", "block_2"]
    whole = viz.draw(root, depth=3).view
    assert all(node.count == 1 for node in whole.nodes)
    assert whole.nodes == viz.draw(root, depth=30).view.nodes


def test_the_finest_depth_that_fits_is_taken() -> None:
    assert viz.draw(nested(10, 2)).view.nodes == viz.draw(nested(10, 2), depth=2).view.nodes
    assert viz.draw(nested(10, 8)).view.nodes == viz.draw(nested(10, 8), depth=1).view.nodes


def test_too_many_visible_nodes_are_refused_with_a_depth_that_fits() -> None:
    root = nested(10, 50)  # 500 layers of three nodes each, x and the sum
    with pytest.raises(ArgumentError, match=r"1,502 nodes.*more than 1,500.* depth=2 fits") as e:
        viz.draw(root, depth=3)
    assert "focus" in str(e.value)
    assert len(viz.draw(root, depth=2).view.nodes) == 502
    assert len(viz.draw(root).view.nodes) <= READABLE  # and so does leaving it out
    with pytest.raises(ArgumentError, match="What fits is leaving `depth` out"):
        viz.draw(chain(760), depth=1)


@pytest.mark.parametrize("depth", [0, -1, 1.5, "2", True])
def test_wrong_depths(depth: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="`depth` must be a positive int"):
        viz.draw(chain(2), depth=depth)


# ---------------------------------------------------------------------- focus


def test_a_layer_in_focus_is_open_and_the_others_are_closed() -> None:
    loss, _ = network()
    view = viz.draw(loss, focus="dense_1").view
    assert {n.label for n in view.nodes if n.role == "group"} == {"dense", "dense_2"}
    assert node_called(view, "dense_1/kernel").cluster == "dense_1"
    nested_view = viz.draw(nested(3, 2), focus="block_1/layer_0").view
    assert [n.label for n in nested_view.nodes if n.role == "group"] == [
        *("block_0", "layer_1", "block_2"),
    ]
    outer = viz.draw(nested(3, 2), focus="block_1").view
    assert [n.label for n in outer.nodes if n.role == "group"] == [
        *("block_0", "layer_0", "layer_1", "block_2"),
    ]


def test_the_last_part_of_a_path_is_enough_where_it_is_the_only_one() -> None:
    x: Any = Tensor([1.0], name="x")
    for outer, inner in (("encoder", "first"), ("decoder", "second"), ("head", "second")):
        with scope(outer), scope(inner):
            x = np.sin(x * 2.0)
    assert viz.draw(x.sum(), focus="first").view == viz.draw(x.sum(), focus="encoder/first").view
    with pytest.raises(ArgumentError, match=r"2 layers 'second'.*'decoder/second' or 'head"):
        viz.draw(x.sum(), focus="second")


def test_a_misspelt_layer() -> None:
    with pytest.raises(ArgumentError, match=r"no layer 'dens_1'.*Did you mean 'dense_1'"):
        viz.draw(network()[0], focus="dens_1")
    with pytest.raises(ArgumentError, match="this graph has no layers. Give a Tensor"):
        viz.draw(chain(2), focus="dense")


def test_a_tensor_in_focus_is_shown_with_what_is_near() -> None:
    x = Tensor(1.0, name="x")
    steps: list[Any] = [x]
    for _ in range(10):
        steps.append(np.sin(steps[-1]))
    graph = viz.draw(steps[-1], focus=steps[5])
    assert [node.id for node in graph.view.nodes] == ["v3", "v4", "v5", "v6", "v7"]
    assert graph.view.notes == ("6 nodes further away: not shown.",)
    assert "v5 = sin(v4)" in graph.text()
    assert graph.text().startswith("Part of a computation graph: 5 nodes, 4 edges")
    assert graph.dot
    # Their gradients are those of the whole graph.
    whole = {node.id: node.gradient for node in viz.draw(steps[-1]).view.nodes}
    assert all(node.gradient == whole[node.id] for node in graph.view.nodes)


def test_a_running_sum_is_not_told_where_a_part_of_it_is_out_of_sight() -> None:
    x = Tensor(2.0, name="x")
    y: Any = x * 3.0
    for _ in range(5):
        y = np.sin(y)
    root = y + x
    view = viz.draw(root, focus=y.inputs[0].inputs[0].inputs[0]).view
    assert not any(node.received for node in view.nodes if node.name == "x")
    assert node_called(viz.draw(root).view, "x").received


def test_a_tensor_outside_the_graph_and_other_things_in_focus() -> None:
    with pytest.raises(ArgumentError, match="not part of this graph"):
        viz.draw(chain(2), focus=Tensor(1.0))
    with pytest.raises(ArgumentTypeError, match="`focus` must be a Tensor of the graph or the na"):
        viz.draw(network()[0], focus=3)
    with pytest.raises(ArgumentError, match="Give `depth` or `focus`"):
        viz.draw(network()[0], depth=1, focus="dense")


def test_a_tensor_with_thousands_of_users_in_focus_is_refused() -> None:
    x = Tensor(1.0, name="x")
    root = ops.stack([x * float(i) for i in range(LARGEST)]).sum()
    with pytest.raises(ArgumentError, match="within 2 steps of the Tensor given as `focus`"):
        viz.draw(root, focus=x)
    assert len(viz.draw(root).view.nodes) <= READABLE


# ---------------------------------------------------------------------- boxes and their edges


def test_edges_between_boxes_count_what_they_show() -> None:
    x = Tensor(2.0, name="x")
    with scope("layer"):
        y = x * 3.0 + x * x
    loss = y + x
    graph = viz.draw(loss, depth=1, edges="receipt")
    (edge,) = [edge for edge in graph.view.edges if edge.count > 1]
    numbers: Any = edge.contribution
    assert (edge.count, sorted(numbers.values)) == (3, [2.0, 2.0, 3.0])
    assert numbers.at is None
    leaf = node_called(graph.view, "x")
    assert len(leaf.received) == 4  # 3 + 2 + 2 through the box, and 1
    assert "8 (sum of 4 contributions)" in graph.text()
    assert "3 edges" in graph.text()


def test_a_box_tells_the_gradients_of_its_parameters() -> None:
    w = Tensor([3.0, 4.0], name="dense/w")
    fixed = Tensor([1.0, 1.0], name="dense/fixed", requires_grad=False)
    with scope("dense"):
        y = (w * w).sum() + fixed.sum()
    (box,) = [n for n in viz.draw(y * 1.0, depth=1).view.nodes if n.role == "group"]
    assert box.details == ("w (2,): gradient norm 10",)  # 2·(3, 4)


def test_a_layer_used_twice_is_one_box_with_an_arrow_back() -> None:
    graph = viz.draw(shared(2), depth=1)
    (box,) = [node for node in graph.view.nodes if node.role == "group"]
    ends = {(edge.source, edge.target) for edge in graph.view.edges}
    between = next(node.id for node in graph.view.nodes if node.operation == "sin")
    assert (box.id, between) in ends
    assert any(target == box.id for source, target in ends if source != "v0")
    assert "(above)" in graph.text()
    assert graph.dot


def test_grouping_is_the_same_every_time() -> None:
    root = irregular(3, 500)
    assert viz.draw(root).view == viz.draw(root).view == view_of(root)


def test_parameters_in_a_box_are_told_apart() -> None:
    x: Any = Tensor([1.0], name="x", requires_grad=False)
    with scope("block"):
        for name in ("first", "second"):
            with scope(name):
                x = x * Tensor(3.0, name=f"{name}/w")
    (box,) = [n for n in viz.draw(x.sum() * 2.0, depth=1).view.nodes if n.role == "group"]
    assert box.details == ("first/w: gradient 6", "second/w: gradient 6")


def test_gradients_that_are_not_finite_are_told_in_a_box() -> None:
    w = Tensor(np.array([0.0, 0.0]), name="dense/w")
    with scope("dense"), np.errstate(all="ignore"):
        y = np.sqrt(w).sum()
    (box,) = [n for n in viz.draw(y * 1.0, depth=1).view.nodes if n.role == "group"]
    assert box.details == ("w (2,): gradient 2 not finite",)


def test_weights_of_parts_stand_in_the_layer_that_uses_them() -> None:
    inputs = Input((3, 4), name="x")
    model = Model(inputs, MultiHeadAttention(2, 2, name="attention")(inputs, inputs))
    view = viz.draw(model(np.ones((1, 3, 4), np.float32)).sum(), depth=1).view
    assert not [node.label for node in view.nodes if node.role == "parameter"]
    (box,) = [node for node in view.nodes if node.role == "group"]
    assert box.details[0].startswith("8 parameters: ")
    (layer,) = [n for n in viz.draw(model).view.nodes if n.label == "attention"]
    assert {"query/kernel (4,2,2)", "value/bias (2,2)"} <= set(layer.details)
