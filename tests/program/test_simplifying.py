"""Fewer steps that compute the same: what is folded, shared and left out, and what is not."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn.program.calls import ASTYPE, run
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.tracing import Trace, Traced
from autograd_nn.program.values import Instructions, Value

X = np.array([[1.5, -0.0, 2.0], [-3.0, 0.0, np.inf]])


def steps_of(function: Callable[..., Any], *arrays: Any) -> tuple[Instructions, list[Value]]:
    """What the function does to inputs, as steps before any pass."""
    trace = Trace({})
    inputs = [trace.leaf(f"x{i}", array, "input") for i, array in enumerate(arrays)]
    with np.errstate(all="ignore"):
        result = function(*inputs)
    return Instructions(trace.steps, trace.valued(result), []), [x.value for x in inputs]


def computed(steps: Instructions, inputs: list[Value], arrays: Any) -> Any:
    """The result of the steps, one after the other."""
    known: dict[Value, Any] = dict(zip(inputs, arrays, strict=True))

    def now(item: Any) -> Any:
        if type(item) is Value:
            return known.get(item, item.data)
        if type(item) in (tuple, list):
            return type(item)(now(part) for part in item)
        return item

    with np.errstate(all="ignore"):
        for step in steps.steps:
            numbers = tuple(now(x) for x in step.inputs)
            attributes = {key: now(x) for key, x in step.attributes.items()}
            known[step.output] = run(step.function, numbers, attributes)
    return now(steps.loss)


def calls(function: Callable[..., Any], *arrays: Any) -> list[Any]:
    """The calls that are left, after it was seen that they compute the same."""
    steps, inputs = steps_of(function, *arrays)
    with np.errstate(all="ignore"):
        expected = function(*arrays)
    steps = simplified(steps)
    found = computed(steps, inputs, arrays)
    assert np.shape(found) == np.shape(expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    zero = np.asarray(expected) == 0
    assert (np.signbit(found) == np.signbit(expected))[zero].all()
    return [step.function for step in steps.steps]


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda x: np.exp(x) + np.exp(x), [np.exp, np.add]),
        (lambda x: np.exp(x) * (np.arange(3) * 2.0), [np.exp, np.multiply]),
        (lambda x: x**2, [np.square]),
        (lambda x: x.T.T, []),
        (lambda x: x * 1 / 1.0, []),
        (lambda x: x.copy().reshape(2, 3).astype(np.float64), []),
        (lambda x: x * np.ones((2, 3)), []),
        (lambda x: x.sum(axis=1, keepdims=True), [np.add.reduce]),
        (lambda x: np.max(x, 0), [np.maximum.reduce]),
        (lambda x: x.sum(axis=(0, 1)) + np.add.reduce(x, axis=None), [np.add.reduce, operator.add]),
    ],
)
def test_less_is_left(function: Any, left: list[Any]) -> None:
    assert calls(function, X) == left


@pytest.mark.parametrize(
    ("function", "left"),
    [
        # -0 + 0 is 0.
        (lambda x: x + 0.0, [np.add]),
        (lambda x: x * np.array([0.0, -0.0, 0.0]), [np.multiply]),
        # float32 would become float64.
        (lambda x: x.astype(np.float32) * np.float64(1), [ASTYPE, np.multiply]),
        # Another dtype is asked for.
        (lambda x: np.sum(x.astype(np.float32), axis=0, dtype=np.float64), [ASTYPE, np.sum]),
        (lambda x: x.sum(1).sum(), [np.add.reduce, np.add.reduce]),
        (lambda x: np.max(x, axis=1, initial=5.0), [np.max]),
        (lambda x: x.sum(keepdims=True), [np.add.reduce]),
        # Spread over more rows than the other operand has.
        (lambda x: x[0] * np.ones((2, 3)), [operator.getitem, np.multiply]),
    ],
)
def test_what_must_stay(function: Any, left: list[Any]) -> None:
    assert calls(function, X) == left


def test_integers_keep_their_kind() -> None:
    whole = np.array([3, -4, 0])
    assert calls(lambda x: x / 1, whole) == [np.divide]


def test_constants_are_folded_with_their_shape() -> None:
    ones, twos = np.ones((1, 3)), np.full((2, 1), 2.0)

    def function(x: Any) -> Any:
        kept = x.trace.constant if type(x) is Traced else np.asarray
        return x + (kept(ones) * kept(twos)).sum(axis=1, keepdims=True)

    assert calls(function, X) == [np.add]


def test_draws_are_neither_folded_nor_shared() -> None:
    """Two draws of a generator are two, whatever else is the same."""
    trace = Trace({})
    generator = np.random.default_rng(0)
    x = trace.leaf("x", np.ones(3), "input")

    def draw(g: Any) -> Any:
        return g.random(3)

    def drawn() -> Any:
        return trace.call(draw, (generator,), known=np.zeros(3))

    total = x * drawn() + drawn()
    state = generator.bit_generator.state
    steps = simplified(Instructions(trace.steps, total.value, []))
    assert [s.function for s in steps.steps] == [draw, np.multiply, draw, np.add]
    assert generator.bit_generator.state == state


def test_input_is_not_folded() -> None:
    """An input is data of this call only, however small it is."""
    assert calls(lambda x, y: x * (y * 2.0), X, np.array([2.0])) == [np.multiply, np.multiply]


def test_dead_steps_are_left_out() -> None:
    def function(x: Any) -> Any:
        np.exp(x)
        return np.sin(x)

    assert calls(function, X) == [np.sin]
