"""Programs of arrays that are broadcast, empty, of no axes, or of two precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    Input,
    Sequential,
    Tensor,
    compiled,
    gradients,
    layers,
    set_random_seed,
    value_and_grad,
)
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.program import Memory
from autograd_nn.program.planning.planner import plan


@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 3), (4, 2, 3)])
def test_a_broadcast_view_is_not_written_into(shape: tuple[int, ...]) -> None:
    """One of a single row lies in one piece, and is read-only all the same."""
    h = Tensor(np.linspace(-1, 1, 6).reshape(2, 3), name="h")
    loss = (np.broadcast_to(np.tanh(h), shape) * 2.0 + 1.0).sum()
    value, gradient = loss.program(h)()
    np.testing.assert_allclose(value, loss.data)
    np.testing.assert_allclose(gradient, gradients(loss, h))


@pytest.mark.parametrize("optimizer", [None, SGD(0.1), Adam(0.1, clipnorm=0.5)])
def test_parameters_without_elements(optimizer: Any) -> None:
    empty = Tensor(np.zeros((0, 3)), name="empty")
    w = Tensor(np.ones(3), name="w")
    last = Tensor(np.zeros(0), name="last")
    loss = (w * w).sum() + (empty * 2.0).sum() + last.sum()
    program = loss.program([empty, w, last], optimizer)
    if optimizer is not None:
        assert program() == 3.0
        assert program() < 3.0
        assert empty.data.shape == (0, 3)
        return
    value, found = program()
    assert value == 3.0
    np.testing.assert_array_equal(found[1], [2.0, 2.0, 2.0])
    assert found[0].shape == (0, 3)
    assert found[2].shape == (0,)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_functions_of_arrays_without_elements(shape: tuple[int, int]) -> None:
    @compiled
    def f(x: Any) -> Any:
        return (x * 2).sum(), np.tanh(x), x @ x.T, x.sum(axis=1)

    x = np.ones(shape)
    for _ in range(4):
        results = f(x)
    assert f.program is not None
    expected = [0.0, np.tanh(x), x @ x.T, x.sum(axis=1)]
    for found, right in zip(results, expected, strict=True):
        np.testing.assert_array_equal(found, right)


def test_single_and_double_precision_together() -> None:
    """What is float64 at the end and was float32 on the way has the digits of float32."""

    @compiled
    def f(x: Any, y: Any) -> Any:
        h = np.tanh(x)
        return (h.astype(np.float64) / 3).sum() + (h @ h.T).sum(), (x * y).sum()

    x = np.linspace(-3, 3, 50, dtype=np.float32).reshape(5, 10)
    y = np.linspace(0, 1, 10)
    for _ in range(4):
        first, second = f(x, y)
    assert f.program is not None
    h = np.tanh(x.astype(np.float64))
    np.testing.assert_allclose(first, h.sum() / 3 + (h @ h.T).sum(), rtol=1e-6)
    np.testing.assert_allclose(second, (x * y).sum(), rtol=1e-12)


class Scale(layers.Layer):
    """A number that all are multiplied by."""

    replayable = True

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((), "ones", name="scale")
        super().build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs * self.scale


@pytest.mark.parametrize("jit", [False, True])
def test_a_weight_of_no_axes_whose_gradient_is_clipped(jit: bool) -> None:
    """loss = (s − 3)²: at 1 the gradient is −4, and a step of 0.1 with norm 0.1 moves s by 0.01."""
    set_random_seed(0)
    model = Sequential([Input((4,)), Scale()])
    model.compile(loss="mse", optimizer=SGD(0.1, clipnorm=0.1), jit_compile=jit)
    x = np.ones((8, 4), np.float32)
    (scale,) = model.trainable_weights
    for step in range(5):
        model.train_on_batch(x, 3 * x)
        np.testing.assert_allclose(scale.grad, 2 * (1 + 0.01 * step - 3), rtol=1e-5)
        np.testing.assert_allclose(scale.data, 1 + 0.01 * (step + 1), rtol=1e-5)


def test_gradients_of_clipped_parameters_are_kept_when_compiled() -> None:
    """Before they are clipped: 2w, not what is taken for the step."""
    from autograd_nn.jit.compiling import compiled_step

    w = Tensor(np.array([3.0, 4.0]), name="w")
    s = Tensor(2.0, name="s")
    memory = Memory([w, s], SGD(0.1, clipnorm=1.0))
    loss = (w * w).sum() + s * s
    made = plan(loss, [w, s], {}, memory, compile_steps=compiled_step, title="A step.")
    memory.take_in()
    assert made.step(0.1) == 29.0
    np.testing.assert_allclose(made.wholes[0], [6.0, 8.0, 4.0])
    np.testing.assert_allclose(memory.blocks[0].array, [2.94, 3.92, 1.9])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.interp(0.3, [0.0, 1.0], x[:2]),
        lambda x: x[np.array(1) :: np.int64(2)].sum(),
        lambda x: x[: np.array(-1)] * np.array(2.0),
    ],
)
def test_arrays_without_axes_are_numbers(f: Any) -> None:
    compute = compiled(value_and_grad(lambda x: np.sum(f(x))))
    for start in (0.0, 1.0, 2.0):
        x = np.linspace(start, 5, 5) ** 2
        value, gradient = compute(x)
        np.testing.assert_allclose(value, np.sum(f(x)), rtol=1e-12)
        steps = 1e-4 * np.eye(5)  # of what is linear in x
        expected = [np.sum(f(x + step) - f(x - step)) / 2e-4 for step in steps]
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-9)
    assert compute.program is not None


def averaged_away(w: Any, b: Any, v: Any) -> Any:
    return np.var((np.maximum(0, EXAMPLES @ w) + b) @ v)


def normalized_away(w: Any, b: Any, v: Any) -> Any:
    h = EXAMPLES @ w + b
    return np.sum(np.tanh((h - np.mean(h, axis=0)) / np.sqrt(np.var(h, axis=0) + 1e-5)) @ v)


EXAMPLES = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize("f", [averaged_away, normalized_away])
def test_a_gradient_that_is_zero_but_for_rounding_breaks_no_promise(f: Any) -> None:
    """Of a bias that an average takes away: every run leaves another remainder of its sum."""
    step = compiled(value_and_grad(f, argnums=(0, 1, 2)))
    rng = np.random.default_rng(1)
    for _ in range(4):
        w, b, v = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=5)
        value, (_, by_bias, _) = step(w, b, v)
        np.testing.assert_allclose(value, f(w, b, v), rtol=1e-12)
        np.testing.assert_allclose(by_bias, 0, atol=1e-13)
    assert step.program is not None
