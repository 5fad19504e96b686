"""Layers that normalize: their formulas by NumPy, moving averages, what adapt takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, check_gradients, layers, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.layers import (
    BatchNormalization,
    Dense,
    GroupNormalization,
    Layer,
    LayerNormalization,
    Normalization,
    RMSNormalization,
    UnitNormalization,
)

rng = np.random.default_rng(0)
X = (rng.normal(size=(6, 3, 4)) * 2 + 1).astype(np.float32)


def given_weights(layer: Layer, shape: tuple[int, ...]) -> None:
    layer.build((None, *shape[1:]))
    layer.set_weights([rng.random(w.shape) + 0.5 for w in layer.get_weights()])


def standardized(x: Any, axis: Any, epsilon: float = 1e-3) -> Any:
    x = x.astype(np.float64)
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon)


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_layer_normalization(axis: Any) -> None:
    layer = LayerNormalization(axis)
    given_weights(layer, X.shape)
    shape = [n if a in np.atleast_1d(axis) % 3 else 1 for a, n in enumerate(X.shape)]
    gamma, beta = (w.reshape(shape) for w in layer.get_weights())
    expected = standardized(X, axis) * gamma + beta
    np.testing.assert_allclose(layer(X).data, expected, rtol=1e-5, atol=1e-6)


def test_group_normalization() -> None:
    layer = GroupNormalization(2)
    given_weights(layer, X.shape)
    gamma, beta = layer.get_weights()
    parts = [standardized(X[..., a : a + 2], (1, 2)) for a in (0, 2)]
    expected = np.concatenate(parts, -1) * gamma + beta
    np.testing.assert_allclose(layer(X).data, expected, rtol=1e-5, atol=1e-6)


def test_vectors_of_length_one_and_zeros_that_stay_zeros() -> None:
    found = UnitNormalization()(np.array([[3.0, 4.0], [0.0, 0.0]])).data
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)


def test_batch_normalization_in_training_and_with_its_averages() -> None:
    layer = BatchNormalization(momentum=0.75)
    given_weights(layer, X.shape)
    gamma, beta, mean, variance = layer.get_weights()
    wide = X.astype(np.float64)
    np.testing.assert_allclose(
        layer(X, training=True).data, standardized(X, (0, 1)) * gamma + beta, rtol=1e-5, atol=1e-6
    )
    mean = 0.75 * mean + 0.25 * wide.mean((0, 1))
    variance = 0.75 * variance + 0.25 * wide.var((0, 1))
    np.testing.assert_allclose(layer.moving_mean.data, mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.data, variance, rtol=1e-5)
    expected = (X - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    np.testing.assert_allclose(layer(X).data, expected, rtol=1e-4, atol=1e-5)


def test_a_frozen_one_takes_its_averages_in_training_and_leaves_them() -> None:
    layer = BatchNormalization(trainable=False)
    given_weights(layer, X.shape)
    before = layer.get_weights()
    np.testing.assert_array_equal(layer(X, training=True).data, layer(X).data)
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert layer.trainable_weights == []


def test_large_means_keep_the_digits_of_small_variances() -> None:
    x = (1000 + rng.normal(size=(64, 3))).astype(np.float32)
    for layer, axis in ((BatchNormalization(), 0), (LayerNormalization(), 1)):
        found = layer(x, training=True).data
        # The sum of 64 numbers near 1000 is off by some 0.01; squares near 1e6 would be by 0.1.
        np.testing.assert_allclose(found, standardized(x, axis), atol=4e-4)


@pytest.mark.parametrize(
    "layer",
    [
        LayerNormalization((1, 2)),
        RMSNormalization(1),
        GroupNormalization(2),
        UnitNormalization(),
        BatchNormalization(1),
        Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 2.0, 3.0, 4.0]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_gradients_of_both_orders(layer: Any) -> None:
    x = rng.normal(size=(3, 3, 4))
    given_weights(layer, x.shape)
    seed = rng.normal(size=x.shape)
    check_gradients(lambda t: (layer(t, training=True) * seed).sum(), Tensor(x), order=2)


def test_normalization_adapts_before_it_is_built_and_anew() -> None:
    layer = Normalization()
    layer.adapt(X)
    np.testing.assert_allclose(layer(X).data, standardized(X, (0, 1), 0.0), rtol=1e-4, atol=1e-5)
    layer.adapt(X * 2)
    np.testing.assert_allclose(layer.mean.data, 2 * X.mean((0, 1)), rtol=1e-5)
    assert [w.shape for w in layer.weights] == [(4,), (4,), ()]
    assert layer.trainable_weights == []


def test_a_mean_of_everything_and_the_way_back() -> None:
    layer = Normalization(axis=None)
    layer.adapt([1.0, 2.0, 3.0])
    np.testing.assert_allclose(layer.mean.data, 2.0)
    back = Normalization(axis=None, mean=2.0, variance=2 / 3, invert=True)
    x = np.array([[1.0], [5.0]])
    np.testing.assert_allclose(back(layer(x)).data, x, rtol=1e-6)


def test_a_feature_that_is_always_the_same_stays_finite() -> None:
    layer = Normalization()
    layer.adapt(np.full((5, 1), 3.0))
    np.testing.assert_array_equal(layer(np.full((2, 1), 3.0)).data, [[0.0], [0.0]])


def test_what_adapt_refuses() -> None:
    layer = Normalization()
    with pytest.raises(ShapeError, match=r"reshape\(-1, 1\)"):
        layer.adapt([1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match="first is nan at index"):
        layer.adapt([[1.0], [np.nan]])
    with pytest.raises(ArgumentError, match="belong together"):
        Normalization(mean=1.0)
    with pytest.raises(ArgumentError, match="nothing to adapt"):
        Normalization(mean=1.0, variance=1.0).adapt(X)
    layer.adapt(X)
    with pytest.raises(ShapeError, match=r"built for features of shape \(4,\)"):
        layer.adapt(X[..., :2])


def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(ShapeError, match="4 channels"):
        GroupNormalization(3)(X)


def test_adapting_anew_is_seen_by_a_program() -> None:
    set_random_seed(0)
    x, y = X[:, 0], X[:, 0, :1]
    normalization = Normalization()
    normalization.adapt(x)
    model = Sequential([normalization, Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.0
    before = [model.train_on_batch(x, y) for _ in range(4)][-1]
    normalization.adapt(x * 3 + 1)
    after = model.train_on_batch(x, y)
    np.testing.assert_allclose(after, np.mean((model.predict(x, verbose=0) - y) ** 2), rtol=1e-5)
    assert abs(after - before) > 0.1


def test_fit_moves_the_averages_as_steps_by_hand_do() -> None:
    def trained(**how: Any) -> Any:
        set_random_seed(1)
        model = Sequential([Dense(4, "tanh"), BatchNormalization(momentum=0.9), Dense(1)])
        model.compile("adam", "mse", **how)
        model.fit(X[:, 0], X[:, 0, :1], epochs=4, batch_size=4, verbose=0)
        return model.get_weights()

    for mine, theirs in zip(trained(), trained(run_eagerly=True), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "made",
    [
        layers.Normalization,
        layers.BatchNormalization,
        layers.LayerNormalization,
        layers.RMSNormalization,
        lambda: layers.GroupNormalization(1),
        layers.PReLU,
        lambda: layers.PReLU(shared_axes=[1]),
        lambda: layers.SimpleRNN(2),
        lambda: layers.LSTM(2),
        lambda: layers.GRU(2),
        lambda: layers.Bidirectional(layers.LSTM(2)),
    ],
)
@pytest.mark.parametrize("features", [1, 5])
def test_inputs_of_other_lengths_are_never_stretched(made: Any, features: int) -> None:
    layer = made()
    layer(np.ones((2, 4, 3), np.float32))
    with pytest.raises(ShapeError, match=r"expects .*built for, got"):
        layer(np.ones((2, 4, features), np.float32))


def test_adapted_to_sequences_rows_stay_rows() -> None:
    layer = layers.Normalization()
    data = np.random.default_rng(0).normal(size=(5, 4, 3))
    layer.adapt(data)
    rows = data[:, 0]
    expected = (rows - data.mean((0, 1))) / data.std((0, 1))
    np.testing.assert_allclose(layer(rows).data, expected, rtol=1e-5, atol=1e-6)
