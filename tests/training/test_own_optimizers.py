"""An optimizer of one's own takes the steps that it takes eagerly, whatever it keeps and asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, random, replayable, set_random_seed
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers import Dense, Input, Layer
from autograd_nn.optimizers import SGD, Adam, Optimizer, RMSprop

rng = np.random.default_rng(0)
X = rng.normal(size=(70, 4)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)


class KeepsGradients(Optimizer):
    """The sum of the last three gradients."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        last = [*state.get("last", []), gradient][-3:]
        return parameter - self.learning_rate * sum(last), {"last": last}


class GoesByTurns(Optimizer):
    """Larger steps where the gradient keeps its sign."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        size = state.get("size", np.full_like(parameter, 0.01))
        turns = gradient * state.get("gradient", np.zeros_like(gradient))
        size = np.where(turns > 0, size * 1.2, np.where(turns < 0, size * 0.5, size))
        return parameter - size * gradient, {"size": size, "gradient": gradient}


class WarmsUp(Optimizer):
    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        rate = self.learning_rate if self.iterations > 7 else self.learning_rate / 10
        return parameter - rate * gradient, {}


class SlowsDown(Optimizer):
    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return parameter - self.learning_rate * gradient / np.sqrt(self.iterations + 1.0), {}


class GivesViews(Optimizer):
    """A part of what it computed, which is all of it."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return (parameter - self.learning_rate * gradient)[()], {}


class HoldsArray(Optimizer):
    def __init__(self, learning_rate: float) -> None:
        super().__init__(learning_rate)
        self.factor = np.ones(1, np.float32)

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return parameter - self.learning_rate * gradient * self.factor, {}


class AddsNoise(Optimizer):
    """What it draws while it is looked at is drawn again by the steps."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        noise = random.normal(gradient.shape, stddev=0.01)
        return parameter - self.learning_rate * (gradient + noise), {}


def nothing(optimizer: Any, number: int) -> None:
    pass


def change_array(optimizer: Any, number: int) -> None:
    optimizer.factor[...] = 1 + number


def trained(
    make: Callable[[], Any], change: Callable[[Any, int], None], **how: Any
) -> tuple[Any, list[Any]]:
    set_random_seed(3)
    model = Sequential([Dense(3, "tanh"), Dense(1, "sigmoid")])
    model.compile(make(), "binary_crossentropy", **how)
    losses = []
    for number in range(4):
        losses += model.fit(X, Y, 16, 3, verbose=0).history["loss"]
        change(model.optimizer, number)
        losses += [model.train_on_batch(X[:8], Y[:8]) for _ in range(3)]
    return model.get_weights(), losses


def compare(make: Callable[[], Any], change: Callable[[Any, int], None], how: Any) -> None:
    weights, losses = trained(make, change, **how)
    expected, right = trained(make, change, run_eagerly=True)
    np.testing.assert_allclose(losses, right, rtol=1e-4)
    for mine, theirs in zip(weights, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The steps of:UserWarning")
@pytest.mark.parametrize("declared", [False, True], ids=["undeclared", "declared"])
@pytest.mark.parametrize(
    "kind", [KeepsGradients, GoesByTurns, WarmsUp, SlowsDown, GivesViews, HoldsArray, AddsNoise]
)
def test_an_own_rule_steps_as_it_does_eagerly(kind: Any, declared: bool) -> None:
    own = type(kind.__name__, (kind,), {"replayable": declared})
    compare(lambda: own(0.05), change_array if kind is HoldsArray else nothing, {})


def test_a_compiled_rule_asks_for_the_count_of_steps() -> None:
    compare(lambda: SlowsDown(0.05), nothing, {"jit_compile": True})


@pytest.mark.slow
def test_a_compiled_rule_may_give_a_view() -> None:
    compare(lambda: GivesViews(0.05), nothing, {"jit_compile": True})


@pytest.mark.parametrize(
    ("make", "name", "values"),
    [
        (lambda: SGD(0.05, momentum=0.9), "momentum", (0.0, 0.5, 0.0, 0.9)),
        (lambda: SGD(0.05), "momentum", (0.9, 0.0, 0.5, 0.0)),
        (lambda: RMSprop(0.01), "momentum", (0.9, 0.0, 0.5, 0.0)),
        (lambda: Adam(0.01, amsgrad=True), "amsgrad", (False, True, False, True)),
    ],
    ids=["momentum to 0", "momentum from 0", "RMSprop", "amsgrad"],
)
def test_state_that_a_setting_switches_off_is_there_when_it_is_switched_on(
    make: Any, name: str, values: Any
) -> None:
    compare(make, lambda optimizer, number: setattr(optimizer, name, values[number]), {})


def test_a_program_reads_an_array_of_the_rule_where_it_lives() -> None:
    w, optimizer = Tensor([1.0, 2.0], name="w"), HoldsArray(0.5)
    program = (w * w).sum().program([w], optimizer)
    program()
    np.testing.assert_allclose(w.data, [0.0, 0.0])
    w.data[...] = [1.0, 2.0]
    optimizer.factor[...] = 2.0
    program()
    np.testing.assert_allclose(w.data, [-1.0, -2.0])  # w − 0.5·2w·2
    w.data[...] = [1.0, 2.0]
    program.plain()
    np.testing.assert_allclose(w.data, [-1.0, -2.0])


@replayable
class Counting(Layer):
    """Counts its calls in training, and has a number among its weights."""

    def build(self, shape: Any) -> None:
        self.count = self.add_weight((), "zeros", "count", trainable=False)
        self.mean = self.add_weight(shape[-1:], "zeros", "mean", trainable=False)
        self.scale = self.add_weight((), "ones", "scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self.count.assign_add(1.0)
            self.mean.assign(self.mean * 0.9 + inputs.mean(axis=0) * 0.1)
            inputs = inputs + random.normal(inputs.shape, stddev=0.1)
        return inputs * self.scale


def counting(**how: Any) -> Any:
    set_random_seed(3)
    model = Sequential([Counting(), Dense(1, "sigmoid")])
    model.compile(KeepsGradients(0.05), "binary_crossentropy", **how)
    model.build((None, 4))
    return model


def test_what_a_layer_assigns_goes_on_where_the_rule_runs_as_it_is_written() -> None:
    weights = []
    for how in ({}, {"run_eagerly": True}):
        model = counting(**how)
        model.fit(X, Y, 16, 4, verbose=0)
        model.train_on_batch(X[:16], Y[:16])
        assert model.layers[0].count.item() == 21.0
        weights.append(model.get_weights())
    for mine, theirs in zip(*weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-6)


def test_a_rule_that_raises_leaves_the_state_of_whole_steps() -> None:
    def trained(interrupted: bool) -> Any:
        model = counting()
        rule = model.optimizer.update

        def failing(*given: Any) -> Any:
            if given[-1] == 7:
                raise KeyboardInterrupt
            return rule(*given)

        for _ in range(6):
            model.train_on_batch(X[:16], Y[:16])
        if interrupted:
            model.optimizer.update = failing
            for _ in range(2):
                with pytest.raises(KeyboardInterrupt):
                    model.train_on_batch(X[:16], Y[:16])
                assert model.layers[0].count.item() == model.optimizer.iterations == 6
            del model.optimizer.update
        for _ in range(3):
            model.train_on_batch(X[:16], Y[:16])
        return model.get_weights()

    for mine, theirs in zip(trained(True), trained(False), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4)


class Steered(Optimizer):
    replayable = True
    factor = 1.0

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return parameter - self.learning_rate * self.factor * gradient, {}


class FillsOnce(Layer):
    """Changes a plain attribute in its first call, as a cache does."""

    replayable = True
    filled = False

    def call(self, inputs: Any) -> Any:
        self.filled = True
        return inputs * 2.0


def test_a_class_is_compared_also_after_a_layer_filled_its_cache(monkeypatch: Any) -> None:
    found = []
    for how in ({}, {"run_eagerly": True}):
        with monkeypatch.context() as patch:
            set_random_seed(3)
            layer = FillsOnce()
            model = Sequential([Dense(3), layer, Dense(1)])
            model.compile(Steered(0.05), "mse", **how)
            for step in range(8):
                if step == 1:
                    layer.filled = False  # what the next call fills again
                if step == 6:
                    patch.setattr(Steered, "factor", 4.0)
                model.train_on_batch(X[:8], Y[:8])
            found.append(model.get_weights())
    for mine, eager in zip(*found, strict=True):
        np.testing.assert_allclose(mine, eager, rtol=1e-4, atol=1e-6)


def test_what_fit_would_not_call_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"has an update_step.*write update\(self"):

        class OfKeras(SGD):
            def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
                raise AssertionError

    class Clips(Adam):
        def apply_gradients(self, gradients_and_parameters: Any) -> None:
            super().apply_gradients([(0.0 * g, p) for g, p in gradients_and_parameters])

    class TakesSteps(Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            loss = self.compute_loss(x, y, self(x, training=True))
            loss.backward()
            weights = self.trainable_weights
            self.optimizer.apply_gradients([(w.grad, w) for w in weights])
            return {"loss": loss}

    before = [np.ones((4, 1)), np.zeros(1)]
    model = Sequential([Input((4,)), Dense(1)])
    for made in (model, TakesSteps([Input((4,)), Dense(1)])):
        made.set_weights(before)
        made.compile(Clips(), "mse")
        if made is model:
            for train in (made.fit, made.train_on_batch):
                with pytest.raises(ArgumentTypeError, match="apply_gradients of its own"):
                    train(X, Y)
        else:
            made.fit(X, Y, verbose=0)
        np.testing.assert_array_equal(made.get_weights()[0], before[0])
