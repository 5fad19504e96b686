"""Files of Keras 3 without Keras: what is written is read again, and what is hostile is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, layers
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers import Dense, Layer
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.saving import load_model
from autograd_nn.saving.keras_places import weights_by_path

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4)
Y = np.linspace(0, 1, 6, dtype=np.float32).reshape(6, 1)


def small() -> Any:
    return Sequential([Input((4,)), Dense(3, activation="tanh"), Dense(1)])


def several_ends() -> Any:
    """A model in a model that is called twice, functions, and outputs by name."""
    x, y = Input((4,), name="x"), Input((4,), name="y")
    inner = Model(x, layers.BatchNormalization()(Dense(3)(x)), name="inner")
    both = inner(x) + inner(y * 2)
    last = np.mean(both[..., :2], axis=-1, keepdims=True)
    return Model({"x": x, "y": y}, {"a": Dense(1)(both), "b": np.tanh(last)})


class Twice(Layer):
    """Two layers in a list, and a weight."""

    def __init__(self, by: float = 2.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.by = by
        self.parts = [Dense(4), Dense(2)]

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((), "ones", "scale")
        self.parts[0].build(input_shape)
        self.parts[1].build((None, 4))

    def call(self, inputs: Any) -> Any:
        return self.parts[1](self.parts[0](inputs)) * self.scale * self.by

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "by": self.by}


# ---------------------------------------------------------------------- written and read


def test_a_chain_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = small()
    model.save(tmp_path / "m.keras")
    read = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(read.predict(X), model.predict(X))
    assert [layer.name for layer in read.layers] == ["dense", "dense_1"]
    assert read.optimizer is None


def test_a_functional_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = several_ends()
    model.save(tmp_path / "m.keras")
    read = load_model(tmp_path / "m.keras")
    given = {"x": X, "y": X[::-1].copy()}
    expected, found = model.predict(given), read.predict(given)
    assert set(found) == {"a", "b"}
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-6)
    assert len(read.weights) == len(model.weights)


@pytest.mark.parametrize("optimizer", [Adam(0.01), SGD(0.1, momentum=0.9)])
def test_training_goes_on_where_it_was(optimizer: Any, tmp_path: Path) -> None:
    model = small()
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    model.save(tmp_path / "m.keras")
    read = load_model(tmp_path / "m.keras")
    assert type(read.optimizer) is type(optimizer)
    assert read.optimizer.iterations == 2
    assert read.evaluate(X, Y, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0))
    for one in (model, read):
        one.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), read.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert load_model(tmp_path / "m.keras", compile=False).optimizer is None


def test_weights_alone_and_those_of_a_whole_model(tmp_path: Path) -> None:
    model, other, third = small(), small(), small()
    model.save_weights(tmp_path / "m.weights.h5")
    model.save(tmp_path / "m.keras")
    other.load_weights(tmp_path / "m.weights.h5")
    third.load_weights(tmp_path / "m.keras")
    for one in (other, third):
        np.testing.assert_array_equal(one.predict(X), model.predict(X))


def test_layers_of_ones_own_are_found_by_name(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Twice(3.0)])
    model.save(tmp_path / "m.keras")
    read = load_model(tmp_path / "m.keras", custom_objects={"Twice": Twice})
    assert read.layers[0].by == 3.0
    np.testing.assert_array_equal(read.predict(X), model.predict(X))
    with pytest.raises(FileFormatError, match="no layer 'Twice'.*custom_objects"):
        load_model(tmp_path / "m.keras")


def test_a_layer_in_two_models_stays_one(tmp_path: Path) -> None:
    shared = Dense(4)
    first = Sequential([Input((4,)), shared], name="first")
    x = Input((4,))
    model = Model(x, shared(first(x)))
    model.save(tmp_path / "m.keras")
    read = load_model(tmp_path / "m.keras")
    assert len(read.weights) == 2
    np.testing.assert_allclose(read.predict(X), model.predict(X), rtol=1e-6)


def test_the_places_are_those_of_keras() -> None:
    model = Sequential(
        [
            Input((5, 4)),
            layers.Bidirectional(layers.GRU(2, return_sequences=True)),
            layers.TimeDistributed(Dense(3)),
            Sequential([Dense(3), layers.LayerNormalization()]),
            layers.RNN([layers.LSTMCell(2), layers.LSTMCell(2)]),
            Twice(),
        ]
    )
    directions = [f"layers/bidirectional/{way}_layer/cell" for way in ("backward", "forward")]
    expected = [f"{path}/vars/{n}" for path in directions for n in range(3)]
    expected += [f"layers/time_distributed/layer/vars/{n}" for n in range(2)]
    expected += [f"layers/sequential/layers/dense/vars/{n}" for n in range(2)]
    expected += [f"layers/sequential/layers/layer_normalization/vars/{n}" for n in range(2)]
    expected += [
        f"layers/rnn/cell/cells/{cell}/vars/{n}"
        for cell in ("lstm_cell", "lstm_cell_1")
        for n in range(3)
    ]
    expected += ["layers/twice/vars/0"]
    expected += [
        f"layers/twice/parts/{part}/vars/{n}" for part in ("dense", "dense_1") for n in range(2)
    ]
    assert sorted(weights_by_path(model)) == sorted(expected)


def test_what_keras_would_compute_otherwise_is_told(tmp_path: Path) -> None:
    x = Input((4,))
    model = Model(x, layers.Dropout(0.5)(x, training=True))
    with pytest.warns(UserWarning, match="'dropout' is called with training=True"):
        model.save(tmp_path / "m.keras")
    steps = Input((3, 4))
    masked = layers.Masking()(steps)
    _, state = layers.GRU(2, return_state=True)(masked)
    model = Model(steps, layers.GRU(2)(masked, initial_state=state))
    with pytest.warns(UserWarning, match="'gru_1' is called with an initial_state"):
        model.save(tmp_path / "m.keras")
    x = Input((4,))
    model = Model(x, layers.Dense(3, "sparsemax", name="last")(x))
    with pytest.warns(UserWarning, match="sparsemax of last gives in Keras what does not add up"):
        model.save(tmp_path / "m.keras")


def test_tensors_that_are_no_weights_are_told_where_they_are_lost(tmp_path: Path) -> None:
    model = Sequential([Input(batch_shape=(2, 3, 4)), layers.GRU(2, stateful=True)])
    model.save(tmp_path / "m.h5")  # nothing is lost yet
    model.predict(np.ones((2, 3, 4)), batch_size=2, verbose=0)
    with pytest.warns(UserWarning, match="gru/states of .* will not be in the file"):
        model.save(tmp_path / "m.h5")
    model.save_weights(tmp_path / "w.weights.h5")  # a state is no weight

    class Counting(Layer):
        def __init__(self, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.count = Tensor(3.0, requires_grad=False)

        def call(self, inputs: Any) -> Any:
            return inputs + self.count

    model = Sequential([Input((2,)), Counting(), layers.Dense(1)])
    for save, name in ((model.save, "m.h5"), (model.save_weights, "m.weights.h5")):
        with pytest.warns(UserWarning, match="counting/count of .* will not be in the file"):
            save(tmp_path / name)


# ---------------------------------------------------------------------- refused


def rewritten(path: Path, change: Callable[[Any], Any]) -> Path:
    """The file with another description."""
    with zipfile.ZipFile(path) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    config = json.loads(parts["config.json"])
    changed = change(config)
    parts["config.json"] = (changed if isinstance(changed, str) else json.dumps(config)).encode()
    with zipfile.ZipFile(path, "w") as zipped:
        for name, part in parts.items():
            zipped.writestr(name, part)
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model = small()
    model.compile("adam", "mse")
    model.save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def set_first(**values: Any) -> Callable[[Any], Any]:
    return lambda config: config["config"]["layers"][1].update(values)


CODE = {"class_name": "__lambda__", "config": {"value": ["4wAAAA", None, None]}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_first(class_name="Lambda"), "Lambda, which holds code"),
        (set_first(class_name="Missing"), "no layer 'Missing'"),
        (set_first(module="os", class_name="system"), "no layer 'system'"),
        (set_first(module="keras.src.ops.numpy", class_name="Load"), "no|not"),
        (set_first(config=None), "no dict|TypeError"),
        (set_first(config={"units": 10**9}), "size of more than"),
        (set_first(config={"units": 3, "activation": CODE}), "lambda, which is code"),
        (set_first(config={"units": 3, "activation": {"lambda": "…"}}), "activation"),
        (set_first(config={"units": 3, "quantization_config": {}}), "quantization_config"),
        (set_first(config={"units": 3, "other": 1}), "other"),
        (lambda config: config.update(module="builtins", class_name="eval"), "no layer 'eval'"),
        (lambda config: json.dumps({"config": config["config"]}), "class and config"),
        (lambda config: json.dumps({"class_name": "Sequential"}), "class and config"),
        (lambda config: config["compile_config"].update(optimizer=CODE), "lambda"),
        (lambda config: config["compile_config"]["optimizer"].update(class_name="Muon"), "Muon"),
        (lambda config: "[" * 100_000, "nested too deep|JSON|more than"),
        (lambda config: '{"a": 1, "a": 2}', "duplicate"),
        (lambda config: "[]", "class and config"),
    ],
)
def test_a_description_that_is_none_of_keras_is_refused(
    change: Any, said: str, saved: Path
) -> None:
    with pytest.raises(FileFormatError, match=said) as caught:
        load_model(rewritten(saved, change))
    assert "m.keras" in str(caught.value)


def test_layers_in_a_circle_are_refused(tmp_path: Path) -> None:
    x = Input((4,))
    Model(x, Dense(4, name="b")(Dense(4, name="a")(x))).save(tmp_path / "m.keras")

    def turn_round(config: Any) -> None:
        tensor = config["config"]["layers"][1]["inbound_nodes"][0]["args"][0]
        tensor["config"]["keras_history"] = ["b", 0, 0]

    with pytest.raises(FileFormatError, match="in a circle"):
        load_model(rewritten(tmp_path / "m.keras", turn_round))


def with_link(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense/vars/1")


def with_other_file(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "x")


def with_numbers_elsewhere(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root.create_dataset(
        "layers/dense/vars/0", (4, 3), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]
    )


def computed(root: Any) -> None:
    del root["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 3))
    root.create_virtual_dataset("layers/dense/vars/0", layout)


def packed(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root.create_dataset("layers/dense/vars/0", (4, 3), "f4", compression="gzip")


def claimed(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root.create_dataset("layers/dense/vars/0", (10**6, 10**6), "f4")


def of_objects(root: Any) -> None:
    del root["layers/dense/vars/0"]
    root.create_dataset("layers/dense/vars/0", (4, 3), h5py.string_dtype())


def twice(root: Any) -> None:
    root["layers/other"] = root["layers/dense"]


def of_keras_2(root: Any) -> None:
    root.attrs["layer_names"] = ["dense"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_link, "is a link"),
        (with_other_file, "is a link"),
        (with_numbers_elsewhere, "somewhere else"),
        (computed, "somewhere else"),
        (packed, "compressed or in pieces"),
        (claimed, "says to have a size of"),
        (of_objects, "dtype object"),
        (twice, "there twice"),
        (of_keras_2, "Keras 2"),
    ],
)
def test_what_is_more_than_numbers_in_a_file_is_refused(
    change: Any, said: str, tmp_path: Path
) -> None:
    model = small()
    before = model.get_weights()
    path = tmp_path / "m.weights.h5"
    small().save_weights(path)
    with h5py.File(path, "r+") as root:
        change(root)
    with pytest.raises(FileFormatError, match=said):
        model.load_weights(path)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_all_that_does_not_fit_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    Sequential([Input((4,)), Dense(2), Dense(1)]).save_weights(path)
    other = Sequential([Input((4,)), Dense(3), layers.LayerNormalization()])
    with pytest.raises(ValueError, match="layers/dense/vars/0") as caught:
        other.load_weights(path)
    text = str(caught.value)
    assert "missing: layers/layer_normalization/vars/0" in text
    assert "extra: layers/dense_1/vars/0" in text
    assert "shape (4, 2), the model has (4, 3)" in text


def test_damaged_files_are_refused(saved: Path) -> None:
    whole = saved.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 10):
        saved.write_bytes(whole[:length])
        with pytest.raises(FileFormatError, match="truncated|damaged|corrupt"):
            load_model(saved)
    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        weights = zipped.read("model.weights.h5")
    path = saved.with_name("m.weights.h5")
    for length in (0, 10, len(weights) // 2):
        path.write_bytes(weights[:length])
        with pytest.raises(FileFormatError, match="truncated|damaged|corrupt"):
            small().load_weights(path)


def test_a_file_without_its_parts_is_no_model(saved: Path) -> None:
    with zipfile.ZipFile(saved, "w") as zipped:
        zipped.writestr("config.json", "{}")
    with pytest.raises(FileFormatError, match="has no model.weights.h5"):
        load_model(saved)
