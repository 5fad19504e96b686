"""Classes of one's own are found again by their names once they are registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autograd_nn import Sequential, keras, losses, metrics, optimizers
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.keras import saving
from autograd_nn.keras.utils import register_keras_serializable
from autograd_nn.layers import Bidirectional, Dense, Layer, SimpleRNN, TimeDistributed
from autograd_nn.models import model_from_json
from autograd_nn.own_classes import REGISTERED


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    with saving.CustomObjectScope({}):
        yield
    assert not REGISTERED


class Scaled(Layer):
    def __init__(self, factor: float = 2.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def test_a_model_of_a_registered_layer_is_made_of_its_json() -> None:
    model = Sequential([keras.Input((2,)), Scaled(3.0), Dense(1)])
    with pytest.raises(ArgumentError, match="register_keras_serializable"):
        model_from_json(model.to_json())
    assert saving.register_keras_serializable()(Scaled) is Scaled
    assert model_from_json(model.to_json()).layers[0].factor == 3.0
    assert keras.models.clone_model(model).layers[0].factor == 3.0
    inner = TimeDistributed(Scaled(4.0))
    assert TimeDistributed.from_config(inner.get_config()).layer.factor == 4.0
    assert Bidirectional.from_config(Bidirectional(SimpleRNN(2)).get_config()) is not None


def test_names_with_their_package() -> None:
    register_keras_serializable(package="mine", name="Times")(Scaled)
    assert saving.get_registered_name(Scaled) == "mine>Times"
    assert saving.get_registered_name(Dense) == "Dense"
    for name in ("mine>Times", "Times", "Scaled"):
        assert saving.get_registered_object(name) is Scaled
    assert saving.get_registered_object("Other") is None
    register_keras_serializable(package="other", name="Times")(Dense)
    with pytest.raises(ArgumentError, match="mine>Times, other>Times: say which"):
        saving.get_registered_object("Times")


def test_losses_metrics_and_optimizers_too() -> None:
    @register_keras_serializable()
    class Fourth(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ((y_pred - y_true) ** 4).mean(axis=-1)

    @register_keras_serializable()
    class Last(metrics.Mean):
        pass

    @register_keras_serializable()
    class Signs(optimizers.Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return parameter, {}

    for module, thing in ((losses, Fourth()), (metrics, Last()), (optimizers, Signs(0.5))):
        assert type(module.deserialize(module.serialize(thing))) is type(thing)


def test_a_scope_ends() -> None:
    with saving.custom_object_scope({"Scaled": Scaled}):
        assert saving.get_custom_objects() == {"Scaled": Scaled}
        config = Sequential([keras.Input((2,)), Scaled(3.0)]).get_config()
        assert Sequential.from_config(config).layers[0].factor == 3.0
    assert saving.get_custom_objects() == {}


def test_a_layer_as_plain_values_and_back() -> None:
    written = keras.layers.serialize(Dense(3, "relu", name="hidden"))
    made = keras.layers.deserialize(written)
    assert (made.name, made.units) == ("hidden", 3)
    assert keras.layers.serialize(made) == written


def test_what_a_step_of_ones_own_is_given() -> None:
    utils = keras.utils
    for given in ((1,), (1, 2), (1, 2, 3)):
        packed = utils.pack_x_y_sample_weight(*given)
        assert utils.unpack_x_y_sample_weight(packed) == (*given, None, None)[:3]
    with pytest.raises(ArgumentError, match="got 4"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))
    assert utils.is_keras_tensor(keras.Input((2,)))
    assert not utils.is_keras_tensor(1.0)
    assert [utils.standardize_dtype(d) for d in (None, float, "int32")] == [
        *("float32", "float64", "int32"),
    ]


def test_what_cannot_be_registered() -> None:
    with pytest.raises(ArgumentTypeError, match="with brackets"):
        register_keras_serializable(Scaled)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="get_config"):
        register_keras_serializable()(type("Plain", (), {}))
