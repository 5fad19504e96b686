"""Data changed in place after a graph was recorded with it: noticed, or harmless, never wrong."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, no_grad
from autograd_nn.engine import mutation
from autograd_nn.engine.errors import MutationError
from autograd_nn.engine.mutation import assign
from autograd_nn.engine.reverse import walk_back


def write_first(w):
    w.data[0] = 5.0


def write_out(w):
    np.add(w.data, 1.0, out=w.data)


def write_through_a_view(w):
    w.data[1:][0] = 5.0


def subtract_in_place(w):
    w.data -= 1.0


def set_data(w):
    w.data = [5.0, 6.0, 7.0]


def optimizer_like(w):
    assign(w, w.numpy() - 0.1)


def augmented_under_no_grad(w):
    with no_grad():
        w -= 1.0


def printed_twice(w):
    str(w.data)
    w.data[0] = 5.0
    str(w.data)


def set_and_set_back(w):
    before = w.numpy()
    w.data = [5.0, 6.0, 7.0]
    w.data = before


def not_a_number(w):
    w.data[0] = np.nan


CHANGES = [
    write_first,
    write_out,
    write_through_a_view,
    subtract_in_place,
    set_data,
    optimizer_like,
    augmented_under_no_grad,
    printed_twice,
    set_and_set_back,
    not_a_number,
]

GRAPHS = {
    "one input": lambda w: w.exp(),
    "two inputs": lambda w: w * w,
    "with attributes": lambda w: w.reshape(3, 1) * w,
    "varying inputs": lambda w: np.stack([w, w]),
    "several results": lambda w: np.split(w, 3)[1] * w,
    "behind a view": lambda w: w[1:] * w[:-1],
}


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("change", CHANGES)
def test_changed_leaf_is_noticed(change, graph):
    w = Tensor([1.0, 2.0, 3.0], name="weights")
    loss = GRAPHS[graph](w).sum()
    change(w)
    for use in (
        loss.backward,
        lambda: gradients(loss, w),
        lambda: gradients(loss, w, create_graph=True),
        lambda: list(walk_back(loss)),
    ):
        with pytest.raises(MutationError, match=r"'weights' of shape \(3,\).*after") as caught:
            use()
        assert isinstance(caught.value, RuntimeError)
    assert w.grad is None


@pytest.mark.parametrize("change", CHANGES)
def test_looking_first_and_changing_later_is_noticed(change):
    w = Tensor([1.0, 2.0, 3.0])
    str(w.data)
    loss = (w * w).sum()
    change(w)
    with pytest.raises(MutationError, match="multiply"):
        loss.backward()


def test_a_constant_that_is_a_tensor_is_watched_too():
    w, c = Tensor([1.0, 2.0]), Tensor([3.0, 4.0], requires_grad=False, name="c")
    loss = (w * c).sum()
    c.data[0] = 9.0
    with pytest.raises(MutationError, match="'c'"):
        loss.backward()


def test_a_constant_made_from_a_constant_stays_what_it_was():
    w, c = Tensor([1.0, 2.0]), Tensor([[3.0], [4.0]], requires_grad=False)
    loss = (w * c.reshape(2)).sum()
    c.data = [[0.0], [0.0]]
    loss.backward()
    assert w.grad.tolist() == [3.0, 4.0]


def test_scalars_are_watched():
    w = Tensor(2.0, name="w")
    y = w * w
    w.data -= 1.0
    with pytest.raises(MutationError, match="'w'"):
        y.backward()


def test_interior_data_cannot_be_written_to():
    w = Tensor([1.0, 2.0])
    y = w * 3
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5.0
    with pytest.raises(ValueError, match="read-only"):
        y.data *= 2
    with pytest.raises(MutationError, match="multiply"):
        y.data = [1.0, 2.0]
    y.sum().backward()
    assert w.grad.tolist() == [3.0, 3.0]
    w.data[0] = 4.0  # freezing the interior does not freeze the leaf
    (w.reshape(2) * 1).data  # noqa: B018
    w.data[1] = 5.0
    assert w.tolist() == [4.0, 5.0]


def test_looking_without_writing_is_harmless():
    w = Tensor([1.0, 2.0])
    y = w * w
    for _ in range(3):
        str(w.data)
        w.data.mean()
        str(y.data)
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]
    str(w.data)
    y.sum().backward()
    assert w.grad.tolist() == [4.0, 8.0]


def test_writing_the_same_numbers_is_harmless():
    w = Tensor([1.0, 2.0])
    y = w * w
    w.data[0] = 1.0
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]


def test_changing_the_source_array_is_harmless():
    base = np.array([[1.0, 2.0], [3.0, 4.0]])
    w = Tensor(base[0])
    y = w * w
    base[:] = 9.0
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]


# ------------------------------------------------------------------ the loops everyone writes


def by_hand(w):
    w.data -= 0.1 * w.grad


def by_hand_into(w):
    w.data[:] = w.data - 0.1 * w.grad


def by_hand_assigned(w):
    w.data = w.data - 0.1 * w.grad


def through_a_reference(w):
    data = w.data
    data -= 0.1 * w.grad


def under_no_grad(w):
    with no_grad():
        w -= 0.1 * w.grad


def as_optimizers_do(w):
    assign(w, w._data - 0.1 * w._grad)


UPDATES = [
    by_hand,
    by_hand_into,
    by_hand_assigned,
    through_a_reference,
    under_no_grad,
    as_optimizers_do,
]


@pytest.mark.parametrize("alive", ["loss is dropped", "losses stay alive"])
@pytest.mark.parametrize("update", UPDATES)
def test_training_loop(update, alive):
    """w ← w − 0.1 · 2w = 0.8 w, ten times."""
    w = Tensor([1.0, -2.0])
    kept = []
    for _ in range(10):
        loss = (w * w).sum()
        w.zero_grad()
        loss.backward()
        update(w)
        if alive.startswith("losses"):
            kept.append(loss)
        str(w.data)
    np.testing.assert_allclose(w.data, 0.8**10 * np.array([1.0, -2.0]), rtol=1e-12)


@pytest.mark.parametrize("update", [by_hand, by_hand_assigned, under_no_grad, as_optimizers_do])
def test_training_loop_of_a_scalar(update):
    w = Tensor(1.0)
    for _ in range(10):
        loss = w * w
        w.zero_grad()
        loss.backward()
        update(w)
    assert abs(w.item() - 0.8**10) < 1e-12


def test_after_an_update_an_old_loss_is_refused_and_a_new_one_works():
    w = Tensor([1.0, 2.0])
    old = (w * w).sum()
    old.backward()
    w.data -= 0.5
    with pytest.raises(MutationError):
        old.backward()
    assert w.grad.tolist() == [2.0, 4.0]
    w.zero_grad()
    (w * w).sum().backward()
    assert w.grad.tolist() == [1.0, 3.0]


# ------------------------------------------------------------------ data looked at in a loop


def test_data_looked_at_again_are_not_compared_again(monkeypatch):
    compared = []
    same = mutation._same
    monkeypatch.setattr(mutation, "_same", lambda a, b: compared.append(1) or same(a, b))
    for _ in range(300):  # beyond the small numbers, which Python keeps once for all
        Tensor([1.0]).data[0] = 2.0
    t = Tensor(np.arange(50.0))
    total = sum(float(t.data[i]) for i in range(50))
    assert total == 1225
    assert len(compared) == 0
    y = t * t
    for i in range(50):
        t.data[i] += 1
    assert len(compared) == 1
    with pytest.raises(MutationError):
        y.sum().backward()


def test_a_change_between_two_looks_is_found_by_whatever_was_recorded_before_it():
    random = np.random.default_rng(0)
    for _ in range(300):
        t = Tensor(random.normal(size=3))
        state = t.numpy()
        nodes = []
        for _ in range(random.integers(1, 12)):
            match random.integers(4):
                case 0:
                    nodes.append(((t * t).sum(), state.copy()))
                case 1:
                    t.data[0]
                case 2:
                    state[0] += 1
                    t.data[0] += 1
                case 3 if nodes:
                    nodes.pop(random.integers(len(nodes)))
        t.data[0]
        for node, then in nodes:
            if np.array_equal(then, state):
                np.testing.assert_array_equal(gradients(node, t), 2 * state)
            else:
                with pytest.raises(MutationError):
                    gradients(node, t)


def test_bits_are_compared():
    for dtype in (np.float16, np.float32, np.float64, np.longdouble, np.int8, np.int64, bool):
        a = np.array([1, 0, 1], dtype)
        assert mutation._same(a, a.copy())
        b = a.copy()
        b[2] = 0
        assert not mutation._same(a, b)
    nan = np.array([np.nan, 1.0])
    assert mutation._same(nan, nan.copy())
    assert mutation._same(nan[::-1], nan[::-1].copy())
