"""Everything that is said about random graphs: no symbol has two values, and every number is that
of another engine."""

import html
import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops, viz
from autograd_nn.viz.graph import notation
from tests.viz.said import NUMBER, Case, case, check_equation, number, value_of

LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SCALARS, ARRAYS = range(100), range(100, 200)


def sampled(seeds: range) -> list[Any]:
    """Every eighth of them in every run, the others where it may take longer."""
    slow = pytest.mark.slow
    return [seed if seed % 8 == 0 else pytest.param(seed, marks=slow) for seed in seeds]


def close(found: float, expected: Any) -> bool:
    """Whether a number of four digits is that number."""
    return bool(np.isclose(found, float(expected), rtol=6e-4, atol=1e-12))


def summary(array: Any, told: str) -> None:
    """``norm 1.2, largest −1.1 at [0, 1]``, as it is for an array."""
    found = re.fullmatch(rf"norm ({NUMBER}), largest ({NUMBER})(?: at \[([\d, ]*)\])?", told)
    assert found is not None, told
    assert close(number(found[1]), np.sqrt((array**2).sum()))
    at = tuple(int(i) for i in found[3].split(", ")) if found[3] else ()
    assert close(number(found[2]), array[at])
    assert np.isclose(abs(array[at]), np.abs(array).max(), rtol=1e-6)


# ---------------------------------------------------------------------- steps


def check_steps(given: Case) -> int:
    symbols, checked = given.symbols(), 0
    places = {tensor: place for place, tensor in enumerate(given.tensors)}
    values, arrived = given.values(), dict.fromkeys(given.tensors, 0.0)
    for step in viz.steps(given.loss):
        told, place = step.sentence, places[step.node]
        if step.phase == "forward" and step.node.size > 1:
            assert told.startswith(f"{given.labels[step.node]} = ")
            shown = told.removesuffix(".").rpartition(": shape (2,2), ")[2]
            expected = list(np.ravel(values[place]))
            assert all(map(close, map(number, re.findall(NUMBER, shown)), expected))
            checked += len(expected)
        elif step.phase == "forward":
            text = told.removesuffix(".")
            if "Σ(" in text:  # of an array: the sum, and then its number
                assert close(
                    number(text.rpartition(": " if ": " in text else " = ")[2]), values[place]
                )
            else:
                checked += check_equation(text, symbols)
        elif step.slot is None:
            label = given.labels[step.node]
            assert told == f"Backward starts at {label}: ∂{atom(label)}/∂{atom(label)} = 1."
        else:
            assert step.input is not None
            part = given.contribution(place, step.slot)
            arrived[step.input] = arrived[step.input] + part
            head, _, rest = told.partition(": ")
            way = f"From {given.labels[step.node]} to {given.labels[step.input]}"
            assert head == way or head.startswith(f"{way}, its ")
            count, rest = check_product(rest, part, symbols)
            checked += count + check_sum(rest, given, step.input, arrived[step.input], symbols)
    return checked


def atom(label: str) -> str:
    return label if label.isidentifier() else f"({label})"


def check_product(rest: str, part: Any, symbols: dict[str, Any]) -> tuple[int, str]:
    """``slope ∂₁v = x = 2, times ∂L/∂v = 3, is 6.``, or a rule with the size of what it makes."""
    found = re.match(rf"slope (.+?), times (.+?), is ({NUMBER})\. ", rest)
    if found:
        assert close(number(found[3]), part)
        checked = check_equation(found[1], symbols) + check_equation(found[2], symbols) + 1
    else:
        found = re.match(rf".*; (norm {NUMBER}, largest {NUMBER}(?: at \[[\d, ]*\])?)\. ", rest)
        assert found is not None, rest
        summary(np.asarray(part), found[1])
        checked = 2
    return checked, rest[found.end() :]


def check_sum(rest: str, given: Case, to: Tensor, total: Any, symbols: dict[str, Any]) -> int:
    """``So far 2; 1 more to come.``, or the gradient as the sum of all that came."""
    found = re.search(r"So far (.+?); \d+ more to come\.$", rest)
    if found:
        told = re.findall(NUMBER, found[1])
        assert all(map(close, map(number, told), np.ravel(total)))
        return len(told)
    place = given.place(to)
    np.testing.assert_allclose(total, given.total(place), rtol=1e-9, atol=1e-12)
    found = re.fullmatch(r"(∂.+?/∂(?:\([^)]*\)|[^\s.]+)) (=.+|is complete.*)\.", rest)
    assert found is not None and found[1] in symbols, rest
    if found[2].startswith("=") and "[" not in found[2]:
        return check_equation(f"{found[1]} {found[2]}", symbols)
    told = re.findall(NUMBER, found[2].rpartition("[[")[2]) if "[[" in found[2] else []
    assert all(map(close, map(number, told), np.ravel(total)))
    return len(told)


@pytest.mark.parametrize("seed", sampled(range(200)))
def test_every_number_of_the_steps_is_that_of_another_engine(seed: int) -> None:
    given = case(seed, seed in ARRAYS)
    assert check_steps(given) >= 2 * len([t for t in given.tensors if t.operation])


# ---------------------------------------------------------------------- explain


def check_text(given: Case, text: str) -> int:
    """Every equation of an explanation, and that no symbol has two values."""
    symbols, checked, seen = given.symbols(), 0, {}
    body = text.partition("\n\n∂₁v, ∂₂v")[0]
    body = re.sub(r"\n +(?:= |· )", lambda found: " " + found[0].strip() + " ", body)
    for line in body.splitlines():
        line = re.sub(r"^(path \d+|sum|with) +", "", line.strip())
        if " = " not in line:
            continue
        line = re.sub(r" +", " ", line.split(", the sum of")[0].split(", all ")[0]).rstrip(".")
        left = line.split(" = ")[0]
        checked += check_equation(line, symbols)
        if "·" not in left and not re.fullmatch(NUMBER, left.split(" ")[0]):
            last = line.split(" = ")[-1]
            assert seen.setdefault(left, last) == last, f"{left} has two values"
    return checked


@pytest.mark.parametrize("seed", sampled(SCALARS))
def test_every_equation_of_an_explanation_is_right(seed: int) -> None:
    given = case(seed, False)
    for place, leaf in enumerate(given.tensors):
        if leaf.operation is not None or leaf is given.loss:
            continue
        text = viz.explain(given.loss, leaf).text
        assert check_text(given, text) >= 4
        assert close(number(re.findall(rf"^∂\S.* = ({NUMBER})", text)[0]), given.total(place))


@pytest.mark.parametrize("seed", sampled(ARRAYS))
def test_every_size_of_an_explanation_is_right(seed: int) -> None:
    given = case(seed, True)
    symbols = given.symbols()
    for place, leaf in enumerate(given.tensors):
        if leaf.operation is not None or leaf is given.loss:
            continue
        first, *lines = viz.explain(given.loss, leaf).text.splitlines()
        symbol, told = first.removesuffix(".").split(": (2,2), ")
        assert np.array_equal(symbols[symbol], given.total(place))
        summary(given.total(place), told)
        current: Any = None
        parts: list[float] = []
        for line in lines:
            if found := re.match(r"(∂\S*/∂(?:\([^)]*\)|\S+)) +(?:= 1|from)", line):
                current, parts = found[1], []
            size = re.search(rf"norm ({NUMBER})$", line)
            if size and "= the sum" in line:
                parts = [number(size[1])]
            elif size:
                parts.append(number(size[1]))
            if current is not None and size and len(parts) == 1:
                known = float(np.sqrt((np.asarray(symbols[current]) ** 2).sum()))
                single = line.count("from ") and not _has_more(lines, line)
                assert not single or close(parts[0], known)


def _has_more(lines: list[str], line: str) -> bool:
    after = lines[lines.index(line) + 1 :]
    return bool(after) and after[0].startswith(" ") and "+ from" in after[0]


# ---------------------------------------------------------------------- LaTeX


def from_latex(text: str, given: Case) -> str:
    """A formula of LaTeX as the text has it."""
    from autograd_nn.viz.chain import latex

    by_length = sorted(given.labels.values(), key=len, reverse=True)
    for label in by_length:
        symbol = re.escape(latex.symbol(label))
        for other in by_length:
            text = re.sub(
                rf"\\frac\{{\\partial {re.escape(latex.symbol(other))}\}}\{{\\partial {symbol}\}}",
                lambda _, o=other, w=label: f"∂{atom(o)}/∂{atom(w)}",
                text,
            )
        text = re.sub(
            rf"\\partial_\{{(\d+)\}} {symbol}(?![\w_])",
            lambda found, w=label: f"∂{found[1].translate(LOW)}{atom(w)}",
            text,
        )
    for label in by_length:
        symbol = re.escape(latex.symbol(label))
        text = re.sub(rf"(?<![\w∂₀-₉/\\(]){symbol}(?![\w_])", lambda _, w=label: w, text)
        text = re.sub(rf"(?<=\(){symbol}(?![\w_])", lambda _, w=label: w, text)
    text = re.sub(r"(\d) \\cdot 10\^\{(-?\d+)\}", r"\1e\2", text)
    text = text.replace(r"\left", "").replace(r"\right", "").replace(r" \, ", " · ")
    text = text.replace(r" \cdot ", " · ").replace("-", "−").replace(r"\sigma", "σ")
    text = re.sub(r"\\(sin|cos|tanh|exp)", r"\1", text)
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    return re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)


@pytest.mark.parametrize("seed", sampled(SCALARS))
def test_every_equation_of_the_latex_is_right(seed: int) -> None:
    given = case(seed, False)
    symbols = given.symbols()
    for leaf in given.tensors:
        if leaf.operation is not None or leaf is given.loss:
            continue
        lines = viz.explain(given.loss, leaf).latex.splitlines()[1:-1]
        equation, seen = "", {}
        equations = []
        for line in lines:
            left, _, right = line.removesuffix(" \\\\").partition("&")
            right = from_latex(right.removeprefix(r"\quad ").strip(), given)
            if left.strip():
                equations.append(equation)
                is_path = "path" in left
                equation = right if is_path else f"{from_latex(left.strip(), given)} {right}"
            else:
                equation += f" {right}"
        for text in [*equations, equation]:
            if text and "vdots" not in text:
                check_equation(text, symbols)
                name, *sides = text.split(" = ")
                assert seen.setdefault(name, sides[-1:]) == sides[-1:]


# ---------------------------------------------------------------------- receipts, signs, ones


@pytest.mark.parametrize("seed", sampled(SCALARS))
def test_a_receipt_says_which_number_is_the_slope(seed: int) -> None:
    given = case(seed, False)
    walk = {given.labels[t]: t for t in given.tensors}
    view = viz.draw(given.loss, edges="receipt", depth=1).view
    labels = {node.id: node.label for node in view.nodes}
    for edge in view.edges:
        if edge.contribution is None:
            continue
        (told,) = notation.receipt(edge)
        found = re.fullmatch(rf"slope ({NUMBER}) × ({NUMBER}) = ({NUMBER})", told)
        assert found is not None
        at = given.place(walk[labels[edge.target]])
        expected = (given.contribution(at, edge.slot, 1.0), given.total(at))
        assert close(number(found[1]), expected[0]) and close(number(found[2]), expected[1])
        assert close(number(found[3]), expected[0] * expected[1])


@pytest.mark.parametrize("seed", [*range(5), *range(100, 105)])
def test_minus_is_never_a_hyphen(seed: int) -> None:
    given = case(seed, seed in ARRAYS)
    leaf = next(t for t in given.tensors if t.operation is None)
    said = [str(viz.steps(given.loss)), viz.explain(given.loss, leaf).text]
    said += [viz.draw(given.loss, edges=edges).text() for edges in ("receipt", "ledger", "check")]
    said += [viz.zoom(leaf, (0,) * leaf.ndim, of="gradient", loss=given.loss).text()]
    for text in said:
        assert not re.findall(r"(?:^|[ (\[])-[\d.(]|\d - |e-\d", text)


def test_a_number_that_is_nearly_1_is_not_written_as_1() -> None:
    x = Tensor(6.0, name="x")
    told = str(viz.steps(np.tanh(x)))
    assert "tanh(6) = 0.99999." in told and "1 − v1² = 2.458e−05" in told
    assert "= 0.999999999." in str(viz.steps(ops.sigmoid(x * 3.4)))
    assert notation.element(1 + 1e-9) == "1.000000001" and notation.element(1.0) == "1"
    assert notation.element(-0.99999999) == "−0.99999999"
    assert notation.element(1 - 2e-16) == "1"  # as much as a sum of a few numbers misses it by


def test_the_reader_finds_a_wrong_number() -> None:
    symbols = {"x": 2.0, "∂₁y": 3.0}
    assert check_equation("∂₁y = x + 1 = 2 + 1 = 3", symbols) == 4
    for wrong in ("∂₁y = x = 3", "∂₁y = 3.01", "∂₁y = x + 1 = 2 + 1.1 = 3"):
        with pytest.raises(AssertionError):
            check_equation(wrong, symbols)
    assert value_of("2·x²", symbols) == 8


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: ops.sigmoid(x), "σ(z) = 1/(1 + e⁻ᶻ)"),
        (lambda x: ops.sigmoid_cross_entropy(x, 1.0), "BCE(σ): binary cross-entropy"),
        (lambda x: np.cumsum(x.reshape(1)).sum(), "Σ…, Π…: the sums"),
        (lambda x: np.tanh(x) * np.array([1.0, 2.0]), "⊙: element by element"),
    ],
)
def test_letters_are_explained_where_they_stand(function: Any, told: str) -> None:
    loss = function(Tensor(0.5, name="x")).sum()
    for text in (str(viz.steps(loss)), viz.draw(loss, edges="receipt").text()):
        assert told in text
    assert html.escape(told) in viz.draw(loss, edges="receipt").dot
    plain = str(viz.steps(Tensor(2.0, name="a") + 1.0))
    assert told not in plain
