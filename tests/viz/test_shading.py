"""``draw(…, color=…)``: what the shade of a node stands for."""

import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops, viz
from autograd_nn.engine.recording import scope
from autograd_nn.viz import Node
from autograd_nn.viz.causes.agreement import agreement as agreement_of_why
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.path import GradientPath
from autograd_nn.viz.wording.saying import say
from tests.viz.graphs import lesson, network, node_called


def node(loss: Any, label: str, color: str, **options: Any) -> Node:
    return node_called(viz.draw(loss, color=color, **options).view, label)


def agreement(loss: Any, label: str) -> float | None:
    return node(loss, label, "agreement").amount


def test_gradient_and_value_are_root_mean_squares() -> None:
    x = Tensor([3.0, -4.0], name="x")
    loss = (x * x).sum()
    assert node(loss, "x", "value").amount == pytest.approx(np.sqrt((9 + 16) / 2))
    assert node(loss, "x", "gradient").amount == pytest.approx(np.sqrt((36 + 64) / 2))
    assert node(loss, "x", "gradient").told is None  # the box has it


def test_what_is_not_finite_has_no_part_in_it() -> None:
    x = Tensor([3.0, np.nan, -np.inf, 3.0], name="x")
    huge = Tensor([1.7e308] * 4, name="huge")
    empty = Tensor(np.zeros(0), name="empty")
    assert node(x, "x", "value").amount == pytest.approx(3.0)
    assert node(huge, "huge", "value").amount == pytest.approx(1.7e308)
    assert node(Tensor(np.nan, name="nan"), "nan", "value").amount is None
    assert node(empty, "empty", "value").amount is None
    for leaf in (x, huge, empty):
        for color in ("gradient", "value", "time", "bytes", "agreement"):
            assert viz.draw(leaf, color=color).dot


def test_contributions_that_cancel() -> None:
    """c = 5 and -3: they agree to |5 - 3| / (5 + 3)."""
    x = Tensor(1.0, name="x")
    assert agreement(5.0 * x - 3.0 * x, "x") == pytest.approx(2 / 8)
    assert agreement(5.0 * x + 3.0 * x, "x") == 1.0
    assert agreement(5.0 * x - 5.0 * x, "x") == 0.0
    assert agreement(5.0 * x, "x") is None  # one alone agrees with nobody


def test_agreement_counts_every_element() -> None:
    x = Tensor([1.0, 1.0], name="x")
    loss = (x * np.array([2.0, 1.0]) + x * np.array([-1.0, 3.0])).sum()
    # |2 - 1| + |1 + 3| of 2 + 1 + 1 + 3
    assert agreement(loss, "x") == pytest.approx(5 / 7)


def test_agreement_of_the_terms_of_a_product_of_matrices() -> None:
    """dL/dW = xᵀ·G, and each example of the batch is a term."""
    x = np.array([[1.0, 2.0], [3.0, 1.0]])
    g = np.array([[1.0], [-1.0]])
    w = Tensor([[1.0], [1.0]], name="w")
    loss = ((x @ w) * g).sum()
    # 1·1 - 3·1 = -2 and 2·1 - 1·1 = 1, of sizes 4 and 3
    assert agreement(loss, "w") == pytest.approx(3 / 7)
    one = (x[:1] @ w).sum()
    assert agreement(one, "w") is None  # a single example


def test_agreement_of_matrices_by_numpy_for_other_shapes() -> None:
    random = np.random.default_rng(0)
    x, g = random.standard_normal((5, 3, 4)), random.standard_normal((5, 3, 2))
    w = Tensor(random.standard_normal((4, 2)), name="w")
    terms = x[..., :, None] * g[..., None, :]
    by_hand = np.abs(terms.sum((0, 1))).sum() / np.abs(terms).sum()
    assert agreement(((x @ w) * g).sum(), "w") == pytest.approx(by_hand)
    v = Tensor(random.standard_normal(4), name="v")
    terms = g[0, 0, 0] * x[0]
    assert agreement(((x[0] @ v) * g[0, 0, 0]).sum(), "v") == pytest.approx(
        np.abs(terms.sum(0)).sum() / np.abs(terms).sum()
    )


def test_agreement_of_what_broadcasting_summed() -> None:
    b, c = Tensor([1.0, 2.0], name="b"), Tensor(2.0, name="c")
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    g = np.array([[1.0, 1.0], [-2.0, 1.0], [3.0, 1.0]])
    assert agreement(((x + b) * g).sum(), "b") == pytest.approx((2 + 3) / (6 + 3))
    terms = g * x
    assert agreement(((x * c) * g).sum(), "c") == pytest.approx(terms.sum() / np.abs(terms).sum())


def test_a_box_is_shaded_by_what_it_shows() -> None:
    """The probabilities behind the fused loss are the last of their layer, and get no gradient."""
    view = viz.draw(network()[0], depth=1).view
    box = node_called(view, "dense_2")
    numbers: Any = box.gradient
    assert box.amount == pytest.approx(numbers.norm / np.sqrt(32))


def test_bytes_are_those_of_the_array() -> None:
    x = Tensor(np.zeros((10, 30), np.float32), name="x")
    loss = (x * 2.0).sum()
    assert node(loss, "x", "bytes").amount == 10 * 30 * 4
    assert node(loss, "x", "bytes").told == "1.2 kB"
    a, b = ops.split(Tensor(np.zeros(6)), indices_or_sections=2)
    view = viz.draw((a * b).sum(), color="bytes").view
    (packed,) = [n for n in view.nodes if n.role == "operation"]
    assert packed.amount == 48
    with scope("layer"):
        y = x * 2.0 + 1.0
    view = viz.draw(y.sum(), color="bytes", depth=1).view
    (box,) = [n for n in view.nodes if n.role == "group"]
    assert box.amount == 2 * 1200 + 2 * 8  # both results, and the numbers 2 and 1


def test_time_is_that_of_what_was_computed() -> None:
    view = viz.draw(lesson().loss, color="time").view
    for n in view.nodes:
        assert (n.amount is not None and n.amount > 0) == (n.expression is not None)
        assert n.told is None or re.fullmatch(r"[\d.]+ (ns|µs|ms|s)", n.told)


@pytest.mark.parametrize(
    ("kind", "amount", "text"),
    [
        ("bytes", 4.0, "4 bytes"),
        ("bytes", 800.0, "800 bytes"),
        ("bytes", 999.9, "1 kB"),
        ("bytes", 6400.0, "6.4 kB"),
        ("bytes", 123456.0, "123 kB"),
        ("bytes", 5e12, "5000 GB"),
        ("time", 2.5e-10, "0.25 ns"),
        ("time", 1.234e-6, "1.23 µs"),
        ("time", 0.0456, "45.6 ms"),
        ("time", 75.0, "75 s"),
        ("agreement", 0.256, "26 %"),
        ("gradient", 0.25, "0.25"),
    ],
)
def test_units(kind: str, amount: float, text: str) -> None:
    assert notation.quantity(kind, amount) == text


@pytest.mark.parametrize("color", ["gradient", "value", "time", "bytes", "agreement"])
def test_every_color_has_a_legend(color: str) -> None:
    dot = viz.draw(lesson().loss, color=color).dot
    assert say(notation.LEGEND[color]).split(",")[0] in dot
    if color == "agreement":
        assert "100 %" in dot and "0 %" in dot
    shades = set(re.findall(r'<TD BGCOLOR="(#\w+)">', dot))  # the scale between its two ends
    boxes = set(re.findall(r'<TD ALIGN="LEFT" BGCOLOR="(#\w+)"', dot))
    assert len(shades) == (1 if color == "bytes" else 5)  # all have 8 bytes
    assert boxes and boxes <= shades


def test_the_shade_grows_with_the_amount() -> None:
    x = Tensor([1.0, 1.0], name="x")
    graph = viz.draw((x * 1e-4 * 100.0).sum())
    shades = re.findall(r'<TD BGCOLOR="(#\w+)">', graph.dot)
    found = {}
    for line in graph.dot.splitlines():
        shade = re.search(r'<TD ALIGN="LEFT" BGCOLOR="(#\w+)"', line)
        if shade and (name := re.match(r"\s*(v\d+) \[", line)):
            found[name[1]] = shades.index(shade[1])
    levels = [(n.amount, found[n.id]) for n in graph.view.nodes if n.id in found]
    assert sorted(levels) == sorted(levels, key=lambda pair: pair[1])
    assert {level for _, level in levels} >= {0, 4}


def test_alike_amounts_have_one_shade_and_one_number() -> None:
    dot = viz.draw(Tensor(2.0, name="x") + 0.0, color="bytes").dot
    assert len(re.findall(r'<TD BGCOLOR="(#\w+)">', dot)) == 1
    assert "8 bytes" in dot


def test_why_counts_the_same_terms() -> None:
    """d(x/s)/ds = -x/s²: at x = (3, -1) and s = 2 the terms are -3/4 and 1/4."""
    s = Tensor(2.0, name="s")
    loss = (np.array([3.0, -1.0]) / s).sum()
    assert agreement(loss, "s") == pytest.approx(1 / 2)
    assert agreement_of_why(GradientPath(loss, s), s) == pytest.approx(1 / 2)
