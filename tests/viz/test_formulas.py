"""Formulas: of every operation, equal to its rule at random numbers; and of own operations."""

import re
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Operation, Tensor, ops, viz
from autograd_nn.viz.chain import latex
from autograd_nn.viz.formulas.derivation import RuleFormula, formula_of
from autograd_nn.viz.formulas.trees import evaluated
from autograd_nn.viz.formulas.typesetting import written
from autograd_nn.viz.graph import rules
from autograd_nn.viz.graph.flows import formula_at, result_of_rule, values_of, worded
from tests.engine.samples import BY_NAME, SAMPLES
from tests.viz.test_chain_rule import check_parses

# In a place of their own: a formula would say less than these words of their layout.
WITHOUT_LATEX = {
    *("getitem", "scatter", "set_at", "add_at"),
    *("concatenate", "stack", "split"),
    *("svd", "lstm", "gru"),
    *("embed", "add_rows"),
}

# A formula that fills a page is no formula: it is told in words.
IN_WORDS = {
    name
    for name, operation in BY_NAME.items()
    if any(isinstance(form, str) for form in operation.formula or ())
}

SLOTS = [
    pytest.param(name, place, slot, id=f"{name}-{place}-{slot}")
    for name in SAMPLES
    for place, case in enumerate(SAMPLES[name])
    for slot, x in enumerate(case.inputs)
    if np.asarray(x).dtype.kind == "f"
]


def recorded(name: str, place: int) -> Any:
    """The node of a sample; where it has several results the one behind its parts."""
    case = SAMPLES[name][place]
    inputs = [Tensor(a) if np.asarray(a).dtype.kind == "f" else a for a in case.inputs]
    result = BY_NAME[name](*inputs, **case.attributes)
    return result[0].inputs[0] if isinstance(result, tuple) else result


def differentiable(node: Any, slot: int) -> bool:
    own = node.operation.gradients
    return type(own) is not tuple or own[slot] is not None


def values(node: Any, g: Any) -> dict[str, Any]:
    """The letters of a formula with the numbers of a node."""
    found = {str(place): x for place, x in enumerate(values_of(node))}
    if type(g) is tuple:
        found |= {f"g{place}": x for place, x in enumerate(g)}
        return found | {f"out{place}": x for place, x in enumerate(node._data)}
    return found | {"g": g, "out": node._data}


def seed(data: Any) -> Any:
    if type(data) is tuple:
        return tuple(map(seed, data))
    return np.random.default_rng(3).uniform(0.5, 1.5, np.shape(data))[()]


@pytest.mark.parametrize(("name", "place", "slot"), SLOTS)
def test_the_formula_is_the_rule(name: str, place: int, slot: int) -> None:
    node = recorded(name, place)
    if not differentiable(node, slot):
        return
    formula = formula_at(node, slot)
    if name in IN_WORDS:
        assert formula is None
        return
    assert formula is not None
    g = seed(node._data)
    expected = result_of_rule(node, slot, g)
    letters = values(node, g)
    with np.errstate(invalid="ignore"):  # the logarithm of a negative base
        found = [evaluated(formula.tree, letters)]
        if formula.local is not None:
            found.append(evaluated(formula.local, letters) * g)
    for array in found:
        if np.size(expected) == 1:  # of one number the shape is not told
            array = np.reshape(array, np.shape(expected))
        array = np.broadcast_to(array, np.shape(expected))
        np.testing.assert_allclose(array, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_operation_is_written_in_text_and_latex(name: str) -> None:
    for place in range(len(SAMPLES[name])):
        node = recorded(name, place)
        for slot in range(len(node.inputs)):
            if not differentiable(node, slot):
                continue
            step = as_step(node, slot)
            text = rules.derivative(step) or rules.rule(step)[0]
            assert text and "own rule" not in text and "function" not in text
            assert text.count("(") == text.count(")") and text.count("[") == text.count("]")
            tex = latex.chain(step, "L")
            check_parses(f"\\begin{{aligned}}\nL &= {tex}\n\\end{{aligned}}")
            if name not in WITHOUT_LATEX:
                assert not tex.startswith(r"\left(\partial_")


def as_step(node: Any, slot: int) -> rules.AppliedRule:
    inputs = ("x", "y", "z", *"abcdefgh")[: len(node.inputs)]
    shapes = tuple(np.shape(x) for x in values_of(node))
    raw = np.shape(result_of_rule(node, slot, seed(node._data)))
    return worded(node, slot, inputs, "v", shapes, raw, "L")


def test_few_rules_have_no_formula_but_words() -> None:
    assert {"svd", "lstm", "gru", "embed", "add_rows"} == IN_WORDS
    words = "the matrix equations of the singular value decomposition, run backwards"
    assert rules.rule(as_step(recorded("svd", 0), 0))[0] == words


def test_forty_operations_need_no_form_of_their_own() -> None:
    by_rule = [name for name in SAMPLES if BY_NAME[name].formula is None]
    assert len(by_rule) >= 40


@pytest.mark.parametrize("name", sorted({n for n in ops.__all__ if BY_NAME[n].formula} - IN_WORDS))
def test_a_form_for_paper_is_the_rule_in_other_words(name: str) -> None:
    for place in range(len(SAMPLES[name])):
        node = recorded(name, place)
        operation, g = node.operation, seed(node._data)
        attributes = node.attributes or {}
        assert len(operation.formula) == len(operation.gradients)
        for form, rule in zip(operation.formula, operation.gradients, strict=True):
            if form is not None and not isinstance(form, str):
                args = (g, node._data, *values_of(node))
                with np.errstate(invalid="ignore"):  # the logarithm of a negative base
                    found, expected = form(*args, **attributes), rule(*args, **attributes)
                np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "slot", "text"),
    [
        ("tanh", 0, "1 − v²"),
        ("sigmoid", 0, "v·(1 − v)"),
        ("power", 0, "y·x^(y − 1)"),
        ("power", 1, "v·log x"),
        ("divide", 1, "−v/y"),
        ("sqrt", 0, "1/(2·v)"),
        ("relu", 0, "1 where x > 0, else 0"),
        ("softplus", 0, "σ(x)"),
        ("cos", 0, "−sin x"),
        ("log1p", 0, "1/(1 + x)"),
        ("binary_cross_entropy", 0, "(1 − y)/(1 − x) − y/x"),
        ("sigmoid_cross_entropy", 0, "σ(x) − y"),
        ("arctan2", 0, "y/(y² + x²)"),
        ("hypot", 1, "y/v"),
        ("ldexp", 0, "2^y"),
        ("i0", 0, "i1(x)"),
        ("xlogy", 1, "x/y"),
        ("erfcx", 0, "2·x·v − 1.128"),
    ],
)
def test_local_derivatives_as_in_a_textbook(name: str, slot: int, text: str) -> None:
    assert rules.derivative(as_step(recorded(name, 0), slot)) == f"∂{'₁₂'[slot]}v = {text}"


@pytest.mark.parametrize(
    ("name", "place", "slot", "text"),
    [
        ("inv", 0, 0, "−vᵀ·∂L/∂v·vᵀ"),
        ("inv", 1, 0, "−vᵀ·∂L/∂v·vᵀ"),
        ("det", 0, 0, "(∂L/∂v·v)·x⁻ᵀ"),
        ("slogdet", 0, 0, "∂L/∂(v[1])·x⁻ᵀ"),
        ("solve", 0, 1, "x⁻ᵀ·∂L/∂v"),
        ("solve", 0, 0, "−(x⁻ᵀ·∂L/∂v)⊗v"),
        ("cholesky", 0, 0, "into_lower_triangle(v⁻ᵀ·tril_half_diagonal(vᵀ·∂L/∂v)·v⁻¹)"),
        ("svdvals", 0, 0, "left_vectors(x)·diag(∂L/∂v)·right_vectors(x)ᵀ"),
        ("cumsum", 0, 0, "sums_from_here_on(∂L/∂v)"),
        ("prod", 0, 0, "∂L/∂v·product_of_others(x)"),
        ("einsum", 0, 0, "einsum[ik,jk→ij](∂L/∂v, y)"),
    ],
)
def test_rules_of_arrays_as_in_a_textbook(name: str, place: int, slot: int, text: str) -> None:
    assert rules.rule(as_step(recorded(name, place), slot))[0] == text


# ---------------------------------------------------------------------- own operations


def one_input(rule: Any) -> RuleFormula | None:
    own = Operation("own", value=lambda x: x, gradients=(rule,))
    return formula_of(own, 0, ((3,),), (3,), {})


def test_a_users_cube_is_written_everywhere(tmp_path: Any) -> None:
    # Made by text, as in a session without a file: no source can be read.
    names: dict[str, Any] = {"Operation": Operation}
    exec(
        "cube = Operation('cube', value=lambda x: x * x * x,\n"
        "                 gradients=(lambda g, out, x: g * 3 * x * x,))",
        names,
    )
    x = Tensor([1.0, 2.0], name="x")
    loss = names["cube"](x).sum()
    (edge,) = [e for e in viz.draw(loss, edges="receipt").view.edges if e.slot == 0 and e.local]
    assert edge.derivative == "∂₁v1 = 3·x²"
    assert "3·x² ⊙ ∂v2/∂v1" in viz.explain(loss, x).text
    assert r"3 \cdot x^{2}" in viz.explain(loss, x).latex
    assert "∂₁v1 = 3·x²" in str(viz.steps(loss))
    viz.explore(loss, tmp_path / "page.html")
    assert "3·x²" in (tmp_path / "page.html").read_text(encoding="utf-8").replace("\\u00b7", "·")


def test_a_form_for_paper_of_a_users_own() -> None:
    plain = Operation("swish", value=lambda x: x, gradients=(lambda g, out, x: g * np.exp(x) / 3,))
    told = Operation(
        "swish",
        value=lambda x: x,
        gradients=plain.gradients,
        formula=(lambda g, out, x: g * out,),
    )
    x = Tensor(2.0, name="x")
    assert "∂₁v1 = exp(x)/3 = " in viz.explain(plain(x), x).text
    assert "∂₁v1 = v1 = " in viz.explain(told(x), x).text


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x: g if x[0] > 0 else -g,
        lambda g, out, x: g * float(x[0]),
        lambda g, out, x: g * np.linalg.inv(x),
        lambda g, out, x: np.asarray(g) * 2,
        lambda g, out, x: g.copy().fill(0),
        lambda g, out, x: 1 / 0,
        lambda g, out, x: np.add(g, x, out=np.zeros(3)),
        lambda g, out, x: list(g),
    ],
)
def test_what_is_no_formula(rule: Any) -> None:
    assert one_input(rule) is None


def test_a_formula_that_nobody_would_read_is_none() -> None:
    def long(g: Any, out: Any, x: Any) -> Any:
        for _ in range(10_000):
            x = np.sin(x) + np.cos(x)
        return g * x

    assert one_input(long) is None


def test_the_root_of_a_square_is_no_letter() -> None:
    formula = one_input(lambda g, out, x: g * (x**2) ** 0.5 * 3 / 2)
    assert formula is not None and formula.local is not None
    assert evaluated(formula.local, {"0": -2.0}) == 3.0


def test_terms_that_are_the_same_are_counted() -> None:
    def doubled(g: Any, out: Any, x: Any) -> Any:
        for _ in range(40):
            x = x + x
        return g * x

    formula = one_input(doubled)
    assert formula is not None and formula.local is not None
    assert evaluated(formula.local, {"0": 1.0}) == 2.0**40


# ------------------------------------------------------------------ random rules

UNARY: list[Any] = [np.sin, np.cos, np.exp, np.tanh, np.square, np.negative, np.sqrt, np.log]
BINARY: list[Any] = [np.add, np.subtract, np.multiply, np.divide]


@st.composite
def own_rules(draw: Any) -> Any:
    """A rule of x, y and out, as steps on a stack, always times g."""
    steps = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("one"), st.sampled_from(UNARY), st.integers(0, 9)),
                st.tuples(
                    st.just("two"), st.sampled_from(BINARY), st.integers(0, 9), st.integers(0, 9)
                ),
                st.tuples(
                    st.just("power"), st.sampled_from([2, 3, 0.5, -1, -2]), st.integers(0, 9)
                ),
                st.tuples(st.just("where"), st.integers(0, 9), st.integers(0, 9)),
                st.tuples(st.just("number"), st.sampled_from([1, -1, 2, 0.5, -3, 0])),
            ),
            min_size=1,
            max_size=7,
        )
    )

    def rule(g: Any, out: Any, x: Any, y: Any) -> Any:
        pool = [x, y, out, g * 0 + 1]
        for step in steps:
            if step[0] == "one":
                pool.append(step[1](pool[step[2] % len(pool)]))
            elif step[0] == "two":
                pool.append(step[1](pool[step[2] % len(pool)], pool[step[3] % len(pool)]))
            elif step[0] == "power":
                pool.append(pool[step[2] % len(pool)] ** step[1])
            elif step[0] == "where":
                pool.append(np.where(x > y, pool[step[1] % len(pool)], pool[step[2] % len(pool)]))
            else:
                pool.append(pool[-1] * step[1])
        return g * pool[-1]

    return rule


def as_python(text: str) -> str:
    """A formula in text as Python would write it."""
    text = (
        text.replace("−", "-")
        .replace("·", "*")
        .replace("^", "**")
        .replace("²", "**2")
        .replace("³", "**3")
    )
    text = text.replace("[", "(").replace("]", ")")  # a condition in a product is 1 or 0
    return re.sub(
        r"\b(sin|cos|log) (\w+)", r"\1(\2)", re.sub(r"√([\w.]+)", r"sqrt(\1)", text)
    ).replace("√(", "sqrt(")


@settings(max_examples=300)
@given(own_rules(), st.integers(0, 1000))
def test_what_is_written_is_what_the_rule_computes(rule: Any, start: int) -> None:
    own = Operation("own", value=lambda x, y: x, gradients=(rule, rule))
    formula = formula_of(own, 0, ((), ()), (), {})
    if formula is None or formula.local is None:
        return  # too long, or a division by zero
    random = np.random.default_rng(start)
    out, x, y = (random.uniform(0.4, 2.0) for _ in range(3))
    with np.errstate(all="ignore"):
        expected = rule(np.float64(1.0), np.float64(out), np.float64(x), np.float64(y))
        found = evaluated(formula.local, {"0": x, "1": y, "out": out, "g": 1.0})
        if not np.isfinite(expected) or abs(expected) > 1e12:
            return
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
        step = rules.AppliedRule("L", own, 0, ("x", "y"), "v", ((), ()), (), (), {}, formula)
        exact = replace(rules.style(step), number=lambda number: f"{number:.17g}")
        text = written(formula.local, exact)
        if "where" in text:
            return  # no Python
        names = {name: getattr(np, name) for name in ("sin", "cos", "exp", "tanh", "sqrt", "log")}
        number = eval(as_python(text), names | {"x": x, "y": y, "v": out})
        assert number == pytest.approx(expected, rel=1e-6, abs=1e-9)
