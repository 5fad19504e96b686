"""`explain`: the numbers against closed forms, the merging of paths, and LaTeX that parses."""

import functools
import math
import re
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import matplotlib.mathtext
import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Operation, Tensor, gradients, ops, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, MutationError, StateError
from autograd_nn.engine.graph import topological
from autograd_nn.viz.chain import latex
from autograd_nn.viz.chain.chain_of_numbers import _paths
from autograd_nn.viz.graph.path import GradientPath, local_derivative
from tests.viz.graphs import lesson, network
from tests.viz.test_random_graphs import losses


def named(loss: Tensor, name: str) -> Tensor:
    """The Tensor of that name behind a loss."""
    (found,) = [t for t in topological(loss) if t.name == name]
    return found


def number_of(text: str) -> float:
    """The number of a text, which has a true minus."""
    return float(text.replace("−", "-"))


def results(text: str, head: str) -> list[float]:
    """The last number of each line, or group of lines, that starts with ``head``."""
    blocks = re.split(r"\n(?! )", text)
    return [
        number_of(block.split("\n\n")[0].split("= ")[-1])
        for block in blocks
        if block.startswith(head)
    ]


def test_three_paths_of_the_lesson_equal_the_closed_form() -> None:
    example = lesson()
    text = viz.explain(example.loss, named(example.loss, "w")).text
    w, penalty = example.w, example.penalty
    expected = [example.by_tanh * example.x, penalty * w, penalty * w]
    assert results(text, "path") == pytest.approx(expected, abs=5e-5)
    assert results(text, "sum") == pytest.approx([example.by_w], abs=5e-5)
    assert text.startswith("∂L/∂w = 0.2406, the sum of 3 paths.")
    # Symbols and numbers, factor by factor: 2(a − y), 1 − a², x.
    a, y = example.a, example.y
    assert " 2·v4 · " in text and "(1 − v3²)" in text and "· x\n" in text
    assert f"1 · (−{2 * (y - a):.4g}) · 1 · {1 - a * a:.4g} · 1 · 0.3" in text
    assert "path 2   ∂₂L · ∂₂v7 · ∂₁v6 = 1 · 0.1 · w = 1 · 0.1 · 2 = 0.2" in text


def test_the_values_behind_the_symbols_are_told() -> None:
    example = lesson()
    text = viz.explain(example.loss, named(example.loss, "b")).text
    assert re.search(rf"v3 = tanh\(v2\) +{re.escape(f'= {example.a:.4g}')}\n", text)
    assert text.startswith(f"∂L/∂b = −{-example.by_tanh:.4g}.\n")
    assert "path" not in text  # there is only one


def test_paths_are_merged_where_they_are_many() -> None:
    y = Tensor(1.0, name="y")
    z: Any = y
    for _ in range(12):
        z = z + z
    assert GradientPath(z, y).number_of_paths() == 4096
    text = viz.explain(z, y).text
    assert text.startswith("∂v12/∂y = 4096, all 4,096 paths merged.")
    lines = [line for line in text.splitlines() if line.startswith("∂v12")][1:]
    assert [float(line.split("= ")[-1]) for line in lines] == [2.0**k for k in range(13)]
    assert "∂v12/∂v9 = 1 · ∂v12/∂v10 + 1 · ∂v12/∂v10 = 1 · 4 + 1 · 4 = 8" in lines


def test_eight_paths_are_written_and_nine_are_merged() -> None:
    x = Tensor(2.0, name="x")
    eight: Any = x * x
    for _ in range(6):
        eight = eight + x
    assert "the sum of 8 paths" in viz.explain(eight, x).text
    assert "all 9 paths merged" in viz.explain(eight + x, x).text
    assert float(gradients(eight + x, x)) == 4 + 7
    assert viz.explain(eight + x, x).text.startswith("∂v8/∂x = 11")


@pytest.mark.slow
def test_more_paths_than_python_writes_out() -> None:
    y = Tensor(1.0, name="y")
    z: Any = y
    for _ in range(20_000):
        z = 0.5 * z + 0.5 * z
    text = viz.explain(z, y).text
    # 2^20000 = 10^(20000·log10 2) = 10^6020.6
    assert "all about 10^6020 paths merged" in text
    assert "60,000 nodes" not in text and "nodes more, each by the same rule" in text
    assert len(text.splitlines()) < 60


def test_a_diamond_of_products() -> None:
    # L = (x·y)·(x + y): dL/dx = y(x + y) + xy = 2xy + y² = 5·2·2 - … = 21 + 12 at 4, 3
    x, y = Tensor(4.0, name="x"), Tensor(3.0, name="y")
    text = viz.explain((x * y) * (x + y), x).text
    assert results(text, "path") == [21.0, 12.0]
    assert results(text, "sum") == [2 * 4 * 3 + 9]


@st.composite
def scalar_graphs(draw: Any) -> Tensor:
    """One number computed from a few, each from any of those before."""
    pool: list[Any] = [Tensor(0.7, name="a"), Tensor(-1.3, name="b"), Tensor(0.4, name="c")]
    for _ in range(draw(st.integers(1, 9))):
        x, y = (draw(st.sampled_from(pool)) for _ in range(2))
        pool.append(draw(st.sampled_from([x + y, x * y, x - y, np.tanh(x), np.exp(-x * x)])))
    return pool[-1] + pool[0] * 1.0


@settings(max_examples=100)
@given(scalar_graphs())
def test_the_sum_of_the_paths_is_the_gradient(loss: Tensor) -> None:
    for name in ("a", "b", "c"):
        found = [t for t in topological(loss) if t.name == name]
        if not found or (gradient := gradients(loss, found[0])) is None:
            continue
        way = GradientPath(loss, found[0])
        paths = _paths(way)
        assert len(paths) == way.number_of_paths()
        products = [math.prod(local_derivative(step) for step in path) for path in paths]
        assert math.fsum(products) == pytest.approx(float(gradient), rel=1e-9, abs=1e-12)
        text = viz.explain(loss, found[0]).text
        assert number_of(text.split(" = ")[1].split(",")[0].split(".\n")[0]) == pytest.approx(
            float(gradient), rel=1e-3
        )


@settings(max_examples=60)
@given(losses())
def test_every_graph_can_be_explained(loss: Tensor) -> None:
    for t in topological(loss):
        if type(t._data) is not tuple:
            found = viz.explain(loss, t)
            check_balance(found.latex)
            assert "not computed" not in found.text or gradients(loss, t) is None


def test_an_operation_of_ones_own_is_shown_by_its_formula() -> None:
    cube = Operation("cu_be", value=lambda x: x**3, gradients=(lambda g, out, x: g * 3 * x * x,))
    w = Tensor(2.0, name="w")
    found = viz.explain(cube(w), w)
    assert "∂₁v1 = 3·w² = 12" in found.text
    assert r"3 \cdot w^{2}" in found.latex
    check_parses(found.latex)


def test_a_rule_that_looks_at_numbers_is_shown_by_its_name() -> None:
    cube = Operation(
        "cu_be",
        value=lambda x: x**3,
        gradients=(lambda g, out, x: g * 3 * x * x if x else g * 0,),
    )
    w = Tensor(2.0, name="w")
    found = viz.explain(cube(w), w)
    assert "cu_be′(w) = 12" in found.text
    assert r"\mathrm{cu\_be}" in found.latex


def test_arrays_of_one_element_are_numbers() -> None:
    m = Tensor([[3.0]], name="m")
    loss = ops.mean(m @ m)
    text = viz.explain(loss, m, (0, -1)).text
    assert results(text, "path") == [3.0, 3.0]
    assert text.startswith(f"∂v2/∂m = {float(gradients(loss, m)[0, 0]):.0f},")


def test_arrays_have_rules_shapes_and_norms() -> None:
    loss, names = network()
    kernel = named(loss, "dense/kernel")
    text = viz.explain(loss, kernel, index=(3, -21), names=names).text
    expected = gradients(loss, kernel)
    assert "xᵀ·∂loss/∂v1 : (64,32)·(32,25) → (64,25)" in text
    assert "∂loss/∂loss ÷ 32, spread : () → (32,1)" in text
    assert "(σ(dense_2/z) − y) ⊙ ∂loss/∂v4" in text
    norms = [float(x) for x in re.findall(r"norm (\S+)\n", text)]
    assert norms[-1] == pytest.approx(np.linalg.norm(expected), rel=1e-3)
    assert norms[0] == pytest.approx(math.sqrt(32) / 32, rel=1e-3)
    found = re.search(r"\[3, 4\] = (\S+)\.\nviz\.zoom\(w, \(3, 4\)", text)
    assert found and number_of(found[1]) == pytest.approx(float(expected[3, 4]), rel=1e-3)
    assert "dense_1/a = σ(dense_1/z)" in text and "[dense_1]" in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_tensor_used_twice_by_arrays_gets_a_sum() -> None:
    a = Tensor([1.0, 2.0, 3.0], name="a")
    first, second = np.split(ops.concatenate([a, a * 2]), 2)
    # L = Σ a·2a, dL/da = 4a
    text = viz.explain((first * second).sum(), a, 2).text
    assert "= the sum" in text
    assert "[2] = 12." in text
    assert f"norm {np.linalg.norm([4, 8, 12]):.4g}" in text


def test_labels_are_those_of_the_picture() -> None:
    example = lesson()
    text = viz.explain(example.loss, named(example.loss, "w")).text
    view = viz.draw(example.loss).view
    for node in view.nodes:
        if node.expression:
            assert re.search(rf"{node.label} = {re.escape(node.expression)} +=", text)


def test_names_can_be_given() -> None:
    speed, height = Tensor(2.0), Tensor(3.0)
    text = viz.explain(speed * height, speed, names=locals()).text
    assert "∂₁v1 = height = 3" in text


def test_no_way_is_said_and_not_shown_as_zero() -> None:
    v, w = Tensor(2.0, name="v"), Tensor(3.0, name="w")
    found = viz.explain(v * v, w)
    assert "∂v1/∂w is not computed" in found.text
    assert "0" not in found.text
    assert r"\mathrm{not\ computed}" in found.latex


def test_the_loss_itself() -> None:
    w = Tensor(3.0, name="w")
    assert "∂w/∂w = 1" in viz.explain(w, w).text


def test_nothing_is_touched() -> None:
    example = lesson()
    w = named(example.loss, "w")
    before = np.random.get_state()[1]
    viz.explain(example.loss, w)
    assert w.grad is None and example.loss.grad is None
    assert np.array_equal(before, np.random.get_state()[1])


def test_it_is_printed_and_shown_in_notebooks() -> None:
    example = lesson()
    found = viz.explain(example.loss, named(example.loss, "w"))
    assert str(found) == repr(found) == found.text
    assert found._repr_mimebundle_() == {
        "text/plain": found.text,
        "text/latex": f"$$\n{found.latex}\n$$",
    }
    assert list(found._repr_mimebundle_(include={"text/plain"})) == ["text/plain"]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda x: viz.explain(x.sum().item(), x), ArgumentTypeError, "`loss` is float"),
        (lambda x: viz.explain(x.sum(), x.data), ArgumentTypeError, "`w` is ndarray"),
        (lambda x: viz.explain(x * 2, x), StateError, "needs a scalar loss"),
        (lambda x: viz.explain(x.detach().sum(), x), StateError, "not part of a recorded graph"),
        (lambda x: viz.explain(x.sum(), x, 3), ArgumentError, "axis 0 has the length 3"),
        (lambda x: viz.explain(x.sum(), x, (0, 1)), ArgumentError, "[0, 1] is no element"),
        (lambda x: viz.explain(x.sum(), x, True), ArgumentTypeError, "got True"),
        (lambda x: viz.explain(x.sum(), x.sum(), 0), ArgumentError, "give ()"),
        (lambda x: viz.explain(x.sum(), x, indx=0), ArgumentTypeError, "Did you mean 'index'"),
        (
            lambda x: viz.explain(x.sum(), x, 1.5),
            ArgumentTypeError,
            "an integer for its axis, got 1.5",
        ),
        (lambda x: viz.explain(x.sum(), x, names=[x]), ArgumentTypeError, "`names` must be a dict"),
    ],
)
def test_wrong_calls_are_answered(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        call(Tensor([1.0, 2.0, 3.0]))


def test_data_changed_since_are_told() -> None:
    x = Tensor([1.0, 2.0], name="x")
    loss = (x * x).sum()
    x.data[0] = 5.0
    with pytest.raises(MutationError, match="'x' .*changed in place"):
        viz.explain(loss, x)


# ---------------------------------------------------------------------- LaTeX

HOSTILE = [
    "w_1",
    "dense_1/kernel",
    "100 %",
    "a$b",
    "back\\slash",
    "\\end{aligned}",
    "{",
    "}}",
    "a&b",
    "#1",
    "x^2~y",
    "<script>",
    "it's",
    "→",
    "a\nb",
    "λ",
]


def rows_of(text: str) -> Iterator[tuple[str, str]]:
    """The sides of each row of an aligned environment; fails where the form is another."""
    lines = text.split("\n")
    assert lines[0] == r"\begin{aligned}" and lines[-1] == r"\end{aligned}"
    for place, line in enumerate(lines[1:-1]):
        last = place == len(lines) - 3
        assert line.endswith(r" \\") != last
        sides = re.split(r"(?<!\\)&", line.removesuffix(r" \\"))
        assert len(sides) == 2
        yield sides[0].strip(), sides[1].strip()


def check_balance(text: str) -> None:
    """Braces and brackets in balance on every side of every row."""
    for row in rows_of(text):
        for side in row:
            depth = 0
            for token in re.findall(r"\\.|[{}]", side):
                depth += {"{": 1, "}": -1}.get(token, 0)
                assert depth >= 0
            assert depth == 0
            assert side.count(r"\left") == side.count(r"\right")


def check_parses(text: str) -> None:
    """The same, and every side is mathematics for another reader."""
    check_balance(text)
    for side in {side for row in rows_of(text) for side in row if side}:
        _check_side(side)


@functools.cache  # ∂L/∂x stands in every formula
def _check_side(side: str) -> None:
    # This reader lacks a few words that MathJax and KaTeX both have.
    known = side.replace(r"\lt{}", "<").replace(r"\gt{}", ">").replace(r"\gt", ">")
    known = known.replace(r"\backslash{}", r"\backslash ").replace(r"\ ", r"\;")
    known = re.sub(r"\\(wedge|sim|prime)\{\}", r"\\\1 ", known).replace(r"\lt", "<")
    for character, other in (("→", "x"), ("λ", "x"), (r"\&", "+")):
        known = known.replace(character, other)
    matplotlib.mathtext.MathTextParser("path").parse(f"${known}$")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_latex(name: str) -> None:
    w = Tensor(2.0, name=name)
    found = viz.explain(np.tanh(w * 0.5) ** 2 + w, w)
    check_parses(found.latex)


def test_every_form_of_latex_parses() -> None:
    example = lesson()
    check_parses(viz.explain(example.loss, named(example.loss, "w")).latex)
    loss, names = network()
    check_parses(viz.explain(loss, named(loss, "dense/kernel"), (3, 4), names=names).latex)
    check_parses(viz.explain(loss, named(loss, "dense_1/bias")).latex)
    y = Tensor(1.5, name="lambda")
    z: Any = y
    for _ in range(5):
        z = z + z * 1e-5
    check_parses(viz.explain(z, y).latex)
    x = Tensor(0.3, name="x")
    for operation in (
        *(ops.exp, ops.log, ops.sqrt, ops.sin, ops.cos, ops.tanh, ops.sigmoid, ops.relu),
        *(ops.absolute, ops.softplus, ops.negative, ops.square, ops.log1p, ops.expm1),
        *(ops.softmax, lambda x: x.clip(0, 1), ops.copy),
    ):
        check_parses(viz.explain(operation(x), x).latex)
    for pair in (ops.divide, ops.power, ops.maximum, ops.minimum, ops.subtract):
        check_parses(viz.explain(pair(x, Tensor(-1.7, name="y")), x).latex)
        check_parses(viz.explain(pair(Tensor(1.7, name="y"), x), x).latex)


def test_numbers_as_local_derivatives_are_written_once_and_without_brackets() -> None:
    x = Tensor(5.0, name="x")
    y = x * -2
    y.name = "y"
    found = viz.explain(y, x)
    assert "\n∂₁y = −2\n" in found.text
    left = r"\frac{\partial y}{\partial x}"
    assert found.latex == f"\\begin{{aligned}}\n{left} &= -2\n\\end{{aligned}}"
    assert "slope ∂₁y = −2, times ∂y/∂y = 1, is −2." in str(viz.steps(y))
    assert "∂₁v1 = 3\n" in viz.explain(x * 3, x).text
    assert "∂₁v2 · ∂₁v1 = 4 · 3 = 12\n" in viz.explain(x * 3 * 4, x).text


@pytest.mark.parametrize(
    ("exponent", "formula", "tex"),
    [
        (2, "2·x", r"2 \cdot x"),
        (3, "3·x²", r"3 \cdot x^{2}"),
        (4, "4·x³", r"4 \cdot x^{3}"),
        (5, "5·x^4", r"5 \cdot x^{4}"),
        (0.5, "0.5/x^0.5", r"\frac{0.5}{x^{0.5}}"),
        (-1, "−1/x²", r"-\frac{1}{x^{2}}"),
        (2.5, "2.5·x^1.5", r"2.5 \cdot x^{1.5}"),
    ],
)
def test_a_power_with_a_number_as_exponent(exponent: float, formula: str, tex: str) -> None:
    x = Tensor(4.0, name="x")
    y = ops.power(x, exponent)
    y.name = "y"
    found = viz.explain(y, x)
    expected = exponent * 4.0 ** (exponent - 1)
    number = f"{expected:.4g}".replace("-", "−")
    assert found.text.startswith(f"∂y/∂x = {number}.\n\n∂₁y = {formula} = {number}\n")
    assert rf"\frac{{\partial y}}{{\partial x}} &= {tex} \\" in found.latex
    check_parses(found.latex)


def test_a_power_of_1_and_of_0() -> None:
    x = Tensor(4.0, name="x")
    assert "\n∂₁v1 = 1\n" in viz.explain(x**1.0, x).text
    assert "\n∂₁v1 = 0\n" in viz.explain(x**0.0, x).text


def test_a_tensor_with_a_number_as_its_name_is_no_exponent() -> None:
    x, n = Tensor(2.0, name="x"), Tensor(3.0, name="2")
    assert "= '2'·x^('2' − 1) = 12\n" in viz.explain(x**n, x).text


def test_the_check_of_latex_can_fail() -> None:
    for broken in ("{", r"\frac{1}", r"\left(", "a_b_c", "}{"):
        with pytest.raises((AssertionError, ValueError)):
            check_parses(f"\\begin{{aligned}}\nx &= {broken}\n\\end{{aligned}}")


def test_the_closed_form_in_latex() -> None:
    x = Tensor(3.0, name="x")
    y = x * x
    y.name = "y"
    assert viz.explain(y, x).latex == (
        "\\begin{aligned}\n"
        "\\mathrm{path\\ 1:} &\\quad \\partial_{1} y \\\\\n"
        " &= x \\\\\n"
        " &= 3 \\\\\n"
        "\\mathrm{path\\ 2:} &\\quad \\partial_{2} y \\\\\n"
        " &= x \\\\\n"
        " &= 3 \\\\\n"
        "\\frac{\\partial y}{\\partial x} &= 3 + 3 \\\\\n"
        " &= 6\n"
        "\\end{aligned}"
    )


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("w", "w"),
        ("v12", "v_{12}"),
        ("alpha_2", r"\alpha_{2}"),
        ("beta", r"\beta"),
        ("1e-05", r"1 \cdot 10^{-5}"),
        ("-0.5", "-0.5"),
        ("dense_1/kernel", r"\mathrm{dense\_1/kernel}"),
        ("50%", r"\mathrm{50\%}"),
    ],
)
def test_labels_as_latex(label: str, expected: str) -> None:
    assert latex.symbol(label) == expected


def test_numbers_that_are_none() -> None:
    assert latex.number(math.inf) == r"\infty"
    assert latex.number(-math.inf) == r"-\infty"
    assert latex.number(math.nan) == r"\mathrm{NaN}"
