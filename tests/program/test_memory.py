"""Parameters and the state of optimizers side by side: the user's Tensors are views of them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.engine.recording import no_grad
from autograd_nn.optimizers import SGD, Adam, RMSprop
from autograd_nn.program.memory import Memory
from tests.program.agreement import assert_close


def weights() -> list[Tensor]:
    random = np.random.default_rng(1)
    return [
        Tensor(random.normal(size=(3, 2)), name="w"),
        Tensor(random.normal(size=2), name="b"),
        Tensor(0.5, name="s"),
    ]


def loss_of(parameters: list[Tensor]) -> Any:
    w, b, s = parameters
    out = np.tanh(np.linspace(-1, 1, 12).reshape(4, 3) @ w + b) * s
    return (out * out).sum()


def eager_step(parameters: list[Tensor], optimizer: Any) -> Any:
    loss = loss_of(parameters)
    optimizer.apply_gradients(zip(gradients(loss, parameters), parameters, strict=True))
    return loss._data


def assert_same(found: list[Tensor], expected: list[Tensor]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert_close(one._data, other._data)


def test_parameters_of_one_dtype_lie_side_by_side() -> None:
    parameters = weights()
    before = [np.array(x._data) for x in parameters]
    memory = Memory(parameters)
    memory.take_in()
    (block,) = memory.blocks
    assert block.array.size == 9
    assert all(np.shares_memory(x._data, block.array) for x in parameters[:2])
    assert all(np.array_equal(x._data, b) for x, b in zip(parameters, before, strict=True))
    np.testing.assert_array_equal(block.array, np.concatenate([np.ravel(b) for b in before]))


def test_dtypes_have_blocks_of_their_own() -> None:
    single = Tensor(np.ones(2, np.float32))
    memory = Memory([single, *weights()], Adam())
    assert [block.array.dtype for block in memory.blocks] == [np.float32, np.float64]
    for block in memory.blocks:
        assert {state.dtype for state in block.states.values()} == {block.array.dtype}
    # 2 · 4 and 9 · 8 bytes, each with momentum and velocity.
    held = [array for b in memory.blocks for array in (b.array, *b.states.values())]
    assert sum(array.nbytes for array in held) == 3 * (2 * 4 + 9 * 8)


def test_tensor_is_changed_in_place() -> None:
    """Whoever holds the Tensor sees the step, as after an eager one."""
    parameters = weights()
    w, _, s = parameters
    program = loss_of(parameters).program(parameters, SGD(0.1))
    program()
    held = w._data
    program()
    assert w._data is held
    twins, other = weights(), SGD(0.1)
    for _ in range(2):
        eager_step(twins, other)
    assert_same(parameters, twins)
    assert type(s._data) is np.float64


def test_array_handed_out_to_the_user_is_a_change_like_any_other() -> None:
    parameters = weights()
    program = loss_of(parameters).program(parameters)
    program()
    parameters[0].data[0, 0] = 9.0
    parameters[1].data = np.array([1.0, -1.0])
    parameters[2].data = 2.0
    twins = weights()
    for twin, x in zip(twins, parameters, strict=True):
        twin.data = np.array(x._data)
    loss = loss_of(twins)
    assert_close(program(), (loss._data, gradients(loss, twins)))


def test_change_under_no_grad_and_by_an_optimizer() -> None:
    parameters, twins = weights(), weights()
    program = loss_of(parameters).program(parameters)
    program()
    for group in (parameters, twins):
        with no_grad():
            group[0] *= 0.5
        eager_step(group, SGD(0.1))
    loss = loss_of(twins)
    assert_close(program(), (loss._data, gradients(loss, twins)))


@pytest.mark.parametrize(
    "make", [Adam, lambda: SGD(0.1, momentum=0.9), lambda: RMSprop(momentum=0.5, centered=True)]
)
@pytest.mark.parametrize("order", ["epepep", "ppeepp", "eepppe"])
def test_eager_steps_and_calls_in_any_order(make: Any, order: str) -> None:
    """The optimizer's state is taken in and handed back."""
    parameters, twins = weights(), weights()
    optimizer, other = make(), make()
    program = loss_of(parameters).program(parameters, optimizer)
    for way in order:
        expected = eager_step(twins, other)
        found = program() if way == "p" else eager_step(parameters, optimizer)
        assert_close(found, expected)
        assert_same(parameters, twins)
        assert optimizer.iterations == other.iterations
        for x, twin in zip(parameters, twins, strict=True):
            assert optimizer._state[x].keys() == other._state[twin].keys()
            for key, expected_state in other._state[twin].items():
                np.testing.assert_allclose(optimizer._state[x][key], expected_state, rtol=1e-12)


def test_state_that_was_there_before_the_program() -> None:
    parameters, twins, optimizer, other = weights(), weights(), Adam(), Adam()
    eager_step(parameters, optimizer)
    eager_step(twins, other)
    program = loss_of(parameters).program(parameters, optimizer)
    program()
    eager_step(twins, other)
    assert_same(parameters, twins)


def test_state_that_is_forgotten_begins_anew() -> None:
    parameters, optimizer = weights(), Adam()
    program = loss_of(parameters).program(parameters, optimizer)
    start = [np.array(x._data) for x in parameters]
    program()
    first = [np.array(x._data) for x in parameters]
    for x, data in zip(parameters, start, strict=True):
        x.data = data
    optimizer._state.clear()
    optimizer._iterations = 0
    program()
    assert all(np.array_equal(x._data, a) for x, a in zip(parameters, first, strict=True))


def test_state_saved_and_restored_between_calls() -> None:
    parameters, optimizer = weights(), Adam()
    program = loss_of(parameters).program(parameters, optimizer)
    program()
    kept = pickle.dumps(([x._data for x in parameters], [optimizer._state[x] for x in parameters]))
    losses = [program() for _ in range(3)]
    data, states = pickle.loads(kept)
    for x, array, state in zip(parameters, data, states, strict=True):
        x.data = array
        optimizer._state[x] = state
    optimizer._iterations = 1
    assert [program() for _ in range(3)] == losses


def test_two_programs_of_the_same_parameters() -> None:
    parameters, twins = weights(), weights()
    optimizer, other = Adam(), Adam()
    gradient = loss_of(parameters).program(parameters[:2])
    moving = loss_of(parameters).program(parameters, optimizer)
    for _ in range(3):
        loss = loss_of(twins)
        assert_close(gradient(), (loss._data, gradients(loss, twins[:2])))
        assert_close(moving(), eager_step(twins, other))
    assert_same(parameters, twins)


def test_leaf_that_another_program_moves() -> None:
    """It is not wanted here, and read anew all the same: an array and a number."""
    parameters = weights()
    w, b, s = parameters
    by_bias = loss_of(parameters).program([b])
    by_bias()
    moving = loss_of(parameters).program([w, s], SGD(0.1))
    for _ in range(2):
        moving()
        loss = loss_of(parameters)
        assert_close(by_bias(), (loss._data, gradients(loss, [b])))


def test_parameter_without_elements() -> None:
    empty, w = Tensor(np.zeros((0, 2)), name="empty"), Tensor(np.ones(2), name="w")
    loss = (empty * w).sum() + (w * w).sum()
    program = loss.program([empty, w], Adam(0.1))
    assert program() == 2.0
    assert empty.shape == (0, 2)
    np.testing.assert_allclose(w._data, 0.9, rtol=1e-6)


def test_data_that_cannot_be_written_to() -> None:
    """Of a leaf that is only read: nothing is written there."""
    fixed = np.broadcast_to(np.array([1.0, 2.0]), (3, 2))
    x, w = Tensor(fixed, requires_grad=False), Tensor(np.ones(2), name="w")
    loss, (by_w,) = (x * w).sum().program([w])()
    assert loss == 9.0
    assert by_w.tolist() == [3.0, 6.0]


def test_data_that_somebody_else_holds_stay_where_they_are() -> None:
    a, b, c, d = (Tensor(np.full(n, 1.0)) for n in (2, 3, 4, 5))
    whole, part = b.data, c.data[1:]
    loss = sum((t * t).sum() for t in (a, b, c, d))
    program = loss.program([a, b, c, d], SGD(0.1))
    assert program() == 14.0
    assert whole.tolist() == b.tolist() == [0.8] * 3
    assert part.tolist() == [0.8] * 3
    whole[...] = 2.0
    part[...] = 3.0
    assert np.isclose(program(), 5 * 0.64 + 12 + 27 + 0.64 + 2 * 0.64)
    assert whole.tolist() == b.tolist()
    assert part.tolist() == c.tolist()[1:]


def test_a_second_program_of_some_of_the_parameters_works_in_the_same_memory() -> None:
    a, b, c = (Tensor(np.full(n, 1.0)) for n in (2, 3, 4))
    of_all = sum((t * t).sum() for t in (a, b, c)).program([a, b, c], SGD(0.1))
    of_all()
    held = b.data
    of_two = sum((t * t).sum() for t in (b, c)).program([b, c], SGD(0.1))
    assert len(of_two._form.plan.memory.blocks) == 1
    for run, values in ((of_two, (0.8, 0.64)), (of_all, (0.64, 0.512)), (of_two, (0.64, 0.4096))):
        run()
        np.testing.assert_allclose([a.data[0], b.data[0]], values)
        assert held.tolist() == b.tolist()
        assert c.data[0] == b.data[0]


def test_data_side_by_side_in_memory_of_another_dtype() -> None:
    """Views of bytes, as of a file that was read: they stay there, and are moved there."""
    held = np.zeros(48, np.uint8)
    held.view(float)[:] = np.arange(2.0, 8.0)
    w, b = Tensor(np.zeros((2, 2)), name="w"), Tensor(np.zeros(2), name="b")
    w._data, b._data = held.view(float)[:4].reshape(2, 2), held.view(float)[4:]
    program = ((w * w).sum() + 3.0 * b.sum()).program([w, b], SGD(0.5))
    assert program() == 4 + 9 + 16 + 25 + 3 * 13
    # w - 0.5 · 2w is 0, b - 0.5 · 3
    np.testing.assert_array_equal(held.view(float), [0, 0, 0, 0, 4.5, 5.5])
