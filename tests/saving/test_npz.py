"""Models in `.npz`: what is read is what was written, and goes on training as it would have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor
from autograd_nn.engine.errors import ArgumentError, FileFormatError, StateError
from autograd_nn.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
)
from autograd_nn.models import load_model
from autograd_nn.saving import load_weights, save_model, save_weights

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(24, 5, 4)).astype(np.float32)
Y = RANDOM.normal(size=(24, 2)).astype(np.float32)


def recurrent() -> Model:
    return Sequential(
        [
            Input((5, 4)),
            Bidirectional(LSTM(3, return_sequences=True)),
            GRU(2, dropout=0.1, seed=3),
            BatchNormalization(),
            Dropout(0.2, seed=1),
            Dense(2, "tanh"),
        ]
    )


def functional() -> Model:
    x = Input((5, 4), name="x")
    shared = Dense(3, activation="tanh", name="shared")
    inner_in = Input((15,))
    inner = Model(inner_in, Dense(4, name="deep")(inner_in), name="inner")
    one, other = Flatten()(shared(x)), Flatten()(shared(x * 2.0))
    return Model(x, Dense(2)(np.concatenate([inner(one), inner(other)], axis=1)))


def unbuilt() -> Model:
    return Sequential([Flatten(), Dense(3, activation="relu"), Sequential([Dense(2)])])


class TwoLayers(Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = Dense(3, activation="tanh")
        self.more = [Dense(3), Dense(2)]

    def call(self, inputs: Any) -> Any:
        x = self.hidden(inputs).reshape(len(inputs), -1)
        for layer in self.more:
            x = layer(x)
        return x


class Scaled(Layer):
    def __init__(self, size: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.size = size
        self.factor = Tensor(2.0, name="factor")

    def build(self, input_shape: Any) -> None:
        self.inner = Dense(self.size)
        self.shift = self.add_weight((self.size,), "ones", "shift")

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.factor + self.shift

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


def with_own_layer() -> Model:
    return Sequential([Input((5, 4)), Scaled(3), Flatten(), Dense(2)])


OWN = {"TwoLayers": TwoLayers, "Scaled": Scaled}
MODELS = [recurrent, functional, unbuilt, TwoLayers, with_own_layer]


def same_weights(one: Any, other: Any) -> None:
    assert [w.name for w in one.weights] == [w.name for w in other.weights]
    for a, b in zip(one.weights, other.weights, strict=True):
        assert a.dtype == b.dtype and a.requires_grad == b.requires_grad
        np.testing.assert_array_equal(a.data, b.data)


@pytest.mark.parametrize("make", MODELS)
def test_a_model_read_trains_on_as_the_one_that_was_written(make: Any, tmp_path: Path) -> None:
    model = make()
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=True)
    model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", OWN)
    same_weights(model, again)
    np.testing.assert_array_equal(model.predict(X), again.predict(X))
    assert again.optimizer.iterations == 2
    for one in (model, again):
        one.fit(X, Y, epochs=3, verbose=0, shuffle=False)
    same_weights(model, again)
    assert again.history.history == model.history.history
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


def test_numpy_reads_it_and_equal_models_give_equal_files(tmp_path: Path) -> None:
    model = recurrent()
    model.save(tmp_path / "a.npz")
    save_model(model, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz") as found:
        np.testing.assert_array_equal(found["dense/kernel"], model.layers[-1].kernel.data)
        assert "bidirectional/backward_lstm/lstm_cell/bias" in found.files


@pytest.mark.parametrize("extension", ["npz", "safetensors"])
@pytest.mark.parametrize("make", MODELS)
def test_weights_alone(make: Any, extension: str, tmp_path: Path) -> None:
    model, other = make(), make()
    if make in (unbuilt, TwoLayers):
        with pytest.raises(StateError, match="not been built"):
            model.save_weights(tmp_path / f"w.{extension}")
        model.predict(X), other.predict(X)
    save_weights(model, tmp_path / f"w.{extension}")
    other.load_weights(tmp_path / f"w.{extension}")
    same_weights(model, other)
    model.save(tmp_path / "m.npz")
    third = load_model(tmp_path / "m.npz", OWN)
    load_weights(third, tmp_path / "m.npz")
    same_weights(model, third)
    assert third.optimizer is None


def test_the_package_safetensors_opens_the_same_files(tmp_path: Path) -> None:
    import safetensors.numpy as theirs

    model = Sequential([Input((5,), dtype="int32"), Embedding(7, 3), Flatten(), Dense(2)])
    model.save_weights(tmp_path / "a.safetensors")
    found = theirs.load_file(tmp_path / "a.safetensors")
    assert found.keys() == {"embedding/embeddings", "dense/kernel", "dense/bias"}
    np.testing.assert_array_equal(found["dense/kernel"], model.get_layer("dense").kernel.data)
    theirs.save_file({name: x + 1 for name, x in found.items()}, tmp_path / "b.safetensors")
    model.load_weights(tmp_path / "b.safetensors")
    np.testing.assert_array_equal(
        model.get_layer("embedding").embeddings.data, found["embedding/embeddings"] + 1
    )


def test_all_that_does_not_fit_is_said_at_once_and_nothing_changes(tmp_path: Path) -> None:
    one = Sequential([Input((2,)), Dense(3), Dense(1, name="last")])
    other = Sequential([Input((2,)), Dense(4), Dense(1), Dense(2, name="more")])
    before = other.get_weights()
    one.save_weights(tmp_path / "w.npz")
    with pytest.raises(ArgumentError) as raised:
        other.load_weights(tmp_path / "w.npz")
    lines = str(raised.value).splitlines()
    assert lines[1:] == [
        "  missing: dense_1/kernel of shape (4, 1)",
        "  missing: dense_1/bias of shape (1,)",
        "  missing: more/kernel of shape (1, 2)",
        "  missing: more/bias of shape (2,)",
        "  extra: last/kernel of shape (3, 1)",
        "  extra: last/bias of shape (1,)",
        "  dense/kernel: shape (2, 3), the model has (2, 4)",
        "  dense/bias: shape (3,), the model has (4,)",
    ]
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_file_of_weights_is_no_model(tmp_path: Path) -> None:
    recurrent().save_weights(tmp_path / "w.npz")
    with pytest.raises(FileFormatError, match="load_weights"):
        load_model(tmp_path / "w.npz")
