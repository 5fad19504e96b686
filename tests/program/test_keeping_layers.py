"""Saved programs of models with layers of every kind: NumPy alone trains on, with equal losses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, layers, set_random_seed
from tests.program.test_keeping import losses_outside

rng = np.random.default_rng(0)
STEPS = rng.normal(size=(4, 5, 3)).astype(np.float32)
SHORTER = (STEPS * (np.arange(5) < 3)[None, :, None]).astype(np.float32)
WORDS = np.arange(20).reshape(4, 5) % 7
Y = np.sin(np.arange(4.0))[:, None].astype(np.float32)


def attention() -> Model:
    given = Input((5, 3))
    x = layers.LayerNormalization()(given)
    x = layers.MultiHeadAttention(2, 3)(x, x) + given
    return Model(given, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))


def ending(*inner: Any, shape: tuple[int, ...] = (5, 3)) -> Sequential:
    return Sequential([Input(shape), *inner, layers.Flatten(), layers.Dense(1)])


CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "attention": (attention, STEPS),
    "recurrent": (lambda: ending(layers.LSTM(4, return_sequences=True), layers.GRU(3)), STEPS),
    "batch normalization": (
        lambda: ending(layers.Dense(4), layers.BatchNormalization(), shape=(3,)),
        STEPS[:, 0],
    ),
    "normalization of groups": (
        lambda: ending(layers.Dense(4), layers.GroupNormalization(2), layers.RMSNormalization()),
        STEPS,
    ),
    "both directions": (lambda: ending(layers.Bidirectional(layers.SimpleRNN(4))), STEPS),
    "masks": (lambda: ending(layers.Masking(), layers.LSTM(4)), SHORTER),
    "words": (
        lambda: ending(layers.Embedding(7, 3, mask_zero=True), layers.GRU(3), shape=(5,)),
        WORDS,
    ),
    "state": (lambda: ending(layers.SimpleRNN(4, stateful=True)), STEPS),
    "windows": (
        lambda: ending(layers.Conv1D(4, 2, padding="causal"), layers.MaxPooling1D()),
        STEPS,
    ),
    "axes by letters": (lambda: ending(layers.EinsumDense("abc,cd->abd", (None, 4))), STEPS),
    "draws": (lambda: ending(layers.LSTM(4, dropout=0.3), layers.GaussianNoise(0.1)), STEPS),
}
QUICK = {"attention", "recurrent"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n not in QUICK)) for n in CASES]
)
def test_a_saved_step_goes_on_as_the_model_does(name: str, tmp_path: Path) -> None:
    make, x = CASES[name]
    set_random_seed(1)
    model = make()
    model.compile("adam", "mse")
    model.train_on_batch(x, Y)
    program = model.program(x, Y)
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    found = {
        file: losses_outside(tmp_path / f"{file}.py", 3, x, Y)
        for file in (["step"] if name in QUICK else ["step", "plain"])
    }
    expected = [float(model.train_on_batch(x, Y)) for _ in range(3)]
    assert len(set(expected)) == 3
    for losses in found.values():
        np.testing.assert_allclose(losses, expected, rtol=1e-5)
