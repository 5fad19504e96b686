"""Layers that users write: found weights, names, sublayers, what is forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Dense, Layer

X = np.ones((4, 2))


class Scale(Layer):
    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((input_shape[-1],), "ones", "factor")
        self.count = self.add_weight((), "zeros", "count", trainable=False)

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


class Block(Layer):
    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale = Scale()
        self.dense = [Dense(3), Dense(2)]

    def call(self, inputs: Any, training: bool = False) -> Any:
        for layer in self.dense:
            inputs = layer(inputs)
        return self.scale(inputs)


def test_weights_are_found_in_order_and_named() -> None:
    block = Block(name="block")
    y = block(X)
    assert [weight.name for weight in block.weights] == [
        "scale/factor",
        "scale/count",
        "dense/kernel",
        "dense/bias",
        "dense_1/kernel",
        "dense_1/bias",
    ]
    assert len(block.trainable_weights) == 5
    assert y.scope == "block/scale"
    assert y.inputs[0].scope == "block/dense_1"


def test_a_tensor_held_as_an_attribute_is_a_weight() -> None:
    class Shift(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.by = Tensor([1.0, 2.0], name="by")
            self.table = np.ones(1000)

        def call(self, inputs: Any) -> Any:
            self.last = inputs + self.by
            return self.last

    layer = Shift()
    layer(X)
    assert layer.weights == [layer.by] and layer.trainable_weights == [layer.by]


def test_freezing_reaches_what_is_inside() -> None:
    block = Block()
    block(X)
    block.trainable = False
    assert block.trainable_weights == []
    assert not any(weight.requires_grad for weight in block.weights)
    block.trainable = True
    assert len(block.trainable_weights) == 5
    assert not block.scale.count.requires_grad


def test_get_and_set_weights() -> None:
    layer, twin = Block(), Block()
    layer(X), twin(X)
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(X).data, layer(X).data)
    copies = layer.get_weights()
    copies[0][...] = 9
    assert layer.scale.factor.tolist() == [1.0, 1.0]
    before = layer.get_weights()
    with pytest.raises(ShapeError, match=r"dense_1/bias.*\(2,\).*\(5,\)"):
        layer.set_weights([*[w + 1 for w in before[:-1]], np.ones(5)])
    with pytest.raises(ArgumentError, match="6 weights, got 1"):
        layer.set_weights([np.ones(2)])
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_weights_are_in_the_hands_of_nobody_else() -> None:
    values = np.ones((2, 3), np.float32)
    layer = Dense(3, kernel_initializer=values)
    layer(X)
    values[...] = 7
    assert layer.kernel.tolist() == np.ones((2, 3)).tolist()


def test_what_is_forgotten_is_said() -> None:
    class Forgetful(Layer):
        def __init__(self) -> None:
            self.units = 3

        def call(self, inputs: Any) -> Any:
            return inputs

    for use in (lambda f: f(X), lambda f: f.name, lambda f: f.built, lambda f: f.add_weight((1,))):
        with pytest.raises(StateError, match=r"super\(\).__init__\(\)"):
            use(Forgetful())

    class Empty(Layer):
        pass

    with pytest.raises(StateError, match="no `call`"):
        Empty()(X)
    with pytest.raises(StateError, match="built"):
        Dense(3).set_weights([])
    with pytest.raises(StateError, match="built"):
        Dense(3).count_params()
    assert Dense(3).get_weights() == [] == Dense(3).weights


def test_built_by_hand_once() -> None:
    layer = Scale()
    layer.build((None, 2))
    assert layer.built and len(layer.weights) == 2
    assert layer(X).tolist() == X.tolist()
    with pytest.raises(StateError, match="built before"):
        layer.build((None, 3))
    assert len(layer.weights) == 2


def test_an_output_shape_is_found_by_a_run() -> None:
    assert Block().compute_output_shape((None, 2)) == (None, 2)


def test_a_layer_may_say_itself_that_it_is_built() -> None:
    class Shift(Layer):
        def build(self, input_shape: Any) -> None:
            self.by = self.add_weight((input_shape[-1],), "ones")
            self.built = True

        def call(self, inputs: Any) -> Any:
            return inputs + self.by

    class Doubled(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.built = True

        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    model = Sequential([Shift(), Doubled(), Doubled()])
    np.testing.assert_array_equal(model(X).data, np.full((4, 2), 8.0))
    assert model.built
    assert [layer.name for layer in model.layers] == ["shift", "doubled", "doubled_1"]
    with pytest.raises(ArgumentTypeError, match="`built` must be True or False, got 'yes'"):
        model.layers[0].built = "yes"  # type: ignore[assignment]
