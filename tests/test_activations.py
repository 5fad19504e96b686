"""Activations by name: values from closed forms, and help with names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd_nn import activations
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.tensor import Tensor

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


def test_get_takes_functions_and_none() -> None:
    assert activations.get(None) is activations.linear

    def twice(x: float) -> float:
        return 2 * x

    assert activations.get(twice) is twice
    with pytest.raises(ArgumentError, match="twice"):
        activations.serialize(twice)


def test_misspelt_and_wrong_kinds() -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'sigmoid'"):
        activations.get("sigmod")
    with pytest.raises(ArgumentTypeError, match="3 of type int"):
        activations.get(3)
