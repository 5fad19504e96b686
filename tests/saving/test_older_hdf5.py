"""Whole models in Keras's older format, `.h5`: read as they were written, and refused where not."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, layers
from autograd_nn.callbacks import ModelCheckpoint
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers import Dense
from autograd_nn.models import load_model
from autograd_nn.optimizers import SGD, Adam

X = np.random.default_rng(4).normal(size=(12, 4)).astype(np.float32)
Y = X[:, :1] * 2


def chain() -> Model:
    return Sequential([
        Input((4,)), Dense(5, "relu"), layers.BatchNormalization(), layers.Dropout(0.0), Dense(1),
    ])  # fmt: skip


def graph() -> Model:
    """A model in a model, and a layer that is called twice."""
    x = Input((4,))
    twice, inner = Dense(4, "tanh"), Sequential([Input((4,)), layers.LayerNormalization()])
    return Model(x, Dense(1)(layers.Add()([inner(twice(x)), twice(twice(x))])))


@pytest.mark.parametrize("make", [chain, graph])
@pytest.mark.parametrize("optimizer", [Adam(0.01), SGD(0.05, momentum=0.9)])
def test_training_goes_on_where_it_was(make: Any, optimizer: Any, tmp_path: Path) -> None:
    model = make()
    model.compile(type(optimizer).from_config(optimizer.get_config()), "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    model.save(tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.optimizer.iterations == 2
    for one in (model, again):
        one.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    for mine, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_allclose(other.data, mine.data, rtol=1e-5, atol=1e-6)


def test_weights_of_a_file_are_put_into_a_model(tmp_path: Path) -> None:
    model, other = chain(), chain()
    model.save(tmp_path / "m.hdf5")
    other.load_weights(tmp_path / "m.hdf5")
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    assert load_model(tmp_path / "m.hdf5").optimizer is None
    with pytest.raises(ValueError, match="do not fit the model"):
        graph().load_weights(tmp_path / "m.hdf5")


def test_weights_alone_as_keras_2_wrote_them(tmp_path: Path) -> None:
    kernel, bias = np.ones((4, 2), np.float32), np.full(2, 3, np.float32)
    with h5py.File(tmp_path / "w.h5", "w") as root:
        root.attrs["layer_names"] = [b"dense_7", b"dropout"]
        group = root.create_group("dense_7")
        group.attrs["weight_names"] = [b"dense_7/kernel:0", b"dense_7/bias:0"]
        group["dense_7/kernel:0"], group["dense_7/bias:0"] = kernel, bias
        root.create_group("dropout").attrs["weight_names"] = []
    model = Sequential([Input((4,)), Dense(2), layers.Dropout(0.5)])
    model.load_weights(tmp_path / "w.h5")
    assert [w.tolist() for w in model.get_weights()] == [kernel.tolist(), bias.tolist()]


def test_the_best_is_kept_by_the_name_that_tutorials_give(tmp_path: Path) -> None:
    model = chain()
    model.compile("sgd", "mse")
    path = str(tmp_path / "weights-{epoch:02d}.hdf5")
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[ModelCheckpoint(path)])
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "weights-01.hdf5",
        "weights-02.hdf5",
    ]
    with pytest.raises(ValueError, match=r"must end in .*got '.*w.weights.h5'"):
        ModelCheckpoint(str(tmp_path / "w.weights.h5"))
    with pytest.raises(ValueError, match=r"extension that says its format"):
        model.save(tmp_path / "w.weights.h5")


def test_what_has_no_place_in_it_is_refused(tmp_path: Path) -> None:
    model = chain()
    model.compile(Adam(0.1, weight_decay=0.1), "mse")
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    with pytest.raises(ValueError, match="exclude_from_weight_decay was told has no place in .h5"):
        model.save(tmp_path / "m.h5")
    model.save(tmp_path / "m.h5", include_optimizer=False)


def test_what_an_optimizer_of_ones_own_keeps_is_said_to_be_left_out(tmp_path: Path) -> None:
    class Own(SGD):
        pass

    model = chain()
    model.compile(Own(0.1, momentum=0.9), "mse", run_eagerly=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.save(tmp_path / "m.h5", include_optimizer=True)  # nothing is kept yet
    model.fit(X, Y, batch_size=4, verbose=0)
    with pytest.warns(UserWarning, match="optimizer Own keeps after 3 steps is not in this file"):
        model.save(tmp_path / "m.h5")
    assert load_model(tmp_path / "m.h5", {"Own": Own}).optimizer.iterations == 0
    model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras", {"Own": Own}).optimizer.iterations == 3


def changed(path: Path, change: Any) -> Path:
    with h5py.File(path, "r+") as root:
        change(root)
    return path


def described(**values: Any) -> Any:
    """A change of what is said of the second layer, which is Dense."""

    def change(root: Any) -> None:
        config = json.loads(root.attrs["model_config"])
        config["config"]["layers"][1].update(values)
        root.attrs["model_config"] = json.dumps(config)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda root: root.attrs.pop("model_config"), "no model_config"),
        (lambda root: root["model_weights"].pop("dense"), "no 'model_weights/dense'"),
        (lambda root: root["model_weights"].attrs.pop("layer_names"), "do not fit"),
        (lambda root: root["model_weights/dense"].attrs.pop("weight_names"), "do not fit"),
        (described(config={"units": 3, "dtype": "float32"}), "written by Keras 2"),
        (described(config={"batch_input_shape": [None, 4]}), "written by Keras 2"),
        (described(class_name="system", module="os"), "no layer 'system'"),
        (described(class_name="Lambda"), "holds code"),
        (lambda root: root.attrs.update(model_config="[" * 9000), "nested too deep|JSON|Expecting"),
        (lambda root: root.attrs.update(model_config=np.ones(3)), "no model_config"),
        (lambda root: root.attrs.update(model_config="x" * 2**21), "more than"),
    ],
)  # fmt: skip
def test_what_is_no_model_of_this_format_is_refused(change: Any, said: str, tmp_path: Path) -> None:
    chain().save(tmp_path / "m.h5")
    with pytest.raises(FileFormatError, match=said):
        load_model(changed(tmp_path / "m.h5", change))
