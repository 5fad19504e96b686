"""``steps``: every event in order, as numbers and as a sentence."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, gradients, no_grad, ops, viz
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.recording import scope
from autograd_nn.viz import Step
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson, network


def backward(loss: Any, **options: Any) -> list[Step]:
    """The backward steps behind the first, dL/dL = 1."""
    return [s for s in viz.steps(loss, **options) if s.phase == "backward" and s.slot is not None]


def test_every_number_of_the_lesson() -> None:
    """L = (tanh(w·x + b) − y)² + λ·w², against the chain rule by hand."""
    example = lesson()
    w, x, b, y, penalty, a = (
        *(example.w, example.x, example.b, example.y, example.penalty, example.a),
    )
    forward = [s.after for s in viz.steps(example.loss) if s.phase == "forward"]
    assert [float(v) for v in forward] == pytest.approx(
        [w * x, w * x + b, a, a - y, (a - y) ** 2, w * w, penalty * w * w]
        + [(a - y) ** 2 + penalty * w * w],
        rel=1e-12,
    )
    by_error, by_tanh = 2 * (a - y), example.by_tanh
    found = [(s.operation, s.slot, *map(float, (s.local, s.upstream, s.contribution)))
             for s in backward(example.loss)]  # fmt: skip
    by_hand: list[tuple[Any, ...]] = [
        ("add", 0, 1, 1, 1),
        ("add", 1, 1, 1, 1),
        ("multiply", 1, penalty, 1, penalty),
        ("multiply", 0, w, penalty, penalty * w),
        ("multiply", 1, w, penalty, penalty * w),
        ("power", 0, by_error, 1, by_error),
        ("subtract", 0, 1, by_error, by_error),
        ("tanh", 0, 1 - a**2, by_error, by_tanh),
        ("add", 0, 1, by_tanh, by_tanh),
        ("add", 1, 1, by_tanh, by_tanh),
        ("multiply", 0, x, by_tanh, by_tanh * x),
    ]
    assert [step[:2] for step in found] == [step[:2] for step in by_hand]
    for got, expected in zip(found, by_hand, strict=True):
        assert got[2:] == pytest.approx(expected[2:], rel=1e-12)


def test_three_uses_are_three_contributions_and_a_running_sum() -> None:
    example = lesson()
    to_w = [s for s in backward(example.loss) if s.input is not None and s.input.name == "w"]
    assert [s.before for s in to_w][0] is None
    assert [float(s.after) for s in to_w] == pytest.approx([0.2, 0.4, example.by_w], rel=1e-12)
    assert [s.before for s in to_w[1:]] == [s.after for s in to_w[:-1]]
    assert to_w[0].sentence.endswith("is 0.2. So far 0.2; 2 more to come.")
    assert to_w[1].sentence.endswith("So far 0.4; 1 more to come.")
    assert to_w[2].sentence.endswith("∂L/∂w = 0.2 + 0.2 − 0.1594 = 0.2406.")


def test_the_whole_story_of_a_product() -> None:
    x, y = Tensor(3.0, name="x"), Tensor(-2.0, name="y")
    product = x * y
    product.name = "p"
    assert str(viz.steps(product)) == (
        "Forward:\n"
        "  1  p = x × y = 3 × (−2) = −6.\n"
        "Backward:\n"
        "  2  Backward starts at p: ∂p/∂p = 1.\n"
        "  3  From p to x, its first factor: slope ∂₁p = y = −2, times ∂p/∂p = 1, is −2. "
        "∂p/∂x = −2.\n"
        "  4  From p to y, its second factor: slope ∂₂p = x = 3, times ∂p/∂p = 1, is 3. "
        "∂p/∂y = 3.\n"
        "\n"
        "∂₁v, ∂₂v: the slope of v by its first, its second input alone\n"
        "∂L/∂x: the gradient of L by x, over all ways from x to L"
    )


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda x: np.maximum(x, -3.0), "v1 = max(x, −3) = max(−2, −3) = −2."),
        (lambda x: -x, "v1 = −x = −(−2) = 2."),
        (lambda x: x**2.0, "v1 = x ** 2 = (−2) ** 2 = 4."),
        (lambda x: x - (-1.0), "v1 = x − (−1) = −2 − (−1) = −1."),
        (lambda x: np.abs(x), "v1 = |x| = |−2| = 2."),
    ],
)
def test_negative_numbers_stand_in_brackets_where_they_must(function: Any, sentence: str) -> None:
    assert viz.steps(function(Tensor(-2.0, name="x")))[0].sentence == sentence


def test_arrays_are_told_by_rule_shapes_and_size() -> None:
    loss, names = network()
    told = str(viz.steps(loss, names=names))
    assert (
        "to dense/kernel, its second factor: xᵀ·∂loss/∂v1 : (64,32)·(32,25) → (64,25); norm "
        in told
    )
    assert "∂loss/∂loss ÷ 32, spread : () → (32,1); norm " in told
    assert "its second term: ∂loss/∂(dense/z), summed over axis 0" in told
    product = next(s for s in backward(loss) if s.operation == "matmul")
    assert product.local is None
    assert product.contribution.shape in ((15, 1), (32, 15))


def test_a_result_that_is_not_a_scalar_has_forward_steps_only() -> None:
    told = viz.steps(Tensor([1.0, 2.0], name="x") * 2.0)
    assert [s.phase for s in told] == ["forward"]
    assert str(told).endswith("\nNo backward steps: the root is not a scalar.")


def test_nothing_flows_where_no_gradient_is_wanted() -> None:
    fixed = Tensor(2.0, name="x", requires_grad=False)
    told = viz.steps(fixed * 3.0)
    assert all(s.phase == "forward" for s in told)
    assert told.note == "No backward steps: no gradient wanted."
    with no_grad():
        outside = Tensor(1.0) * 2.0
    assert len(viz.steps(outside)) == 0
    assert "no gradient wanted" in str(viz.steps(outside))


def test_data_changed_since_is_told() -> None:
    w = Tensor([1.0, 2.0], name="w")
    loss = (w * w).sum()
    w.data[0] = 7.0
    told = viz.steps(loss)
    assert all(s.phase == "forward" for s in told)
    assert "changed in place" in told.note and told.note in str(told)


def test_a_leaf_as_loss() -> None:
    (step,) = viz.steps(Tensor(3.0, name="w"))
    assert (step.phase, step.slot, step.input, float(step.after)) == ("backward", None, None, 1.0)
    assert step.sentence == "Backward starts at w: ∂w/∂w = 1."


def test_parts_of_several_results() -> None:
    x = Tensor(np.arange(4.0), name="x")
    first, _, third, _ = ops.split(x, indices_or_sections=4)
    told = viz.steps((first * third).sum())
    forward = [s.sentence for s in told if s.phase == "forward"]
    assert forward[0] == "v1 = split(x, indices_or_sections=4): 4 results."
    parts = [s for s in told if s.operation == "part" and s.phase == "backward"]
    assert len(parts) == 2
    assert all(s.before is None and s.after is None for s in parts)
    assert "takes place" in parts[0].sentence
    last = told[-1]
    assert last.operation == "split" and last.after.tolist() == [2.0, 0.0, 0.0, 0.0]
    assert len(viz.steps(first.inputs[0])) == 1  # the packed results themselves


def test_the_last_step_of_each_input_is_its_gradient() -> None:
    loss, _ = network()
    last: dict[Any, Any] = {}
    for step in backward(loss):
        last[step.input] = step.after
    leaves = [t for t in last if t.operation is None]
    assert len(leaves) == 6
    for leaf, gradient in zip(leaves, gradients(loss, leaves), strict=True):
        assert last[leaf].tobytes() == gradient.tobytes()


def test_long_stories_are_cut_where_they_are_shown() -> None:
    x: Any = Tensor(0.5, name="x")
    for _ in range(100):
        x = np.sin(x)
    told = viz.steps(x)
    assert len(told) == 100 + 1 + 100
    shown = repr(told).splitlines()
    assert len(shown) == 62  # the word Forward, 60 sentences, and what is left out
    assert shown[61] == "… 141 more: print(steps) shows all."
    assert len(str(told).split("\n\n")[0].splitlines()) == 201 + 2
    numbers = [int(line.split()[0]) for line in str(told).splitlines() if line[:1] == " "]
    assert numbers == list(range(1, 202))


def test_steps_are_a_sequence() -> None:
    told = viz.steps(lesson().loss)
    assert list(told)[3] is told[3]
    assert told[:2] == list(told)[:2]
    assert told[-1] is list(told)[-1]
    assert repr(told[0]) == f"<Step forward: {told[0].sentence}>"


def test_unusual_numbers_can_be_told() -> None:
    for data in (np.nan, np.array([np.inf, 1.0]), np.zeros((0, 3)), np.array([1.7e308] * 8)):
        with np.errstate(all="ignore"):
            loss = (Tensor(data, name="x") * 2.0).sum()
        told = viz.steps(loss)
        assert len(told) == 2 + 1 + 2
        assert "None" not in str(told)
    assert len(viz.steps(Tensor(np.array([1, 2, 3])))) == 0  # integers


def test_names_keep_to_their_line() -> None:
    for name in ("a\nb\r\u2028c", "x" * 10_000, "<script>", "\\N", "→ \x00 \x1b[31m", "g0", ""):
        own = Operation(name or "own", symbol=name, value=np.sin, gradients=(
            lambda g, out, x: g * np.cos(x),
        ))  # fmt: skip
        with scope(name or "empty"):
            y = own(Tensor(2.0, name=name)) * 3.0
        y.name = name
        for step in viz.steps(y):
            assert len(step.sentence.splitlines()) == 1
            assert step.sentence.isprintable()
            assert len(step.sentence) < 400


def test_an_operation_with_hundreds_of_inputs() -> None:
    """Each of its edges is told without a look at all of its inputs."""
    many: list[Any] = [Tensor(float(i)) for i in range(400)]
    told = viz.steps(ops.stack(many).sum())
    assert len(told) == 2 + 1 + 1 + 400
    assert told[-1].sentence.startswith("From v401 to ")


def test_what_is_not_a_tensor_is_refused() -> None:
    for wrong in (1.0, np.ones(2), "loss", None):
        with pytest.raises(ArgumentTypeError, match=f"got {type(wrong).__name__}.*the loss itself"):
            viz.steps(wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="`names` must be a dict"):
        viz.steps(Tensor(1.0), names=["x"])  # type: ignore[arg-type]


def test_steps_need_no_graphviz() -> None:
    assert without_graphviz(lambda: str(viz.steps(lesson().loss))) == str(viz.steps(lesson().loss))


def test_local_derivatives_are_called_as_in_explain() -> None:
    cube = Operation("cube", value=lambda x: x**3, gradients=(lambda g, out, x: 3 * g * x * x,))
    blend = Operation(
        "blend",
        value=lambda x, y: x * y,
        gradients=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    )
    x = Tensor(2.0, name="x")
    told = str(viz.steps(blend(cube(x).sum(), x)))
    assert "slope ∂₁v3 = x = 2, times" in told
    assert "From v2 to v1: slope ∂₁v2 = 1, times" in told  # the sum of one number
    assert "slope ∂₁v1 = 3·x² = 12, times ∂v3/∂v1 = 2, is 24. ∂v3/∂x = 8 + 24 = 32." in told


def test_numbers_are_told_as_numbers() -> None:
    """Mean of (w·x − y)² / 2 at w = 150: the slope of w is Σ (w·x − y)·x / 3 = −1000 / 3."""
    w = Tensor(150.0, name="w")
    loss = ((w * np.array([1.0, 2.0, 3.0]) - np.array([250.0, 450.0, 650.0])) ** 2).sum() / 6
    (told,) = [s.sentence for s in backward(loss) if s.node.inputs[0] is w]
    assert "norm" not in told and "; −333.3. " in told and told.endswith("∂v7/∂w = −333.3.")
    assert str(viz.explain(loss, w)).startswith("∂v7/∂w = −333.3.\n")


def test_a_slope_of_cases_stands_in_brackets() -> None:
    x = Tensor(3.0, name="x")
    (step,) = backward(np.maximum(x, 0.0))
    slope = "slope ∂₁v1 = (1 where x > 0, 0.5 where x = 0, else 0) = 1, times"
    assert slope in step.sentence and ", its first input: " in step.sentence
    assert "= (1 where x > 0, 0.5 where x = 0, else 0) = 1" in str(viz.explain(np.maximum(x, 0), x))


def test_what_is_usual_is_not_said() -> None:
    x = Tensor(np.ones((2, 3)), name="x")
    kept = str(viz.steps((x.mean(axis=(1,), keepdims=True) - x.mean(axis=1)[:, None]).sum()))
    assert "mean(x, axis=1, keepdims=True)" in kept and "mean(x, axis=1):" in kept


@pytest.mark.parametrize("name", ["", "  ", "\u3000"])
def test_a_name_of_nothing_is_none(name: str) -> None:
    x = Tensor(3.0, name=name)
    assert "v2 = v1 × 2 = 3 × 2 = 6." in str(viz.steps(x * 2))
    assert viz.zoom(x, (), of="gradient", loss=x * 2).label == "∂v2/∂v1"
