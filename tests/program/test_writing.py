"""Memory used again: only what nobody reads any more is written over."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, gradients, ops
from autograd_nn.optimizers import SGD, Optimizer
from tests.program.agreement import assert_agrees, assert_close


def leaf(*shape: int, name: str = "x", dtype: Any = np.float64) -> Tensor:
    return Tensor(np.random.default_rng([5, *shape]).normal(size=shape).astype(dtype), name=name)


def buffers(program: Any) -> list[str]:
    """The lines that make memory."""
    return re.findall(r"\w+ = np\.empty.*", program.source)


def test_a_chain_takes_few_buffers() -> None:
    """Of ten results in a row no two are needed at a time, but for what the derivatives need."""
    x = leaf(4, 5)
    out: Any = x
    for _ in range(10):
        out = out + 1.0
    program = assert_agrees(out.sum(), [x])
    assert len(buffers(program)) == 1


@pytest.mark.parametrize(
    "function",
    [
        # Read again after something else was computed from them.
        lambda a, b: a * np.exp(a) + a,
        lambda a, b: (a.T * b.T).T + a + b,
        lambda a, b: a[:, ::-1] * a,
        lambda a, b: np.exp(a.reshape(-1))[::-1].reshape(a.shape) * a,
        lambda a, b: a[:2].sum() * a[1:],
        lambda a, b: sum(ops.split(a, indices_or_sections=3)) * b,
        lambda a, b: np.concatenate([a, a, b]),
        lambda a, b: np.stack([a, a]) * b,
        lambda a, b: np.broadcast_to(a[0], (3, 3)) * b,
        lambda a, b: a @ a.T @ b,
        lambda a, b: a - a.max(axis=0) * b.max(axis=1, keepdims=True),
        lambda a, b: a.squeeze() + np.expand_dims(b[0], 0),
        lambda a, b: a.swapaxes(0, 1) + a,
        lambda a, b: (a + b.sum()) * (b - a.sum()),
        lambda a, b: a[np.array([0, 0, 2])] * a,
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_read_later_is_there(function: Callable[..., Any], dtype: Any) -> None:
    x, y = leaf(3, 3, dtype=dtype), leaf(3, 3, name="y", dtype=dtype)
    assert_agrees((function(np.tanh(x), np.sin(y)) ** 2).sum(), [x, y])
    assert_agrees((function(np.tanh(x), np.sin(x)) ** 2).sum(), [x])
    assert_agrees((function(x, y) ** 2).sum(), [x, y])
    # Interior results are wanted too, and must not be written over.
    a, b = np.tanh(x), np.sin(y)
    assert_agrees((function(a, b) ** 2).sum(), [a, b, x, y])


def test_one_gradient_of_several_parameters() -> None:
    """dL/da and dL/db are the same array, and each has its place."""
    a, b, c = leaf(2, 3, name="a"), leaf(2, 3, name="b"), leaf(2, 3, name="c")
    assert_agrees(np.tanh(a + b + c).sum(), [a, b, c])
    assert_agrees(np.tanh(a + b).sum(), [a, b, a])


def test_gradients_that_are_constant_numbers_or_missing() -> None:
    x, y, z = leaf(2, 3), Tensor(2.0, name="y"), leaf(3, name="z")
    assert_agrees(x.sum() + 3.0 * y, [x, y, z])
    assert_agrees(2.0 * y, [y])
    assert_agrees(y, [y])
    assert_agrees(x.sum(), x)


@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_loss_of_one_element_and_with_axes(shape: tuple[int, ...]) -> None:
    x = leaf(*shape)
    assert_agrees(np.tanh(x) * 2.0, [x])
    assert_agrees(x, [x])
    assert_agrees(x.reshape(1) * 1.0, [x])


def test_results_of_one_call_are_not_changed_by_the_next() -> None:
    x, y = leaf(3, 2), leaf(3, 2, name="y")
    inner = np.tanh(x) * y
    program = (inner * inner).sum().program([x, inner, y], inputs={"y": y})
    loss, found = program()
    kept = [np.array(array) for array in (loss, *found)]
    program(y=np.ones((3, 2)))
    assert all((a == b).all() for a, b in zip((loss, *found), kept, strict=True))


def test_result_that_is_an_input_is_not_the_callers_array() -> None:
    x, w = leaf(1), leaf(1, name="w")
    program = (x * 1.0 + 0.0 * w).program([w], inputs={"x": x})
    given = np.array([4.0])
    loss, (by_w,) = program(x=given)
    loss[...] = by_w[...] = 7.0
    assert given.tolist() == [4.0]
    assert program(x=given)[0].tolist() == [4.0]


def test_gradient_of_a_product_with_an_input_is_not_the_callers_array() -> None:
    """d(x·w)/dw is x itself."""
    x, w = leaf(2, 3), leaf(2, 3, name="w")
    program = (x * w).sum().program([w], inputs={"x": x})
    given = np.ones((2, 3))
    (by_w,) = program(x=given)[1]
    by_w[...] = 9.0
    assert (given == 1).all()


def test_loss_before_the_step_where_it_shows_the_parameter() -> None:
    for shape in [(), (1,), (1, 1)]:
        w = Tensor(np.full(shape, 3.0), name="w")
        for loss in (w, w.reshape(1) if shape else w, w.T):
            before = np.array(w._data)
            found = loss.program([w], SGD(0.5))()
            np.testing.assert_array_equal(np.ravel(found), np.ravel(before))
            np.testing.assert_array_equal(w._data, before - 0.5)


def test_rule_whose_new_state_is_the_old_parameter() -> None:
    class Remembering(Optimizer):
        def update(self, parameter, gradient, state, step):
            last = state.get("last", np.zeros_like(parameter))
            moved = parameter - self.learning_rate * gradient + 0.1 * last
            return moved, {"last": parameter * 1.0}

    w, twin = leaf(2, 2, name="w"), leaf(2, 2, name="w")
    optimizer, other = Remembering(0.1), Remembering(0.1)
    program = (w * w).sum().program([w], optimizer)
    for _ in range(3):
        before = np.array(w._data)
        program()
        loss = (twin * twin).sum()
        other.apply_gradients([(gradients(loss, twin), twin)])
        assert_close(w._data, twin._data)
        np.testing.assert_allclose(optimizer._state[w]["last"], before)


def test_warnings_are_those_of_the_engine() -> None:
    """A division by zero is told; of the fast sigmoid's exp nothing overflows."""
    x = Tensor(np.array([1.0, 2.0]), name="x")
    program = (1.0 / x).sum().program([x])
    x.data = np.array([0.0, 1.0])
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert program()[0] == np.inf
    z = Tensor(np.array([-1000.0, 1000.0]), name="z")
    loss, (by_z,) = ops.sigmoid(z).sum().program([z])()
    assert loss == 1.0
    assert by_z[0] == 0.0
    assert 0 <= by_z[1] < 2.3e-308  # below the smallest normal number: e^-709


def test_views_of_inputs_in_any_order_of_memory() -> None:
    x, w = leaf(4, 3), leaf(3, 2, name="w")
    program = (x.reshape(3, 4).T @ w).sum().program([w], inputs={"x": x})
    rows = np.arange(12.0).reshape(4, 3)
    expected = program(x=rows)
    assert_close(program(x=np.asfortranarray(rows)), expected)
    assert_close(program(x=rows[::-1, ::-1][::-1, ::-1]), expected)


def test_names_that_are_no_identifiers() -> None:
    names = ["np", "step", "lambda", "a b", "größe", "1", "", "abs", "slice", "int", "make", "len"]
    leaves = [Tensor(np.array([1.0, 2.0]), name=name) for name in names]
    total: Any = sum((x * (i + 1.0) for i, x in enumerate(leaves)), start=0.0)
    whole = Operation(
        "int", value=lambda x: x[: max(1, int(len(x)))] * 1.0, gradients=(lambda g, out, x: g,)
    )
    assert_agrees((whole(np.abs(total))[0:2] ** 2).sum(), leaves)
