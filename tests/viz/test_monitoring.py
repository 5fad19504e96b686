"""GradientMonitor: its numbers by hand, what it leaves alone, what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops, settings
from autograd_nn.callbacks import Callback
from autograd_nn.data import Data
from autograd_nn.datasets import make_moons
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import Activation, Dense, Dropout, Input, Layer
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from autograd_nn.models import Model, Sequential
from autograd_nn.optimizers import SGD
from autograd_nn.viz import GradientMonitor
from autograd_nn.viz.watching.activity import activities
from autograd_nn.viz.watching.histograms import histogram
from autograd_nn.viz.watching.monitoring import HISTOGRAMS
from autograd_nn.viz.watching.starting_point import starting_point

X = np.array([[1.0, 0.0], [0.0, 1.0]])
Y = np.array([1.0, 1.0])


def by_hand() -> Sequential:
    """y = w·x with w = (0, 2)."""
    model = Sequential(
        [Input((2,)), Dense(1, use_bias=False, kernel_initializer=np.array([[0.0], [2.0]]))]
    )
    model.compile(SGD(0.25), "mse")
    return model


def still() -> float:
    """A clock that stands: measuring costs nothing, so nothing is thinned."""
    return 0.0


def moons_model() -> Sequential:
    model = Sequential(
        [Dense(8, activation="relu"), Dropout(0.2), Dense(1, activation="sigmoid")], name="moons"
    )
    model.compile("adam", "binary_crossentropy")
    return model


def test_one_epoch_of_two_steps_by_hand() -> None:
    # Step 1, x = (1, 0): gradient 2(0 − 1)·(1, 0) = (−2, 0), w from (0, 2) to (0.5, 2).
    # Step 2, x = (0, 1): gradient 2(2 − 1)·(0, 1) = (0, 2), w from (0.5, 2) to (0.5, 1.5).
    # Norms of the weights 2 and √4.25, of the updates (0.5, 0) and (0, −0.5) 0.5 each.
    # The sum of the gradients is (−2, 2) with the norm √8; the norms sum to 4.
    monitor = GradientMonitor(clock=still)
    by_hand().fit(X, Y, 1, 1, shuffle=False, verbose=0, callbacks=[monitor])
    record = monitor.records[0]
    kernel = record.parameters["dense/kernel"]
    assert (record.epoch, record.steps) == (0, 2)
    assert kernel.gradient_norm == pytest.approx(2.0)
    assert kernel.update_ratio == pytest.approx(math.log10(1 / (2 + math.sqrt(4.25))))
    assert kernel.noise == pytest.approx(math.sqrt(8) / 4)
    assert monitor.first_norms == {"dense/kernel": pytest.approx(2.0)}
    assert monitor.history == {
        "grad_norm/dense/kernel": [pytest.approx(2.0)],
        "update_ratio/dense/kernel": [pytest.approx(math.log10(1 / (2 + math.sqrt(4.25))))],
        "grad_noise/dense/kernel": [pytest.approx(math.sqrt(8) / 4)],
    }


def test_it_agrees_with_record_gradients() -> None:
    monitor = GradientMonitor(clock=still)
    model = moons_model()
    history = model.fit(
        *make_moons(90, seed=1), epochs=3, verbose=0, record_gradients=True, callbacks=[monitor]
    )
    for name in ("grad_norm/dense/kernel", "grad_norm/dense_1/bias"):
        assert monitor.history[name] == pytest.approx(history.history[name], rel=1e-12)
    assert monitor.run is history


def test_what_cannot_be_computed_is_not_a_number() -> None:
    # One step tells nothing of noise; weights that are all 0 have no size.
    model = Sequential([Input((2,)), Dense(1, kernel_initializer="zeros")])
    model.compile(SGD(0.1), "mse")
    monitor = GradientMonitor(clock=still)
    model.fit(X, Y, verbose=0, callbacks=[monitor])
    kernel, bias = monitor.records[0].parameters.values()
    assert math.isnan(kernel.noise) and math.isnan(kernel.update_ratio)
    assert math.isnan(bias.update_ratio) and bias.gradient_norm == 2  # 2·(0 − 1)
    assert "not computed" in monitor.summary()


def test_training_is_the_same_with_it_bit_for_bit() -> None:
    def trained(callbacks: list[Callback]) -> tuple[Sequential, Any]:
        settings.set_random_seed(5)
        model = moons_model()
        model.fit(*make_moons(90, seed=1), epochs=4, verbose=0, callbacks=callbacks)
        return model, settings.generator("dropout").random(3)

    (plain, after_plain), (watched, after) = trained([]), trained([GradientMonitor()])
    for a, b in zip(plain.weights, watched.weights, strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        np.testing.assert_array_equal(a.grad, b.grad)
    np.testing.assert_array_equal(after_plain, after)
    assert [w.name for w in plain.weights] == [w.name for w in watched.weights]


def test_saturated_and_dead_units_by_hand() -> None:
    # Of x = −10, 0, 10 a sigmoid and a tanh are flat at two; of relu(x·(1, −1) + (0, −99)) the
    # second unit is 0 for all three.
    x = np.array([[-10.0], [0.0], [10.0]])
    kernel, bias = np.array([[1.0, -1.0]]), np.array([0.0, -99.0])
    model = Sequential(
        [
            Dense(2, activation="relu", kernel_initializer=kernel, bias_initializer=bias),
            Dense(1, kernel_initializer=np.array([[1.0], [1.0]])),
        ]
    )
    model.compile("sgd", "mse")
    assert activities(model, x)["dense"] == ("relu", None, 0.5)
    for name in ("sigmoid", "tanh"):
        single = Sequential([Activation(name), Activation("linear"), Dense(1)])
        single.compile("sgd", "mse")
        assert activities(single, x)["activation"] == (name, pytest.approx(2 / 3), None)


def test_the_head_of_the_loss_may_saturate() -> None:
    model = Sequential([Input((1,)), Dense(1, activation="sigmoid", name="head")])
    x = np.array([[100.0], [-100.0]])
    model.compile("sgd", "binary_crossentropy")
    assert activities(model, x) == {}
    model.compile("sgd", "mse")
    assert list(activities(model, x)) == ["head"]


def test_activations_of_a_model_of_ones_own_are_found() -> None:
    class Mine(Layer):
        replayable = True

        def call(self, inputs: Any) -> Any:
            return ops.tanh(ops.relu(inputs))

    class Own(Model):
        replayable = True

        def __init__(self) -> None:
            super().__init__()
            self.mine, self.out = Mine(), Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.out(self.mine(inputs))

    model = Own()
    model.compile("sgd", "mse")
    monitor = GradientMonitor(clock=still)
    model.fit(X, Y, verbose=0, callbacks=[monitor])
    assert {n: a.kind for n, a in monitor.records[0].activities.items()} == {
        "mine": "relu",
        "mine_1": "tanh",
    }


def test_a_probe_of_ones_own() -> None:
    model = Sequential([Input((1,)), Dense(1, activation="tanh", kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse")
    near, far = GradientMonitor(clock=still), GradientMonitor(probe=[[50.0]], clock=still)
    model.fit([[0.0], [0.1]], [0.0, 0.0], verbose=0, callbacks=[near, far])
    assert near.history["saturated/dense"] == [0.0] and far.history["saturated/dense"] == [1.0]


def test_a_probe_that_does_not_fit_is_named_before_training() -> None:
    model = by_hand()
    with pytest.raises(ShapeError, match=r"`probe` of shape \(1, 3\).*2 features"):
        model.fit(X, Y, verbose=0, callbacks=[GradientMonitor(probe=[[1.0, 2.0, 3.0]])])
    assert model.optimizer.iterations == 0


@pytest.mark.parametrize(
    ("loss", "y", "weight", "base", "accuracy"),
    [
        (BinaryCrossentropy(), [[0.0], [0.0], [0.0], [1.0]], None, 0.562335, 0.75),
        (BinaryCrossentropy(from_logits=True), [[0.0], [1.0]], None, math.log(2), 0.5),
        (SparseCategoricalCrossentropy(), [0, 1, 2, 2], None, 1.5 * math.log(2), 0.5),
        (CategoricalCrossentropy(), [[1.0, 0.0], [0.0, 1.0]], None, math.log(2), 0.5),
        (MeanSquaredError(), [[1.0], [3.0]], None, 1.0, None),
        (MeanAbsoluteError(), [[0.0], [1.0], [5.0]], None, 5 / 3, None),
        # Σ w CE / N with p = 3/4: (3·0.287682 + 1.386294) / 2
        (BinaryCrossentropy(), [[1.0], [0.0]], [3.0, 1.0], 1.124670, 0.5),
        (MeanSquaredError(reduction="sum"), [[1.0], [3.0]], None, None, None),
    ],
)
def test_the_loss_without_looking_at_x(
    loss: Any, y: Any, weight: Any, base: Any, accuracy: Any
) -> None:
    weights = None if weight is None else np.array(weight)
    found = starting_point(Data(np.ones((len(y), 2)), np.array(y), weights), loss)
    assert found.base_loss == (None if base is None else pytest.approx(base, rel=1e-5))
    assert found.base_accuracy == accuracy


def test_the_scale_of_the_inputs() -> None:
    x = np.zeros((2, 2, 2))
    x[:, 1, 0] = [3.0, 4.0]
    found = starting_point(Data(x, np.zeros((2, 1)), None), MeanSquaredError())
    assert found.input_scale == pytest.approx(math.sqrt(12.5)) and found.feature == (1, 0)


def test_histograms() -> None:
    found = histogram(np.array([0.0, 0.0, 1.0, np.nan, np.inf]))
    assert found is not None
    assert (found.low, found.high) == (0.0, 1.0)
    assert (found.counts[0], found.counts[-1], sum(found.counts)) == (2, 1, 3)
    assert histogram(np.array([np.nan])) is None
    for ends in ([-1e308, 1e308], [0.0, 5e-324]):
        with np.errstate(all="ignore"):
            extreme = histogram(np.array(ends))
        assert extreme is not None and sum(extreme.counts) == 2
    constant = histogram(np.float32(7.0))
    assert constant is not None and sum(constant.counts) == 1


def test_histograms_take_bounded_room() -> None:
    monitor = GradientMonitor(clock=still)
    by_hand().fit(X, Y, epochs=5 * HISTOGRAMS, verbose=0, callbacks=[monitor])
    assert len(monitor.records) == 5 * HISTOGRAMS
    assert HISTOGRAMS // 2 < len(monitor.histograms) <= HISTOGRAMS
    epochs = [kept.epoch for kept in monitor.histograms]
    assert set(np.diff(epochs[:-1])) == {8}
    assert (epochs[0], epochs[-1]) == (0, 5 * HISTOGRAMS - 1)


def test_every_so_many_steps() -> None:
    monitor = GradientMonitor(every=3, clock=still)
    by_hand().fit(np.ones((7, 2)), np.ones(7), 1, 2, verbose=0, callbacks=[monitor])
    assert [record.steps for record in monitor.records] == [3, 3]  # batches 0, 3 and 6


class Ticking:
    """A clock that a step of training, and every look at it, moves on."""

    def __init__(self, by: float) -> None:
        self.now, self.by = 0.0, by

    def __call__(self) -> float:
        self.now += self.by
        return self.now


class Work(Callback):
    """A step of training that takes a second."""

    def __init__(self, clock: Ticking) -> None:
        self.clock = clock

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.clock.now += 1.0


def watched(by: float, epochs: int = 40, **options: Any) -> GradientMonitor:
    clock = Ticking(by)
    monitor = GradientMonitor(clock=clock, **options)
    by_hand().fit(X, Y, 1, epochs, verbose=0, callbacks=[Work(clock), monitor])
    return monitor


def test_cheap_it_is_not_thinned_and_tells_its_cost() -> None:
    monitor = watched(by=0.001)
    assert len(monitor.records) == 40 and 0 < monitor.cost < 0.01
    assert "Measuring took 0." in monitor.summary() and "thinned" not in monitor.summary()


def test_too_dear_it_is_thinned_and_says_so() -> None:
    monitor = watched(by=0.4)
    assert monitor.every == 2 and monitor.every_epoch > 1
    assert monitor.records[0].epoch == 0 and monitor.records[-1].epoch == 39
    assert "thinned to every 2 steps of every" in monitor.summary()
    assert monitor.thinned_at is not None and monitor.thinned_at > 0.1
    # As many numbers as epochs, NaN where nothing was measured.
    norms = monitor.history["grad_norm/dense/kernel"]
    assert len(norms) == 40
    assert [not math.isnan(v) for v in norms].count(True) == len(monitor.records) < 20
    assert len(watched(by=0.4, max_cost=None).records) == 40


def test_a_new_run_starts_afresh() -> None:
    monitor = GradientMonitor(clock=still)
    model = by_hand()
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[monitor])
    model.fit(X, Y, epochs=5, initial_epoch=3, verbose=0, callbacks=[monitor])
    assert monitor.epochs == [3, 4] and len(monitor.records) == 2
    assert monitor.run is model.history


def test_interrupted_it_keeps_what_it_has() -> None:
    class Interrupt(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.iterations == 5:
                raise KeyboardInterrupt

    monitor = GradientMonitor(clock=still)
    model = by_hand()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, 1, 9, verbose=0, callbacks=[monitor, Interrupt()])
    assert [record.epoch for record in monitor.records] == [0, 1]
    assert all(len(values) == 2 for values in monitor.history.values())
    assert model.weights[0].grad is not None and model.optimizer.iterations == 5


def test_a_parameter_without_gradient_is_told() -> None:
    class Half(Model):
        replayable = True

        def __init__(self) -> None:
            super().__init__()
            self.used = Dense(1)
            self.idle = Tensor([1.0, 2.0], name="idle")

        def call(self, inputs: Any) -> Any:
            return self.used(inputs)

    model = Half()
    model.compile("sgd", "mse")
    monitor = GradientMonitor(clock=still)
    with pytest.warns(UserWarning, match="No gradient"):
        model.fit(X, Y, verbose=0, callbacks=[monitor])
    assert math.isnan(monitor.records[0].parameters["idle"].gradient_norm)
    assert monitor.records[0].parameters["idle"].update_ratio == -math.inf
    assert "idle" not in monitor.histograms[0].gradients
    line = next(line for line in monitor.summary().splitlines() if line.startswith("idle"))
    assert "not computed" in line and "no update" in line


def test_a_run_that_breaks_down_gives_no_warnings_of_its_own() -> None:
    model = by_hand()
    model.compile(SGD(1e30), "mse")
    monitor = GradientMonitor(clock=still)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="became NaN"):
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[monitor])
    assert math.isnan(monitor.records[-1].parameters["dense/kernel"].update_ratio)


def test_words() -> None:
    monitor = GradientMonitor(clock=still)
    assert "Nothing measured yet" in monitor.summary()
    moons = moons_model()
    moons.fit(*make_moons(40, seed=1), verbose=0, callbacks=[monitor])
    lines = monitor.summary().splitlines()
    assert lines[0] == "Epoch 1, 2 steps measured."
    assert lines[2].split("  ")[0] == "parameter" and lines[3].startswith("dense/kernel")
    assert any(line.startswith("dense ") and "relu" in line for line in lines)
    assert repr(monitor).startswith("<GradientMonitor, 1 epoch measured")


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"every": 0}, ArgumentError, "every"),
        ({"every": 2.5}, ArgumentTypeError, "every"),
        ({"max_cost": 7}, ArgumentError, "max_cost"),
        ({"clock": 3}, ArgumentTypeError, "clock"),
        ({"probe": []}, ArgumentError, "probe"),
        ({"evry": 2}, ArgumentTypeError, "every"),
    ],
)
def test_wrong_arguments(wrong: Any, kind: type[Exception], words: str) -> None:
    make: Callable[..., Any] = GradientMonitor
    with pytest.raises(kind, match=words):
        make(**wrong)
