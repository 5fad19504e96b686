"""What every layer takes besides its own arguments, and what every layer can be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, Tensor, gradients, layers, regularizers
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.layers import Activation, Dense, Dropout, Layer
from autograd_nn.optimizers import SGD

X = np.array([[1.0, 2.0], [3.0, -1.0]])


@pytest.mark.parametrize(
    "said", [{"input_shape": (2,)}, {"input_dim": 2}, {"batch_input_shape": (None, 2)}]
)
def test_the_first_layer_says_the_shape_of_samples(said: dict[str, Any]) -> None:
    model = Sequential([Dense(3, **said), Dense(1)])
    assert model.built and model.input_shape == (None, 2)
    assert [w.shape for w in model.weights] == [(2, 3), (3,), (3, 1), (1,)]
    added = Sequential()
    added.add(Dense(3, **said))
    added.add(Dense(1))
    assert added.built and added.count_params() == 13


def test_what_is_no_shape_of_samples() -> None:
    with pytest.raises(ArgumentTypeError, match=r"input_shape=\(2,\)"):
        Dense(3, input_shape=2)
    with pytest.raises(ArgumentError, match="`input_shape` and `input_dim` say the same"):
        Dense(3, input_shape=(2,), input_dim=2)
    with pytest.raises(ArgumentError, match="`input_dim` must be a positive integer"):
        Dense(3, input_dim=0)
    with pytest.raises(ArgumentTypeError, match=r"Sub\(\) has no argument `inputshape`"):

        class Sub(Layer):
            def __init__(self, **keywords: Any) -> None:
                super().__init__(**keywords)

        Sub(inputshape=(2,))


def test_a_misspelt_argument_is_answered_by_that_of_the_layer_or_of_all() -> None:
    for wrong, right in {
        "activaton": "activation",
        "nam": "name",
        "kernel_regularizr": "kernel_regularizer",
        "input_dims": "input_dim",
    }.items():
        with pytest.raises(ArgumentTypeError, match=f"Did you mean '{right}'"):
            Dense(3, **{wrong: None})
    with pytest.raises(ArgumentTypeError, match="Dropout.. has no argument `kernel_regularizer`"):
        Dropout(0.5, kernel_regularizer="l2")


def test_float64_alone_in_a_network_of_float32() -> None:
    layer = Dense(3, dtype="float64", kernel_initializer="ones")
    assert layer(X.astype(np.float32)).dtype == np.float64
    assert layer.kernel.dtype == layer.bias.dtype == np.float64  # type: ignore[union-attr]
    assert layer.dtype == "float64" and Dense(3).dtype == "float32"
    x = Tensor(X.astype(np.float32))
    assert gradients(layer(x).sum(), x).dtype == np.float32
    twin = Dense.from_config(layer.get_config())
    assert twin.dtype == "float64"
    with pytest.raises(ArgumentError, match="'float16', 'float32' or 'float64'"):
        Dense(3, dtype="int32")
    with pytest.raises(ArgumentError, match="mixed"):
        Dense(3, dtype="mixed_float16")


def test_a_model_of_float64_layers_trains_and_is_replayed() -> None:
    model = Sequential([Dense(3, "tanh", dtype="float64", input_dim=2), Dense(1, dtype="float64")])
    written = Sequential(
        [Dense(3, "tanh", dtype="float64", input_dim=2), Dense(1, dtype="float64")]
    )
    written.set_weights(model.get_weights())
    y = np.array([[0.5], [1.0]])
    for one, eagerly in ((model, False), (written, True)):
        one.compile(SGD(0.1), "mse", run_eagerly=eagerly)
        one.fit(X, y, epochs=5, verbose=0, shuffle=False)
    assert model._training.stepper.programs  # type: ignore[union-attr]
    assert model.predict(X).dtype == np.float64
    for mine, theirs in zip(model.get_weights(), written.get_weights(), strict=True):
        assert mine.dtype == np.float64
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_weights_that_are_given() -> None:
    given = [np.ones((2, 3)), np.arange(3.0)]
    layer = Dense(3, weights=given)
    assert layer.get_weights() == []
    assert layer(X).tolist() == [[3.0, 4.0, 5.0], [2.0, 3.0, 4.0]]
    model = Sequential([Dense(3, weights=given, input_dim=2)])
    assert model.get_weights()[1].tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ShapeError, match="shape"):
        Dense(3, weights=[np.ones((3, 3)), np.ones(3)])(X)
    with pytest.raises(ArgumentError, match="2 weights, got 1"):
        Dense(3, weights=[np.ones((2, 3))])(X)


class Counts(Layer):
    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.inner = Dense(2)

    def build(self, input_shape: Any) -> None:
        self.count = self.add_weight((), "zeros", "count", trainable=False)
        self.steps = self.add_weight((), name="steps", trainable=False, dtype="int64")
        self.scale = self.add_weight((2,), "ones", "scale")

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.scale


def test_weights_and_their_order() -> None:
    layer = Counts()
    layer(X)
    scale, count, steps = layer.scale, layer.count, layer.steps
    kernel, bias = layer.inner.weights
    assert steps.dtype == np.int64 and steps.item() == 0
    assert all(
        a is b for a, b in zip(layer.weights, (scale, count, steps, kernel, bias), strict=True)
    )
    assert [w.name for w in layer.trainable_variables] == [
        "counts/scale",
        "dense/kernel",
        "dense/bias",
    ]
    assert layer.non_trainable_weights == layer.non_trainable_variables == [count, steps]
    assert layer.variables == layer.weights
    assert layer.count_params() == 1 + 1 + 2 + 4 + 2
    layer.inner.trainable = False
    assert [w.name for w in layer.trainable_weights] == ["counts/scale"]
    assert layer.non_trainable_weights == [count, steps, kernel, bias]
    layer.trainable = False
    assert layer.trainable_weights == []


def test_before_it_is_built() -> None:
    layer = Dense(3)
    assert layer.weights == layer.get_weights() == layer.trainable_weights == []
    for none in (layer.get_weights(), layer.weights, layer.trainable_weights, layer.variables):
        assert none[:1] == []
        with pytest.raises(IndexError, match="'dense' has not been built, so it has no weights"):
            none[0]
    assert not hasattr(layer, "")
    with pytest.raises(StateError, match="has not been built"):
        layer.count_params()
    with pytest.raises(AttributeError, match="no attribute 'kernel'. 'dense' has not been built"):
        layer.kernel.shape  # noqa: B018
    assert not hasattr(layer, "kernel")
    layer(np.zeros((1, 2)))
    with pytest.raises(AttributeError, match="no attribute 'kernels'$"):
        layer.kernels  # type: ignore[attr-defined]  # noqa: B018


def test_a_rule_that_comes_too_late() -> None:
    layer = Dense(2)
    layer.build((None, 2))
    with pytest.warns(UserWarning, match="`kernel_regularizer` of 'dense' has no effect any more"):
        layer.kernel_regularizer = regularizers.L2()
    assert layer.losses == []
    layer.activity_regularizer = regularizers.L1(0.5)
    layer(np.zeros((1, 2)))
    assert [x.item() for x in layer.losses] == [0.0]


def test_weights_are_asked_as_variables_of_keras_are() -> None:
    layer = Dense(1, kernel_initializer="ones")
    layer.build((None, 2))
    kernel = layer.kernel
    kernel.assign_add(np.ones((2, 1)))
    kernel.assign_sub(np.full((2, 1), 0.5))
    assert kernel.numpy().tolist() == [[1.5], [1.5]] and type(kernel.numpy()) is np.ndarray
    assert gradients((kernel.value**2).sum(), kernel).tolist() == [[3.0], [3.0]]


class Inner(Layer):
    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs * (2 if training else 1)


def test_what_is_not_said_about_training_is_that_of_the_layer_around() -> None:
    class Outer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    model = Sequential([Outer()])
    assert model(X, training=True).tolist() == (2 * X).tolist()
    assert model(X).tolist() == X.tolist()
    assert Outer()(X, training=True).tolist() == (2 * X).tolist()


def test_further_arguments_go_to_call() -> None:
    class Scaled(Layer):
        def build(self, input_shape: Any, scale_shape: Any = None) -> None:
            self.seen = input_shape, scale_shape

        def call(self, inputs: Any, scale: Any, power: int = 1, training: bool = False) -> Any:
            return inputs * scale**power * (10 if training else 1)

    layer = Scaled()
    scale = np.array([[2.0, 3.0]])
    assert layer(X, scale).tolist() == (X * scale).tolist()
    assert layer.seen == ((None, 2), (None, 2))
    assert layer(X, scale, 2).tolist() == (X * scale**2).tolist()
    assert layer(X, scale=scale, power=2, training=True).tolist() == (10 * X * scale**2).tolist()
    assert layer(X, scale, 1, True).tolist() == (10 * X * scale).tolist()
    with pytest.raises(ArgumentTypeError, match="takes 4 arguments"):
        layer(X, scale, 1, True, 5)


def test_arguments_of_layers_without_weights() -> None:
    layer = Activation("relu", dtype="float64", name="a", trainable=False)
    assert layer(X.astype(np.float32)).dtype == np.float64
    assert Activation.from_config(layer.get_config()).get_config() == layer.get_config()
    assert Sequential([Input((2,)), Dropout(0.5, seed=1, name="d")]).layers[0].name == "d"


ONE = np.ones((2, 3))


@pytest.mark.parametrize(
    "several",
    [
        [ONE, ONE],
        (Tensor(ONE), Tensor(ONE)),
        [Input((3,)), Input((3,))],
        {"a": ONE},
    ],
    ids=["arrays", "Tensors", "placeholders", "dict"],
)
@pytest.mark.parametrize(
    "make",
    [lambda: Dense(2), layers.Flatten, lambda: layers.LSTM(2), layers.LayerNormalization],
    ids=["Dense", "Flatten", "LSTM", "LayerNormalization"],
)
def test_a_layer_of_one_input_refuses_several(make: Any, several: Any) -> None:
    kind = f"{type(several).__name__} of {len(several)}"
    with pytest.raises(ArgumentTypeError, match=rf"takes one input, got a {kind}.* Concatenate"):
        make()(several)


def test_rows_of_numbers_in_a_list_are_one_input() -> None:
    assert Dense(2)([[1.0, 2.0], [3.0, 4.0]]).shape == (2, 2)
    assert Dense(2)([np.ones(3), np.ones(3), np.ones(3), np.ones(3)]).shape == (4, 2)


def test_whether_a_layer_trains_is_said_by_true_or_false() -> None:
    half = layers.Dropout(0.5, seed=1)
    assert not half(ONE, training=1).data.all()  # type: ignore[arg-type]
    assert half(ONE, training=np.False_).data.all()
    for said in (ONE, "yes", 2):
        with pytest.raises(ArgumentTypeError, match="`training` of layer 'dense' must be True"):
            Dense(2)(ONE, said)


def test_a_layer_that_rescales_can_be_set() -> None:
    layer = layers.Rescaling(2.0)
    layer.scale, layer.offset = 3, [1.0, 0.0, 0.0]
    assert layer(ONE).tolist() == [[4.0, 3.0, 3.0]] * 2
    with pytest.raises(ArgumentTypeError, match="`scale` must hold numbers"):
        layer.scale = "twice"
