"""``draw(…, edges="check")``: right rules are right, planted ones are found, corners are told."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, ops, viz
from autograd_nn.engine.recording import scope
from autograd_nn.viz.graph.recorded import view_of
from tests.engine.samples import BY_NAME, SAMPLES
from tests.viz.graphs import lesson, network


def checks(loss: Any, **options: Any) -> list[tuple[str | None, str]]:
    """What is said of each edge along which a gradient flows; to take a part is no arithmetic."""
    view = viz.draw(loss, edges="check", **options).view
    assert all(edge.checked is None for edge in view.edges if edge.contribution is None)
    return [(edge.check, edge.checked) for edge in view.edges if edge.checked]


def kinds(loss: Any) -> set[str | None]:
    return {kind for kind, _ in checks(loss)}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_operation_is_accused(name: str) -> None:
    """Every operation of the library, away from its corners."""
    random = np.random.default_rng(0)
    for case in SAMPLES[name]:
        inputs: list[Any] = [
            Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in case.inputs
        ]
        results: Any = BY_NAME[name](*inputs, **case.attributes)
        loss: Any = 0.0
        for result in results if isinstance(results, (tuple, list)) else (results,):
            loss = loss + (result * random.standard_normal(result.shape)).sum()
        empty = (None, "not checked: no elements")
        if isinstance(loss, Tensor) and loss.requires_grad:
            assert {kind for kind, text in checks(loss) if (kind, text) != empty} <= {"right"}


def test_the_network_in_float32_is_right() -> None:
    found = checks(network()[0])
    assert len(found) == 15  # all but the images, the labels, and the bypass with its input
    assert {kind for kind, _ in found} == {"right"}
    assert kinds(lesson().loss) == {"right"}


def planted(rule: Any) -> Operation:
    """tanh with that rule."""
    return Operation("planted", value=np.tanh, gradients=(rule,))


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x: 1.001 * g * (1 - out * out),
        lambda g, out, x: -g * (1 - out * out),
        lambda g, out, x: g * (1 - out),
        lambda g, out, x: g,
        lambda g, out, x: 0 * g,
    ],
    ids=["a thousandth too much", "sign", "square forgotten", "factor forgotten", "zero"],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_wrong_rule_is_found(rule: Any, dtype: Any) -> None:
    """Whatever the size of the gradient that arrives, zero included."""
    for shape in ((), (3, 3), (30, 30)):
        x = Tensor(np.asarray(np.random.default_rng(1).uniform(0.3, 2, shape), dtype))
        for scale in (1.0, 1e-30, 0.0):
            found = checks((planted(rule)(x) * scale).sum())
            (wrong,) = [text for kind, text in found if kind == "wrong"]  # and only that one
            assert "rule " in wrong and "differences " in wrong


def test_a_wrong_edge_tells_both_numbers() -> None:
    doubled = Operation("doubled", value=lambda x: 3 * x, gradients=(lambda g, out, x: 2 * g,))
    graph = viz.draw(doubled(Tensor(1.0, name="x")) * 5.0, edges="check")
    (edge,) = [edge for edge in graph.view.edges if edge.check == "wrong"]
    assert edge.checked == "wrong: rule 10, differences 15"
    assert "✗ wrong: rule 10, differences 15" in graph.text()
    assert graph.text().count("✓ right") == 1


def test_a_forgotten_sum_over_a_broadcast_axis_is_found() -> None:
    plus = Operation(
        "plus",
        value=lambda x, y: x + y,
        gradients=(lambda g, out, x, y: g, lambda g, out, x, y: g[0]),
    )
    x, b = Tensor(np.ones((3, 4)), name="x"), Tensor(np.zeros(4), name="b")
    found = [text for kind, text in checks(plus(x, b).sum()) if kind == "wrong"]
    assert found == ["wrong at [0]: rule 1, differences 3"]


def test_one_wrong_element_of_many_is_found() -> None:
    def rule(g: Any, out: Any, x: Any) -> Any:
        d = g * np.cos(x)
        d[7, 7] *= 1.01
        return d

    sine = Operation("sine", value=np.sin, gradients=(rule,))
    x = Tensor(np.random.default_rng(0).standard_normal((20, 20)))
    assert "wrong" in kinds(sine(x).sum())


@pytest.mark.parametrize(
    ("function", "left", "right"),
    [
        (ops.relu, 0, 1),
        (np.abs, -1, 1),
        (lambda x: np.maximum(x, 0.0), 0, 1),
        (lambda x: np.minimum(x, 0.0), 1, 0),
        (lambda x: np.clip(x, 0.0, 1.0), 0, 1),
    ],
)
def test_a_corner_is_told_with_both_slopes(function: Any, left: int, right: int) -> None:
    for at in (0.0, np.zeros(3)):
        kind, text = checks(function(Tensor(at)).sum())[0]
        assert kind == "kink"
        assert f"slope {left} from the left, {right} from".replace("-", "−") in text
    for away in (1e-10, -1e-10, 1e-5, 0.3, -3.0):
        assert kinds(function(Tensor(away))) == {"right"}


def test_corners_among_thousands_of_elements() -> None:
    x = np.random.default_rng(0).standard_normal(5000)
    assert kinds(ops.relu(Tensor(x)).sum()) == {"right"}
    x[:3] = 0.0
    assert kinds(ops.relu(Tensor(x)).sum()) == {"right", "kink"}


def test_the_largest_of_equals_is_a_corner() -> None:
    assert kinds(Tensor([1.0, 1.0]).max()) == {"kink"}
    assert kinds(Tensor([1.0, 2.0]).max()) == {"right"}


@pytest.mark.parametrize("at", [1e-300, 1e-100, 1e-12, 1e-7, 1e-3, 1.0, 1e8])
@pytest.mark.parametrize("function", [np.log, np.sqrt, lambda x: x**2.5, lambda x: x**-0.5])
def test_tiny_and_huge_inputs(function: Any, at: float) -> None:
    kind, text = checks(function(Tensor(at)))[0]
    assert kind == "right" or (kind is None and text.startswith("not checked"))
    assert kind == "right" or at < 1e-50


@pytest.mark.parametrize("function", [np.square, np.cos, lambda x: x**3, lambda x: x**4])
def test_a_flat_place_is_no_corner(function: Any) -> None:
    assert kinds(function(Tensor(0.0))) == {"right"}


def test_where_differences_say_nothing_it_is_said() -> None:
    for data in (np.array([1.0, np.inf]), np.nan, np.zeros((0, 3))):
        with np.errstate(all="ignore"):
            found = checks((Tensor(data) * 2.0).sum())
        assert {kind for kind, _ in found} == {None}
        assert all(text.startswith("not checked: ") for _, text in found)
    with np.errstate(all="ignore"):
        assert checks(np.sqrt(Tensor(0.0))) == [(None, "not checked: numbers that are not finite")]
    ((kind, text),) = checks(Tensor(1.0) + 1e9)  # 1e9 + 6e-6 has six wrong digits
    assert (kind, text) == (None, "not checked: rounding of the result hides it")


def test_integer_labels_and_constants_have_no_verdict() -> None:
    logits = Tensor(np.random.default_rng(0).standard_normal((4, 3)), name="z")
    labels = np.array([0, 2, 1, 1])
    loss = ops.mean(ops.sparse_softmax_cross_entropy(logits, labels, ops.softmax(logits)))
    view = viz.draw(loss, edges="check").view
    assert [edge.check for edge in view.edges].count("right") == 2
    assert all(edge.check is None for edge in view.edges if edge.contribution is None)


def test_several_results_are_checked() -> None:
    def rule(factor: float) -> Any:
        def both(g: Any, out: Any, x: Any) -> Any:
            sine, cosine = (0.0 if d is None else d for d in g)
            return (factor * sine * out[1] - cosine * out[0],)

        return both

    for factor, expected in ((1.0, {"right"}), (0.999, {"right", "wrong"})):
        circle = Operation("circle", value=lambda x: (np.sin(x), np.cos(x)), gradients=rule(factor))
        sine, cosine = circle(Tensor(np.array([0.3, 1.0])))
        assert kinds((sine * 2.0 + cosine).sum()) == expected
        assert kinds(sine.sum()) == expected


def test_what_is_wrong_inside_a_box_is_not_hidden() -> None:
    bad = planted(lambda g, out, x: 2 * g * (1 - out * out))
    w = Tensor([0.3, 0.4], name="dense/kernel")
    with scope("dense"):
        y = bad(w * 2.0) + 1.0
    graph = viz.draw(y.sum(), depth=1, edges="check")
    (box,) = [node for node in graph.view.nodes if node.role == "group"]
    (inside,) = [line for line in box.details if line.startswith("inside: ")]
    assert inside.startswith("inside: ✗ 1 of 3 wrong, the first: wrong at [0]: rule ")
    assert inside in graph.text()
    assert "1 of 3 wrong" in graph.dot


def test_edges_drawn_as_one_tell_the_worst() -> None:
    bad = planted(lambda g, out, x: -g)
    x = Tensor([0.3, 0.4], name="x")
    with scope("layer"):
        y = bad(x) + np.sin(x) + np.tanh(x)
    view = viz.draw(y.sum(), depth=1, edges="check").view
    (edge,) = [edge for edge in view.edges if edge.count == 3]
    assert edge.check == "wrong"
    assert (edge.checked or "").startswith("1 of 3 wrong, the first: wrong at [0]: rule −1, ")


def test_many_inputs_are_checked_in_part_and_that_is_said() -> None:
    parts: list[Any] = [Tensor(float(i)) for i in range(70)]
    found = checks(ops.stack(parts).sum(), depth=1)
    assert [kind for kind, _ in found].count("right") == 65  # 64 inputs, and the sum
    assert found.count((None, "not checked: the first 64 of 70 inputs are")) == 6


def test_an_operation_that_draws_random_numbers_is_not_accused() -> None:
    noisy = Operation(
        "noisy",
        value=lambda x: x + np.random.standard_normal(x.shape),
        gradients=(lambda g, out, x: g,),
    )
    loss = noisy(Tensor(np.ones(3))).sum()
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    assert checks(loss)[0] == (None, "not checked: computed again, the result is another")
    viz.draw(loss, color="time")
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


def test_checking_draws_no_random_numbers() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((20, 20)))
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    assert view_of(np.sin(x).sum(), "check") == view_of(np.sin(x).sum(), "check")
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]
