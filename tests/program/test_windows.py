"""Convolution and pooling in programs: other memory, fewer copies, and the same numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops
from autograd_nn import compiled as compiled_function
from autograd_nn.program.calls import folded, placed
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.engine.windows import CONVOLUTIONS, POOLINGS
from tests.thorough import slow_or_thorough

MORE_CONVOLUTIONS: list[dict[str, Any]] = [
    {"strides": (2,), "padding": ((1, 2),), "dilation": (1,)},
    {"strides": (3,), "padding": ((0, 0),), "dilation": (2,), "groups": 4},
    {"strides": (1, 2), "padding": ((2, 1), (2, 1)), "dilation": (1, 1)},
    {"strides": (2, 2), "padding": ((1, 3), (1, 3)), "dilation": (2, 2), "groups": 4},
    {"strides": (3, 3), "padding": ((0, 1), (0, 1)), "dilation": (1, 1)},
]
MORE_POOLINGS: list[dict[str, Any]] = [
    {"size": (3,), "strides": (1,), "padding": ((1, 1),)},
    {"size": (3, 2)},
    {"size": (3, 2), "strides": (1, 3), "padding": ((1, 1), (0, 1))},
    {"size": (1, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))},
]


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).uniform(-1, 1, shape)


def maps(batch: int) -> Any:
    """Functions with what they are called with, by names that pytest can show."""
    for how in CONVOLUTIONS + MORE_CONVOLUTIONS:
        n, groups = len(how.get("strides", "hw")), how.get("groups", 1)
        x, size = numbers(batch, *(9, 7)[:n], 4), (3, 2)[:n]
        kernel = numbers(*size, 4 // groups, 8, seed=1)
        g = numbers(*ops.convolution(x, kernel, **how).shape, seed=2)
        yield ops.convolution, (x, kernel), how
        yield ops.convolution_input, (g, kernel), {**how, "shape": x.shape[1:-1]}
        yield ops.convolution_kernel, (x, g), {**how, "size": size}
    for how in POOLINGS + MORE_POOLINGS:
        x = numbers(batch, *(9, 7)[: len(how["size"])], 3)
        g = numbers(*ops.max_pooling(x, **how).shape, seed=2)
        yield ops.max_pooling, (x,), how
        yield ops.max_pooling_input, (g, x), how
        yield ops.max_pooling_taken, (numbers(*x.shape, seed=3), x), how
        yield ops.average_pooling, (x,), how
        yield ops.average_pooling_input, (g,), {**how, "shape": x.shape[1:-1]}


CASES = [pytest.param(*case, id=f"{case[0].name}-{number}") for number, case in enumerate(maps(3))]


def loss_of(operation: Any, inputs: Any, how: Any) -> tuple[Any, list[Any]]:
    """Between what is recorded, so that what is handed on has another layout than the data."""
    leaves = [
        Tensor(x, name=f"leaf_{i}")
        for i, (x, rule) in enumerate(zip(inputs, operation.gradients, strict=True))
        if rule is not None
    ]
    given = [*(np.tanh(leaf) for leaf in leaves), *inputs[len(leaves) :]]
    out = operation(*given, **how)
    bias = Tensor(numbers(out.shape[-1], seed=3), name="bias")
    leaves.append(bias)
    return (np.tanh(out + bias) ** 2).sum(), leaves


def assert_same(plan_: Any, loss: Any, leaves: Any, rtol: float) -> None:
    loss.backward()
    for _ in range(2):  # what is kept from call to call is as it was
        results = plan_.run({})
        np.testing.assert_allclose(results[0], loss.data, rtol=rtol)
        found = plan_.gradients(results[1:])
        for leaf in leaves:
            largest = np.abs(leaf.grad).max()
            np.testing.assert_allclose(found[leaf], leaf.grad, rtol, rtol * largest)


@pytest.mark.parametrize(("operation", "inputs", "how"), CASES)
def test_a_planned_program_gives_what_is_recorded(operation: Any, inputs: Any, how: Any) -> None:
    loss, leaves = loss_of(operation, inputs, how)
    made = plan(loss, leaves, {}, Memory(leaves, None))
    assert_same(made, loss, leaves, 1e-11)
    assert not re.search("^def (convol|max|average)", made.written.text, re.M)  # it has a form


@pytest.mark.parametrize("batch", [1, 7])
def test_batches_of_one_and_of_an_odd_number_in_single_precision(batch: int) -> None:
    for operation, inputs, how in list(maps(batch))[::4]:
        loss, leaves = loss_of(operation, [x.astype(np.float32) for x in inputs], how)
        assert_same(plan(loss, leaves, {}, Memory(leaves, None)), loss, leaves, 1e-4)


def compiled(operation: Any, inputs: Any, how: Any) -> None:
    from autograd_nn.jit.compiling import compiled_step

    loss, leaves = loss_of(operation, inputs, how)
    made = plan(loss, leaves, {}, Memory(leaves, None), compile_steps=compiled_step)
    assert made.compiled is not None
    assert_same(made, loss, leaves, 1e-11)


@pytest.mark.parametrize(
    ("operation", "inputs", "how"), slow_or_thorough(CASES, lambda place, _: place % 6 == 0)
)
def test_machine_code_gives_what_is_recorded(
    operation: Any, inputs: Any, how: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    monkeypatch.setattr("autograd_nn.jit.compiling.MOST_MEGABYTES", 10_000)
    compiled(operation, inputs, how)


def test_equal_and_not_finite_elements_of_a_window_are_told_apart_as_recorded() -> None:
    x = np.random.default_rng(2).integers(0, 3, (2, 8, 8, 2)).astype(float)
    x[0, 2, 3], x[1, 5:7, 5] = np.nan, np.nan
    x[0, 5, 5], x[1, 0, 0] = np.inf, -np.inf
    for how in (POOLINGS + MORE_POOLINGS)[1::2]:
        if len(how["size"]) == 2:
            leaf = Tensor(x, name="x")
            out = ops.max_pooling(leaf, **how)
            loss = (out * numbers(*out.shape)).sum()
            loss.backward()
            _, (found,) = loss.program([leaf])()
            np.testing.assert_array_equal(found, leaf.grad)


def test_between_convolutions_no_picture_is_copied() -> None:
    x = numbers(4, 8, 8, 1)
    how = {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}
    kernels = [Tensor(numbers(3, 3, *io, seed=4), name="kernel") for io in ((1, 2), (2, 3))]
    bias = Tensor(numbers(2), name="bias")
    inside = np.tanh(ops.convolution(x, kernels[0], **how) + bias)
    loss = (ops.convolution(inside, kernels[1], **how) ** 2).sum()
    text = loss.program([*kernels, bias]).source
    body = text.partition("def step")[2]
    assert ".reshape(" not in body.partition("# backward")[0]
    assert "(4, 6, 6, 2)" not in body  # what is recorded has this shape
    assert "(6, 2, 6, 4)" in body


def test_a_position_among_all_of_a_picture_is_that_of_the_picture() -> None:
    kernel = numbers(3, 3, 2, 4, seed=4)

    @compiled_function
    def largest(x: Any) -> Any:
        return np.argmax(np.tanh(ops.convolution(x, kernel)), axis=None)

    for seed in range(4):
        x = numbers(3, 6, 6, 2, seed=seed)
        assert largest(x) == np.tanh(ops.convolution(x, kernel)).argmax()
    assert largest.program is not None


@pytest.mark.parametrize("axis", [0, 1, 2, 3, (1, 2), (0, 3), (0, 1, 2), None])
@pytest.mark.parametrize("keep", [False, True])
def test_sums_of_pictures_and_arrays_beside_some_of_their_axes(axis: Any, keep: bool) -> None:
    x, kernel = numbers(3, 6, 7, 2), Tensor(numbers(3, 3, 2, 4, seed=4), name="kernel")
    row, plane = Tensor(numbers(5, 4, seed=5), name="row"), Tensor(numbers(4, 5, 1, seed=6))
    out = np.tanh(ops.convolution(x, kernel) * row + plane)
    loss = (np.sum(out, axis=axis, keepdims=keep) ** 2).sum()
    loss.backward()
    value, found = loss.program([kernel, row, plane])()
    np.testing.assert_allclose(value, loss.data, rtol=1e-12)
    for ours, leaf in zip(found, (kernel, row, plane), strict=True):
        np.testing.assert_allclose(ours, leaf.grad, rtol=1e-9, atol=1e-9)


def test_what_is_folded_is_added_where_windows_overlap() -> None:
    windows = np.ones((1, 2, 2, 1, 1, 3, 1))
    found = folded(windows, (3, 3), (1, 1), ((0, 0), (0, 0)), (1, 1))
    np.testing.assert_array_equal(found[0, :, 0, :, 0], [[1] * 3, [2] * 3, [1] * 3])


def test_parts_are_placed_among_zeros() -> None:
    found = placed((np.array([1.0]), 2.0), ((slice(0, 1),), (2,)), (4,))
    assert found.tolist() == [1, 0, 2, 0]


def test_a_number_beside_many_pictures_is_repeated_for_some_of_them() -> None:
    x = numbers(16, 32, 32, 2)
    how = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}
    kernel = Tensor(numbers(3, 3, 2, 20, seed=4), name="kernel")
    loss = ops.relu(ops.convolution(x, kernel, **how)).sum()
    program = loss.program([kernel])
    assert "np.full((20, 32, 16), 0, np.float64)" in program.source
    value, (found,) = program()
    loss.backward()
    np.testing.assert_allclose(value, loss.data, rtol=1e-12)
    np.testing.assert_allclose(found, kernel.grad, rtol=1e-9, atol=1e-9)
