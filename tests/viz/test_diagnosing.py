"""`diagnose`: the right cause of planted faults, nothing of healthy runs, words and wrong calls."""

from __future__ import annotations

import copy
import math
import re
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from autograd_nn import ops, settings
from autograd_nn.callbacks import History
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.viz import Finding, Findings, GradientMonitor, diagnose
from tests.viz.runs import HEALTHY, MSE, PLANTED, digits, network, plane, run

LOGITS = BinaryCrossentropy(from_logits=True)

# What runs in a second or less and stands for its kind; the others are slow.
SAMPLE = {
    "the tutorial with SGD(0.1) after 2 epochs, 1",
    "the tutorial with SGD(0.1) after 6 epochs, 0",
    "embedding with unused rows",
    "hundreds of thousands, one layer",
    "zeros at the start, one layer",
    "a sum over the batch, Adam",
    "raw inputs, normalised",
    "one in twenty, learned",
    "moons, tanh, Adam",
    "linear regression",
    "a frozen layer that was trained before",
    "one linear unit whose weights all move alike, short",
    "an LSTM of small embeddings, short",
    # faults
    "tiny initial weights",
    "large initial weights, regression",
    "tanh at its ends",
    "biases far below 0",
    "a rate of 1e-6, SGD",
    "a rate of 1.5, one layer",
    "pixels from 0 to 255",
    "a line around a circle",
    "too many units for noisy points",
    "sigmoid and from_logits",
    "relu and a cross-entropy of probabilities",
    "softmax over the examples",
    "one unit",
    "weights of ones, regression",
    "(n, 1) against (n,) in a loss of one's own",
    "frozen, the first",
    "a sum with a rate for means, regression",
    "labels shuffled, ten classes",
    "97 % of one class",
    "97 % of one class, without a relation",
    "one label",
    "unscaled targets",
    "moving averages of few steps",
    "a sigmoid of numbers beyond 1",
}


# Of such runs some have not learned much yet, and nothing is wrong with that.
ON_THEIR_WAY = ("after", "short", "default rate", "3 epochs")


def sampled(names: Iterable[str]) -> list[Any]:
    """The names, those that are not in the sample marked slow."""
    return [n if n in SAMPLE else pytest.param(n, marks=pytest.mark.slow) for n in names]


@pytest.mark.parametrize("name", sampled(HEALTHY))
def test_nothing_is_found_in_a_healthy_run(name: str) -> None:
    history, monitor = HEALTHY[name]()
    if not any(word in name for word in ON_THEIR_WAY):
        assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]
    for findings in (diagnose(history, monitor), diagnose(history), diagnose(history.history)):
        assert not findings, str(findings)
    assert str(without_norms(history)).startswith("Nothing found.")


def without_norms(history: History) -> Findings:
    """What is found where fit was called without anything that watches."""
    for logged in [name for name in history.history if name.startswith("grad_norm")]:
        del history.history[logged]
    return diagnose(history)


@pytest.mark.parametrize("name", sampled(PLANTED))
@pytest.mark.filterwarnings("ignore:softmax over one unit", "ignore:.*knows one class only")
def test_the_cause_of_a_planted_fault_is_named(name: str) -> None:
    cause, planted = PLANTED[name]
    history, monitor = planted()
    for findings in (diagnose(history, monitor), diagnose(history), without_norms(history)):
        assert [finding.name for finding in findings] == [cause], str(findings)


def test_sixty_kinds_of_runs_are_healthy_and_every_cause_is_planted() -> None:
    assert len(HEALTHY) >= 60
    assert set(HEALTHY) | set(PLANTED) >= SAMPLE
    assert {cause for cause, _ in PLANTED.values()} == {
        *("unscaled inputs", "exploding gradients", "vanishing gradients"),
        *("saturated units", "dead units", "overfitting", "stuck at the base rate"),
        *("learning rate too large", "learning rate too small", "frozen layers"),
        *("activation applied twice", "last activation", "constant output"),
        *("softmax over the examples", "symmetric units", "one class only"),
        *("every prediction against every target", "labels do not follow from the inputs"),
        *("step too large by the batch size", "unscaled targets", "moving averages lag behind"),
    }


# What fit refuses, and names.


def test_a_constant_column_that_was_scaled_is_named_by_fit() -> None:
    x, y = plane(1)
    x[:, 1] = 7.0
    with np.errstate(all="ignore"):
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    model = Sequential([Dense(1)])
    model.compile(SGD(0.01), MSE)
    with pytest.raises(ArgumentError, match=r"Column 1 in every row, as 0/0 gives: of a constant"):
        model.fit(x, y, verbose=0)


@pytest.mark.parametrize("activation", [None, "tanh"])
def test_an_output_that_is_no_probability_is_named_by_fit(activation: str | None) -> None:
    settings.set_random_seed(0)
    model = network([16], "tanh", 1, activation)
    model.compile(SGD(0.01), "binary_crossentropy")
    with pytest.raises(ArgumentError, match="activation='sigmoid' in the last layer"):
        model.fit(*digits(0, 1), verbose=0)


# What a replay proves, and what it leaves alone.


def test_a_proof_is_what_comes_of_the_run_without_the_cause() -> None:
    history, _ = PLANTED["sigmoid and from_logits"][1]()
    (finding,) = diagnose(history)
    told = re.search(r"the loss is (\S+) in place of (\S+)\.", finding.proof)
    assert told and "without the last activation" in finding.proof
    settings.set_random_seed(7)
    mended, _ = run(network([16], "relu", 1, None), digits(3, 5), Adam(0.01), LOGITS, 10, 7)
    # Other weights and another order of the batches: about the same loss, as of the fault.
    assert float(told[1]) == pytest.approx(mended.history["loss"][-1], abs=0.05)
    assert float(told[2]) == pytest.approx(history.history["loss"][-1], abs=0.05)
    assert f"Proof: {finding.proof}" in str(diagnose(history))
    assert "Proof:" in diagnose(history).html()


def test_a_replay_leaves_everything_as_it_was() -> None:
    history, monitor = PLANTED["weights of zeros"][1]()
    model = history.model
    model.layers[0].kernel.grad = np.full((64, 16), 3.0)
    weights = [w.copy() for w in model.get_weights()]
    moments = history.model.optimizer.iterations
    settings.set_random_seed(5)
    expected = settings.generator("weights").random(), settings.generator("shuffle").random()
    settings.set_random_seed(5)
    assert diagnose(history, monitor)
    assert (settings.generator("weights").random(), settings.generator("shuffle").random()) == (
        expected
    )
    assert all(map(np.array_equal, weights, model.get_weights()))
    assert model.history is history and model.optimizer.iterations == moments
    assert np.all(model.layers[0].kernel.grad == 3.0)


def test_a_replay_is_heard_of_by_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    def loud(y: Any, p: Any) -> Any:
        print("loss")
        return ops.sum((p - y) ** 2)

    model = network([8], "relu", 1, None)
    model.compile(SGD(0.1), loud)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        history = model.fit(*plane(1), epochs=6, verbose=0)
    assert "loss" in capsys.readouterr().out
    assert [f.name for f in diagnose(history)] == ["step too large by the batch size"]
    assert capsys.readouterr().out == ""


def test_a_run_whose_model_was_trained_again_is_judged_by_its_numbers() -> None:
    history, _ = PLANTED["weights of ones, regression"][1]()
    assert [f.name for f in diagnose(history)] == ["symmetric units"]
    history.model.fit(*plane(1), epochs=1, verbose=0)
    assert not diagnose(history)
    assert [f.name for f in diagnose(history.model)] == ["symmetric units"]


def test_a_history_keeps_what_a_run_began_with_where_that_is_small() -> None:
    model = Sequential([Dense(1)])
    model.compile(SGD(0.01), MSE)
    x = np.random.default_rng(0).normal(size=(50_000, 20)).astype(np.float32)
    history = model.fit(x, x[:, :1], epochs=1, batch_size=5000, verbose=0)
    kept = history.beginning
    assert len(kept.data.x) == len(kept.data.y) == 2_000_000 // 80 and not kept.is_whole
    assert kept.batch_size == 5000 and len(kept.weights) == 2
    assert np.array_equal(kept.data.x[0], x[0]) and np.array_equal(kept.data.x[-1], x[-1])
    assert copy.copy(history).beginning is None


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
    history.beginning = None  # as of a model too large to be copied
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
    for wrong, kind in ((3, "int"), (Sequential, "type")):
        with pytest.raises(ArgumentTypeError, match=f"diagnose takes .* got {kind}"):
            diagnose(wrong)
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
