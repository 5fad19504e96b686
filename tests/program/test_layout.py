"""Dense layers by feature: where they are laid out so, and that they compute the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.program.calls import T, with_ones_column
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.program.agreement import assert_agrees, assert_close

RANDOM = np.random.default_rng(4)


def network(*units: int) -> list[Tensor]:
    """Kernels and biases, one after the other."""
    found = []
    for number, (inputs, outputs) in enumerate(zip(units, units[1:], strict=False)):
        found.append(Tensor(RANDOM.normal(size=(inputs, outputs)), name=f"kernel_{number}"))
        found.append(Tensor(RANDOM.normal(size=outputs), name=f"bias_{number}"))
    return found


def loss_of(x: Any, weights: list[Tensor]) -> Tensor:
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        x = np.tanh(x @ kernel + bias)
    return (x * x).mean()


def laid_out(source: str) -> list[str]:
    return [f"kernel_{n}" for n in range(3) if f"kernel_{n}_and_bias" in source]


@pytest.mark.parametrize("is_input", [False, True])
def test_every_small_layer_whether_its_data_are_constants_or_given(is_input: bool) -> None:
    x, weights = RANDOM.normal(size=(8, 6)), network(6, 5, 4, 1)
    inputs = {"x": x} if is_input else None
    program = assert_agrees(loss_of(x, weights), weights, inputs)
    assert laid_out(program.source) == ["kernel_0", "kernel_1", "kernel_2"]
    if is_input:
        other = RANDOM.normal(size=(8, 6))
        expected = gradients(loss_of(other, weights), weights)
        for found, wanted in zip(program(x=other)[1], expected, strict=True):
            assert_close(found, wanted)


def test_no_layer_behind_data_that_are_too_wide() -> None:
    """Half of a network the other way round costs more than it saves."""
    x, weights = RANDOM.normal(size=(8, 600)) / 10, network(600, 5, 4, 1)
    program = assert_agrees(loss_of(x, weights), weights)
    assert laid_out(program.source) == []


def test_hidden_layers_of_any_width() -> None:
    x, weights = RANDOM.normal(size=(8, 6)), network(6, 600, 4, 1)
    program = assert_agrees(loss_of(x, weights), weights)
    assert laid_out(program.source) == ["kernel_0", "kernel_1", "kernel_2"]


def test_inputs_given_as_they_are_read() -> None:
    """For fit: with the column of ones, and transposed."""
    x, weights = RANDOM.normal(size=(8, 6)), network(6, 5, 1)
    loss = loss_of(x, weights)
    made = plan(loss, weights, {"x": x}, Memory(weights), prepared=True)
    (value,) = made.inputs
    with_ones = value.data.inputs[0]
    given = with_ones.data.inputs[0]
    assert (value.data.function, with_ones.data.function) == (T, with_ones_column)
    assert given.name == "x"
    ready = np.vstack([x.T, np.ones(8)])
    assert_close(made.step(ready)[0], loss._data)


def test_a_column_of_ones() -> None:
    assert with_ones_column(np.array([[2.0], [3.0]])).tolist() == [[2.0, 1.0], [3.0, 1.0]]
