"""``keras.random``: moments, seeds, and draws that programs draw anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, keras, set_random_seed
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.keras import random
from autograd_nn.layers import Layer

N = 20_000
# Mean and variance, by the formulas of the distributions.
MOMENTS: dict[str, tuple[Any, float, float]] = {
    "normal": (lambda **how: random.normal((N,), 1.0, 2.0, **how), 1.0, 4.0),
    "uniform": (lambda **how: random.uniform((N,), -1.0, 3.0, **how), 1.0, 16 / 12),
    # 1 − 2·2·φ(2) / (Φ(2) − Φ(−2)), φ(2) = 0.0539910, Φ(2) − Φ(−2) = 0.9544997
    "truncated_normal": (lambda **how: random.truncated_normal((N,), **how), 0.0, 0.7737413),
    "gamma": (lambda **how: random.gamma((N,), 2.5, **how), 2.5, 2.5),
    "beta": (lambda **how: random.beta((N,), 2.0, 3.0, **how), 0.4, 6 / (25 * 6)),
    "binomial": (lambda **how: random.binomial((N,), 10, 0.3, **how), 3.0, 2.1),
    "randint": (lambda **how: random.randint((N,), 2, 6, **how), 3.5, 15 / 12),
    "categorical": (
        lambda **how: random.categorical(np.log([[0.5, 0.25, 0.25]]), N, **how)[0],
        0.75,
        0.6875,
    ),
    "dropout": (lambda **how: random.dropout(np.ones(N, np.float32), 0.2, **how), 1.0, 0.25),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_variance(name: str) -> None:
    draw, mean, variance = MOMENTS[name]
    set_random_seed(1)
    drawn = draw().data.astype(float)
    assert abs(drawn.mean() - mean) < 5 * (variance / N) ** 0.5
    assert abs(drawn.var() / variance - 1) < 0.1


@pytest.mark.parametrize("name", MOMENTS)
def test_a_number_gives_the_same_and_a_generator_goes_on(name: str) -> None:
    draw, *_ = MOMENTS[name]
    assert draw(seed=3).tolist() == draw(seed=3).tolist()
    source = random.SeedGenerator(3)
    assert draw(seed=source).tolist() != draw(seed=source).tolist()
    set_random_seed(7)
    first = draw().tolist()
    assert draw().tolist() != first
    set_random_seed(7)
    assert draw().tolist() == first


def test_limits() -> None:
    assert np.abs(random.truncated_normal((N,), 0.0, 0.5).data).max() <= 1
    whole = random.randint((N,), -1, 2)
    assert (whole.dtype, {*whole.tolist()}) == (np.int32, {-1, 0, 1})
    assert {*random.dropout(np.ones(N, np.float32), 0.5).tolist()} == {0.0, 2.0}
    kept = random.dropout(np.ones((4, 5), np.float32), 0.5, noise_shape=(None, 1), seed=1).data
    assert (kept == kept[:, :1]).all()
    assert random.categorical(np.array([[0.0, -np.inf], [-np.inf, 0.0]]), 3).tolist() == [
        [0, 0, 0],
        [1, 1, 1],
    ]
    mixed = random.shuffle(np.arange(12).reshape(3, 4), axis=1).data
    assert (np.sort(mixed, axis=1) == np.arange(12).reshape(3, 4)).all()
    assert (mixed[1] - mixed[0] == 4).all()
    for wrong in (
        lambda: random.gamma((2,), 0.0),
        lambda: random.beta((2,), -1.0, 1.0),
        lambda: random.binomial((2,), 3, 1.5),
        lambda: random.randint((2,), 3, 3),
        lambda: random.dropout(np.ones(2), 1.0),
    ):
        with pytest.raises(ArgumentError):
            wrong()


def test_a_program_draws_anew() -> None:
    w = Tensor([1.0, 2.0, 3.0], name="w")
    drawn = random.gamma((3,), 2.0, "float64") + random.truncated_normal((3,), dtype="float64")
    program = (w * drawn).sum().program(w)
    losses = [float(program()[0]) for _ in range(5)]
    assert len(set(losses)) == 5


def test_a_layer_of_ones_own_with_dropout_trains() -> None:
    class Dropping(Layer):
        replayable = True

        def __init__(self) -> None:
            super().__init__()
            self.source = random.SeedGenerator(5)

        def call(self, inputs: Tensor, training: bool = False) -> Tensor:
            return random.dropout(inputs, 0.5, seed=self.source) if training else inputs

    def losses(**how: Any) -> Any:
        set_random_seed(2)
        model = keras.Sequential([keras.Input((4,)), Dropping(), keras.layers.Dense(1)])
        model.compile("sgd", "mse", **how)
        x = np.linspace(0, 1, 64, dtype=np.float32).reshape(16, 4)
        return model.fit(x, x[:, :1], batch_size=4, epochs=4, verbose=0, shuffle=False).history

    np.testing.assert_allclose(losses()["loss"], losses(run_eagerly=True)["loss"], rtol=1e-5)
