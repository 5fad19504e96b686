"""Sequential and Model: names, building, summary, weights, predictions."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from autograd_nn import random, set_random_seed, settings
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Input, Layer
from autograd_nn.models import Model, Sequential

X = np.ones((4, 2))


def tutorial() -> Sequential:
    return Sequential(
        [
            Input((2,)),
            Dense(25, activation="sigmoid"),
            Dense(15, activation="sigmoid"),
            Dense(1, activation="sigmoid"),
        ]
    )


def test_names_are_counted_in_each_model() -> None:
    for _ in range(2):
        model = tutorial()
        assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dense_2"]
    model.add(Dense(1, name="dense_3"))
    model.add(Dense(1))
    assert model.layers[-1].name == "dense_4"
    assert model.weights[2].name == "dense_1/kernel"
    assert repr(model) == "<Sequential name=sequential, built=True>"
    assert repr(model.layers[0]) == "<Dense name=dense, built=True>"


def test_input_builds_at_once_and_is_hidden() -> None:
    model = tutorial()
    assert model.built and len(model.layers) == 3
    # 2·25 + 25 = 75, 25·15 + 15 = 390, 15·1 + 1 = 16
    assert [sum(w.size for w in layer.weights) for layer in model.layers] == [75, 390, 16]


def test_first_data_build() -> None:
    model = Sequential([Dense(3), Dense(1)])
    assert not model.built
    assert model(X).shape == (4, 1)
    assert model.built and model.layers[0].kernel.shape == (2, 3)


def test_the_same_seed_gives_the_same_weights_however_it_is_built() -> None:
    weights = []
    for shape in (None, (2,)):
        settings.set_random_seed(5)
        model = Sequential([*([Input(shape)] if shape else []), Dense(3), Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, X[:, :1], epochs=0, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_call_records_and_predict_gives_arrays() -> None:
    model = tutorial()
    y = model(X)
    assert isinstance(y, Tensor) and y.operation.name == "sigmoid" and y.scope == "dense_2"
    p = model.predict(X, batch_size=3)
    assert type(p) is np.ndarray and p.dtype == np.float32
    np.testing.assert_allclose(p, y.data, rtol=1e-6)
    assert isinstance(Sequential([Flatten()])(np.ones((2, 2, 2))), Tensor)


def test_add_and_pop() -> None:
    model = tutorial()
    last = model.pop()
    assert last.name == "dense_2" and len(model.weights) == 4
    model.add(Dense(2))
    assert model.built and model(X).shape == (4, 2)


def test_a_model_as_a_layer() -> None:
    inner = Sequential([Dense(3), Dense(3)], name="inner")
    model = Sequential([inner, Dense(1)])
    y = model(X)
    assert y.inputs[0].inputs[0].scope == "inner/dense_1"
    assert len(model.weights) == 6 and [layer.name for layer in model.layers] == ["inner", "dense"]


def test_what_sequential_refuses() -> None:
    shared = Dense(1)
    with pytest.raises(ArgumentError, match="Make a second one"):
        Sequential([shared, shared])
    with pytest.raises(ArgumentError, match="Give one of them another"):
        Sequential([Dense(1, name="a"), Dense(1, name="a")])
    with pytest.raises(ArgumentTypeError, match="That is a class"):
        Sequential([Dense])
    with pytest.raises(ArgumentTypeError, match="list of layers"):
        Sequential(Dense(1))
    with pytest.raises(ArgumentError, match="Input comes first"):
        Sequential([Dense(1), Input((2,))])
    model = tutorial()
    with pytest.raises(ArgumentError, match="another"):
        model.add(Dense(1, name="dense"))
    assert len(model.layers) == 3
    with pytest.raises(ArgumentError, match="Did you mean 'dense_1'"):
        model.get_layer("dens_1")
    assert model.get_layer("dense_1") is model.get_layer(index=1)


def test_weights_in_and_out() -> None:
    a, b = tutorial(), tutorial()
    b.set_weights(a.get_weights())
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    with pytest.raises(ShapeError, match="dense/bias"):
        b.set_weights([np.zeros((2, 25)), np.zeros(2), *a.get_weights()[2:]])


def test_summary(capsys: Any) -> None:
    tutorial().summary(line_length=60)
    text = capsys.readouterr().out
    assert text.startswith('Model: "sequential"\n┏')
    assert {len(line) for line in text.splitlines() if line[0] not in "M "} == {60}
    rows = [line.split("│") for line in text.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row[1:4]] for row in rows] == [
        ["dense (Dense)", "(None, 25)", "75"],
        ["dense_1 (Dense)", "(None, 15)", "390"],
        ["dense_2 (Dense)", "(None, 1)", "16"],
    ]
    # 481 numbers of 4 bytes: 1924 / 1024 = 1.88
    assert " Total params: 481 (1.88 KB)\n Trainable params: 481 (1.88 KB)" in text
    assert " Non-trainable params: 0 (0.00 B)" in text


def test_summary_of_what_is_not_built_and_what_is_frozen(capsys: Any) -> None:
    Sequential([Dense(1000), Dropout(0.5)]).summary()
    text = capsys.readouterr().out
    assert "0 (unbuilt)" in text and "Not built yet" in text
    model = Sequential([Input((1000,)), Dense(1000), Activation("relu")])
    model.layers[0].trainable = False
    model.summary()
    text = capsys.readouterr().out
    assert "1,001,000" in text and "Non-trainable params: 1,001,000 (3.82 MB)" in text


class NoisyCounter(Layer):
    def build(self, input_shape: Any) -> None:
        self.count = self.add_weight((), "zeros", "count", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.count.assign_add(1.0)
        return inputs + random.normal((2,))


def test_a_summary_draws_and_counts_nothing(capsys: Any) -> None:
    model = Sequential([Input((2,)), layer := NoisyCounter()])
    before = layer.count.item()
    set_random_seed(3)
    expected = random.normal((2,)).tolist()
    set_random_seed(3)
    model.summary()
    assert random.normal((2,)).tolist() == expected
    assert layer.count.item() == before


def test_config_makes_an_equal_model() -> None:
    model = Sequential([Input((2,)), Dense(3, "relu", name="a"), Dropout(0.5), Dense(1)])
    twin = Sequential.from_config(model.get_config())
    assert twin.get_config() == model.get_config() and twin.built
    twin.set_weights(model.get_weights())
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    with pytest.raises(ArgumentError, match="'Own'"):
        Sequential.from_config(Sequential([Own()]).get_config())


def test_a_copy_is_independent_and_still_fused() -> None:
    model = tutorial()
    model.compile("sgd", "bce")
    twin = copy.deepcopy(model)
    twin.train_on_batch(X, np.ones(4))
    assert twin.layers[0].activation is model.layers[0].activation
    assert (twin.weights[0].data != model.weights[0].data).any()
    assert model.optimizer.iterations == 0 and twin.optimizer.iterations == 1


class Own(Model):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.hidden = Dense(8, activation="tanh")
        self.out = Dense(1, activation="sigmoid")

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.out(self.hidden(inputs))


def test_a_model_of_ones_own_trains() -> None:
    model = Own()
    model.compile("adam", "binary_crossentropy")
    x = np.random.default_rng(0).standard_normal((64, 2))
    history = model.fit(x, x[:, 0] > 0, epochs=30, verbose=0).history
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert model.weights[0].name == "dense/kernel"
    built = Own()
    built.build((None, 2))
    assert built.built and len(built.weights) == 4


def test_draw_leaves_gradients_alone() -> None:
    model = tutorial()
    model.compile("sgd", "bce")
    assert "dense_1" in model.draw().dot
    picture = model.draw(X, np.ones(4), edges="plain").dot
    assert "dense_2" in picture
    assert all(weight.grad is None for weight in model.weights)
