"""Layers, losses, functions and the like as plain values, and made of them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    Input,
    Sequential,
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.layers import Dense, Layer
from autograd_nn.losses import Loss
from autograd_nn.models import load_model
from autograd_nn.utils import deserialize_keras_object, serialize_keras_object

X = np.random.default_rng(2).normal(size=(12, 3)).astype(np.float32)


class Cubed(Loss):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (abs(y_pred - y_true) ** 3).mean(axis=-1) * self.factor

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor}


class Holding(Layer):
    """What it holds is written by its get_config, and made again by its from_config."""

    def __init__(self, inner: Any, last: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.inner, self.last = inner, last

    def call(self, inputs: Any) -> Any:
        return self.last(self.inner(inputs))

    def get_config(self) -> dict[str, Any]:
        parts = {"inner": self.inner, "last": self.last}
        return {**super().get_config(), **serialize_keras_object(parts)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Holding:
        made = deserialize_keras_object({key: config.pop(key) for key in ("inner", "last")})
        return cls(**made, **config)


@pytest.mark.parametrize("ending", ["npz", "keras"])
def test_layers_and_functions_that_a_layer_holds(ending: str, tmp_path: Path) -> None:
    inner = Sequential([Input((3,)), Dense(4, "relu", kernel_initializer="he_normal")])
    model = Sequential([Input((3,)), Holding(inner, activations.softplus), Dense(1)])
    path = tmp_path / f"m.{ending}"
    model.save(path)
    again = load_model(path, {"Holding": Holding})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.layers[0].last is activations.softplus


@pytest.mark.parametrize(
    "thing",
    [
        losses.Huber(0.5),
        metrics.MeanSquaredError(name="off"),
        optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)),
        initializers.Constant(0.25),
        constraints.MaxNorm(3.0),
        regularizers.L1(0.1),
        Dense(3, kernel_regularizer="l2"),
        Cubed(3.0),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_parts_of_models_as_plain_values(thing: Any) -> None:
    entry = json.loads(json.dumps(serialize_keras_object([{"a": thing}, 2.5])))
    assert entry[0]["a"]["class_name"] == type(thing).__name__
    again, number = deserialize_keras_object(entry, custom_objects={"Cubed": Cubed})
    assert type(again["a"]) is type(thing) and number == 2.5
    assert again["a"].get_config() == thing.get_config()


def test_what_is_no_description_stays_and_what_says_too_little_is_refused() -> None:
    assert deserialize_keras_object(None) is None
    assert deserialize_keras_object("relu") == "relu"
    exponential = activations.exponential  # as an operation it has another name
    assert deserialize_keras_object(serialize_keras_object(exponential)) is exponential
    assert deserialize_keras_object(layers.serialize(Dense(3))).units == 3
    with pytest.raises(ArgumentError, match=r"'Poisson', which is in losses and metrics"):
        deserialize_keras_object(losses.serialize(losses.Poisson()))
    with pytest.raises(ArgumentError, match="'Mine', which is in no module"):
        deserialize_keras_object({"class_name": "Mine", "config": {}})


def test_a_layer_that_no_name_leads_to_is_named_with_the_way() -> None:
    entry = {"class_name": "Denze", "config": {}}
    way = r"There is no layer 'Denze' here. Did you mean 'Dense'\?.*custom_objects={'Denze': Denze}"
    with pytest.raises(ArgumentError, match=way):
        layers.deserialize(entry)
