"""What Keras has no place for is in a `.keras` file beside what it reads: training goes on bit for
bit, and a file without it is read as Keras reads it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, optimizers
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers import GRU, LSTM, BatchNormalization, Dense, Dropout, GaussianNoise
from autograd_nn.models import load_model
from autograd_nn.optimizers import Optimizer
from autograd_nn.own_classes import CustomObjectScope

X = np.random.default_rng(2).normal(size=(12, 4, 3)).astype(np.float32)
Y = X[:, 0, :1]


class Counting(Optimizer):
    """A rule whose state has a number of Python beside an array."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        seen = state.get("seen", 0) + 1
        mean = state.get("mean", 0.0) * 0.5 + gradient
        return parameter - self.learning_rate * mean / seen, {"seen": seen, "mean": mean}


OWN = {"Counting": Counting}


def drawing() -> Any:
    rate = {"dropout": 0.2, "recurrent_dropout": 0.1, "seed": 3}
    inner = [LSTM(3, **rate), Dropout(0.3, seed=1), GaussianNoise(0.1, seed=2)]
    return Sequential([Input((4, 3)), *inner, BatchNormalization(), Dense(1)])


def stateful() -> Any:
    first = LSTM(3, stateful=True, return_sequences=True)
    return Sequential([Input((4, 3), batch_size=4), first, GRU(2, stateful=True), Dense(1)])


def half_frozen() -> Any:
    model = Sequential([Input((4, 3)), LSTM(3, trainable=False), Dense(2), Dense(1)])
    model.layers[1].kernel.requires_grad = False
    return model


KINDS: dict[str, tuple[Callable[[], Any], Any]] = {
    "draws": (drawing, "adam"),
    "states": (stateful, "sgd"),
    "what is frozen": (half_frozen, "rmsprop"),
    **{name: (drawing, name) for name in ("adagrad", "adadelta", "ftrl", "nadam", "lamb")},
    "own": (drawing, Counting(0.1)),
}


def trained_on(model: Any) -> list[Any]:
    history = model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    return [*history.values(), *model.get_weights()]


@pytest.mark.filterwarnings("ignore:No gradient for", "ignore:.*run as it is written")
@pytest.mark.parametrize("eagerly", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_training_goes_on_bit_for_bit(kind: str, eagerly: bool, tmp_path: Path) -> None:
    build, optimizer = KINDS[kind]
    model = build()
    chosen = optimizers.get(optimizer) if isinstance(optimizer, str) else Counting(0.1)
    model.compile(chosen, "mse", run_eagerly=eagerly)
    model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    with CustomObjectScope(OWN):
        model.save(tmp_path / "m.keras")
        again = load_model(tmp_path / "m.keras")
    for there, here in zip(trained_on(again), trained_on(model), strict=True):
        np.testing.assert_array_equal(there, here)


def test_states_larger_than_all_weights(tmp_path: Path) -> None:
    model = Sequential([Input((4, 3), batch_size=900), LSTM(2, stateful=True)])
    x = np.tile(X, (75, 1, 1))
    model.predict(x, batch_size=900, verbose=0)
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    for there, here in zip(again.layers[0].states, model.layers[0].states, strict=True):
        np.testing.assert_array_equal(there.data, here.data)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model = stateful()
    model.compile("adagrad", "mse")
    model.fit(X, Y, batch_size=4, shuffle=False, verbose=0)
    model.save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def changed(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(path) as zipped:
        members = {name: change(name, zipped.read(name)) for name in zipped.namelist()}
    other = path.with_name("other.keras")
    with zipfile.ZipFile(other, "w") as zipped:
        for name, content in members.items():
            if content is not None:
                zipped.writestr(name, content)
    return other


def test_a_file_without_it_is_read_as_keras_reads_it(saved: Path) -> None:
    other = changed(saved, lambda name, content: None if "autograd_nn" in name else content)
    model = load_model(other)
    for a, b in zip(model.get_weights(), load_model(saved).get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.optimizer.iterations == 3
    assert model.layers[0].states is None or not np.any(model.layers[0].states[0].data)


def with_json(**changes: Any) -> Callable[[str, bytes], bytes | None]:
    def change(name: str, content: bytes) -> bytes:
        if name != "autograd_nn.json":
            return content
        return json.dumps({**json.loads(content), **changes}).encode()

    return change


WRONG: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "newer": (with_json(format_version=9), "version 9"),
    "another layer": (with_json(layers={"lstm_9": {}}), "'lstm_9'"),
    "layers that are none": (with_json(layers=3), "No model can be made"),
    "no JSON": (lambda name, x: b"{" if name == "autograd_nn.json" else x, "No model can be made"),
    "a list": (lambda name, x: b"[]" if name == "autograd_nn.json" else x, "version"),
    "no states": (lambda name, x: None if "kept" in name else x, "missing"),
    "no array": (lambda name, x: b"text" if "kept" in name else x, "not an array"),
    "no count": (lambda name, x: None if "iterations" in name else x, "count"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_it_is_told(what: str, saved: Path) -> None:
    change, said = WRONG[what]
    with pytest.raises(FileFormatError, match=said):
        load_model(changed(saved, change))
