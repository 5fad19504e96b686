"""No argument of a class of one's own is lost on the way through a file: it comes back, or saving
says which one nobody told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, own_classes
from autograd_nn.constraints import Constraint
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.keras.saving import register_keras_serializable
from autograd_nn.layers import LSTM, Bidirectional, Dense, Layer, RepeatVector, TimeDistributed
from autograd_nn.losses import Huber, Loss, MeanSquaredError
from autograd_nn.metrics import Metric
from autograd_nn.models import clone_model, load_model
from autograd_nn.optimizers import SGD
from autograd_nn.regularizers import Regularizer

X = np.random.default_rng(2).normal(size=(12, 3)).astype(np.float32)
Y = X[:, :2] * 2

BOTH = pytest.mark.parametrize("extension", [".npz", ".keras"])
pytestmark = pytest.mark.filterwarnings("ignore:.*code of your own is run as it is written")


class Weighted(Loss):
    def __init__(self, factor: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ((y_pred - y_true) ** 2).mean(axis=-1) * self.factor


class WeightedInConfig(Weighted):
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class TimesSquare(MeanSquaredError):
    def __init__(self, factor: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return super().call(y_true, y_pred) * self.factor


class MoreHuber(Huber):
    def __init__(self, factor: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.factor = factor


class Scaled(Layer):
    def __init__(self, factor: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.factor, self.inner = factor, Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.factor


class ScaledTwice(Scaled):
    def __init__(self, second: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self.second = second

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * self.second


class WideDense(Dense):
    def __init__(self, units: int = 2, factor: float = 1.0, **others: Any) -> None:
        super().__init__(units, **others)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * self.factor


class OwnLSTM(LSTM):
    def __init__(self, units: int = 2, note: str = "", **others: Any) -> None:
        super().__init__(units, **others)
        self.note = note


class Nameless(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


class ChainOfTwo(Sequential):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__([Dense(3), Dense(2)])
        self.factor = factor

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return super().call(inputs) * self.factor


class Doubled(Sequential):
    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return super().call(inputs) * 2


class OwnModel(Model):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor, self.inner = factor, Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.factor


OWN = [Weighted, WeightedInConfig, TimesSquare, MoreHuber, Scaled, ScaledTwice, WideDense]
OWN += [OwnLSTM, Nameless, ChainOfTwo, Doubled, OwnModel]


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    before = dict(own_classes.REGISTERED)
    for kind in OWN:
        register_keras_serializable()(kind)
    yield
    own_classes.REGISTERED.clear()
    own_classes.REGISTERED.update(before)


def compiled(*layers: Layer, loss: Any = "mse") -> Any:
    model = Sequential([Input((3,)), *layers])
    model.compile("sgd", loss)
    return model


MODELS: dict[str, Callable[[], Any]] = {
    "others of a loss": lambda: compiled(
        Dense(2), loss=Weighted(3.0, reduction="sum", name="mine")
    ),
    "others, with a config": lambda: compiled(
        Dense(2), loss=WeightedInConfig(3.0, reduction="sum")
    ),
    "a loss of a loss": lambda: compiled(Dense(2), loss=TimesSquare(3.0, reduction="sum")),
    "arguments of both": lambda: compiled(Dense(2), loss=MoreHuber(2.0, delta=0.1)),
    "a layer": lambda: compiled(Scaled(3.0)),
    "a layer of a layer": lambda: compiled(ScaledTwice(2.0, factor=3.0, name="both")),
    "a Dense": lambda: compiled(WideDense(factor=3.0, activation="tanh", use_bias=False)),
    "no name": lambda: compiled(Nameless()),
    "in TimeDistributed": lambda: compiled(
        RepeatVector(2), TimeDistributed(ScaledTwice(2.0, factor=3.0)), LSTM(2)
    ),
    "in Bidirectional": lambda: compiled(
        RepeatVector(2), Bidirectional(OwnLSTM(1, activation="relu"))
    ),
    "a chain that makes its layers": lambda: _compiled(ChainOfTwo(3.0)),
    "a chain": lambda: _compiled(Doubled([Dense(2)])),
    "a model": lambda: _compiled(OwnModel(3.0)),
}


def _compiled(model: Any) -> Any:
    model.compile("sgd", "mse")
    return model


@BOTH
@pytest.mark.parametrize("name", MODELS)
def test_every_argument_comes_back(name: str, extension: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / f"m{extension}")
    again = load_model(tmp_path / f"m{extension}")
    assert type(again) is type(model)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("name", [name for name in MODELS if "loss" not in name])
def test_a_clone_computes_the_same(name: str) -> None:
    model = MODELS[name]()
    expected = model(X).data
    clone = clone_model(model)
    clone(X)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X).data, expected)


class HiddenLoss(Weighted):
    def __init__(self, power: float = 2.0) -> None:
        super().__init__(reduction="sum")
        self._power = power


class HiddenMetric(Metric):
    def __init__(self, factor: float = 1.0, **others: Any) -> None:
        super().__init__(**others)
        self._factor = factor

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        pass

    def result(self) -> Any:
        return self._factor


class HiddenCost(Regularizer):
    def __init__(self, cost: float = 0.1) -> None:
        self._cost = cost

    def __call__(self, x: Any) -> Any:
        return self._cost * (x**2).sum()


class HiddenRule(Constraint):
    def __init__(self, low: float = 0.1) -> None:
        self._low = low

    def __call__(self, w: Any) -> Any:
        return w


class HiddenSGD(SGD):  # type: ignore[misc]
    def __init__(self, learning_rate: Any = 0.1, decay_of_mine: float = 0.0, **others: Any) -> None:
        super().__init__(learning_rate, **others)
        self._decay = decay_of_mine


HIDDEN: dict[str, Callable[[], Any]] = {
    "power": lambda: compiled(Dense(2), loss=HiddenLoss(3.0)),
    "factor": lambda: compiled(Dense(2)),
    "cost": lambda: compiled(Dense(2, kernel_regularizer=HiddenCost(3.0))),
    "low": lambda: compiled(Dense(2, kernel_constraint=HiddenRule(3.0))),
    "decay_of_mine": lambda: compiled(Dense(2)),
}


@BOTH
@pytest.mark.parametrize("argument", HIDDEN)
def test_what_nobody_tells_is_named(argument: str, extension: str, tmp_path: Path) -> None:
    model = HIDDEN[argument]()
    if argument == "factor":
        model.compile("sgd", "mse", metrics=[HiddenMetric(3.0)])
    if argument == "decay_of_mine":
        model.compile(HiddenSGD(0.1, 0.5), "mse")
    with pytest.raises(ArgumentError, match=rf"takes `{argument}`.*self\.{argument} = "):
        model.save(tmp_path / f"m{extension}")
    assert list(tmp_path.iterdir()) == []


class Forgets(Scaled):
    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


@BOTH
def test_a_config_that_forgets_is_told(extension: str, tmp_path: Path) -> None:
    register_keras_serializable()(Forgets)
    with pytest.warns(UserWarning, match="Forgets.get_config does not give `factor`, which is 3.0"):
        compiled(Forgets(3.0)).save(tmp_path / f"m{extension}")
    compiled(Forgets(1.0)).save(tmp_path / f"m{extension}")  # as it would be made
