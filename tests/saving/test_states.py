"""What a configuration does not say is in a file, too; and names that could lead elsewhere."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, models, saving
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, FileFormatError
from autograd_nn.layers import LSTM, BatchNormalization, Dense, Layer
from autograd_nn.models import load_model
from autograd_nn.optimizers import AdamW
from autograd_nn.saving.named_weights import tensors_of
from autograd_nn.settings import set_floatx

X = np.random.default_rng(2).normal(size=(12, 3)).astype(np.float32)


def through_a_file(model: Any, folder: Path, **how: Any) -> Any:
    model.save(folder / "m.npz")
    return load_model(folder / "m.npz", **how)


@pytest.mark.filterwarnings("ignore:No gradient for")
def test_what_is_frozen_and_what_decays(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense(4), BatchNormalization(), Dense(2), Dense(1)])
    model.layers[2].trainable = False
    model.layers[0].kernel.requires_grad = False
    model.compile(AdamW(0.1), "mse")
    model.optimizer.exclude_from_weight_decay([model.layers[3].kernel], ["bias"])
    model.fit(X, X[:, :1], verbose=0)
    again = through_a_file(model, tmp_path)
    wanting = [w.requires_grad for w in model.weights]
    assert [w.requires_grad for w in again.weights] == wanting and wanting.count(False) == 5
    assert [again.optimizer.decays(w) for w in again.weights] == [
        model.optimizer.decays(w) for w in model.weights
    ]
    for one in (model, again):
        one.fit(X, X[:, :1], epochs=3, verbose=0, shuffle=False)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_several_outputs(tmp_path: Path) -> None:
    x = Input((3,), name="x")
    hidden = Dense(4, activation="tanh")(x)
    model = Model(x, {"a": Dense(1, name="a")(hidden), "b": Dense(2, name="b")(hidden)})
    y = {"a": X[:, :1], "b": X[:, 1:]}
    losses = {"a": "mse", "b": "mae"}
    weights, metrics = {"a": 2.0, "b": 0.5}, {"b": ["mse", "mae"]}
    model.compile("adam", losses, metrics=metrics, loss_weights=weights)
    model.fit(X, y, epochs=3, verbose=0)
    again = through_a_file(model, tmp_path)
    for one in (model, again):
        one.fit(X, y, epochs=3, verbose=0, shuffle=False)
    assert again.history.history == model.history.history
    assert again.evaluate(X, y, verbose=0, return_dict=True) == model.evaluate(
        X, y, verbose=0, return_dict=True
    )


@pytest.mark.parametrize(
    "given",
    [
        {"loss": ["mse"], "loss_weights": [0.5]},
        {"loss": "mse", "weighted_metrics": ["mae"], "run_eagerly": True},
        {"loss": "mse", "metrics": [["mae", "mse"]]},
        {"optimizer": "sgd"},
    ],
)
def test_how_it_was_compiled(given: Any, tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense(1)])
    model.compile(**given)
    again = through_a_file(model, tmp_path)
    training, found = model._training, again._training
    assert found.run_eagerly is training.run_eagerly
    if "loss" in given:
        for one in (model, again):
            one.fit(X, X[:, :1], epochs=2, verbose=0, shuffle=False)
        assert again.history.history == model.history.history
    assert through_a_file(model, tmp_path, compile=False).optimizer is None


def test_a_model_without_weights_and_one_that_nobody_built(tmp_path: Path) -> None:
    nothing = Model(x := Input((3,)), np.exp(x))
    np.testing.assert_array_equal(through_a_file(nothing, tmp_path).predict(X), nothing.predict(X))
    unbuilt = through_a_file(Sequential([Dense(4), Dense(1)], name="later"), tmp_path)
    assert not unbuilt.built and unbuilt.name == "later" and unbuilt.predict(X).shape == (12, 1)


def test_numbers_that_are_not_finite_and_other_dtypes(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense(4, dtype="float64"), Dense(2, dtype="float16")])
    model.layers[0].kernel.data = np.full((3, 4), np.nan)
    model.compile("adam", "mse")
    again = through_a_file(model, tmp_path)
    assert [w.dtype.name for w in again.weights] == ["float64"] * 2 + ["float16"] * 2
    assert np.isnan(again.layers[0].kernel.data).all()


def test_another_floatx_is_said(tmp_path: Path) -> None:
    set_floatx("float64")
    model = Sequential([Input((3,)), Dense(1)])
    model.save(tmp_path / "m.npz")
    assert load_model(tmp_path / "m.npz").weights[0].dtype == "float64"
    set_floatx("float32")
    with pytest.raises(FileFormatError, match="floatx was 'float64'.*set_floatx"):
        load_model(tmp_path / "m.npz")


NAMES = ["../../up", "/etc/passwd", "a/b", "optimizer", "..", ".", "C:\\x", "grün 1", "a\0b", "%2E"]


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), *(Dense(2, name=name) for name in NAMES), Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    names = list(tensors_of(model))
    assert len(set(names)) == 2 * (len(NAMES) + 1)
    for name in names:
        parts = name.split("/")
        assert all(part.strip(". ") for part in parts) and not set(name) & set("\\:\0")
        assert not name.startswith("optimizer/")
    again = through_a_file(model, tmp_path)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert again.optimizer.iterations == 1
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    model.save_weights(tmp_path / "w.safetensors")
    again.load_weights(tmp_path / "w.safetensors")


class Shares(Layer):
    """Two names for one layer, and one name for two."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.one = self.same = Dense(3)
        self.many = {"a": [Dense(3), Dense(3)]}

    def call(self, inputs: Any) -> Any:
        x = self.same(self.one(inputs))
        for layer in self.many["a"]:
            x = layer(x)
        return x


def test_what_is_shared_is_there_once(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Shares(), Dense(1)])
    assert len(tensors_of(model)) == len(model.weights) == 8
    again = through_a_file(model, tmp_path, custom_objects={"Shares": Shares})
    assert again.layers[0].one is again.layers[0].same
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


# ---------------------------------------------------------------------- calls


def test_calls_that_are_wrong(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Dense(1)])
    model.save(tmp_path / "m.npz")
    with pytest.raises(ArgumentError, match="overwrite=False"):
        model.save(tmp_path / "m.npz", overwrite=False)
    with pytest.raises(ArgumentError, match="no folder"):
        model.save(tmp_path / "nowhere" / "m.npz")
    with pytest.raises(ArgumentError, match="is a folder"):
        (tmp_path / "f.npz").mkdir()
        model.save(tmp_path / "f.npz")
    with pytest.raises(ArgumentError, match="extension"):
        model.save("model")
    with pytest.raises(ArgumentError, match="extension.*.safetensors"):
        model.save_weights(tmp_path / ".npz")
    with pytest.raises(ArgumentTypeError, match="path of a file"):
        models.load_model(3)
    with pytest.raises(ArgumentTypeError, match="must be a model"):
        models.save_model(Dense(1), tmp_path / "m.npz")
    with pytest.raises(FileNotFoundError, match=r"gone\.npz"):
        saving.load_weights(model, tmp_path / "gone.npz")


@pytest.mark.parametrize("version", [999, 0, -1, 1.0, True, "1", None])
def test_another_version_is_said(version: Any, tmp_path: Path) -> None:
    Sequential([Input((3,)), Dense(1)]).save(tmp_path / "m.npz")
    with zipfile.ZipFile(tmp_path / "m.npz") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(parts["description.json"]) | {"format_version": version}
    parts["description.json"] = json.dumps(description).encode()
    with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    with pytest.raises(FileFormatError, match="version"):
        load_model(tmp_path / "m.npz")


class Holds(Layer):
    """Tensors as attributes: one that learns, one that is told not to, one that counts."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor, self.fixed = Tensor(2.0, name="a"), Tensor(np.ones(3), name="b")
        self.calls = Tensor(0.0, requires_grad=False)
        self.lists = {"x": [Tensor(1.0), Tensor(np.arange(3))]}

    def call(self, inputs: Any) -> Any:
        self.calls.assign_add(1.0)
        return inputs * self.factor + self.fixed * self.calls


def test_tensors_that_are_no_weights_are_kept(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Holds(), Dense(1)])
    layer = model.layers[0]
    layer.fixed.requires_grad = False
    layer.fixed.data = np.array([1.0, 2.0, 3.0])
    model.predict(X)
    again = through_a_file(model, tmp_path, custom_objects={"Holds": Holds}).layers[0]
    assert again.calls.item() == layer.calls.item() >= 1
    assert again.fixed.data.tolist() == [1.0, 2.0, 3.0] and not again.fixed.requires_grad
    assert again.factor.requires_grad and again.lists["x"][1].data.tolist() == [0, 1, 2]
    model.load_weights(tmp_path / "m.npz")


def test_a_stateful_layer_goes_on_where_it_was(tmp_path: Path) -> None:
    parts = np.random.default_rng(5).normal(size=(2, 2, 3, 4))
    cells = [Input(batch_shape=(2, 3, 4)), LSTM(3, stateful=True), Dense(1)]
    model = Sequential(cells)
    model.predict(parts[0])
    again = through_a_file(model, tmp_path)
    np.testing.assert_array_equal(again.predict(parts[1]), model.predict(parts[1]))
    model.layers[0].reset_state(), again.layers[0].reset_state()
    np.testing.assert_array_equal(again.predict(parts[1]), model.predict(parts[1]))
