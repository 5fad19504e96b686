"""Rules that somebody types: every way to write a right one is right, and wrong ones are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, ops, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.viz.exercises.typed_rules import read_expression
from tests.viz.test_exercises import layer

# ------------------------------------------------------------------ what is read

LETTERS = {"x": "x", "dense/kernel": "k", "v1": "v1", "∂L/∂a": "g", "W": "W"}
VALUES = {
    "x": 0.7,
    "k": 2.0,
    "v1": -1.5,
    "g": 3.0,
    "W": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", 0.7),
        ("-x^2", -0.49),
        ("−x²", -0.49),
        ("2^3^2", 512),
        ("2**-1", 0.5),
        ("2x + 3", 4.4),
        ("x(1 − x)", 0.21),
        ("x/2/2", 0.175),
        ("1 - 2 - 3", -4),
        ("1,5·x", 1.05),
        ("∂L/∂a·x", 2.1),
        ("dense/kernel × v1", -3),
        ("dense/kernel/2", 1),
        ("|v1|", 1.5),
        ("abs(v1) + √4", 3.5),
        ("exp(-x)/(1+exp(-x))**2", np.exp(-0.7) / (1 + np.exp(-0.7)) ** 2),
        ("σ(x)·(1 − σ(x))", np.exp(-0.7) / (1 + np.exp(-0.7)) ** 2),
        ("np.tanh(x)", np.tanh(0.7)),
        ("ln(x)", np.log(0.7)),
        ("log x + 1", np.log(0.7) + 1),
        ("x where x > 0, 5 where x > 9, else 2", 0.7),
        ("v1 where x < 0, 5 where x > 9, else 2x", 1.4),
        ("(2 if x > 0 else 3) + 1", 3),
        ("[x > 0 and x < 0.5]", 0),
        ("[0 < x < 1 or x > 9]", 1),
        ("normal_cdf(0)", 0.5),
        ("e^x", np.exp(0.7)),
        ("sin(π/2)", 1),
        ("maximum(x, 0.9)", 0.9),
        ("[x > 0]", 1),
        ("(v1 >= 0) * x", 0),
        ("x if v1 > 0 else 0", 0),
        ("x where x > 0 else v1", 0.7),
        ("where(v1 < 0, x, 5)", 0.7),
        ("x⁻¹", 1 / 0.7),
        ("1e-3x", 7e-4),
        ("sum(W)", 21),
        ("W.sum(axis=0)", [9, 12]),
        ("sum(W, 1)", [3, 7, 11]),
        ("sum(W, axis=(0, 1))", 21),
        ("np.sum(W, axis=0, keepdims=True)", [[9, 12]]),
        ("Wᵀ@W", [[35, 44], [44, 56]]),
        ("W.T @ W", [[35, 44], [44, 56]]),
        ("W^T @ W", [[35, 44], [44, 56]]),
        ("dot(W.T, W)", [[35, 44], [44, 56]]),
        ("mean(W)", 3.5),
        ("1 where x > 9 or isnan(x), else 2", 2),
        ("2v1", -3),
        ("2v₁", -3),
        ("v_1 * v_{1}", 2.25),
        ("v₁²", 2.25),
        ("1 − tanh²(x)", 1 / np.cosh(0.7) ** 2),
        ("1 − tanh² x", 1 / np.cosh(0.7) ** 2),
        ("sech²(x)", 1 / np.cosh(0.7) ** 2),
        ("2σ²(x)x", 1.4 / (1 + np.exp(-0.7)) ** 2),
        (r"2 \cdot v1\times x", -2.1),
        ("2*x  # the slope", 1.4),
        ("([x > 0] and (x < 9)) or x > 100", 1),
    ],
)
def test_formulas_are_read(text: str, value: Any) -> None:
    np.testing.assert_allclose(read_expression(text, LETTERS)(VALUES), value)


@pytest.mark.parametrize(
    "text",
    ["", "x +", "(x", "foo", "x y z q", "__import__('os')", "x.__class__", "x; x", "lambda: x",
     "W[0]", "open('a')", "x" * 600, "x,y", "sum(W, axis=x)",
     "tanh⁻¹(x)", "tanh²"],
)  # fmt: skip
def test_what_is_no_formula_is_refused_and_not_run(text: str) -> None:
    with pytest.raises(ArgumentError):
        read_expression(text, LETTERS)(VALUES)


def test_an_error_says_where_it_stopped_and_what_may_stand_there() -> None:
    with pytest.raises(ArgumentError, match=r"at 'foo\*x': expected a name .* dense/kernel"):
        read_expression("2*foo*x", LETTERS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2*x or 0", "`or` stands between two conditions"),
        ("x > 0 and x", "`and` stands between two conditions"),
        ("2*x*1e400", "1e400 is too large"),
        ("2v1x", "a sign between names, such as v1 [*] x"),
        ("xW", "such as x [*] W"),
        (r"\frac{x}{2}", "cannot be read at"),
        ("(" * 240 + "x" + ")" * 240, "too many brackets"),
        ("1e1,5", "cannot be read at ',5'"),
        ("1,500·x", "'1,500' can be read as 1.500 or as 1500: write one of these"),
        ("# nothing", "cannot be read at its end"),
    ],
)
def test_what_might_be_read_otherwise_is_told(text: str, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        read_expression(text, LETTERS)


def test_a_spelling_that_may_mean_two_names_means_neither() -> None:
    letters = {"v1": "0", "v_1": "1"}
    values = {"0": 2.0, "1": 3.0}
    assert read_expression("v1", letters)(values) == 2
    assert read_expression("v_1", letters)(values) == 3
    with pytest.raises(ArgumentError):
        read_expression("v₁", letters)


@pytest.mark.parametrize(("lang", "told"), [("en", "gives infinity"), ("zh", "无穷大")])
def test_a_rule_that_gives_infinity_is_told_so(lang: str, told: str) -> None:
    loss: Any = Tensor([1.0, 2.0], name="x").square().sum()
    exercise = viz.exercise(loss, "rules", lang=lang)
    for number in (1, 2):
        for text in ("1/0*g", "0/0", "2**5000"):
            verdict = exercise.check({number: text})
            assert told in verdict.sentence and verdict.mistake == "unknown"


def test_the_upstream_is_missed_on_the_first_edge_too() -> None:
    x = Tensor([1.0, 2.0], name="x")
    z: Any = x * 3.0
    z.name = "z"
    for loss, right in (((z.mean()) ** 2, "2*v1"), ((z.sum()).tanh(), "1 - out**2")):
        exercise = viz.exercise(loss, "rules")
        first = exercise.questions[0].name
        assert exercise.check({first: right}).mistake == "upstream_forgotten"
        assert exercise.check({first: f"({right})*g"}).answers[first]


# ------------------------------------------------------------------ right rules in many variants

Formula = Any  # "x", 2.0, or (sign, first, second)

# By hand, with g what arrives, a the result, x and y the inputs.
RULES: list[tuple[Callable[..., Any], int, Formula]] = [
    (lambda x, y: x * y, 0, ("*", "g", "y")),
    (lambda x, y: x / y, 0, ("/", "g", "y")),
    (lambda x, y: x / y, 1, ("-", 0.0, ("/", ("*", "g", "x"), ("*", "y", "y")))),
    (lambda x, y: x - y, 1, ("-", 0.0, "g")),
    (lambda x: x.sigmoid(), 0, ("*", "g", ("*", "a", ("-", 1.0, "a")))),
    (lambda x: x.tanh(), 0, ("*", "g", ("-", 1.0, ("*", "a", "a")))),
    (lambda x: x.exp(), 0, ("*", "g", "a")),
    (lambda x: x.log(), 0, ("/", "g", "x")),
    (lambda x: x.sqrt(), 0, ("/", "g", ("*", 2.0, "a"))),
    (lambda x: x**3, 0, ("*", "g", ("*", 3.0, ("*", "x", "x")))),
    (lambda x: ops.square(x), 0, ("*", ("*", 2.0, "x"), "g")),
    (lambda x: ops.reciprocal(x), 0, ("-", 0.0, ("*", "g", ("*", "a", "a")))),
]


def varied(formula: Formula, random: np.random.Generator, depth: int = 0) -> Formula:
    """The same function, written in another way."""
    if type(formula) is tuple:
        sign, x, y = formula
        x, y = varied(x, random, depth + 1), varied(y, random, depth + 1)
        formula = (sign, x, y)
        choice = random.integers(9)
        if choice == 0 and sign in "+*":
            return (sign, y, x)
        if choice == 1 and sign == "*" and type(y) is tuple and y[0] in "+-":
            return (y[0], ("*", x, y[1]), ("*", x, y[2]))
        if choice == 2 and sign == "*" and type(y) is tuple and y[0] == "*":
            return ("*", ("*", x, y[1]), y[2])
        if choice == 3 and sign == "/":
            return ("*", x, ("^", y, -1.0))
        if choice == 4 and sign == "*" and x == y:
            return ("^", x, 2.0)
        if choice == 5 and sign == "-" and x == 0.0:
            return ("*", -1.0, y)
        if choice == 6 and sign == "/":
            return ("*", ("/", 1.0, y), x)
        if choice == 7 and sign == "-" and x != 0.0:
            return ("-", 0.0, ("-", y, x))
        if choice == 8 and sign == "*" and x == y and type(x) is str:
            return ("^", ("abs", x, None), 2.0)
    if depth < 3:
        choice = random.integers(16)
        if choice == 0:
            return ("*", formula, 1.0)
        if choice == 1:
            return ("+", formula, 0.0)
        if choice == 2:
            return ("/", ("*", 2.0, formula), 2.0)
        if choice == 3:
            return ("-", ("+", formula, "x"), "x")
    return formula


def written(formula: Formula, random: np.random.Generator, names: dict[str, str]) -> str:
    """As somebody types it."""

    def one_of(*texts: str) -> str:
        return texts[random.integers(len(texts))]

    if type(formula) is str:
        return names[formula]
    if type(formula) is float:
        text = one_of(f"{formula:g}", f"{formula:.1f}", f"{formula:.1f}".replace(".", ","))
        return text.replace("-", "−") if random.random() < 0.5 else text
    sign, x, y = formula
    x = written(x, random, names)
    if sign == "abs":
        return one_of(f"|{x}|", f"abs({x})", f"np.abs({x})") if "|" not in x else f"abs({x})"
    y = written(y, random, names)
    space = one_of("", " ")
    signs = {
        "+": ["+"], "-": ["-", "−"], "*": ["*", "·", "×"], "/": ["/", "÷"], "^": ["^", "**"],
    }  # fmt: skip
    around = ["({})", "[{}]"] if random.random() < 0.2 else ["({})"]
    if sign == "-" and x in ("0", "0.0", "0,0"):
        return f"(−({y}))"
    return one_of(*around).format(f"{x}{space}{one_of(*signs[sign])}{space}{y}")


VARIANTS = 170  # of each rule: 2,040 together


@pytest.mark.parametrize("number", range(len(RULES)))
@pytest.mark.parametrize("many", [10, pytest.param(VARIANTS, marks=pytest.mark.slow)])
def test_right_rules_are_right_however_they_are_written(number: int, many: int) -> None:
    make, slot, formula = RULES[number]
    random = np.random.default_rng([number, many])
    x, y = Tensor(0.7, name="x"), Tensor(1.3, name="y")
    a = make(x) if make.__code__.co_argcount == 1 else make(x, y)
    a.name = "a"
    loss: Any = np.sin(a)
    loss.name = "L"
    exercise = viz.exercise(loss, "rules")
    (question,) = (q for q in exercise.questions if q.target is a and q.slot == slot)
    names = {"x": "x", "y": "y", "a": "a", "g": "g"}
    for _ in range(many):
        changed = formula
        for _ in range(2):
            changed = varied(changed, random)
        if random.random() < 0.3:
            names["g"] = "∂L/∂a"
        text = written(changed, random, names)
        verdict = exercise.check({question.name: text})
        assert verdict.answers[question.name], text


def test_rules_of_a_layer_in_matrix_form() -> None:
    loss, names = layer("relu")
    exercise = viz.exercise(loss, "rules", names=names)

    def verdict(way: str, text: str) -> Any:
        found = exercise.check({way: text})
        return found.answers[way] or found.mistake

    to_w, to_c = "from v1, its second factor, to W", "from z, its second term, to c"
    for right in ("X.T @ g", "Xᵀ·g", "np.dot(X.T, g)", "X^T ∂L/∂v1", "(gᵀ@X)ᵀ", "transpose(X)@g"):
        assert verdict(to_w, right) is True
    assert verdict(to_w, "g.T @ X") == "transposed"
    assert verdict(to_w, "X @ g") == "shape"
    assert verdict(to_w, "X.T @ g / 4") == "averaged"
    assert verdict(to_w, "-X.T @ g") == "sign"
    for right in (
        "sum(g, axis=0)",
        "g.sum(axis=0)",
        "Σ(g, 0)",
        "4*mean(g, 0)",
    ):
        assert verdict(to_c, right) is True
    assert verdict(to_c, "g") == "sum_missing"
    assert verdict(to_c, "mean(g, axis=0)") == "averaged"
    for right in ("g*(z > 0)", "g if z > 0 else 0", "where(z>0, g, 0)", "g·[h > 0]", "g (z≥0)"):
        assert verdict("from h to z", right) is True
    assert verdict("from h to z", "g*(z<0)") == "other_side"
    assert verdict("from h to z", "g") == "slope_forgotten"
    assert verdict("from h to z", "z > 0") == "upstream_forgotten"
    assert verdict("from L to v3", "g/8") is True
    assert verdict("from L to v3", "0.125*g") is True
    assert verdict("from L to v3", "g") == "n_missing"
    assert verdict("from v3, its base, to v2", "v2*g") == "number_missing"
    assert verdict("from v3, its base, to v2", "2*v3*g") == "at_output"


def test_a_rule_that_is_right_only_at_these_numbers_is_not_right() -> None:
    x = Tensor(1.0, name="x")
    a: Any = x**2
    a.name = "a"
    loss: Any = a * 1.0
    loss.name = "L"
    exercise = viz.exercise(loss, "rules")
    name = "from a, its base, to x"
    for wrong in ("2*g", "2*x**2*g", "2*a*g", "2*x", "(x + 1)*g"):
        assert exercise.check({name: wrong}).answers[name] is False
    assert exercise.check({name: "2*x*g"}).answers[name]


def test_three_digits_of_a_constant_are_enough() -> None:
    loss: Any = Tensor([1.0, 2.0, 4.0], name="x").mean()
    loss.name = "L"
    exercise = viz.exercise(loss, "rules")
    assert exercise.check(["0.333*g"]).right
    assert exercise.check(["1/3 g"]).right
    assert exercise.check(["g/2"]).mistake == "unknown"


def test_an_own_operation_is_asked_for_its_own_rule() -> None:
    cube = Operation(
        "cube", value=lambda x: x * x * x, gradients=(lambda g, out, x: g * 3 * x * x,)
    )
    x = Tensor(0.5, name="x")
    loss = cube(x)
    loss.name = "L"
    exercise = viz.exercise(loss, "rules")
    assert exercise.check("3*x^2*g").right
    assert exercise.check("x^2*g").mistake == "number_missing"
    with pytest.raises(ArgumentTypeError, match="a text such as"):
        exercise.check(np.zeros(3))
