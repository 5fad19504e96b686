"""`diagnose`: the right cause of planted faults, nothing of healthy runs, words and wrong calls."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import settings
from autograd_nn.callbacks import History
from autograd_nn.datasets import load_digits, make_circles, make_moons, make_spirals
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.initializers import Constant, RandomNormal
from autograd_nn.layers import Dense, Dropout
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD, Adam, RMSprop
from autograd_nn.viz import Finding, Findings, GradientMonitor, diagnose

Outcome = tuple[History, GradientMonitor]
Run = Callable[[], Outcome]

BINARY, SPARSE = "binary_crossentropy", "sparse_categorical_crossentropy"


def network(
    units: list[int], activation: str, out: int = 1, head: Any = "sigmoid", **options: Any
) -> Sequential:
    """Hidden layers of one kind, and a head."""
    hidden = [Dense(n, activation=activation, **options) for n in units]
    return Sequential([*hidden, Dense(out, activation=head)])


def digits(*classes: int, every: int = 1) -> tuple[Any, Any]:
    """Digits; two classes as 0 and 1."""
    (x, y), _ = load_digits(classes=classes or None)
    y = (y == classes[1]).astype(int) if len(classes) == 2 else y
    return x[::every], y[::every]


def curve(seed: int) -> tuple[Any, Any]:
    """A sine with noise."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (200, 1))
    return x, np.sin(3 * x) + 0.05 * random.normal(size=x.shape)


def plane(seed: int) -> tuple[Any, Any]:
    """A linear function with noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(200, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + 0.3 + 0.1 * random.normal(size=(200, 1))


def run(
    model: Any, data: Any, optimizer: Any, loss: str, epochs: int, seed: int = 0, **options: Any
) -> Outcome:
    """Train, watched at every eighth step; the clock stands, so that nothing is thinned."""
    settings.set_random_seed(seed)
    monitor = GradientMonitor(every=8, clock=lambda: 0.0)
    metrics = None if "mean" in loss else ["accuracy"]
    model.compile(optimizer, loss, metrics=metrics)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.filterwarnings("ignore", "The loss became NaN")
        history = model.fit(
            *data, epochs=epochs, verbose=0, callbacks=[monitor], record_gradients=True, **options
        )
    return history, monitor


@functools.cache
def tutorial(optimizer: Any, seed: int) -> Outcome:
    """The program of the README."""
    model = network([25, 15], "sigmoid")
    return run(model, digits(0, 1), optimizer, BINARY, 100, seed)


def gone_on_with() -> Outcome:
    """The tutorial trained twice; the second time units are at their ends from the start."""
    history, _ = tutorial("rmsprop", 1)
    monitor = GradientMonitor(every=8, clock=lambda: 0.0)
    options = {"epochs": 30, "verbose": 0, "record_gradients": True}
    return history.model.fit(*digits(0, 1), callbacks=[monitor], **options), monitor


MSE, MAE = "mean_squared_error", "mean_absolute_error"

HEALTHY: dict[str, Run] = {
    "the tutorial": lambda: tutorial("rmsprop", 1),
    "the tutorial, slow but on its way": lambda: tutorial(SGD(0.03), 27),
    "the tutorial, gone on with": gone_on_with,
    "sigmoid, Adam": lambda: run(
        network([25, 15], "sigmoid"), digits(3, 5), Adam(0.01), BINARY, 25, 3
    ),
    "ten digits, relu, Adam, validation": lambda: run(
        network([32], "relu", 10, "softmax"),
        digits(every=3),
        Adam(0.005),
        SPARSE,
        15,
        4,
        validation_split=0.2,
    ),
    "ten digits, tanh, momentum": lambda: run(
        network([32], "tanh", 10, "softmax"),
        digits(every=2),
        SGD(0.05, momentum=0.9),
        SPARSE,
        15,
        5,
    ),
    "ten digits, one layer, SGD": lambda: run(
        network([], "relu", 10, "softmax"), digits(), SGD(0.1), SPARSE, 15, 6
    ),
    "ten digits, sigmoid, RMSprop": lambda: run(
        network([32], "sigmoid", 10, "softmax"), digits(every=3), RMSprop(0.01), SPARSE, 12, 7
    ),
    "ten digits, dropout": lambda: run(
        Sequential([Dense(32, activation="relu"), Dropout(0.3), Dense(10, activation="softmax")]),
        digits(every=4),
        Adam(0.003),
        SPARSE,
        20,
        22,
    ),
    "moons, tanh, Adam": lambda: run(
        network([16], "tanh"), make_moons(200, seed=1), Adam(0.02), BINARY, 40, 8
    ),
    "moons, relu, momentum": lambda: run(
        network([16], "relu"), make_moons(300, 0.2, seed=3), SGD(0.1, momentum=0.9), BINARY, 40, 10
    ),
    "moons, four layers of tanh": lambda: run(
        network([16] * 4, "tanh"), make_moons(200, seed=7), Adam(0.005), BINARY, 25, 20
    ),
    "moons, all in one batch": lambda: run(
        network([8], "tanh"), make_moons(100, seed=9), SGD(1.0), BINARY, 150, 26, batch_size=100
    ),
    "moons, one by one": lambda: run(
        network([8], "tanh"), make_moons(60, seed=9), SGD(0.1), BINARY, 15, 25, batch_size=1
    ),
    "circles, relu, RMSprop": lambda: run(
        network([16], "relu"), make_circles(200, seed=4), RMSprop(0.01), BINARY, 60, 11
    ),
    "circles, tanh, Adam": lambda: run(
        network([12], "tanh"), make_circles(200, seed=5), Adam(0.03), BINARY, 60, 12
    ),
    "spirals, tanh, Adam": lambda: run(
        network([32, 32], "tanh"), make_spirals(200, 0.05, seed=6), Adam(0.015), BINARY, 60, 13
    ),
    "logistic regression": lambda: run(network([], "relu"), digits(0, 1), SGD(0.1), BINARY, 40, 14),
    "one class of ten against the rest": lambda: run(
        network([16], "sigmoid"),
        (digits(every=2)[0], (digits(every=2)[1] == 8).astype(int)),
        Adam(0.01),
        BINARY,
        30,
        23,
    ),
    "four layers of relu, He": lambda: run(
        network([32] * 4, "relu", kernel_initializer="he_normal"),
        digits(1, 7),
        Adam(0.002),
        BINARY,
        20,
        21,
    ),
    "linear regression": lambda: run(Sequential([Dense(1)]), plane(1), SGD(0.05), MSE, 40, 15),
    "linear regression, absolute error": lambda: run(
        Sequential([Dense(1)]), plane(2), Adam(0.05), MAE, 40, 16
    ),
    "regression, tanh, Nesterov": lambda: run(
        network([16], "tanh", 1, None),
        curve(5),
        SGD(0.05, momentum=0.9, nesterov=True),
        MSE,
        60,
        19,
    ),
    "regression, relu, RMSprop": lambda: run(
        network([32], "relu", 1, None), curve(4), RMSprop(0.005), MSE, 60, 18
    ),
}

PLANTED: dict[str, tuple[str, Run]] = {
    "eight layers of sigmoid": (
        "vanishing gradients",
        lambda: run(network([16] * 8, "sigmoid"), digits(0, 1), SGD(0.1), BINARY, 15, 1),
    ),
    "tiny initial weights": (
        "vanishing gradients",
        lambda: run(
            network([32] * 5, "tanh", kernel_initializer=RandomNormal(stddev=0.02)),
            digits(0, 1),
            SGD(0.1),
            BINARY,
            15,
            1,
        ),
    ),
    "large initial weights, classes": (
        "exploding gradients",
        lambda: run(
            network([64] * 5, "relu", 10, "softmax", kernel_initializer=RandomNormal(stddev=1.0)),
            digits(every=4),
            SGD(0.01),
            SPARSE,
            6,
            1,
        ),
    ),
    "large initial weights, regression": (
        "exploding gradients",
        lambda: run(
            network([64] * 5, "relu", 1, None, kernel_initializer=RandomNormal(stddev=0.6)),
            plane(0),
            SGD(0.01),
            MSE,
            6,
            1,
        ),
    ),
    "tanh at its ends": (
        "saturated units",
        lambda: run(
            network([32] * 3, "tanh", kernel_initializer=RandomNormal(stddev=3.0)),
            digits(0, 1),
            SGD(0.01),
            BINARY,
            10,
            1,
        ),
    ),
    "sigmoid at its ends": (
        "saturated units",
        lambda: run(
            network(
                [32, 32], "sigmoid", 10, "softmax", kernel_initializer=RandomNormal(stddev=20.0)
            ),
            digits(every=4),
            SGD(0.001),
            SPARSE,
            10,
            1,
        ),
    ),
    "biases far below 0": (
        "dead units",
        lambda: run(
            network([32, 16], "relu", bias_initializer=Constant(-8.0)),
            digits(0, 1),
            SGD(0.1),
            BINARY,
            10,
            1,
        ),
    ),
    "a rate of 1e-6, SGD": (
        "learning rate too small",
        lambda: run(network([25, 15], "sigmoid"), digits(0, 1), SGD(1e-6), BINARY, 10, 1),
    ),
    "a rate of 1e-6, Adam": (
        "learning rate too small",
        lambda: run(
            network([32], "relu", 10, "softmax"), digits(every=2), Adam(1e-6), SPARSE, 10, 1
        ),
    ),
    "a rate of 5, regression": (
        "learning rate too large",
        lambda: run(network([16], "tanh", 1, None), curve(0), SGD(5.0), MSE, 10, 1),
    ),
    "a rate of 1.5, one layer": (
        "learning rate too large",
        lambda: run(Sequential([Dense(1)]), plane(0), SGD(1.5), MSE, 20, 1),
    ),
    "a rate of 50, sigmoid": (
        "learning rate too large",
        lambda: run(network([25, 15], "sigmoid"), digits(0, 1), SGD(50.0), BINARY, 15, 1),
    ),
    "a rate of 3, relu": (
        "learning rate too large",
        lambda: run(network([32], "relu", 10, "softmax"), digits(every=2), SGD(3.0), SPARSE, 10, 1),
    ),
    "pixels from 0 to 255": (
        "unscaled inputs",
        lambda: run(
            network([25, 15], "sigmoid"),
            (digits(0, 1)[0] * 255, digits(0, 1)[1]),
            SGD(0.1),
            BINARY,
            10,
            1,
        ),
    ),
    "inputs in thousandths": (
        "unscaled inputs",
        lambda: run(
            network([32], "tanh", 10, "softmax"),
            (digits(every=2)[0] / 1000, digits(every=2)[1]),
            SGD(0.1),
            SPARSE,
            10,
            1,
        ),
    ),
    "a line around a circle": (
        "stuck at the base rate",
        lambda: run(network([], "relu"), make_circles(200, seed=1), SGD(0.1), BINARY, 40, 1),
    ),
    "the tutorial on circles": (
        "stuck at the base rate",
        lambda: run(
            network([25, 15], "sigmoid"), make_circles(200, seed=1), SGD(0.1), BINARY, 40, 1
        ),
    ),
    "labels in another order": (
        "stuck at the base rate",
        lambda: run(
            network([8], "sigmoid", 10, "softmax"),
            (digits()[0], np.random.default_rng(0).permutation(digits()[1])),
            SGD(0.1),
            SPARSE,
            12,
            1,
        ),
    ),
    "too many units for noisy points": (
        "overfitting",
        lambda: run(
            network([64, 64], "relu"),
            make_moons(60, 0.5, seed=1),
            Adam(0.02),
            BINARY,
            100,
            1,
            validation_split=0.5,
        ),
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_found_in_a_healthy_run(name: str) -> None:
    history, monitor = HEALTHY[name]()
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]
    for findings in (diagnose(history, monitor), diagnose(history), diagnose(monitor)):
        assert not findings, str(findings)
    assert str(diagnose(history, monitor)) == "Nothing found."
    only_losses = {k: v for k, v in history.history.items() if not k.startswith("grad_norm")}
    assert not diagnose(only_losses)


@pytest.mark.parametrize("name", PLANTED)
def test_the_cause_of_a_planted_fault_is_named(name: str) -> None:
    cause, planted = PLANTED[name]
    history, monitor = planted()
    assert [finding.name for finding in diagnose(history, monitor)] == [cause]


def test_more_than_twenty_runs_are_healthy_and_every_cause_is_planted() -> None:
    assert len(HEALTHY) >= 20
    assert {cause for cause, _ in PLANTED.values()} == {
        *("unscaled inputs", "exploding gradients", "vanishing gradients"),
        *("saturated units", "dead units", "overfitting", "stuck at the base rate"),
        *("learning rate too large", "learning rate too small"),
    }


# What the loss alone shows.


def names(history: Any) -> list[str]:
    return [finding.name for finding in diagnose(history)]


def test_the_loss_alone() -> None:
    assert names({"loss": [0.7, 0.5, 0.3, 0.2, 0.15]}) == []
    assert names({"loss": [0.7, 1.5, math.nan]}) == ["learning rate too large"]
    assert names({"loss": [math.inf]}) == ["learning rate too large"]
    assert names({"loss": [0.7, 2.0, 2.2]}) == ["learning rate too large"]
    assert names({"loss": [0.7, 2.0, 2.0]}) == []  # 2.0 is not yet 3 · 0.7
    assert names({"loss": [0.7, 0.9, 0.6, 1.0, 0.6, 0.9, 0.7]}) == ["learning rate too large"]
    falling = {"loss": [1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02]}
    assert names(falling | {"val_loss": [1.0, 0.6, 0.5, 0.55, 0.6, 0.7, 0.8]}) == ["overfitting"]
    # One bad epoch at the end is not a trend, nor is a rise below 1.3.
    assert names(falling | {"val_loss": [1.0, 0.6, 0.5, 0.5, 0.5, 0.5, 0.8]}) == []
    assert names(falling | {"val_loss": [1.0, 0.6, 0.5, 0.5, 0.55, 0.6, 0.64]}) == []


def test_norms_of_gradients_without_a_monitor() -> None:
    flat = {"loss": [0.7] * 6, "grad_norm/b/bias": [1.0] * 6}
    assert names(flat | {"grad_norm/a/kernel": [0.009] * 6}) == ["vanishing gradients"]
    assert names(flat | {"grad_norm/a/kernel": [0.011] * 6}) == []
    assert names(flat | {"grad_norm/a/kernel": [99.0] * 6}) == []
    findings = diagnose(flat | {"grad_norm/a/kernel": [101.0] * 6})
    assert [f.name for f in findings] == ["exploding gradients"]
    assert "a/kernel has the norm 101" in findings[0].sentence
    assert "GradientMonitor tells them apart" in findings[0].sentence


def test_a_cross_entropy_is_known_from_the_model_of_the_history() -> None:
    history, _ = PLANTED["a line around a circle"][1]()
    (finding,) = diagnose(history)
    assert finding.name == "stuck at the base rate" and "0.6931" in finding.sentence
    assert "as many samples of every class" in finding.sentence


def test_every_finding_has_its_number_its_threshold_and_what_to_try() -> None:
    history, monitor = PLANTED["pixels from 0 to 255"][1]()
    (finding,) = findings = diagnose(history, monitor)
    x = digits(0, 1)[0].astype(float) * 255
    assert f"{np.sqrt(np.square(x).mean(axis=0)).max():.4g}" in finding.sentence
    assert findings[0] is finding and len(findings) == 1 and findings
    text = str(findings)
    assert text.startswith("1. unscaled inputs: ")
    assert f"Threshold: {finding.threshold}." in text and f"Try: {finding.advice}" in text
    bundle = findings._repr_mimebundle_()
    assert bundle["text/plain"] == text and "<li><strong>unscaled inputs" in bundle["text/html"]


def test_what_could_not_be_looked_at_is_said() -> None:
    findings = diagnose({"loss": [1.0, 0.5, 0.1]})
    text = str(findings)
    assert text.startswith("Nothing found.\nNot looked at: vanishing and exploding")
    assert "GradientMonitor" in text and "base rate" in text and "3 of at least 5" in text
    assert isinstance(findings, Findings) and not findings and len(findings.not_seen) == 4


def test_names_of_users_are_text() -> None:
    logs = {"loss": [0.7] * 6, "grad_norm/b": [1.0] * 6, "grad_norm/<b>a\n</b>": [500.0] * 6}
    findings = diagnose(logs)
    assert "\\n" in findings[0].sentence
    assert "&lt;b&gt;a" in findings.html() and "<b>" not in findings.html()


def test_wrong_calls() -> None:
    monitor = GradientMonitor()
    with pytest.raises(StateError, match="fit first"):
        diagnose(monitor)
    with pytest.raises(StateError, match="fit first"):
        diagnose(Sequential([Dense(1)]))
    with pytest.raises(ArgumentTypeError, match="diagnose takes .* got int"):
        diagnose(3)
    with pytest.raises(ArgumentError, match='no "loss".*accuracy'):
        diagnose({"accuracy": [1.0]})
    with pytest.raises(ArgumentError, match='no "loss".*nothing'):
        diagnose(History())
    for values in (["a"], 0.5, [None]):
        with pytest.raises(ArgumentTypeError, match="lists of numbers"):
            diagnose({"loss": values})
    with pytest.raises(ArgumentError, match='"loss" has 2: give one for each epoch'):
        diagnose({"loss": [1.0, 0.5], "val_loss": [1.0]})
    with pytest.raises(ArgumentTypeError, match="`monitor` must be a GradientMonitor, got dict"):
        diagnose({"loss": [1.0]}, {})  # type: ignore[arg-type]
    first, _ = run(Sequential([Dense(1)]), plane(1), SGD(0.05), MSE, 1)
    _, other = run(Sequential([Dense(1)]), plane(1), SGD(0.05), MSE, 1)
    with pytest.raises(ArgumentError, match="another run"):
        diagnose(first, other)


def test_what_is_found_can_be_named() -> None:
    (finding, *_) = diagnose({"loss": [1.0, 4.0, 16.0]})
    assert isinstance(finding, Finding)
