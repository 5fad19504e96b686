"""Exercises: what is asked, which answers are right, and which mistake the others show."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.viz.exercises.answers import read_numbers
from autograd_nn.viz.exercises.asked_shapes import read_shape
from tests.viz.graphs import lesson, network
from tests.viz.said import case


def layer(activation: str = "sigmoid") -> tuple[Tensor, dict[str, Any]]:
    """L = mean((f(X·W + c) − Y)²) of four examples."""
    random = np.random.default_rng(3)
    X, Y = random.normal(size=(4, 3)), random.normal(size=(4, 2))
    W, c = Tensor(random.normal(size=(3, 2)), name="W"), Tensor(random.normal(size=2), name="c")
    z: Any = X @ W + c
    z.name = "z"
    h = getattr(z, activation)()
    h.name = "h"
    loss: Any = ((h - Y) ** 2).mean()
    loss.name = "L"
    return loss, {"X": X, "Y": Y, "W": W, "c": c, "z": z, "h": h}


# ---------------------------------------------------------------------- what is asked


def test_the_solution_is_what_one_computes_by_hand() -> None:
    found = lesson()
    exercise = viz.exercise(found.loss, "gradients")
    assert exercise.solution["∂L/∂w"] == pytest.approx(found.by_w)
    assert exercise.solution["∂L/∂b"] == pytest.approx(found.by_tanh)
    values = viz.exercise(found.loss).solution
    assert values["L"] == pytest.approx((found.a - found.y) ** 2 + found.penalty * found.w**2)


@pytest.mark.parametrize("ask", ["values", "gradients", "rules", "shapes", "fault"])
def test_the_solution_is_right(ask: str) -> None:
    for loss, names in (layer(), layer("relu"), (lesson().loss, {}), network()):
        exercise = viz.exercise(loss, ask, names=names)
        assert 1 <= len(exercise.questions) <= 12
        verdict = exercise.check(exercise.solution)
        assert verdict.right and verdict.mistake is None
        assert all(verdict.answers.values())
        assert exercise.check(list(exercise.solution.values()))
        assert str(verdict).startswith(("All", "Right"))


def test_of_a_large_graph_twelve_questions_are_drawn_by_the_seed() -> None:
    loss, names = network()
    names_of = [
        [q.name for q in viz.exercise(loss, "gradients", seed, names=names).questions]
        for seed in (0, 0, 1)
    ]
    assert names_of[0] == names_of[1] != names_of[2]
    assert len(names_of[0]) == 12


def test_of_a_large_array_one_element_is_asked() -> None:
    loss, names = network()
    exercise = viz.exercise(loss, "gradients", names=names)
    found = {q.name: q for q in exercise.questions}
    name = next(name for name in found if "dense_1/kernel" in name)
    place = found[name].place
    assert place is not None and f"[{place[0]}, {place[1]}]" in name
    assert exercise.solution[name].shape == ()


def test_no_gradient_is_stored() -> None:
    loss, names = layer()
    exercise = viz.exercise(loss, "gradients")
    exercise.check({"W": np.zeros((3, 2))})
    assert names["W"].grad is None


# ---------------------------------------------------------------------- which mistake


def test_mistakes_by_hand_in_a_scalar_graph() -> None:
    lesson_ = lesson()
    w, x, y, a, penalty = lesson_.w, lesson_.x, lesson_.y, lesson_.a, lesson_.penalty
    exercise = viz.exercise(lesson_.loss, "gradients")
    error, slope = 2 * (a - y), 1 - a**2
    z = w * x + lesson_.b
    for mistake, by_z in {
        "slope_forgotten": error,
        "upstream_forgotten": slope,
        "sign": -error * slope,
        "doubled": 2 * error * slope,
        "number_missing": error * slope / 2,
        "term_sign": error * (1 + a**2),
        "at_output": error * (1 - math.tanh(a) ** 2),
        "value_for_slope": error * a,
        "divided": error / slope,
    }.items():
        by_w = by_z * x + 2 * penalty * w
        verdict = exercise.check({"b": by_z, "w": by_w})
        assert not verdict.right
        # Without the slope of the square it is the same number as without what comes from there.
        assert mistake in (verdict.mistake, *verdict.others[: mistake == "upstream_forgotten"])
        assert verdict.where is not None and verdict.where.startswith("from v")
    verdict = exercise.check({"b": error * (1 - z**2)})
    assert verdict.mistake == "at_output"
    verdict = exercise.check({"w": error * slope * x})
    assert verdict.mistake == "overwritten"
    assert verdict.where == "where the contributions to w meet"


def test_mistakes_by_hand_in_a_layer() -> None:
    loss, names = layer("relu")
    X, Y, z, h = names["X"], names["Y"], names["z"]._data, names["h"]._data
    exercise = viz.exercise(loss, "gradients", names=names)
    dh = 2 * (h - Y) / h.size
    dz = dh * (z > 0)
    right = {"h": dh, "z": dz, "W": X.T @ dz, "c": dz.sum(axis=0)}
    assert exercise.check(right).mistake is None

    def mistake(**answers: Any) -> tuple[str | None, str | None]:
        verdict = exercise.check(right | answers)
        assert not verdict.right
        return verdict.mistake, verdict.where

    to_c, to_w = "from z, its second term, to c", "from v1, its second factor, to W"
    assert mistake(c=dz.mean(axis=0)) == ("averaged", to_c)
    assert mistake(c=dz[0]) == ("sum_missing", to_c)
    assert mistake(c=dz) == ("sum_missing", to_c)
    assert mistake(W=dz.T @ X) == ("transposed", to_w)
    assert mistake(W=np.outer(X[0], dz[0])) == ("sum_missing", to_w)
    assert mistake(W=X.T @ dz / 4) == ("averaged", to_w)
    wrong = dh * (z < 0)
    answers = {"z": wrong, "W": X.T @ wrong, "c": wrong.sum(axis=0)}
    assert mistake(**answers) == ("other_side", "from h to z")
    assert mistake(**{k: g * 8 for k, g in right.items()}) == ("n_missing", "from L to v3")
    assert mistake(**{k: g / 2 for k, g in right.items()}) == (
        "number_missing",
        "from v3, its base, to v2",
    )


def test_mistakes_by_hand_in_the_forward_pass() -> None:
    loss, names = layer()
    X, Y = names["X"], names["Y"]
    W, c, z, h = (names[name]._data for name in "Wczh")
    exercise = viz.exercise(loss, names=names)
    squares = (h - Y) ** 2
    for answers, mistake in (
        ({"L": squares.sum()}, "sum_for_mean"),
        ({"v2": Y - h}, "inputs_swapped"),
        ({"h": z}, "not_applied"),
        ({"z": X @ W}, "input_forgotten"),
        ({"h": 1 / (1 + np.exp(z))}, "value_at_minus"),
        ({"v1": (X @ W).T}, "matrix_transposed"),
        ({"v3": -squares}, "sign"),
    ):
        verdict = exercise.check(answers)
        assert (verdict.right, verdict.mistake) == (False, mistake)
    # What follows from a mistake is no second one.
    wrong = 1 / (1 + np.exp(z))
    verdict = exercise.check({"h": wrong, "v2": wrong - Y, "L": ((wrong - Y) ** 2).mean()})
    assert verdict.mistake == "value_at_minus"
    assert "v2, L: as it follows from that." in verdict.sentence


def test_a_verdict_does_not_tell_the_number() -> None:
    exercise = viz.exercise(lesson().loss, "gradients")
    assert f"{float(exercise.solution['∂L/∂w']):.3g}" not in str(exercise.check({"w": 0.1}))


def test_an_unknown_mistake_says_where_to_look() -> None:
    verdict = viz.exercise(lesson().loss, "gradients").check({"w": 17})
    assert verdict.mistake == "unknown"
    assert "first factor, to w" in str(verdict)


@pytest.mark.parametrize("seed", range(8))
def test_one_row_is_at_fault(seed: int) -> None:
    for loss in (lesson().loss, layer("relu")[0]):
        exercise = viz.exercise(loss, "fault", seed)
        rows = [line for line in str(exercise).splitlines() if " it sends " in line]
        verdicts = [exercise.check(row) for row in range(1, 1 + len(rows))]
        right = [n for n, verdict in enumerate(verdicts) if verdict.right]
        assert len(right) == 1
        for n, verdict in enumerate(verdicts):
            if n < right[0]:
                assert verdict.mistake == "before_the_fault"
            elif n > right[0]:
                assert verdict.mistake in ("past_the_fault", "follows_the_fault")


def test_a_fault_is_answered_by_both_ends_of_the_edge_too() -> None:
    x = Tensor(0.5, name="x")
    a: Any = x.tanh()
    a.name = "a"
    loss: Any = a * 3.0
    loss.name = "L"
    exercise = viz.exercise(loss, "fault", 2)
    way = exercise.solution["fault"]
    ends = "L → a" if "L" in way else "a->x"
    assert exercise.check(ends).right and exercise.check(way).right
    with pytest.raises(ArgumentError, match="number of a row, 1 to 2"):
        exercise.check("x -> a")


# ---------------------------------------------------------------------- how numbers are written


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("−0.25", -0.25, 0.005),
        ("-0,25", -0.25, 0.005),
        ("1/3", 1 / 3, 0),
        ("-2 / 3", -2 / 3, 0),
        ("3.3e-1", 0.33, 0.005),
        ("3,3·10^-1", 0.33, 0.005),
        ("3.3 × 10**(−1)", 0.33, 0.005),
        ("12", 12, 0.5),
        ("12 %", 0.12, 0.005),
        (".5", 0.5, 0.05),
        ("1e3", 1000, 500),
        ("1 1/5", 1.2, 0),
        ("−2 1/4", -2.25, 0),
        ("12 000", 12000, 0.5),
        (2, 2, 0.5),
        (0.125, 0.125, 0.0005),
        ("[1, 0.5]", [1, 0.5], [0.5, 0.05]),
        ("[[1 2]; [3 4]]", [[1, 2], [3, 4]], [[0.5, 0.5], [0.5, 0.5]]),
        (["1/2", 3], [0.5, 3], [0, 0.5]),
    ],
)
def test_numbers_are_read(text: Any, value: Any, half: Any) -> None:
    said = read_numbers(text)
    np.testing.assert_allclose(said.values, value)
    np.testing.assert_allclose(said.half, half, atol=1e-15)


@pytest.mark.parametrize(
    "text",
    ["x", "1/0x", "--1", "1 2", "12 00", "1 1/0", "1.2.3", "[1, 2", "1]", "__import__('os')"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        read_numbers(text)


def test_three_digits_are_enough_and_two_are_not() -> None:
    x = Tensor(1.0, name="x")
    loss: Any = x * (2 / 3)
    loss.name = "L"
    exercise = viz.exercise(loss, "gradients")
    for answer in ("2/3", "0.667", "0,667", "0.666", 0.6667, np.float32(2 / 3), "66.7 %"):
        assert exercise.check(answer).right
    assert exercise.check("0.7").mistake == "rounded"
    assert exercise.check("0.6").mistake == "unknown"


STYLES = (
    lambda x: f"{x:.3g}",
    lambda x: f"{x:.3g}".replace(".", ","),
    lambda x: f"{x:.2e}".replace("-", "−"),
    lambda x: f"{x:.6g}",
    lambda x: f"{x:.4f}" if abs(x) > 0.1 else f"{x:.3g}",
    lambda x: float(f"{x:.3g}"),
    lambda x: x,
    lambda x: str(Fraction(x).limit_denominator(10**6)) if abs(x) > 1e-3 else repr(x),
    lambda x: f"{100 * x:.4g} %",
    lambda x: f"{x:.2e}".replace("e", "·10^"),
    lambda x: float(f"{x:.3g}") * (1 + 1e-12),
    lambda x: np.float32(x),
)


@pytest.mark.parametrize(
    "seed", [n if n % 40 == 0 else pytest.param(n, marks=pytest.mark.slow) for n in range(260)]
)
def test_right_answers_with_three_digits_are_accepted(seed: int) -> None:
    """Random graphs: more than 2,000 numbers together."""
    random = np.random.default_rng(seed)
    given = case(seed, arrays=False)
    counted = 0
    for ask in ("gradients", "values"):
        exercise = viz.exercise(given.loss, ask, names={})
        for question in exercise.questions:
            right = float(exercise.solution[question.name])
            style = STYLES[random.integers(len(STYLES))]
            verdict = exercise.check({question.name: style(right)})
            assert verdict.answers[question.name], (style(right), right)
            counted += 1
    assert counted >= 2


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("ask", ["values", "gradients", "rules", "shapes", "fault"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_graph_with_infinity_or_nan_is_refused_by_name(ask: str, lang: str) -> None:
    w = Tensor([1.0, 2.0], name="w")
    for number in (np.nan, np.inf, -np.inf):
        z: Any = w * number
        with pytest.raises(StateError, match="v1 has infinity or NaN"):
            viz.exercise(z.sum(), ask, lang=lang)
        z.name = "z"
        with pytest.raises(StateError, match="^z has infinity or NaN"):
            viz.exercise(z.sum(), ask, lang=lang)
    with pytest.raises(StateError, match="x has infinity or NaN"):
        viz.exercise((Tensor([0.0, np.inf], name="x") * w).sum(), ask, lang=lang)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_gradient_that_is_infinite_is_refused_where_gradients_are_asked_for() -> None:
    x = Tensor(0.0, name="x")
    loss: Any = np.sqrt(x)
    loss.name = "L"
    assert viz.exercise(loss).check(0).right
    with pytest.raises(StateError, match="∂L/∂x has infinity or NaN"):
        viz.exercise(loss, "gradients")


def test_a_number_that_is_not_finite_is_no_right_answer() -> None:
    loss, names = layer()
    for answer in ("nan", "−inf", "∞", math.nan, np.inf):
        assert viz.exercise(loss, names=names).check({"L": answer}).answers["L"] is False


@pytest.mark.parametrize(
    "answer",
    ["1e400", "-1e400", "1e999999999/3", "1/1e-400", 10**400, [10**400], True, np.True_, [[True]],
     np.array(["1e400"]), 1j, np.array([1j]), None, b"1", {1}, [1, None],
     np.datetime64("2020-01-01"), "[" * 3000 + "]" * 3000, object()],
    ids=lambda answer: repr(answer)[:20],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_words(answer: Any) -> None:
    with pytest.raises(ArgumentError):
        read_numbers(answer)


def test_arguments_of_other_types_are_refused_in_words() -> None:
    loss, names = layer()
    for arguments in (
        {"ask": ["values"]}, {"ask": None}, {"ask": 3}, {"ask": {}}, {"seed": "1"}, {"seed": 1.0},
        {"seed": True}, {"names": [loss]}, {"names": {1: loss}},
    ):  # fmt: skip
        with pytest.raises(ArgumentTypeError):
            viz.exercise(loss, **arguments)
    exercise = viz.exercise(loss, names=names)
    for answers in (3.0, None, {1.0: 3}, {True: 3}, {None: 3}, {("L",): 3}, {3, 4}, np.zeros(9)):
        with pytest.raises(ArgumentTypeError):
            exercise.check(answers)
    with pytest.raises(ArgumentError, match="L is answered twice"):
        exercise.check({"L": 3, len(exercise.questions): 4})


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("(-0.1)**2", 0.01), ("2*3", 6), ("−(1/3)", -1 / 3), ("2 · 3 + 1", 7), ("1/3 * 2", 2 / 3),
        ("√4/3", 2 / 3), ("1,5*2", 3), ("2*w", 10), ("w² # squared", 25), ("tanh(0)", 0),
        ("[2*3, 1/3]", [6, 1 / 3]), (["2*w", "w"], [10, 5]), ("(0.5)(1 - 0.5)", 0.25),
        ("W*2", [2, 4]),
    ],
)  # fmt: skip
def test_arithmetic_is_read_as_the_number_that_comes_out(answer: Any, value: Any) -> None:
    given = {"w": np.float64(5), "W": np.array([1.0, 2.0])}
    np.testing.assert_allclose(read_numbers(answer, given).values, value, rtol=1e-15)


@pytest.mark.parametrize("answer", ["1,000", "−12,345", "1,000/3", "2*1,000", "1,250%"])
def test_a_comma_that_may_part_thousands_is_refused(answer: str) -> None:
    with pytest.raises(ArgumentError, match="can be read as .* or as .*: write one of these"):
        read_numbers(answer)


@pytest.mark.parametrize(
    ("answer", "value"),
    [("0,125", 0.125), ("1,25", 1.25), ("1000,125", 1000.125), ("3,125e2", 312.5), ("012,5", 12.5)],
)
def test_a_comma_that_can_only_be_a_point_is_one(answer: str, value: float) -> None:
    assert read_numbers(answer).values == value


@pytest.mark.parametrize(
    "answer",
    ["2*", "3 > 2", "True", "1 if 2 else 3", "1/0", "0/0", "(1/0)", "2**5000", "10*1e400", "q*2",
     "__import__('os')", "1e308*10", "(" * 240 + "1" + ")" * 240, "(-1)**0.5", "", "--nan",
     "x" * 600],
    ids=lambda answer: answer[:20],
)  # fmt: skip
def test_what_computes_to_no_number_is_refused(answer: str) -> None:
    with pytest.raises(ArgumentError, match="is no number"):
        read_numbers(answer)


def test_an_answer_may_compute_with_what_is_given() -> None:
    w, x = Tensor(-0.1, name="w"), Tensor(3.0, name="x")
    loss: Any = (w * x) ** 2
    loss.name = "L"
    exercise = viz.exercise(loss)
    assert exercise.check({"v1": "w*x", "L": "(-0.1*3)**2"}).right
    assert not exercise.check({"L": "-0.1*3"}).right
    with pytest.raises(ArgumentError, match="is no number"):
        exercise.check({"L": "v1**2"})  # v1 is asked for
    backward = viz.exercise(loss, "gradients")
    assert backward.check(["2*v1", "2·v₁·x", "2*v1*w"]).right


@pytest.mark.parametrize("answer", [True, (True, 3), (2.5,), (3.0, 4), "9" * 5000, "1" * 60 + "!",
                                    {3}, None, np.zeros((2, 2)), "3,,4",
                                    np.array("a")])  # fmt: skip
def test_what_is_no_shape_is_refused_in_words(answer: Any) -> None:
    with pytest.raises(ArgumentError, match="is no shape"):
        read_shape(answer)


# ---------------------------------------------------------------------- how it is used


def test_answers_go_by_name_by_number_by_label_or_in_order() -> None:
    x, y = Tensor(2.0, name="x"), Tensor(5.0, name="y")
    loss: Any = x * y
    loss.name = "L"
    exercise = viz.exercise(loss, "gradients")
    first, second = (q.name for q in exercise.questions)
    for answers in (
        {first: 5, second: 2}, {1: 5, 2: 2}, {"x": 5, "y": 2}, {x: 5, y: 2}, [5, 2], ("5", "2"),
    ):  # fmt: skip
        assert exercise.check(answers).right
    half = exercise.check([5, None])
    assert not half.right and half.mistake is None
    assert half.answers == {first: True, second: None}
    assert str(half) == "1 of 2 right. Not answered: ∂L/∂y."
    assert str(exercise.check({1: "  "})) == "0 of 2 right. Not answered: ∂L/∂x, ∂L/∂y."


def test_errors_say_what_to_do() -> None:
    loss = lesson().loss
    exercise = viz.exercise(loss, "gradients")
    with pytest.raises(ArgumentTypeError, match="takes a Tensor, got float"):
        viz.exercise(3.0)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="Did you mean 'gradients'"):
        viz.exercise(loss, "gradient")
    with pytest.raises(StateError, match="not a scalar"):
        viz.exercise(Tensor([1.0, 2.0]) * 2, "gradients")
    with pytest.raises(ArgumentError, match="`seed` must be"):
        viz.exercise(loss, seed=-1)
    with pytest.raises(ArgumentError, match="no question 'q'"):
        exercise.check({"q": 1})
    with pytest.raises(ArgumentError, match="8 questions|questions, got 1 answers"):
        exercise.check([1])
    with pytest.raises(ArgumentTypeError, match="dict of answers by name"):
        exercise.check(3.0)
    with pytest.raises(StateError, match="nothing to ask"):
        viz.exercise(Tensor(3.0))
