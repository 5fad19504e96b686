"""Dense, Activation, Flatten, Dropout, Input: values by hand, names, configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import settings
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.reverse import gradients
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Input

X = np.array([[1.0, 2.0], [3.0, -1.0]])
W = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])


def test_dense_by_hand() -> None:
    layer = Dense(3, kernel_initializer=W, bias_initializer=np.array([0.5, 0.0, 0.0]))
    y = layer(X)
    assert y.tolist() == [[5.5, 2.0, -1.0], [1.5, -1.0, -3.0]]
    assert y.dtype == np.float32
    d_kernel, d_bias = gradients(y.sum(), [layer.kernel, layer.bias])
    assert d_kernel.tolist() == [[4.0, 4.0, 4.0], [1.0, 1.0, 1.0]]
    assert d_bias.tolist() == [2.0, 2.0, 2.0]
    assert [weight.name for weight in layer.weights] == ["dense/kernel", "dense/bias"]


def test_dense_works_on_the_last_axis() -> None:
    layer = Dense(3, use_bias=False, kernel_initializer=W)
    x = np.stack([X, 2 * X])
    np.testing.assert_array_equal(layer(x).data, x @ W)
    assert layer.weights == [layer.kernel] and layer.bias is None
    assert layer.compute_output_shape((None, 7, 2)) == (None, 7, 3)


def test_nodes_carry_the_name_of_the_layer() -> None:
    y = Dense(2, activation="relu", name="first")(X)
    assert (y.scope, y.operation.name) == ("first", "relu")
    assert y.inputs[0].inputs[0].scope == "first"
    assert y.inputs[0].inputs[1].scope is None


def test_the_size_of_the_weights_follows_floatx() -> None:
    settings.set_floatx("float64")
    layer = Dense(2)
    assert layer(X).dtype == np.float64
    settings.set_floatx("float32")


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, "relu", False, "he_normal", "ones", name="d", trainable=False),
        Activation("tanh"),
        Flatten(),
        Dropout(0.25, seed=3),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_config_makes_an_equal_layer(layer: Any) -> None:
    config = layer.get_config()
    twin = type(layer).from_config(config)
    assert twin.get_config() == config
    assert twin.name == layer.name and twin.trainable == layer.trainable


def test_flatten() -> None:
    x = np.arange(12.0).reshape(2, 2, 3)
    assert Flatten()(x).tolist() == x.reshape(2, 6).tolist()
    assert Flatten()(x[:0]).shape == (0, 6)
    assert Flatten()(np.ones(3)).shape == (3, 1)
    t = Tensor(x)
    assert Flatten()(t).operation.name == "reshape"
    assert Flatten().compute_output_shape((None, 2, 3)) == (None, 6)


def test_dropout_drops_only_in_training() -> None:
    x = np.ones((200, 50))
    layer = Dropout(0.2)
    assert layer(x).tolist() == x.tolist()
    y = layer(x, training=True).data
    assert set(np.unique(y).tolist()) == {0.0, 1.25}
    # 10,000 draws with probability 0.2: the standard deviation of the part is 0.004.
    assert abs((y == 0).mean() - 0.2) < 0.02
    assert not Dropout(1.0)(x, training=True).data.any()


def test_dropout_draws_from_its_seed() -> None:
    x = np.ones((5, 5))
    a, b = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    first = a(x, training=True).tolist()
    assert first == b(x, training=True).tolist()
    assert first != a(x, training=True).tolist()
    settings.set_random_seed(3)
    free = Dropout(0.5)(x, training=True).tolist()
    settings.set_random_seed(3)
    assert free == Dropout(0.5)(x, training=True).tolist()


def test_dropout_passes_the_gradient_of_what_is_kept() -> None:
    t = Tensor(np.ones((4, 4), np.float32))
    y = Dropout(0.5, seed=0)(t, training=True)
    assert gradients(y.sum(), t).tolist() == y.tolist()
    assert y.dtype == np.float32


def test_input_is_a_shape() -> None:
    assert Input((2, 3)).shape == (2, 3)
    with pytest.raises(ArgumentTypeError, match=r"Input\(\(64,\)\)"):
        Input(64)
    with pytest.raises(ArgumentTypeError, match="one sample"):
        Input((None, 3))


def test_what_dense_refuses() -> None:
    with pytest.raises(ArgumentError, match="units.*positive"):
        Dense(-1)
    with pytest.raises(ArgumentTypeError, match="Did you mean 'activation'"):
        Dense(3, activaton="relu")
    with pytest.raises(ShapeError, match=r"reshape\(-1, 1\)"):
        Dense(3)(np.ones(50))
    with pytest.raises(ShapeError, match=r"at least one feature, got inputs of shape \(None, 0\)"):
        Dense(3)(np.ones((4, 0)))
    layer = Dense(3, bias_initializer=np.ones(2))
    with pytest.raises(ArgumentError, match="2"):
        layer(X)
    assert not layer.built and not layer._own_weights
