"""Every loss: its gradient, its picture, and steps of ``fit`` as programs and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, losses, set_random_seed
from autograd_nn.engine.checking import check_gradients
from autograd_nn.engine.graph import topological
from autograd_nn.layers import Dense
from autograd_nn.losses.loss import FormulaLoss
from autograd_nn.names import snake_case
from autograd_nn.viz import draw

rng = np.random.default_rng(4)
X = rng.normal(size=(23, 5)).astype(np.float32)
LABELS = rng.integers(0, 3, 23)
ONE_HOT = np.eye(3)[LABELS]
REAL = rng.normal(size=(23, 3))
SHARES = rng.dirichlet([1, 2, 3], 23)

# Name, arguments, true values, the activation of the last layer.
SAMPLES: list[tuple[str, dict[str, Any], Any, str]] = [
    ("BinaryCrossentropy", {}, ONE_HOT, "sigmoid"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, "sigmoid"),
    ("BinaryFocalCrossentropy", {}, ONE_HOT, "sigmoid"),
    (
        "BinaryFocalCrossentropy",
        {"from_logits": True, "apply_class_balancing": True, "gamma": 1.5},
        ONE_HOT,
        "linear",
    ),
    ("CategoricalCrossentropy", {}, ONE_HOT, "softmax"),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT, "softmax"),
    (
        "CategoricalFocalCrossentropy",
        {"from_logits": True, "alpha": [0.2, 0.3, 0.5], "gamma": 1.0},
        ONE_HOT,
        "linear",
    ),
    ("CategoricalGeneralizedCrossEntropy", {}, LABELS, "softmax"),
    ("CategoricalHinge", {}, ONE_HOT, "linear"),
    ("Circle", {"gamma": 2.0}, LABELS, "tanh"),
    ("CosineSimilarity", {}, REAL, "linear"),
    ("Dice", {}, ONE_HOT, "sigmoid"),
    ("Dice", {"axis": 1}, ONE_HOT, "sigmoid"),
    ("Hinge", {}, 2 * ONE_HOT - 1, "linear"),
    ("Hinge", {}, ONE_HOT, "tanh"),
    ("Huber", {"delta": 0.7}, REAL, "linear"),
    ("KLDivergence", {}, SHARES, "softmax"),
    ("LogCosh", {}, REAL, "linear"),
    ("MeanAbsoluteError", {}, REAL, "linear"),
    ("MeanAbsolutePercentageError", {}, REAL, "linear"),
    ("MeanSquaredError", {}, REAL, "linear"),
    ("MeanSquaredLogarithmicError", {}, abs(REAL), "softplus"),
    ("Poisson", {}, abs(REAL), "softplus"),
    ("SparseCategoricalCrossentropy", {}, LABELS, "softmax"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, LABELS, "softmax"),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True}, LABELS, "linear"),
    ("SquaredHinge", {}, ONE_HOT, "linear"),
    ("Tversky", {"alpha": 0.3, "beta": 0.7}, ONE_HOT, "sigmoid"),
]
IDS = [f"{name} {' '.join(arguments)}" for name, arguments, _, _ in SAMPLES]


def test_every_loss_has_samples() -> None:
    classes = {name for name in losses.__all__ if name[0].isupper()}
    assert classes - {"Loss", "MeanSquareError", "CTC"} == {name for name, *_ in SAMPLES}


def predictions(activation: str) -> Any:
    z = np.random.default_rng(1).normal(size=(23, 3))
    if activation == "softmax":
        return np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    return {"linear": z, "tanh": np.tanh(z)}.get(activation, 1 / (1 + np.exp(-z)))


@pytest.mark.parametrize(("name", "arguments", "y", "activation"), SAMPLES, ids=IDS)
def test_gradient_form_and_picture(name: str, arguments: Any, y: Any, activation: str) -> None:
    loss = getattr(losses, name)(**arguments)
    p = predictions(activation)
    check_gradients(lambda t: loss(y, t), p)
    if arguments != {} or name != "Dice":
        weights = np.linspace(0.5, 2, 23)
        if not name.startswith(("Dice", "Tversky")) or "axis" in arguments:
            check_gradients(lambda t: loss(y, t, weights), p)
    assert losses.deserialize(losses.serialize(loss)).get_config() == loss.get_config()
    function = getattr(losses, snake_case(name))
    own = {key: value for key, value in arguments.items() if key != "reduction"}
    samples = function(y, p, **own)
    np.testing.assert_allclose(
        samples, getattr(losses, name)(**arguments, reduction="none")(y, p), rtol=1e-12
    )
    in_half = getattr(losses, name)(**arguments, dtype="float32")(y, p)
    assert in_half.dtype == np.float32
    np.testing.assert_allclose(in_half, loss(y, p), rtol=1e-5)
    made = loss(y, Tensor(p))
    nodes = [node for node in topological(made) if node.operation is not None]
    if isinstance(loss, FormulaLoss) and len(nodes) > 3:  # with the mean
        assert any(node.scope == f"{snake_case(name)}()" for node in nodes)
        assert snake_case(name)[:20] in draw(made).text()


@pytest.mark.parametrize(("name", "arguments", "y", "activation"), SAMPLES, ids=IDS)
def test_fit_is_the_same_by_programs(name: str, arguments: Any, y: Any, activation: str) -> None:
    assert_like_eager(name, arguments, y, activation, None, jit_compile=False)


@pytest.mark.parametrize("index", [2, 7, 13, 24])
def test_with_weights_of_samples(index: int) -> None:
    assert_like_eager(*SAMPLES[index], np.linspace(0.2, 2, 23), jit_compile=False)


@pytest.mark.parametrize(
    ("name", "arguments", "y", "activation"),
    [
        pytest.param(*sample, marks=() if sample[0] in ("Huber", "Hinge") else pytest.mark.slow)
        for sample in SAMPLES
    ],
    ids=IDS,
)
def test_fit_is_the_same_compiled(name: str, arguments: Any, y: Any, activation: str) -> None:
    assert_like_eager(name, arguments, y, activation, None, jit_compile=True)


def assert_like_eager(
    name: str, arguments: Any, y: Any, activation: str, weight: Any, jit_compile: bool
) -> None:
    def trained(**how: Any) -> Any:
        set_random_seed(0)
        model = Sequential([Dense(4, "tanh"), Dense(3, activation)])
        model.compile("sgd", getattr(losses, name)(**arguments), **how)
        history = model.fit(X, y, 8, 4, verbose=0, sample_weight=weight).history
        assert how.get("run_eagerly") or len(model._training.stepper.programs) == 2
        return history["loss"]

    found, expected = trained(jit_compile=jit_compile), trained(run_eagerly=True)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert expected[0] != expected[-1]


@pytest.mark.parametrize("how", [{}, pytest.param({"jit_compile": True}, marks=pytest.mark.slow)])
def test_ctc(how: Any) -> None:
    x = rng.normal(size=(10, 5, 2)).astype(np.float32)
    y = np.array([[1, 2, 0], [3, 3, 1]] * 5)
    check_gradients(lambda t: losses.CTC()(y[:2], t), rng.normal(size=(2, 5, 4)))

    def trained(**how: Any) -> Any:
        set_random_seed(0)
        model = Sequential([Dense(4)])
        model.compile("sgd", "ctc", **how)
        history = model.fit(x, y, 4, 4, verbose=0).history["loss"]
        assert how.get("run_eagerly") or len(model._training.stepper.programs) == 2
        return history

    np.testing.assert_allclose(trained(**how), trained(run_eagerly=True), rtol=1e-4)
