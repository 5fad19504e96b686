"""Results without a derivative: recorded where arrays, plain where people count and index."""

from __future__ import annotations

import collections
import copy
import gc
import pickle

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, jacobian, no_grad, ops
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.taking import taken_from

a = np.array([[0.5, -1.5, 0.25], [-1.0, 2.0, 0.75]])


def test_single_positions_counts_truths_and_shares_are_plain():
    t = Tensor(a) * 1.0
    for found, expected in [
        (t.argmax(), np.argmax(a)),
        (np.argmin(t), np.argmin(a)),
        (np.count_nonzero(t > 0), 4),
        ((t > 0).sum(), 4),
        ((t > 0).any(), True),
        ((t > 0).mean(), 4 / 6),
        (t.sum() > 0, True),
        ((t > 0)[0, 0], True),
    ]:
        assert not isinstance(found, Tensor)
        assert found == expected
    assert {2: "a", 4: "b"}[t.argmax()] == "b"
    assert collections.Counter(t.argmax(1)) == {0: 1, 1: 1}
    assert [1, 2, 3][(t > 0)[0].argmin()] == 2


def test_single_numbers_of_floating_point_stay_in_the_graph():
    s = Tensor(2.5)
    for found, value in [(np.floor(s), 2.0), (np.sign(s), 1.0), (np.rint(s), 2.0)]:
        assert type(found) is Tensor
        assert found.item() == value
        assert found.inputs == (s,)
        assert not found.requires_grad


def test_arrays_of_counts_work_with_plain_arrays():
    t = Tensor(a)
    mask, places = t > 0, t.argmax(1)
    h = np.zeros(3)
    h += mask.sum(0)
    assert h.tolist() == [1, 1, 2]
    assert np.bincount(places).tolist() == [1, 1]
    assert np.unique(places).tolist() == [0, 1]
    counts = np.zeros(3)
    np.add.at(counts, places, 1)
    assert counts.tolist() == [1, 1, 0]
    assert a[mask].tolist() == a[a > 0].tolist()
    assert np.cumsum(mask).tolist() == np.cumsum(a > 0).tolist()
    assert [x.tolist() for x in mask.nonzero()] == [x.tolist() for x in np.nonzero(a > 0)]
    assert np.mean(mask) == 4 / 6
    np.testing.assert_array_equal(mask, a > 0)


def test_counting_over_batches_keeps_no_graph_alive():
    w = Tensor(np.ones((100, 3)))
    right, kept = 0, []
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(20):
            p = np.ones((1000, 100)) @ w
            right += (p.argmax(1) == np.zeros(1000)).sum()
            kept.append((p > 0).any())
        del p
        assert len(gc.get_objects()) - before < 100
    finally:
        gc.enable()
    assert right == 20_000
    assert type(right) is np.int64
    assert len(taken_from(w, w * 2)) == 2  # one for each line


def test_a_graph_with_masks_is_freed_at_once():
    gc.disable()
    try:
        before = len(gc.get_objects())
        w = Tensor(a)
        loss = (w * (w > 0)).sum() + w[np.argsort(w, axis=0)[0]].sum()
        w[0][np.argmax(w[0])].backward()
        del loss, w
        assert abs(len(gc.get_objects()) - before) < 5
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
def test_a_mask_is_copied_and_pickled_as_its_values(duplicate):
    mask = Tensor(a) > 0
    twin = duplicate(mask)
    assert twin.tolist() == mask.tolist()
    assert twin.is_leaf
    with pytest.raises(StateError, match="Only leaf"):
        duplicate(Tensor(a) * 2)


def test_a_mask_is_changed_by_at():
    mask = Tensor(a) > 0
    with pytest.raises(StateError, match=r"t\.at\[i\]\.set"):
        mask[0] = True
    assert mask.at[0].set(True).tolist() == [[True] * 3, [False, True, True]]
    mask &= np.array([True, False, True])
    assert mask.tolist() == [[True, False, True], [False, False, True]]


def test_the_gradient_of_a_floor_is_zero_with_a_warning():
    for f, zeros in [
        (grad(lambda v: np.floor(v).sum()), [0.0, 0.0]),
        (jacobian(lambda v: np.floor(v)), [[0.0, 0.0], [0.0, 0.0]]),
    ]:
        with pytest.warns(UserWarning, match="does not depend"):
            assert f(np.array([0.5, 1.5])).tolist() == zeros


def test_no_gradient_flows_through_a_mask_of_another_variable():
    x, y = Tensor([1.0, 2.0]), Tensor([-1.0, 1.0])
    loss = (x * (y > 0)).sum()
    of_x, of_y = gradients(loss, [x, y])
    assert of_x.tolist() == [0.0, 1.0]
    assert of_y is None
    with pytest.warns(UserWarning, match="does not depend"):
        assert grad(lambda v: (x * (v > 0)).sum())(np.array([-1.0, 1.0])).tolist() == [0, 0]
    with pytest.raises(StateError, match="not part of a recorded graph"):
        (x > 0).backward([1.0, 1.0])


def test_an_index_that_was_computed_is_an_input():
    z = Tensor([3.0, -1.0, 2.0]) * 1.0
    for taken, places in [
        (z[z > 0], [0, 2]),
        (z[np.argsort(z)], [1, 2, 0]),
        (z[np.argmax(z)], 0),
        (z[z.argmin()], 1),
    ]:
        assert taken.operation is ops.getitem
        assert taken.inputs[0] is z
        assert taken.inputs[1].inputs[0] is z or taken.inputs[1].operation is ops.greater
        assert taken.tolist() == z.data[places].tolist()
    (z[z > 0] ** 2).sum().backward()
    assert z.grad.tolist() == [6.0, 0.0, 4.0]
    assert taken_from(z, z * 1.0) == []  # both positions came back


def test_assignment_by_a_mask():
    x, v = Tensor([1.0, -2.0, 3.0]), Tensor([10.0, 20.0])
    y = x.at[x > 0].set(v)
    assert y.tolist() == [10.0, -2.0, 20.0]
    of_x, of_v = gradients((y * [1.0, 2.0, 3.0]).sum(), [x, v])
    assert of_x.tolist() == [0.0, 2.0, 0.0]
    assert of_v.tolist() == [1.0, 3.0]
    twice = x.at[Tensor([0, 0, 1], dtype=int)].set([5.0, 6.0, 7.0])
    assert twice.tolist() == [6.0, 7.0, 3.0]


def test_second_derivatives_go_through_masks():
    def f(x):
        return (np.where(x > 0, x**3, x**2) * (x > -5)).sum()

    x = np.array([2.0, -1.0])
    assert np.diag(jacobian(grad(f))(x)).tolist() == [12.0, 2.0]
    relu = lambda s: np.where(s > 0, s**3, s**2)  # noqa: E731
    assert grad(grad(relu))(2.0) == 12.0
    assert grad(grad(relu))(-1.0) == 2.0


def test_nothing_is_recorded_under_no_grad_and_of_constants():
    with no_grad():
        mask = Tensor(a) > 0
    constant = Tensor(a, requires_grad=False) > 0
    for found in (mask, constant):
        assert type(found) is Tensor
        assert found.is_leaf
        assert found.tolist() == (a > 0).tolist()
        assert found.sum() == 4
