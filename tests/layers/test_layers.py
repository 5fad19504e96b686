"""Dense, Activation, Flatten, Dropout, Input: values by hand, names, configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Model, Sequential, no_grad, settings
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Input, Layer

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
    assert Input((2, 3)).shape == (None, 2, 3)
    assert Input((None, 3)).shape == (None, None, 3)  # a length that differs from batch to batch
    assert Input((3,), batch_size=5).shape == Input(batch_shape=(5, 3)).shape == (5, 3)
    assert Input((3,), dtype="int32", name="words").dtype == np.int32
    with pytest.raises(ArgumentTypeError, match=r"Input\(\(64,\)\)"):
        Input(64)
    for wrong in ({}, {"shape": (3,), "batch_shape": (None, 3)}):
        with pytest.raises(ArgumentTypeError, match="one of the two"):
            Input(**wrong)
    with pytest.raises(ArgumentError, match="positive"):
        Input((0,))


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


# ---------------------------------------------------------------------- weights that are set


def test_an_array_set_on_a_weight_is_assigned() -> None:
    layer = Dense(3)
    layer.build((None, 2))
    kernel, bias = layer.kernel, layer.bias
    layer.kernel = np.arange(6).reshape(2, 3)  # type: ignore[assignment]
    layer.bias = [1, 2, 3]  # type: ignore[assignment]
    assert layer.kernel is kernel and layer.bias is bias
    assert kernel.dtype == np.float32
    np.testing.assert_array_equal(layer([[1.0, 1.0]]).data, [[3 + 1, 5 + 2, 7 + 3]])
    with no_grad():
        layer.kernel *= 2
    assert layer.kernel is kernel and kernel.data[1, 2] == 10


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones((3, 3)), ShapeError, r"`dense.kernel`.*\(2, 3\).*\(3, 3\)"),
        (np.full((2, 3), np.nan), ArgumentError, "`dense.kernel`.*non-finite"),
        (None, ArgumentTypeError, "use_bias=False"),
        ("ones", ArgumentTypeError, "`dense.kernel` must hold numbers"),
        (Tensor(np.ones((3, 3))), ShapeError, r"\(2, 3\).*\(3, 3\)"),
        (Tensor(np.ones((2, 3), int)), ArgumentTypeError, "int"),
    ],
)
def test_what_cannot_be_a_weight(value: Any, error: Any, message: str) -> None:
    layer = Dense(3)
    layer.build((None, 2))
    kernel, before = layer.kernel, layer.kernel.data.copy()
    with pytest.raises(error, match=message):
        layer.kernel = value
    assert layer.kernel is kernel
    np.testing.assert_array_equal(kernel.data, before)


def test_a_leaf_takes_the_place_of_a_weight_and_ties_layers() -> None:
    first, second = Dense(2), Dense(2)
    model = Sequential([Input((2,)), first, second])
    second.kernel = first.kernel
    assert [w.name for w in model.weights] == ["dense/kernel", "dense/bias", "dense_1/bias"]
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
    assert second.kernel is first.kernel


def test_a_recorded_tensor_stands_there_for_a_while() -> None:
    layer = Dense(2)
    layer.build((None, 2))
    kernel, w = layer.kernel, Tensor([[1.0, 0.0], [0.0, 1.0]])
    layer.kernel = w * 2.0
    layer([[1.0, 1.0]]).sum().backward()
    np.testing.assert_array_equal(w.grad, [[2.0, 2.0], [2.0, 2.0]])
    layer.kernel = kernel
    assert layer.weights[0] is kernel


def test_a_second_name_of_a_weight_is_an_attribute_like_any_other() -> None:
    layer = Dense(2)
    layer.build((None, 2))
    layer.last = layer.kernel  # type: ignore[attr-defined]
    layer.last = None  # type: ignore[attr-defined]
    assert layer.weights[0] is layer.kernel


def test_weights_without_a_name_are_numbered() -> None:
    class Affine(Layer):
        def build(self, input_shape: Any) -> None:
            self.a, self.b = self.add_weight((2,)), self.add_weight((2,))

        def call(self, inputs: Any) -> Any:
            return inputs * self.a + self.b

    layer = Affine()
    layer(np.ones((1, 2)))
    assert [w.name for w in layer.weights] == ["affine/weight", "affine/weight_1"]


def test_one_name_for_two_weights() -> None:
    class Twice(Layer):
        def build(self, input_shape: Any) -> None:
            self.a, self.b = self.add_weight((), name="w"), self.add_weight((), name="w")

    with pytest.raises(StateError, match="already. Give one of the two another name"):
        Twice()(np.ones((1, 2)))
    layer = Dense(2)
    layer.build((None, 2))
    with pytest.raises(StateError, match="built before"):
        layer.build((None, 2))


def test_a_layer_that_was_built_by_hand_records() -> None:
    layer = Dense(1)
    layer.build((None, 2))
    layer([[1.0, 2.0]]).sum().backward()
    np.testing.assert_array_equal(layer.kernel.grad, [[1.0], [2.0]])
    model = Sequential([layer, Dense(1)])
    model(X)
    assert [inner.name for inner in model.layers] == ["dense", "dense_1"]


# ---------------------------------------------------------------------- layers in layers


class Wraps(Layer):
    def __init__(self, inner: Any, **more: Any) -> None:
        super().__init__()
        self.inner = inner
        self.more = more

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


def test_a_layer_that_refers_to_its_parent() -> None:
    class Parent(Model):
        def __init__(self) -> None:
            super().__init__()
            self.child = Wraps(Dense(1), parent=self)

        def call(self, inputs: Any) -> Any:
            return self.child(inputs)

    model = Parent()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert [w.shape for w in model.weights] == [(2, 1), (1,)]
    model.trainable = False
    assert model.trainable_weights == [] and not model.child.inner.trainable
    assert model.built and repr(model)


@pytest.mark.parametrize("depth", [300])
def test_layers_nested_deeply(depth: int) -> None:
    layer: Layer = Dense(1)
    for _ in range(depth):
        layer = Wraps(layer)
    model = Sequential([layer])
    assert not model.built
    model.compile("sgd", "mse", run_eagerly=True)
    before = model.evaluate(np.ones((4, 2)), np.ones(4), verbose=0)
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert model.evaluate(np.ones((4, 2)), np.ones(4), verbose=0) < before
    model.trainable = False
    assert model.built and len(model.weights) == 2 and not model.trainable_weights
