"""A layer of one's own with running statistics trains alike in every way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, random, replayable, set_random_seed
from autograd_nn.engine.errors import StateError
from autograd_nn.layers import Dense, Layer

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)


@replayable
class Normalisation(Layer):
    """Outputs less their mean over the batch; the mean of all batches for later."""

    def build(self, shape: Any) -> None:
        self.mean = self.add_weight(shape[-1:], "zeros", "mean", trainable=False)
        self.count = self.add_weight((), "zeros", "count", trainable=False)
        self.scale = self.add_weight(shape[-1:], "ones", "scale")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return (inputs - self.mean) * self.scale
        mean = inputs.mean(axis=0)
        self.mean.assign(self.mean * 0.9 + mean * 0.1)
        self.count.assign_add(1.0)
        return (inputs - mean) * self.scale


@replayable
class Noise(Layer):
    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs + random.normal(inputs.shape, stddev=0.1) if training else inputs


def trained(noise: bool, **how: Any) -> Any:
    set_random_seed(1)
    inner = [Normalisation(), Noise()] if noise else [Normalisation()]
    model = Sequential([Dense(6, "tanh"), *inner, Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", **how)
    model.fit(X, Y, epochs=4, batch_size=20, verbose=0)
    for _ in range(3):
        model.train_on_batch(X[:20], Y[:20])
    return model


@pytest.mark.parametrize("how", [{}, {"jit_compile": True}], ids=["planned", "compiled"])
def test_running_statistics_and_draws_go_on_as_they_do_eagerly(how: Any) -> None:
    found, expected = trained(True, **how), trained(True, run_eagerly=True)
    assert found.layers[1].count.item() == 15.0
    np.testing.assert_allclose(
        found.history.history["loss"], expected.history.history["loss"], 1e-4
    )
    for mine, theirs in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def test_the_program_of_a_step_assigns_and_its_making_leaves_no_trace() -> None:
    model, twin = trained(False), trained(False, run_eagerly=True)
    before = model.get_weights()
    program = model.program(X[:20], Y[:20])
    for mine, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, kept)
    for run in (program, program.plain, program):
        loss = run(x=X[20:40], y=Y[20:40])
        assert np.isclose(loss, twin.train_on_batch(X[20:40], Y[20:40]), rtol=1e-4)
        np.testing.assert_allclose(
            model.layers[1].mean.data, twin.layers[1].mean.data, rtol=1e-3, atol=1e-6
        )


class ReadAfter(Normalisation):
    """One that uses the mean as it was just assigned, which no program can repeat."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self.mean.assign(self.mean * 0.9 + inputs.mean(axis=0) * 0.1)
            self.count.assign_add(1.0)
        return (inputs - self.mean) * self.scale + random.normal(inputs.shape, stddev=0.1)


@replayable
class BreaksAtLast(Normalisation):
    """One that says what is not so, and is found out in the second step."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.calls = 0

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.calls += 1
        return super().call(inputs, training) * self.calls


def test_a_step_of_which_no_program_can_be_made_assigns_and_draws_once() -> None:
    def trained(**how: Any) -> Any:
        set_random_seed(1)
        model = Sequential([ReadAfter(), Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy", **how)
        losses = [model.train_on_batch(X[i : i + 20], Y[i : i + 20]) for i in range(5)]
        return model.get_weights(), losses, model.layers[0].count.item()

    with pytest.warns(UserWarning, match="read after it was assigned to"):
        weights, losses, count = trained()
    expected, right, _ = trained(run_eagerly=True)
    assert count == 5.0
    np.testing.assert_allclose(losses, right, rtol=1e-6)
    for mine, theirs in zip(weights, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_a_promise_seen_broken_leaves_the_state_of_whole_steps() -> None:
    model = Sequential([BreaksAtLast(), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    steps = 0
    with pytest.raises(StateError, match="replayable = True"):
        for _ in range(4):
            model.train_on_batch(X[:20], Y[:20])
            steps += 1
    assert model.layers[0].count.item() == steps == model.optimizer.iterations


@replayable
class Always(Normalisation):
    """One that goes by no ``training``: it counts and draws at every call."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.count.assign_add(1.0)
        return inputs * self.scale + random.normal(inputs.shape, stddev=0.1)


@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}], ids=["planned", "eager"])
def test_trying_data_on_a_model_leaves_no_trace(how: Any) -> None:
    model = Sequential([Always(), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", **how)
    model.build((None, 4))
    model.layers[0].count.assign(0.0)
    for _ in range(3):
        model.train_on_batch(X[:20], Y[:20])
    assert model.layers[0].count.item() == 3.0
    model.fit(X, Y, batch_size=20, epochs=2, verbose=0)
    assert model.layers[0].count.item() == 9.0
    set_random_seed(1)
    drawn = [random.normal((60, 4), stddev=0.1).data for _ in range(2)]
    set_random_seed(1)
    model.evaluate(X, Y, batch_size=60, verbose=0)
    np.testing.assert_array_equal(random.normal((60, 4), stddev=0.1).data, drawn[1])


def test_drawing_a_step_assigns_and_draws_nothing() -> None:
    model = trained(True)
    before = model.get_weights()
    set_random_seed(5)
    expected = random.normal((3,)).data
    set_random_seed(5)
    model.draw(X[:4], Y[:4])
    np.testing.assert_array_equal(random.normal((3,)).data, expected)
    for mine, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, kept)
