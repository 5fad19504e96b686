"""`diagnose`: the numbers in its sentences, by hand, and what a replay may and may not prove."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import settings
from autograd_nn.data import Data
from autograd_nn.layers import BatchNormalization, Dense, Layer, Softmax
from autograd_nn.losses import SparseCategoricalCrossentropy
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.viz import GradientMonitor, diagnose
from autograd_nn.viz.watching.replaying import is_better, replay_of, scaled
from autograd_nn.viz.watching.starting_point import starting_point
from tests.viz.runs import MSE, PLANTED, digits, far_off, plane, positive, run


def test_an_update_of_all_weights_alike_has_its_size() -> None:
    # Adam's first step is the rate for every weight, so the norm of it is 0.001·√2.
    model = Sequential([Dense(1, use_bias=False, kernel_initializer=np.array([[3.0], [4.0]]))])
    model.compile(Adam(0.001), MSE)
    monitor = GradientMonitor(max_cost=None)
    x, _ = positive(1)
    model.fit(x, np.zeros((200, 1)), batch_size=200, verbose=0, callbacks=[monitor])
    ratio = monitor.records[0].parameters["dense/kernel"].update_ratio
    assert ratio == pytest.approx(math.log10(0.001 * math.sqrt(2) / 5), rel=1e-4)


def test_a_rate_so_small_that_nothing_moves_is_said_in_words() -> None:
    history, _ = run(Sequential([Dense(1)]), plane(1), SGD(1e-30), MSE, 6)
    (finding,) = diagnose(history)
    assert finding.name == "learning rate too small" and "changes no kernel at all" in str(finding)


def test_the_share_of_the_majority_and_what_is_found_of_the_others() -> None:
    history, _ = PLANTED["97 % of one class, without a relation"][1]()
    (finding,) = diagnose(history)
    x, y = history.beginning.data.x, history.beginning.data.y.ravel()
    named = history.model.predict(x, verbose=0).ravel() > 0.5
    assert f"the label of {1 - y.mean():.1%}" in finding.sentence
    assert f"the accuracy, {np.mean(named == y):.3f}," in finding.sentence
    assert f"Of 15 samples of other classes it gets {np.sum(named & (y == 1))} right" in (
        finding.sentence
    )


def test_scaled_targets_are_proven_in_the_units_of_y() -> None:
    history, _ = PLANTED["unscaled targets"][1]()
    (finding,) = diagnose(history)
    y = far_off(1)[1]
    assert f"root mean square {np.sqrt(np.mean(y**2)):.4g}" in finding.sentence
    told = float(finding.proof.split("the loss is ")[1].split()[0])
    assert told < 0.7 * float(finding.proof.split("in place of ")[1].rstrip("."))
    assert told < np.var(y)  # better than the mean of y, which nothing about x gives


def test_a_replay_that_breaks_down_too_proves_nothing() -> None:
    assert is_better(math.nan, 1.0, 0.7) and is_better(1.0, 0.6, 0.7)
    assert not is_better(math.nan, math.inf, 0.7) and not is_better(1.0, math.nan, 0.7)
    assert not is_better(1.0, 0.8, 0.7)


def test_what_is_scaled_has_mean_0_and_standard_deviation_1() -> None:
    x = np.array([[1.0, 5.0], [3.0, 5.0]])
    assert np.array_equal(scaled(x), [[-1.0, 0.0], [1.0, 0.0]])


def test_a_batch_is_proven_with_the_first_weights() -> None:
    # Those that were trained with a fault give a larger loss without it.
    x, y = make_blobs()
    model = Sequential([Dense(3), Softmax()])
    model.compile(SGD(0.5), SparseCategoricalCrossentropy(from_logits=True))
    with pytest.warns(UserWarning, match="once more"):
        model.build(x.shape)
        first = [np.array(w) for w in model.get_weights()]
        history = model.fit(x, y, epochs=3, batch_size=len(x), shuffle=False, verbose=0)
    (finding,) = diagnose(history)
    z = x @ first[0] + first[1]
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    expected = -np.log(p[np.arange(len(y)), y]).mean()
    assert f"the loss is {expected:.4g} in place of" in finding.proof


def make_blobs() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    y = np.arange(30) % 3
    return (np.eye(3)[y] * 2 + random.normal(size=(30, 3))).astype(np.float32), y


def test_what_takes_nothing_from_a_batch_is_not_proven_by_one() -> None:
    history, _ = PLANTED["softmax over the examples"][1]()
    (finding,) = diagnose(history)
    assert not finding.proof and "alone in a batch it is given 1" in finding.sentence


def test_labels_of_sequences_have_a_base_rate() -> None:
    # Two labels at each of the two places, half of the time each: the entropy is ln 2.
    y = np.tile([[0, 1], [2, 0]], (20, 1))
    for labels in (y, y[..., None]):
        data = Data(np.ones((40, 2, 1)), labels, None)
        start = starting_point(data, SparseCategoricalCrossentropy())
        assert start.base_loss == pytest.approx(math.log(2), rel=1e-6)
        assert start.base_accuracy == 0.5


def test_a_loss_that_is_no_number_at_the_first_step_is_no_matter_of_the_rate() -> None:
    class Standardised(Layer):
        def call(self, x: Any) -> Any:
            return (x - x.mean(axis=0)) / x.std(axis=0)

    x, y = plane(1)
    x[:, 1] = 7.0
    history, _ = run(Sequential([Standardised(), Dense(1)]), (x, y), SGD(0.01), MSE, 2)
    (finding,) = diagnose(history)
    assert finding.name.startswith("NaN") and "Column 1 in every row" in finding.sentence
    # One that breaks down later is.
    history, _ = run(Sequential([Dense(1)]), plane(1), SGD(1e9), MSE, 6)
    assert [finding.name for finding in diagnose(history)] == ["learning rate too large"]


def test_equal_weights_that_rounding_made_differ() -> None:
    x, y = digits(every=3)
    zeros = {"kernel_initializer": "zeros"}
    model = Sequential([Dense(20, "sigmoid", **zeros), Dense(10, "softmax", **zeros)])
    history, _ = run(model, (x, y), Adam(0.001), "sparse_categorical_crossentropy", 5)
    (finding,) = diagnose(history)
    assert finding.name == "symmetric units"


def test_what_lagging_averages_cost_is_what_evaluate_gives() -> None:
    history, _ = PLANTED["moving averages of few steps"][1]()
    model, (x, y, _) = history.model, history.beginning.data
    kept = [np.array(w) for w in model.get_weights()]
    settings.set_random_seed(3)
    expected = settings.generator("weights").random()
    settings.set_random_seed(3)
    (finding,) = diagnose(history)
    assert settings.generator("weights").random() == expected
    assert all(map(np.array_equal, kept, model.get_weights()))
    told = float(re.findall(r"trained on it is (\S+) without", finding.sentence)[0])
    assert told == pytest.approx(model.evaluate(x, y, verbose=0)[0], rel=1e-3)
    # With the averages of these samples evaluate gives what the proof says.
    for layer in model.layers:
        if isinstance(layer, BatchNormalization):
            layer.momentum = 0.0
    model(x, training=True)
    proven = float(finding.proof.split()[-1].rstrip("."))
    assert proven == pytest.approx(model.evaluate(x, y, verbose=0)[0], rel=1e-3)


def test_copies_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled_step(*_: Any) -> Any:
        raise AssertionError("a replay was compiled")

    monkeypatch.setattr("autograd_nn.jit.compiling.compiled_step", compiled_step)
    history, _ = PLANTED["a sigmoid of numbers beyond 1"][1]()
    history.model._training.jit_compile = True
    assert [finding.name for finding in diagnose(history)] == ["last activation"]
    run = replay_of(history)
    assert run is not None and not run.at_end()._training.jit_compile
    assert history.model._training.jit_compile
