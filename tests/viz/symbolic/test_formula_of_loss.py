"""`viz.formula`: what is written for losses that one knows from the blackboard, and its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor, gradients, layers, losses, ops, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, MutationError, StateError
from autograd_nn.viz.chain.latex import aligned
from autograd_nn.viz.formulas.symbol import piece_key
from tests.viz.symbolic.evaluating import derivation_of, gradient_of_lines
from tests.viz.symbolic.reading import number_of
from tests.viz.test_chain_rule import check_parses

X = np.array([[0.2, -1.0, 0.5], [1.5, 0.3, -0.4], [-0.7, 0.8, 0.1], [0.9, -0.2, 1.1]])
LABELS = np.array([[1.0], [0.0], [1.0], [0.0]])
CLASSES = np.array([2, 0, 1, 2])


def numbers(**values: float) -> list[Tensor]:
    return [Tensor(value, name=name) for name, value in values.items()]


def weights() -> tuple[Tensor, Tensor]:
    return Tensor([[0.3], [-0.2], [0.5]], name="W"), Tensor([0.1], name="b")


def first_line(loss: Any, w: Tensor, **options: Any) -> str:
    return viz.formula(loss, w, **options).text.partition("\n")[0]


# ---------------------------------------------------------------------- numbers


def test_of_numbers_it_is_one_closed_formula() -> None:
    w, x, b, y = numbers(w=2.0, x=3.0, b=1.0, y=5.0)
    assert first_line((w * x + b - y) ** 2, w) == "∂J/∂w = 2x(wx + b − y)"
    assert first_line(ops.relu(w * x), w) == "∂J/∂w = x·𝟏[wx > 0]"
    assert first_line(w * w * w, w) == "∂J/∂w = 3w²"
    assert first_line(w + 0.1 * w, w) == "∂J/∂w = 1.1"
    assert first_line(w**x, x) == "∂J/∂x = w^x·log(w)"
    assert first_line(np.log(w) ** 2 / 2, w) == "∂J/∂w = log(w)/w"
    assert first_line(w / x + x / w, w) == "∂J/∂w = 1/x − x/w²"
    assert first_line(np.maximum(w, x), w) == "∂J/∂w = 𝟏[w > x] + 0.5·𝟏[w = x]"


def test_the_sigmoid_and_its_cross_entropy_cancel() -> None:
    w, x, b, y = numbers(w=2.0, x=3.0, b=1.0, y=1.0)
    a = ops.sigmoid(w * x + b)
    loss = -(y * np.log(a) + (1 - y) * np.log(1 - a))
    assert first_line(loss, w) == "∂J/∂w = x(σ(wx + b) − y)"


def test_a_long_formula_of_numbers_has_lines_of_its_own() -> None:
    (x,) = numbers(x=0.7)
    z: Any = x
    for _ in range(10):
        z = np.sin(z) * z + x
    found = viz.formula(z, x)
    assert found.text.startswith("∂J/∂x = ") and "\n  ∂J/∂v₃ = " in found.text
    np.testing.assert_allclose(number_of(found.text, {"x": 0.7}), gradients(z, [x])[0], rtol=1e-9)


def test_a_number_too_small_to_be_written_does_not_become_zero() -> None:
    (x,) = numbers(x=1.0)
    z: Any = x
    for _ in range(60):
        z = z * z * 0.5
    assert first_line(z, x) != "∂J/∂x = 0"


# ---------------------------------------------------------------------- matrices


def test_the_last_layer_of_the_tutorial() -> None:
    model = Sequential([layers.Dense(1, activation="sigmoid")])
    loss = losses.BinaryCrossentropy()(LABELS, model(X))
    found = viz.formula(loss, model.layers[0].kernel)
    assert found.text.startswith("∂J/∂W = Xᵀ(σ(XW + b) − y)/m\n")
    assert "m = 4, the number of examples" in found.text and "= dense/kernel" in found.text
    assert found.latex == (
        r"\frac{\partial J}{\partial W} = \frac{X^{\top} \left(\sigma(X W + b) - y\right)}{m}"
    )
    bias = first_line(loss, model.layers[0].bias)
    assert bias == "∂J/∂b = 𝟏ᵀ(σ(XW + b) − y)/m"


@pytest.mark.parametrize(
    "of",
    [
        lambda z: losses.BinaryCrossentropy(from_logits=True)(LABELS, z),
        lambda z: losses.BinaryCrossentropy()(LABELS, ops.sigmoid(z)),
        lambda z: (
            -(LABELS * np.log(ops.sigmoid(z)) + (1 - LABELS) * np.log(1 - ops.sigmoid(z))).mean()
        ),
    ],
)
def test_however_the_cross_entropy_is_written_it_is_the_same_formula(of: Any) -> None:
    w, b = weights()
    loss = of(X @ w + b)
    assert first_line(loss, w, names={"y": LABELS}) == "∂J/∂W = Xᵀ(σ(XW + b) − y)/m"


def test_other_losses_of_one_layer() -> None:
    w, b = weights()
    z = X @ w + b
    assert first_line(((z - LABELS) ** 2).mean(), w) == "∂J/∂W = 2Xᵀ(XW + b − y)/m"
    assert first_line(z.sum(), w) == "∂J/∂W = Xᵀ𝟏"
    assert first_line(z.sum(), b) == "∂J/∂b = 4𝟏"
    v = Tensor(np.ones((3, 3)), name="W")
    largest = "𝟏[XW = max(XW, axis=1)]"
    assert first_line((X @ v).max(axis=1).sum(), v) == f"∂J/∂W = Xᵀ({largest}/({largest}𝟏))"
    softmax = losses.SparseCategoricalCrossentropy(from_logits=True)(CLASSES, X @ v)
    assert first_line(softmax, v) == "∂J/∂W = Xᵀ(softmax(XW) − one_hot(y, classes=3))/m"


def test_several_layers_have_lines_by_which_one_knows_them() -> None:
    model = Sequential([layers.Dense(5, "sigmoid"), layers.Dense(2, "relu"), layers.Dense(1)])
    loss = losses.MeanSquaredError()(LABELS, model(X))
    lines = viz.formula(loss, model.layers[0].kernel).text.split("\n")
    assert lines[:9] == [
        "∂J/∂W₁ = Xᵀ · ∂J/∂Z₁",
        "",
        "where",
        "  ∂J/∂Z₁ = (∂J/∂Z₂ · W₂ᵀ) ⊙ A₁ ⊙ (1 − A₁)",
        "  ∂J/∂Z₂ = (∂J/∂Z₃ · W₃ᵀ) ⊙ 𝟏[Z₂ > 0]",
        "  ∂J/∂Z₃ = 2·(Z₃ − y)/m"
        if "  ∂J/∂Z₃ = 2·(Z₃ − y)/m" in lines
        else "  ∂J/∂Z₃ = 2(Z₃ − y)/m",
        "  Z₃ = A₂W₃ + b₃",
        "  A₂ = relu(Z₂)",
        "  Z₂ = A₁W₂ + b₂",
    ]


NETWORKS = {
    "binary": (["sigmoid", "relu", "sigmoid"], losses.BinaryCrossentropy(), LABELS),
    "squares": (["tanh", "softplus", "linear"], losses.MeanSquaredError(), LABELS),
    "one": (["tanh"], losses.MeanSquaredError(), np.cos(X)),
    "classes": (["relu", "softmax"], losses.SparseCategoricalCrossentropy(), CLASSES),
    "one-hot": (["softmax"], losses.CategoricalCrossentropy(), np.eye(3)[CLASSES]),
    "logits": (["sigmoid", "linear"], losses.SparseCategoricalCrossentropy(True), CLASSES),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_read_by_another_gives_the_gradients(name: str) -> None:
    activations, loss_of, y = NETWORKS[name]
    width = 1 if y is LABELS else 3
    units = [*range(4, 3 + len(activations)), width]
    model = Sequential(
        [layers.Dense(n, a, dtype="float64") for n, a in zip(units, activations, strict=True)]
    )
    loss = loss_of(y, model(X))
    values: dict[str, Any] = {"X": X, "y": y}
    for place, layer in enumerate(model.layers):
        number = "₁₂₃"[place] if len(units) > 1 else ""
        values |= {f"W{number}": layer.kernel.data, f"b{number}": layer.bias.data}
    for w in model.trainable_weights:
        found = viz.formula(loss, w)
        read = np.reshape(number_of(found.text, values), w.shape)
        np.testing.assert_allclose(read, gradients(loss, [w])[0], rtol=1e-5, atol=1e-7)
        if name == "classes" and w is model.trainable_weights[0]:  # each takes a second to parse
            check_parses(found.latex)


# ---------------------------------------------------------------------- what has no formula


def test_an_own_operation_is_written_by_its_form_for_paper() -> None:
    cube = Operation(
        "cube",
        value=lambda x: x * x * x,
        gradients=(lambda g, out, x: g * 3 * np.asarray(x) ** 2,),
        formula=(lambda g, out, x: g * 3 * x**2,),
    )
    (x,) = numbers(x=2.0)
    assert first_line(cube(x) * 2, x) == "∂J/∂x = 6x²"


def test_a_rule_that_looks_at_numbers_is_named() -> None:
    odd = Operation(
        "odd",
        value=lambda x: x * 2,
        gradients=(lambda g, out, x: g * 2 if float(x[0]) > 0 else g * 2,),
    )
    x = Tensor([1.0, 2.0], name="x")
    loss = (odd(x) * x).sum()
    found = viz.formula(loss, x)
    assert "∂₁odd(x, x)" in found.text
    assert "∂₁odd: the rule of odd for its input 1, which no formula says" in found.text
    np.testing.assert_allclose(gradient_of_lines(derivation_of(loss, x)), [4.0, 8.0])


def test_what_no_gradient_reaches_is_said() -> None:
    w, x = numbers(w=2.0, x=3.0)
    found = viz.formula(w * w, x)
    assert found.text.startswith("∂J/∂x is not computed")
    with pytest.raises(StateError, match="not computed"):
        found.sympy()


def test_the_words_around_it_are_chinese_too() -> None:
    w, b = weights()
    loss = losses.BinaryCrossentropy(from_logits=True)(LABELS, X @ w + b)
    with viz.language("zh"):
        found = viz.formula(loss, w).text
    assert found.startswith("∂J/∂W = Xᵀ(σ(XW + b) − y)/m\n\n其中\n") and "样本数" in found


def test_what_it_takes() -> None:
    w, x = numbers(w=2.0, x=3.0)
    with pytest.raises(ArgumentTypeError, match=r"formula\(loss, w\) takes two Tensors"):
        viz.formula(w * x, 2.0)
    with pytest.raises(StateError, match="scalar"):
        viz.formula(Tensor([1.0, 2.0]) * w, w)
    loss = w * x * w
    w.data = 3.0
    with pytest.raises(MutationError):
        viz.formula(loss, w)


def test_what_would_fill_pages_is_refused() -> None:
    (x,) = numbers(x=0.5)
    z: Any = x
    for _ in range(100):
        z = np.sin(z) + x
    with pytest.raises(ArgumentError, match="would fill pages"):
        viz.formula(z, x)


def test_what_only_becomes_longer_is_not_multiplied_out() -> None:
    w, x = numbers(w=2.0, x=3.0)
    loss = (w * x - 1.0) ** 2 + ops.sigmoid(x)
    assert first_line(loss, x) == "∂J/∂x = σ(x)(1 − σ(x)) + 2w(wx − 1)"


def test_what_has_one_element_is_a_number_in_every_shape() -> None:
    t, s = Tensor([2.0], name="t"), Tensor([[3.0]], name="s")
    for loss in (t[0] * 3 + t.max() * t[0], np.concatenate([t])[0] ** 2, (t @ s).sum() * t):
        derivation = derivation_of(loss.sum(), t)
        np.testing.assert_allclose(gradient_of_lines(derivation), gradients(loss.sum(), [t])[0])
    column = Tensor([[1.0], [2.0]], name="c")
    loss = (column @ t).sum(keepdims=True).T ** 2
    middle = loss.inputs[0]
    np.testing.assert_allclose(gradient_of_lines(derivation_of(loss.sum(), middle)), 12.0)


def test_a_notebook_gets_latex() -> None:
    w, x = numbers(w=2.0, x=3.0)
    bundle = viz.formula(w * x, w)._repr_mimebundle_()
    assert bundle == {
        "text/plain": "∂J/∂w = x",
        "text/latex": "$$\n\\frac{\\partial J}{\\partial w} = x\n$$",
    }


def test_names_of_letters_that_are_taken() -> None:
    m, J = numbers(m=2.0, J=3.0)
    loss = (m * J * Tensor([1.0, 2.0], name="x")).mean()
    assert first_line(loss, m).startswith("∂v")
    assert "/N" in viz.formula(loss, m).text


# ---------------------------------------------------------------------- the same twice, and places


def test_powers_of_one_base_become_one_power() -> None:
    w, x = numbers(w=2.0, x=3.0)
    assert first_line(w**w, w) == "∂J/∂w = w^w + w^w·log(w)"
    assert first_line(w**x * w, x) == "∂J/∂x = w^(x + 1)·log(w)"
    assert first_line(w**x / w**x, x) == "∂J/∂x = 0"
    for loss in (w**x * w, w**x * w**2, w**x / w**w, w ** (x * w) * x**w):
        for leaf in (w, x):
            (expected,) = gradients(loss, [leaf])
            np.testing.assert_allclose(
                gradient_of_lines(derivation_of(loss, leaf)), expected, rtol=1e-12
            )


def test_what_is_compared_with_itself_is_decided() -> None:
    (w,) = numbers(w=2.0)
    assert first_line(np.maximum(w, w), w) == "∂J/∂w = 1"
    assert first_line(np.minimum(w, w) * 3, w) == "∂J/∂w = 3"
    v: Any = Tensor([2.0, -1.0], name="v")
    for loss, told in (
        (np.maximum(v, v).sum(), "𝟏"), (np.where(v >= v, v, 5 * v).sum(), "𝟏"),
        (np.where(v > v, v, 5 * v).sum(), "5𝟏"), (np.where(v != v, v * v, 3 * v).sum(), "3𝟏"),
    ):  # fmt: skip
        assert first_line(loss, v) == f"∂J/∂v = {told}"
        expected = gradients(loss, [v])[0]
        np.testing.assert_allclose(gradient_of_lines(derivation_of(loss, v)), expected)


PLACES = np.array([0, 0, 2])


@pytest.mark.parametrize(
    ("of", "told", "typeset"),
    [
        (lambda v: v[1] ** 2, "2·v[1] at [1]", r"2 v[1] \;\mathrm{at}\; [1]"),
        (
            lambda v: (v[1:] ** 2).sum(),
            "2·v[1:] at [1:]",
            r"2 \cdot v[\mathrm{1:}] \;\mathrm{at}\; [\mathrm{1:}]",
        ),
        (lambda v: (v[PLACES] ** 2).sum(), "2·v[y] at [y]", r"2 v[y] \;\mathrm{at}\; [y]"),
        (lambda v: v[1] ** 2 + v.sum(), "1 + (2·v[1] at [1])", None),
        (
            lambda v: (np.concatenate([[1.0, 2.0], v]) ** 2).sum(),
            "(2·concatenate(y, v, axis=0))[2:5]",
            r"\left(2 \cdot \mathrm{concatenate}(y, v, \mathrm{axis=0})\right)[\mathrm{2:5}]",
        ),
    ],
)
def test_places_of_an_array_are_written_as_one_writes_them(
    of: Any, told: str, typeset: str | None
) -> None:
    v = Tensor([1.0, 2.0, 3.0], name="v")
    found = viz.formula(of(v), v)
    assert found.text.partition("\n")[0] == f"∂J/∂v = {told}"
    assert ("x at [i]: zeros, x added at [i]" in found.text) == (" at [" in told)
    assert typeset is None or found.latex == rf"\frac{{\partial J}}{{\partial v}} = {typeset}"
    check_parses(aligned([("J", found.latex)]))
    with viz.language("zh"):
        assert ("全为零" in viz.formula(of(v), v).text) == (" at [" in told)
    derivation = derivation_of(of(v), v)
    np.testing.assert_allclose(gradient_of_lines(derivation), gradients(of(v), [v])[0])


@pytest.mark.parametrize(
    ("cut", "axis"), [((2,), 0), ((3,), -1), (([1, 2],), 1), (([1], 1), 0), ((2,), -2)]
)
def test_the_index_of_a_piece_takes_the_piece(cut: Any, axis: int) -> None:
    x = np.arange(24.0).reshape(4, 6)
    options = {} if len(cut) > 1 else {"axis": axis}
    for place, piece in enumerate(np.split(x, *cut, **options)):
        np.testing.assert_array_equal(x[piece_key(x.shape, place, cut, **options)], piece)
