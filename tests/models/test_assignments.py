"""A layer of one's own with running statistics trains alike in every way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, random, replayable, set_random_seed
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
    if how:
        pytest.importorskip("numba")
    noise = not how  # draws have no compiled form
    found, expected = trained(noise, **how), trained(noise, run_eagerly=True)
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
