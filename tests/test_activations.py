"""Activations by name: values from closed forms, and help with names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, activations, gradients, utils
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Dense
from autograd_nn.models import clone_model, model_from_json
from tests.layers.samples.activations import NAMES

AT_ONE = {
    "linear": 1.0,
    "relu": 1.0,
    "sigmoid": 1 / (1 + math.exp(-1)),
    "tanh": math.tanh(1),
    "softplus": math.log(1 + math.e),
    "exponential": math.e,
}


@pytest.mark.parametrize("name", AT_ONE)
def test_value_by_name(name: str) -> None:
    activation = activations.get(name)
    np.testing.assert_allclose(activation(np.array([1.0])), [AT_ONE[name]], rtol=1e-15)
    assert activation is getattr(activations, name)
    assert activations.serialize(activation) == name


def test_softmax_along_the_last_axis() -> None:
    p = activations.softmax(np.log([[1.0, 3.0], [2.0, 2.0]]))
    np.testing.assert_allclose(p, [[0.25, 0.75], [0.5, 0.5]], rtol=1e-15)
    np.testing.assert_allclose(
        activations.log_softmax(np.log([[1.0, 3.0]])), np.log([[0.25, 0.75]])
    )


def test_a_tensor_is_recorded() -> None:
    t = Tensor([0.0])
    assert activations.sigmoid(t).operation is activations.sigmoid


def test_every_name_gives_a_function_that_gives_the_name() -> None:
    names = set(activations.__all__) - {"get", "serialize", "deserialize"}
    again = {"swish": "silu", "hard_swish": "hard_silu"}
    for name in names:
        activation = activations.get(name)
        assert activation is getattr(activations, name)
        assert activations.serialize(activation) == again.get(name, name)
        assert activations.deserialize(name) is activation
        assert activation.__name__ == {"exponential": "exp", **again}.get(name, name)
    assert names <= {*NAMES, "threshold"}
    assert names < set(dir(activations))


def test_arguments_by_place_as_in_keras() -> None:
    x = [-1.0, 0.5, 9.0]
    assert activations.relu(x, 0.5, 6.0).tolist() == [-0.5, 0.5, 6.0]
    assert activations.leaky_relu(Tensor(x), 0.5).tolist() == [-0.5, 0.5, 9.0]
    assert activations.threshold(Tensor(x), 0.6, -2.0).tolist() == [-2.0, -2.0, 9.0]
    assert activations.softmax(Tensor([[1.0], [1.0]]), 0).tolist() == [[0.5], [0.5]]
    with pytest.raises(ArgumentTypeError, match="1 inputs and then axis, got 3 arguments"):
        activations.softmax(Tensor(x), 0, 1)
    with pytest.raises(ArgumentTypeError, match="got 2 arguments"):
        activations.softmax(Tensor(x), 0, axis=1)


def test_glu_halves_an_axis() -> None:
    x = Tensor([[1.0, 2.0, 0.0, 0.0]])
    assert activations.glu(x).tolist() == [[0.5, 1.0]]
    assert activations.glu(x).scope == "glu()"
    assert activations.glu(x.T, axis=0).shape == (2, 1)
    assert Dense(4, "glu").compute_output_shape((None, 3)) == (None, 2)
    with pytest.raises(ShapeError, match="must be even"):
        activations.glu(Tensor([[1.0, 2.0, 3.0]]))


def test_where_pieces_meet_the_slope_is_that_of_the_flat_one_or_the_left_one() -> None:
    ends = {
        "relu6": [(0, 0), (6, 0)],
        "hard_sigmoid": [(-3, 0), (3, 0)],
        "hard_silu": [(-3, 0), (3, 1.5)],
        "hard_tanh": [(-1, 0), (1, 0)],
        "hard_shrink": [(-0.5, 0), (0.5, 0)],
        "soft_shrink": [(-0.5, 0), (0.5, 0)],
        "sparse_sigmoid": [(-1, 0), (1, 0)],
        "threshold": [(0, 0)],
        "leaky_relu": [(0, 0.2)],
        "elu": [(0, 1)],
        "celu": [(0, 1)],
        "selu": [(0, 1.0507009873554805 * 1.6732632423543772)],
    }
    for name, points in ends.items():
        x = Tensor([float(x) for x, _ in points])
        found = gradients(activations.get(name)(x).sum(), x)
        np.testing.assert_allclose(found, [slope for _, slope in points], rtol=1e-15)


def test_get_takes_functions_and_none() -> None:
    assert activations.get(None) is activations.linear

    def twice(x: float) -> float:
        return 2 * x

    assert activations.get(twice) is twice
    with pytest.raises(ArgumentError, match="lambda"):
        activations.serialize(lambda x: 2 * x)


def test_a_function_of_ones_own_is_found_by_its_name() -> None:
    def cubed(x: Any) -> Any:
        return x**3

    written = activations.serialize(cubed)
    assert written == {"class_name": "function", "config": "cubed", "registered_name": "cubed"}
    with pytest.raises(ArgumentError, match="custom_objects"):
        activations.get(written)
    model = Sequential([Input((2,)), Dense(1, activation=cubed, kernel_initializer="ones")])
    x = Input((2,))
    graph = Model(x, Dense(1, activation=cubed, kernel_initializer="ones")(x))
    for made in (
        model_from_json(model.to_json(), {"cubed": cubed}),
        Sequential.from_config(model.get_config(), custom_objects={"cubed": cubed}),
        Model.from_config(graph.get_config(), custom_objects={"cubed": cubed}),
    ):
        assert made.predict([[1.0, 2.0]]).tolist() == [[27.0]]
    with utils.custom_object_scope({"cubed": cubed}):
        assert activations.get(written) is cubed is activations.get("cubed")
        assert clone_model(model).predict([[1.0, 1.0]]).tolist() == [[8.0]]
    with pytest.raises(ArgumentError, match="custom_objects"):
        model_from_json(model.to_json())


def test_misspelt_and_wrong_kinds() -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'sigmoid'"):
        activations.get("sigmod")
    with pytest.raises(ArgumentTypeError, match="3 of type int"):
        activations.get(3)
