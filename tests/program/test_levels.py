"""Scalar graphs replayed level by level: the same numbers as the eager engine, from arrays."""

from __future__ import annotations

import gc
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_nn import Tensor, gradients, ops
from autograd_nn.engine.graph import topological
from autograd_nn.engine.reverse import walk_back
from autograd_nn.program.scalars.levels import Levels, level_program, suits
from tests.engine.samples import BY_NAME, SAMPLES


def agrees(levels: Levels, loss: Tensor, wrt: list[Tensor], **values: Any) -> None:
    """Value and gradients are the eager ones, to rounding at the size of what was added up."""
    size = max([1.0, *(abs(float(step.contribution)) for step in walk_back(loss))])
    value, found = levels(**values)
    np.testing.assert_allclose(value, loss.data, rtol=1e-12, atol=1e-12)
    for ours, eager in zip(found, gradients(loss, wrt), strict=True):
        if eager is None:
            assert ours is None
        else:
            np.testing.assert_allclose(ours, eager, rtol=1e-12, atol=1e-12 * size)


def replayed(loss: Tensor, wrt: list[Tensor]) -> None:
    """A replay that starts from the recorded data gives them and their gradients again."""
    agrees(level_program(loss, wrt), loss, wrt)


# ------------------------------------------------------------------ a network of numbers


class Network:
    """Two inputs, a layer of tanh, one output; parameters as a list."""

    def __init__(self, units: int, dtype: Any = float) -> None:
        draw = np.random.default_rng(3)
        self.hidden = [[Tensor(draw.normal(), dtype=dtype) for _ in range(3)] for _ in range(units)]
        self.output = [Tensor(draw.normal(), dtype=dtype) for _ in range(units)]
        self.parameters = [w for row in self.hidden for w in row] + self.output

    def loss(self, points: list[tuple[Any, Any]], labels: list[int]) -> Tensor:
        total: Any = 0
        for (x, y), label in zip(points, labels, strict=True):
            rows = [(a * x + b * y + c).tanh() for a, b, c in self.hidden]
            score = sum(w * h for w, h in zip(self.output, rows, strict=True))
            total = total + (1 - label * score).relu()
        return total * (1.0 / len(labels)) + 1e-2 * sum(p * p for p in self.parameters)


DRAWN = np.random.default_rng(4).normal(size=(20, 2))
LABELS = [1 if x * y > 0 else -1 for x, y in DRAWN.tolist()]


def points_as(kind: Any) -> list[tuple[Any, Any]]:
    return [(kind(x), kind(y)) for x, y in DRAWN.tolist()]


def constant(value: float) -> Tensor:
    return Tensor(value, requires_grad=False)


@pytest.mark.parametrize("kind", [float, np.float64, Tensor, constant])
def test_a_network_of_scalars(kind):
    network = Network(5)
    loss = network.loss(points_as(kind), LABELS)
    replayed(loss, network.parameters)


def test_the_network_trains_as_the_eager_one():
    ours, eager = Network(4), Network(4)
    points = points_as(float)
    levels = level_program(ours.loss(points, LABELS), ours.parameters)
    for _ in range(30):
        loss = eager.loss(points, LABELS)
        loss.backward()
        for p in eager.parameters:
            p.data = p.data - 0.1 * p.grad
            p.grad = None
        value, found = levels()
        for p, g in zip(ours.parameters, found, strict=True):
            p.data = p.data - 0.1 * g
        assert value == pytest.approx(loss.item(), rel=1e-9)
    assert [p.item() for p in ours.parameters] == pytest.approx(
        [p.item() for p in eager.parameters], rel=1e-9
    )


def test_many_examples_make_no_more_groups_than_few():
    network = Network(3)

    def groups(examples: int) -> int:
        loss = network.loss(points_as(float)[:examples], LABELS[:examples])
        return level_program(loss, network.parameters).groups

    assert groups(20) == groups(4)


# ------------------------------------------------------------------ every operation

ELEMENTWISE = [
    name for name, cases in SAMPLES.items() if any(case.elementwise for case in cases)
] + ["clip", "where", "binary_cross_entropy", "sigmoid_cross_entropy", "sigmoid_residual"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_operation(name):
    operation = BY_NAME[name]
    wrt: list[Tensor] = []
    results: list[Tensor] = []
    for case in SAMPLES[name]:
        arrays = np.broadcast_arrays(*case.inputs)
        for numbers in zip(*(array.flat for array in arrays), strict=True):
            leaves = [
                Tensor(x) if hasattr(given, "dtype") and x.dtype.kind == "f" else x.item()
                for x, given in zip(numbers, case.inputs, strict=True)
            ]
            wrt += [x for x in leaves if type(x) is Tensor]
            results.append(operation(*leaves, **case.attributes))
    weights = np.random.default_rng(0).uniform(0.5, 1.5, len(results)).tolist()
    loss: Any = sum(w * result for w, result in zip(weights, results, strict=True))
    replayed(loss, wrt)


# Numbers that keep every operation finite and away from the ends of its domain.
def _within(x: Tensor) -> Tensor:
    return x.tanh() + 1.5


UNARY = [
    *(ops.negative, ops.square, ops.sqrt, ops.absolute, ops.exp, ops.expm1, ops.log, ops.log1p),
    *(ops.sin, ops.cos, ops.tanh, ops.sigmoid, ops.sigmoid_slope, ops.softplus, ops.relu),
    *(ops.copy, lambda x: ops.clip(x, min=0.7, max=2.0), lambda x: x**2, lambda x: x**-1.5),
]
BINARY = [
    *(ops.add, ops.subtract, ops.multiply, ops.divide, ops.power, ops.maximum, ops.minimum),
    *(ops.sigmoid_residual, ops.sigmoid_cross_entropy),
]


@st.composite
def graphs(draw):
    """A loss of random operations on shared nodes, and its leaves."""
    leaves = [Tensor(x) for x in draw(st.lists(st.floats(0.5, 2.5), min_size=1, max_size=4))]
    pool: list[Any] = list(leaves)
    constants = st.sampled_from([0, 1, 2, -1, 0.5, -2.25, 3.0])
    for _ in range(draw(st.integers(1, 25))):
        pick = st.sampled_from(pool)
        x = draw(pick)
        kind = draw(st.sampled_from(["unary", "binary", "left", "right", "sum"]))
        if kind == "unary":
            result = draw(st.sampled_from(UNARY))(_within(x))
        elif kind == "binary":
            result = draw(st.sampled_from(BINARY))(_within(x), _within(draw(pick)))
        elif kind == "left":
            result = draw(st.sampled_from(BINARY[:3]))(draw(constants), x)
        elif kind == "right":
            result = draw(st.sampled_from(BINARY[:3]))(x, draw(constants))
        else:
            result = sum(draw(st.lists(pick, min_size=1, max_size=6)))
        pool.append(result.tanh() if abs(result.item()) > 5 else result)
    return sum(draw(st.lists(st.sampled_from(pool[len(leaves) :]), min_size=1))), leaves


@settings(max_examples=150)
@given(graphs(), st.data())
def test_random_graphs(graph, data):
    loss, leaves = graph
    wrt = data.draw(st.lists(st.sampled_from(leaves), min_size=1, unique_by=id))
    replayed(loss, wrt)


# ------------------------------------------------------------------ shapes of graphs


def test_a_node_used_twice_and_a_diamond():
    x = Tensor(3.0)
    y = x * x
    z = y * y + y  # x⁴ + x²: 4·27 + 2·3 = 114
    value, (slope,) = level_program(z, [x])()
    assert (value, slope) == (90.0, 114.0)


def test_equal_terms_of_a_sum_count_each():
    x = Tensor(2.0)
    assert level_program(x + x + x, [x])() == (6.0, [3.0])
    doubled = x + x
    assert level_program(doubled + doubled, [x])() == (8.0, [4.0])


def test_sums_of_many_lengths_of_one_leaf():
    x = Tensor(2.0)  # Σ (k·x)²: 4·650 for k from 1 to 12, and its slope 2·2·650
    loss = sum(sum([x] * k) ** 2 for k in range(1, 13))
    assert level_program(loss, [x])() == (2600.0, [2600.0])


def test_numbers_in_a_sum():
    x = Tensor(2.0)
    assert level_program(1 + (0 + x + 0.5) + 4, [x])() == (7.5, [1.0])


def test_a_sum_of_many_terms_is_one_group_whichever_way_it_leans():
    leaves = [Tensor(float(i)) for i in range(1000)]
    left = right = leaves[0]
    for leaf in leaves[1:]:
        left, right = left + leaf, leaf + right
    for loss in (left, right):
        levels = level_program(loss, leaves)
        assert levels.groups == 1
        assert levels() == (999 * 1000 / 2, [1.0] * 1000)


def test_a_sum_that_is_used_elsewhere_stays_a_node():
    x, y = Tensor(2.0), Tensor(3.0)
    loss = ((inner := x + y) + x) * inner  # (2x + y)(x + y): 4x + 3y = 17 and 3x + 2y = 12
    assert level_program(loss, [x, y])() == (35.0, [17.0, 12.0])


def test_sums_of_different_lengths_on_one_level():
    x = [Tensor(float(i + 1)) for i in range(12)]
    loss = sum(sum(x[:length]) * length for length in range(2, 13))
    replayed(loss, x)


def test_a_chain_of_a_hundred_thousand_sums():
    x, w = Tensor(0.5), Tensor(0.25)
    total = x * w
    for _ in range(100_000):
        total = total + w
    assert level_program(total, [x, w])() == (25_000.125, [0.25, 100_000.5])


def test_a_deep_chain_of_products():
    w = Tensor(1.0)
    y = w
    for _ in range(900):
        y = y * w
    assert level_program(y, [w])() == (1.0, [901.0])  # w⁹⁰¹


def test_a_leaf_that_the_loss_does_not_reach_has_none():
    x, y = Tensor(2.0), Tensor(3.0)
    fixed = Tensor(4.0, requires_grad=False)
    assert level_program(x * fixed, [y, x, fixed])() == (8.0, [None, 4.0, None])
    assert level_program(x * fixed, [])() == (8.0, [])


def test_a_leaf_named_twice_has_its_gradient_twice():
    x = Tensor(2.0)
    assert level_program(x * x, [x, x])() == (4.0, [4.0, 4.0])


def test_an_input_without_a_rule_receives_nothing():
    z, y, w = Tensor(0.5), Tensor(1.0, requires_grad=False), Tensor(2.0)
    loss = sum(ops.sigmoid_cross_entropy(z * k, y, (w * k).exp()) for k in (1.0, 2.0, 3.0))
    levels = level_program(loss, [z, w])
    eager = gradients(loss, [z, w])
    assert eager[1] is None
    assert levels()[1] == [pytest.approx(float(eager[0]), rel=1e-12), None]


def test_constants_that_differ_within_a_group():
    x = [Tensor(float(i)) for i in range(1, 8)]
    loss = sum(ops.maximum(leaf * (0.3 * i), i % 3) for i, leaf in enumerate(x))
    loss = loss + sum(
        2.0**leaf + leaf**exponent for leaf, exponent in zip(x, (2, 3, 2, 3, 2, 3, 2), strict=True)
    )
    replayed(loss, x)


def test_float32_stays_float32():
    network = Network(4, dtype=np.float32)
    loss = network.loss(points_as(float), LABELS)
    levels = level_program(loss, network.parameters)
    value, found = levels()
    assert value.dtype == found[0].dtype == np.float32
    assert float(value) == pytest.approx(loss.item(), rel=1e-5)
    eager = gradients(loss, network.parameters)
    np.testing.assert_allclose(found, eager, rtol=1e-3, atol=1e-6)


# ------------------------------------------------------------------ calls


def test_a_call_reads_the_present_data_of_the_leaves():
    x, y = Tensor(2.0), Tensor(3.0)
    levels = level_program(x * x * y, [x])
    x.data = 5.0
    assert levels() == (75.0, [30.0])
    y.data = 100.0  # neither in wrt nor an input: as it was recorded
    assert levels() == (75.0, [30.0])


def test_values_for_named_inputs():
    w = Tensor(2.0)
    points = [[constant(1.0), constant(2.0)], [constant(3.0), constant(4.0)]]
    offset = constant(0.5)
    loss = sum(w * a * b + offset for a, b in points)
    levels = level_program(loss, [w], {"points": points, "offset": offset})
    assert levels() == (29.0, [14.0])
    assert levels(points=[[1, 1], [2, 3]]) == (15.0, [7.0])
    assert levels(offset=1.0, points=np.ones((2, 2))) == (6.0, [2.0])
    assert levels() == (29.0, [14.0])  # what was given is not kept
    offset.data = 0.0
    assert levels() == (28.0, [14.0])


def test_an_input_may_be_differentiated_too():
    x = Tensor(3.0)
    levels = level_program(x * x, [x], {"x": x})
    assert levels() == (9.0, [6.0])
    assert levels(x=5.0) == (25.0, [10.0])


def test_results_are_not_changed_by_later_calls():
    x = Tensor(3.0)
    levels = level_program(x * x, [x])
    first = levels()
    x.data = 1.0
    levels()
    assert first == (9.0, [6.0])
    assert type(first[0]) is type(first[1][0]) is np.float64


def recorded_nodes() -> int:
    gc.collect()
    return sum(type(x) is Tensor and x.operation is not None for x in gc.get_objects())


@pytest.mark.slow
def test_the_graph_is_not_kept():
    network = Network(8)
    before = recorded_nodes()
    levels = level_program(network.loss(points_as(float), LABELS), network.parameters)
    assert recorded_nodes() == before
    levels()
    assert recorded_nodes() == before


def test_calls_do_not_grow_memory():
    network = Network(8)
    levels = level_program(network.loss(points_as(float), LABELS), network.parameters)
    levels()
    grown = []
    tracemalloc.start()
    try:
        levels()
        # Another thread of the process may allocate meanwhile (pytest-xdist's receives the names of
        # the next tests); what the calls themselves keep grows in every round.
        for _ in range(3):
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(50):
                levels()
            grown.append(tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
    assert min(grown) < 2_000


def test_warnings_come_as_from_numpy():
    x = [Tensor(float(i + 1)) for i in range(3)]
    levels = level_program(sum(leaf.log() for leaf in x), x)
    x[1].data = 0.0
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        value, found = levels()
    assert value == -math.inf
    assert found == [1.0, math.inf, pytest.approx(1 / 3)]


# ------------------------------------------------------------------ when, and what is told


def test_suits_large_graphs_of_scalars_only():
    network = Network(8)
    points = points_as(float)
    assert suits(topological(network.loss(points, LABELS)))
    assert not suits(topological(network.loss(points[:1], LABELS[:1])))  # small
    w = Tensor(np.ones((2, 2)))
    assert not suits(topological(sum((w * k).sum() for k in range(400))))  # of arrays
    x = Tensor(1.0)
    assert suits(topological(sum(x * k for k in range(1000))))


def test_the_text_names_every_group():
    x = [Tensor(float(i)) for i in range(6)]
    levels = level_program(sum(leaf.tanh() * 2 for leaf in x), x)
    head, *lines = levels.source.splitlines()
    assert head.startswith("24 nodes of float64 in 3 groups")  # 6 leaves, 6 tanh, 6 ×, 6 +
    assert [" ".join(line.split()) for line in lines] == [
        "forward",
        "level 1: 6 × tanh",
        "level 2: 6 × multiply",
        "level 3: 1 × add of 6 terms",
        "backward",
        "level 3: 1 × add of 6 terms, to every term",
        "level 2: 6 × multiply, to input 0",
        "level 1: 6 × tanh, to input 0",
    ]
    assert repr(levels) == "<Levels: 24 nodes in 3 groups>"
