"""What a Tensor is made from, what it holds, and how it is read, copied and changed."""

from __future__ import annotations

import copy
import math
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

from autograd_nn import (
    AutogradError,
    LeavingGraphWarning,
    Operation,
    Tensor,
    grad,
    gradients,
    jacobian,
    no_grad,
    ops,
    value_and_grad,
)
from autograd_nn.engine.recording import scope

# ------------------------------------------------------------------ construction


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (3, "float64"),
        (3.5, "float64"),
        ([1, 2], "float64"),
        ([[1, 2], [3, 4.5]], "float64"),
        ((1, 2), "float64"),
        ([], "float64"),
        ([np.array([1, 2]), np.array([3, 4])], "float64"),
        (True, "bool"),
        ([True, False], "bool"),
        ([True, 2], "float64"),
        (10**30, "float64"),
        ([2**64, 1], "float64"),
        (np.float32(2), "float32"),
        (np.int64(3), "int64"),
        (np.array([1, 2], dtype=np.uint8), "uint8"),
        (np.array([1.0], dtype=np.float16), "float16"),
        (np.array([1.0], dtype=">f4"), "float32"),
        (np.array([1], dtype=">i2"), "int16"),
    ],
)
def test_dtype_by_hand_and_of_arrays(data, dtype):
    t = Tensor(data)
    assert t.dtype == np.dtype(dtype)
    assert t.dtype.isnative
    assert t.requires_grad == (np.dtype(dtype).kind == "f")
    np.testing.assert_array_equal(t.data, np.asarray(data, dtype=dtype))


def test_dtype_can_be_asked_for():
    assert Tensor([1, 2], dtype=np.float32).dtype == np.float32
    assert Tensor([1.7, 2.2], dtype=int).tolist() == [1, 2]
    assert Tensor([1.0], dtype=">f8").dtype.isnative
    assert Tensor([0, 2], dtype="bool").tolist() == [False, True]
    with pytest.raises(TypeError, match=r"float33.*float32"):
        Tensor([1.0], dtype="float33")
    with pytest.raises(TypeError, match="complex"):
        Tensor([1.0], dtype=complex)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("abc", "str"),
        (b"abc", "bytes"),
        (["1", "2"], "text"),
        (np.array(["1", "2"]), "text"),
        (1j, "complex"),
        ([1.0, 2j], "complex"),
        (np.array([1j]), "complex"),
        (None, "None"),
        ([1.0, None], "object"),
        (object(), "object"),
        ({1.0, 2.0}, "set"),
        ({"a": 1.0}, "dict"),
        (np.array([1, "a"], dtype=object), "object"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        (np.zeros(2, dtype=[("a", float)]), "numbers"),
        (np.ma.array([1.0, 2.0], mask=[True, False]), "mask"),
    ],
)
def test_what_is_not_real_numbers_is_refused(data, words):
    with pytest.raises(TypeError, match=words) as caught:
        Tensor(data)
    assert isinstance(caught.value, AutogradError)


def test_lists_that_hold_tensors_are_refused_with_the_way_out():
    t = Tensor(1.0)
    for data in ([t, t], [1.0, t], [[t], [t]], (t,)):
        with pytest.raises(TypeError, match="stack"):
            Tensor(data)
    with pytest.raises(TypeError, match="detach"):
        Tensor(t)


def test_numbers_that_are_too_large_and_ragged_lists_are_refused():
    for data in (10**400, [10**400], [1, -(10**400)]):
        with pytest.raises(ValueError, match="large"):
            Tensor(data)
    with pytest.raises(ValueError, match="row 0 has length 2 and row 1 has length 1"):
        Tensor([[1, 2], [3]])
    with pytest.raises(ValueError, match="ragged"):
        Tensor([[[1], [2, 3]], [[4], [5]]])


@pytest.mark.parametrize("data", [True, [True], np.array([1, 2]), np.int32(4)])
def test_no_gradient_for_integers_and_booleans(data):
    with pytest.raises(TypeError, match=r"float.*(bool|int)"):
        Tensor(data, requires_grad=True)
    t = Tensor(data)
    with pytest.raises(TypeError, match="float"):
        t.requires_grad = True


def test_arguments_are_checked():
    with pytest.raises(TypeError, match="name.*3"):
        Tensor(1.0, name=3)
    with pytest.raises(TypeError, match="requires_grad.*'yes'"):
        Tensor(1.0, requires_grad="yes")
    with pytest.raises(TypeError, match="final"):
        type("Mine", (Tensor,), {})


def test_data_is_copied():
    source = np.array([1.0, 2.0, 3.0, 4.0])
    whole, view = Tensor(source), Tensor(source[::2])
    source[:] = 9.0
    assert whole.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert view.tolist() == [1.0, 3.0]
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    t = Tensor(frame)
    frame.iloc[0, 0] = 9.0
    assert t.tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_scalars_are_numpy_scalars(dtype):
    x = Tensor(dtype(2))
    assert type(x.data) is dtype
    for y in (x + 1, x * x, -x, x**2, x / 3, x.exp(), x.sum(), x.reshape(1)[0], x.copy()):
        assert type(y.data) is dtype
        y.backward()
        assert type(x.grad) is dtype
        assert type(y.grad) is dtype


# ------------------------------------------------------------------ what it holds


def test_members():
    w = Tensor(np.ones((2, 3), dtype=np.float32), name="w")
    assert (w.shape, w.ndim, w.size, w.dtype, w.name) == ((2, 3), 2, 6, np.float32, "w")
    assert (w.is_leaf, w.operation, w.inputs, w.attributes) == (True, None, (), None)
    assert w.scope is None
    assert w.grad is None
    y = w.sum(axis=0)
    assert (y.is_leaf, y.operation.name, y.attributes, y.scope) == (False, "sum", {"axis": 0}, "")
    assert len(y.inputs) == 1
    assert y.inputs[0] is w
    assert y.requires_grad
    assert w.T.shape == (3, 2)
    assert w.T.operation.name == "transpose"


def test_constants_stay_what_they_are_among_the_inputs():
    x, a = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    assert (x * a).inputs[1] is a
    assert (a * x).inputs[0] is a
    assert (2 ** Tensor(1.0)).inputs[0] == 2
    assert isinstance((x * 2.5).inputs[1], float)
    assert (x * x).inputs == (x, x) or (x * x).inputs[0] is (x * x).inputs[1]


def test_what_wants_no_gradient_is_not_recorded():
    c = Tensor([1.0, 2.0], requires_grad=False)
    for y in (c * 2, c.sum(), np.exp(c), c[0], c @ c):
        assert y.is_leaf
        assert not y.requires_grad
    assert (c * Tensor([1.0, 1.0])).operation.name == "multiply"


def test_constants_share_no_memory_with_what_they_were_made_from():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    c = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=False)
    with no_grad():
        made = [x.T, x[0], x.reshape(4), x.flatten(), *np.split(x, 2), x.squeeze(), x[None]]
    made += [c.T, c[0], c.reshape(4), np.broadcast_to(c, (2, 2, 2)), *np.split(c, 2)]
    for y in made:
        y.data[...] = 9.0
    assert x.tolist() == c.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_results_of_several_do_not_freeze_their_input():
    both = Operation(
        "both",
        value=lambda x: (x, -x),
        gradients=(
            lambda g, out, x: sum(d * s for d, s in zip(g, (1, -1), strict=False) if d is not None),
        ),
    )
    x = Tensor([1.0, 2.0])
    assert both(x)[0].data.tolist() == [1.0, 2.0]  # handed out, and so read-only from here on
    x.data = [3.0, 4.0]
    assert x.tolist() == [3.0, 4.0]


def test_item_tolist_numpy():
    assert type(Tensor(2.5).item()) is float
    assert Tensor([[2.5]]).item() == 2.5
    assert type(Tensor(np.array([7])).item()) is int
    with pytest.raises(ValueError, match=r"2.*\(2,\)"):
        Tensor([1.0, 2.0]).item()
    assert Tensor([[1.0], [2.0]]).tolist() == [[1.0], [2.0]]
    assert Tensor(1.5).tolist() == 1.5
    t = Tensor([1.0, 2.0])
    values = (t * 2).numpy()
    values[0] = 9
    assert type(values) is np.ndarray
    assert t.numpy() is not t.numpy()


def test_text():
    loss = (Tensor(2.0) * 3).sum()
    assert f"{loss:.4f}" == "6.0000"
    assert f"{Tensor([[2.5]]):.1f}" == "2.5"
    assert f"{Tensor(np.array(3)):d}" == "3"
    assert f"{loss}" == str(loss) == repr(loss)
    assert "sum" in repr(loss)
    assert "'w'" in repr(Tensor([1.0], name="w"))
    assert "float32" in repr(Tensor([1.0], dtype="float32"))
    assert "requires_grad=False" in repr(Tensor([1.0], requires_grad=False))
    assert len(repr(Tensor(np.zeros((1000, 1000))))) < 1000
    assert f"{Tensor([1.0, 2.0]):>40}".endswith(repr(Tensor([1.0, 2.0])))
    with pytest.raises(ValueError, match=r"'\.2f'.*\(2,\)"):
        f"{Tensor([1.0, 2.0]):.2f}"


def test_truth_length_iteration():
    assert Tensor(2.0)
    assert not Tensor([[0.0]])
    for shape in [(2,), (0,)]:
        with pytest.raises(ValueError, match=r"ambiguous.*any\(\)"):
            bool(Tensor(np.zeros(shape)))
    t = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert len(t) == 3
    rows = list(t)
    assert [row.tolist() for row in rows] == t.tolist()
    assert all(row.operation.name == "getitem" for row in rows)
    first, *_, last = t
    (first * last).sum().backward()
    assert t.grad.tolist() == [[5.0, 6.0], [0.0, 0.0], [1.0, 2.0]]
    for use in (len, iter, list):
        with pytest.raises(TypeError, match="0-d"):
            use(Tensor(1.0))


def test_integers_are_indices():
    values = ["a", "b", "c"]
    assert values[Tensor(np.array(1))] == "b"
    assert list(range(3))[Tensor(np.int64(2))] == 2
    for t in (Tensor(1.0), Tensor(np.array([1]))):
        with pytest.raises(TypeError, match="integer"):
            values[t]
    x = Tensor([1.0, 2.0, 3.0])
    assert x[Tensor(np.array([2, 0]))].tolist() == [3.0, 1.0]
    assert x[[True, False, True]].tolist() == [1.0, 3.0]
    assert x[[]].shape == (0,)
    for key in (1.0, "a", Tensor([1.0])):
        with pytest.raises((IndexError, TypeError), match="integer"):
            x[key]
    with pytest.raises(IndexError):
        x[3]


def test_keys_are_copied():
    x, key = Tensor([1.0, 2.0, 3.0]), np.array([0, 0])
    y = x[key].sum()
    key[:] = 2
    y.backward()
    assert x.grad.tolist() == [2.0, 0.0, 0.0]


# ------------------------------------------------------------------ leaving the graph


LEAVING = [
    float,
    int,
    np.asarray,
    np.array,
    math.sin,
    lambda t: np.array([t, t]),
    lambda t: np.full(2, t),
    lambda t: "%.2f" % t,  # noqa: UP031 - the old form calls float(t)
]


@pytest.mark.parametrize("leave", LEAVING)
def test_leaving_the_graph_is_refused_where_it_would_spoil_a_gradient(leave):
    def spoiled(x):
        return leave(x) * x

    for transform in (grad, value_and_grad, jacobian, lambda f: grad(lambda x: grad(f)(x))):
        with pytest.raises(TypeError, match=r"item\(\).*no_grad"):
            transform(spoiled)(2.0)
    with scope("layer"):
        for t in (Tensor(2.0, name="w"), Tensor(1.0) * 2):
            with pytest.raises(TypeError, match=r"item\(\).*no_grad"):
                leave(t)
        with pytest.raises(TypeError, match="'w'"):
            leave(Tensor(2.0, name="w"))


@pytest.mark.parametrize("leave", LEAVING)
def test_at_the_top_level_a_result_may_leave_with_a_warning(leave):
    expected = leave(2.0)
    with pytest.warns(LeavingGraphWarning, match=r"item\(\).*\.data.*np\.") as caught:
        np.testing.assert_array_equal(leave(Tensor(1.0) * 2), expected)
    assert {warning.filename for warning in caught} == {__file__}
    np.testing.assert_array_equal(leave(Tensor(2.0)), expected)  # a leaf


def test_leaving_the_graph_is_said_once_per_line():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            float(Tensor(1.0) * 2)
    assert len(caught) == 1


@pytest.mark.parametrize("leave", LEAVING)
def test_leaving_the_graph_is_allowed_otherwise(leave):
    expected = leave(2.0)
    with no_grad():
        np.testing.assert_array_equal(leave(Tensor(2.0)), expected)
    for t in (Tensor(2.0, requires_grad=False), Tensor(2.0).detach(), Tensor(np.array(2))):
        np.testing.assert_array_equal(leave(t), expected)


def test_asarray_of_a_constant_is_a_copy():
    c = Tensor([1.0, 2.0], requires_grad=False)
    np.asarray(c)[0] = 9.0
    assert c.tolist() == [1.0, 2.0]
    assert np.asarray(c, dtype=np.float32).dtype == np.float32


def test_detach_remembers_and_shares_nothing():
    w = Tensor([1.0, 2.0], name="w")
    d = w.detach()
    assert d.is_leaf
    assert not d.requires_grad
    assert d.name == "w"
    d.data[0] = 9.0
    assert w.tolist() == [1.0, 2.0]
    assert "'w'" in d._leaf.origin
    assert "multiply" in (w * 2).detach()._leaf.origin
    kept = (w * 2).detach()
    assert kept.inputs == ()
    (kept * w).sum().backward()
    assert w.grad.tolist() == [2.0, 4.0]


# ------------------------------------------------------------------ copies


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_of_a_leaf(duplicate):
    w = Tensor(np.array([1.0, 2.0], dtype=np.float32), name="w")
    w.grad = [3.0, 4.0]
    twin = duplicate(w)
    assert (twin.name, twin.dtype, twin.requires_grad) == ("w", np.float32, True)
    assert twin.grad.tolist() == [3.0, 4.0]
    twin.data[0] = 9.0
    twin.grad[0] = 9.0
    assert w.tolist() == [1.0, 2.0]
    assert w.grad.tolist() == [3.0, 4.0]
    assert not duplicate(Tensor([1.0], requires_grad=False)).requires_grad


def test_deepcopy_keeps_what_is_shared_shared():
    w = Tensor([1.0])
    a, b = copy.deepcopy([w, w])
    assert a is b
    assert a is not w


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_a_leaf(protocol):
    for w in (Tensor([1.0, 2.0], name="w"), Tensor(2.0), Tensor(np.array([1])), Tensor([True])):
        back = pickle.loads(pickle.dumps(w, protocol))
        assert type(back) is Tensor
        assert back.tolist() == w.tolist()
        assert (back.dtype, back.name, back.requires_grad) == (w.dtype, w.name, w.requires_grad)


def test_recorded_nodes_are_not_copied_and_not_pickled():
    y = Tensor([1.0]) * 2
    for use in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match=r"leaf.*detach"):
            use(y)


def test_recorded_copy():
    x = Tensor([1.0, 2.0])
    y = x.copy()
    assert y.operation.name == "copy"
    (y * y).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_astype():
    x = Tensor(np.array([1.0, 2.0], dtype=np.float32))
    y = x.astype(np.float64)
    assert y.dtype == np.float64
    (y * y).sum().backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [2.0, 4.0]
    assert x.astype(int).tolist() == [1, 2]
    assert not x.astype(int).requires_grad
    assert x.astype(">f8").dtype.isnative
    with pytest.raises(TypeError, match="complex"):
        x.astype(complex)
    with pytest.raises(TypeError, match="float33"):
        x.astype("float33")


# ------------------------------------------------------------------ changing data and gradients


def test_data_setter():
    w = Tensor(np.array([1.0, 2.0], dtype=np.float32), name="w")
    w.data = [3, 4]
    assert w.tolist() == [3.0, 4.0]
    source = np.array([5.0, 6.0])
    w.data = source
    source[0] = 9.0
    assert w.tolist() == [5.0, 6.0]
    assert w.dtype == np.float32
    w.data = Tensor([7.0, 8.0]) * 1
    assert w.tolist() == [7.0, 8.0]
    with pytest.raises(ValueError, match=r"'w'.*\(2,\).*\(3,\)"):
        w.data = [1.0, 2.0, 3.0]
    s = Tensor(1.0)
    s.data = 2
    assert type(s.data) is np.float64
    assert s.item() == 2.0


@pytest.mark.parametrize(
    "value", [None, "abc", np.ma.array([1.0, 2.0], mask=[True, False]), [1j, 2], [None, 1.0]]
)
def test_data_and_gradient_are_real_numbers(value):
    w = Tensor([1.0, 2.0])
    with pytest.raises(TypeError):
        w.data = value
    assert w.tolist() == [1.0, 2.0]
    if value is not None:
        with pytest.raises(TypeError):
            w.grad = value
        assert w.grad is None


def test_integers_are_not_cut_off():
    t = Tensor(np.array([1, 2]))
    with pytest.raises(TypeError, match=r"int64.*float64"):
        t.data = [1.5, 2.5]
    for change in (lambda: t.at[0].set(0.5), lambda: t.at[0].add([0.5])):
        with pytest.raises(TypeError, match="astype"):
            change()
    assert t.at[0].set(7).tolist() == [7, 2]


def test_grad_setter():
    w = Tensor(np.array([1.0, 2.0], dtype=np.float32), name="w")
    source = np.array([3.0, 4.0])
    w.grad = source
    source[0] = 9.0
    assert w.grad.tolist() == [3.0, 4.0]
    assert w.grad.dtype == np.float32
    with pytest.raises(ValueError, match=r"'w'.*\(2,\).*\(\)"):
        w.grad = 1.0
    with pytest.raises(RuntimeError, match="requires_grad"):
        Tensor([1.0], requires_grad=False).grad = [1.0]
    s = Tensor(1.0)
    s.grad = 2
    assert type(s.grad) is np.float64
    w.grad = None
    assert w.grad is None
    w.grad = Tensor([1.0, 2.0])
    w.zero_grad()
    assert w.grad is None


def test_gradients_of_a_leaf_can_be_scaled_in_place():
    w = Tensor([1.0, 2.0])
    (w * w).sum().backward()
    w.grad *= 0.5
    assert w.grad.tolist() == [1.0, 2.0]
    w.grad[0] = 9.0
    assert w.grad.tolist() == [9.0, 2.0]


def test_augmented_assignment_of_a_leaf_is_refused_while_recording():
    w = Tensor([1.0, 2.0], name="w")
    for change in ("w += 1", "w -= 1", "w *= 2", "w /= 2", "w **= 2"):
        with pytest.raises(RuntimeError, match=r"'w'.*no_grad.*step"):
            exec(change, {"w": w})
    assert w.tolist() == [1.0, 2.0]


def test_augmented_assignment_of_a_leaf_under_no_grad_changes_its_data():
    w = before = Tensor([1.0, 2.0])
    s = same = Tensor(2.0)
    with no_grad():
        w += 1
        w *= 2
        w -= [1.0, 1.0]
        w /= 2
        w **= 2
        s -= 0.5
    assert w is before
    assert s is same
    assert w.tolist() == [((1 + 1) * 2 - 1) ** 2 / 4, ((2 + 1) * 2 - 1) ** 2 / 4]
    assert s.item() == 1.5
    assert w.requires_grad


def test_augmented_assignment_elsewhere_makes_a_new_tensor():
    x = Tensor(3.0)
    y = first = x * 2
    y += 1
    y *= y
    assert y is not first
    y.backward()
    assert x.grad == 2 * (2 * 3 + 1) * 2
    c = constant = Tensor(1.0, requires_grad=False)
    c += 1
    assert (c.item(), constant.item()) == (2.0, 1.0)
    c += x
    assert c.requires_grad


def test_item_assignment_is_refused_and_names_the_way():
    for t in (Tensor([1.0, 2.0]), Tensor([1.0, 2.0]) * 2, Tensor(np.array([1]))):
        with pytest.raises((RuntimeError, TypeError), match=r"\.at\[i\]\.set"):
            t[0] = 5.0


def test_at_set():
    x, v = Tensor([1.0, 2.0, 3.0]), Tensor(5.0)
    y = x.at[1].set(v)
    assert y.tolist() == [1.0, 5.0, 3.0]
    assert x.tolist() == [1.0, 2.0, 3.0]
    (y * [1.0, 10.0, 100.0]).sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 100.0]
    assert v.grad == 10.0


def test_at_set_of_repeated_places_keeps_the_last():
    x, v = Tensor([1.0, 2.0]), Tensor([5.0, 6.0, 7.0])
    y = x.at[[0, 0, 1]].set(v)
    assert y.tolist() == [6.0, 7.0]
    (y * [10.0, 100.0]).sum().backward()
    assert v.grad.tolist() == [0.0, 10.0, 100.0]
    assert x.grad.tolist() == [0.0, 0.0]


def test_at_add_adds_repeated_places_up():
    x, v = Tensor([1.0, 2.0]), Tensor([5.0, 6.0, 7.0])
    y = x.at[[0, 0, 1]].add(v)
    assert y.tolist() == [12.0, 9.0]
    (y * [10.0, 100.0]).sum().backward()
    assert v.grad.tolist() == [10.0, 10.0, 100.0]
    assert x.grad.tolist() == [10.0, 100.0]


def test_at_with_a_value_that_is_spread():
    x, v = Tensor(np.zeros((2, 3))), Tensor(2.0)
    y = x.at[:, 1:].set(v).at[0].add(1)
    assert y.tolist() == [[1.0, 3.0, 3.0], [0.0, 2.0, 2.0]]
    y.sum().backward()
    assert v.grad == 4.0
    assert x.grad.tolist() == [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]


# ------------------------------------------------------------------ comparisons and identity


def test_comparisons_are_boolean_tensors_that_remember_how_they_were_made():
    x, a = Tensor([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    for other in (a, Tensor(a), 2, 2.0, np.float64(2), [2.0, 2.0, 2.0], pd.Series(a)):
        for result, expected in [
            (x < other, [True, False, False]),
            (x <= other, [True, True, False]),
            (x > other, [False, False, True]),
            (x >= other, [False, True, True]),
            (x == other, [False, True, False]),
            (x != other, [True, False, True]),
        ]:
            assert type(result) is Tensor
            assert result.dtype == bool
            assert result.tolist() == expected
            assert result.inputs[0] is x
            assert not result.requires_grad
    for result in (a > x, np.float64(2) > x, x < 2, np.greater(a, x)):
        assert type(result) is Tensor
        assert result.tolist() == [True, False, False]
        assert any(operand is x for operand in result.inputs)
    with no_grad():
        assert (x < 2).is_leaf
    assert isinstance(Tensor(1.0) == 1.0, np.bool_)
    assert (x == None).tolist() == [False, False, False]  # noqa: E711


def test_hashing_is_by_identity():
    x, twin = Tensor(1.0), Tensor(1.0)
    assert len({x, twin, x}) == 2
    assert {x: "x", twin: "twin"}[x] == "x"
    assert hash(x) == hash(x)


# ------------------------------------------------------------------ operands that do not fit

OPERATORS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**b,
    lambda a, b: a @ b,
]


@pytest.mark.parametrize("operate", OPERATORS)
@pytest.mark.parametrize(
    "other",
    [
        "abc",
        b"abc",
        1j,
        np.complex64(1j),
        np.array([1j, 2.0]),
        np.array(["a", "b"]),
        None,
        object(),
        {"a": 1},
        [1.0, "a"],
        [1.0, Tensor(1.0)],
    ],
    ids=lambda other: type(other).__name__,
)
def test_other_operands_are_refused_on_both_sides(operate, other):
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError):
        operate(x, other)
    with pytest.raises(TypeError):
        operate(other, x)


@pytest.mark.parametrize("operate", OPERATORS)
def test_columns_of_pandas_are_refused_on_the_right_and_take_values_on_the_left(operate):
    x = Tensor([1.0, 2.0]) * 1.0
    for other in (pd.Series([1.0, 2.0]), pd.DataFrame([[1.0, 2.0], [3.0, 4.0]])):
        with pytest.raises(TypeError):
            operate(x, other)
        with pytest.raises((TypeError, LeavingGraphWarning)):
            operate(other, x)


def test_masked_arrays_are_refused_as_right_operands():
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    for operate in OPERATORS:
        with pytest.raises(TypeError, match="mask"):
            operate(Tensor([1.0, 2.0]), masked)
    with pytest.raises(TypeError, match="mask"):
        np.add(Tensor([1.0, 2.0]), masked)
    with pytest.raises(TypeError, match="mask"):
        ops.exp(masked)


@pytest.mark.parametrize("operate", OPERATORS)
def test_lists_are_arrays_on_both_sides(operate):
    x = Tensor([1.0, 2.0])
    np.testing.assert_allclose(operate(x, [3, 4.0]).data, operate(x.numpy(), np.array([3, 4.0])))
    np.testing.assert_allclose(operate([3, 4.0], x).data, operate(np.array([3, 4.0]), x.numpy()))


def test_memory_maps_are_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(2, 2))
    mapped[:] = [[1.0, 2.0], [3.0, 4.0]]
    w = Tensor([1.0, 10.0])
    for y in (mapped @ w, mapped * w, w * mapped, ops.matmul(mapped, w)):
        assert type(y) is Tensor
        assert type(y.data) is np.ndarray
    (mapped @ w).sum().backward()
    assert w.grad.tolist() == [4.0, 6.0]


@pytest.mark.parametrize("other", [np.bool_(True), np.int8(2), np.uint64(2), np.float16(2), True])
def test_every_plain_number_is_an_operand(other):
    x = Tensor([1.0, 2.0])
    assert (x * other).tolist() == (other * x).tolist() == (x.numpy() * other).tolist()


def test_float32_next_to_python_numbers_stays_float32():
    x = Tensor(np.array([1.0, 2.0], dtype=np.float32))
    for y in (x * 2.0, 2 / x, x**2, 1.5 - x, x + True, np.float32(3) * x):
        assert y.dtype == np.float32
    assert (x * np.float64(2)).dtype == np.float64


def test_object_arrays_of_scalar_tensors_work_element_by_element():
    a, b, s = Tensor(2.0), Tensor(3.0), Tensor(5.0)
    pair = np.empty(2, dtype=object)
    pair[0], pair[1] = a, b
    for result in (pair * s, s * pair, np.multiply(s, pair), np.multiply(pair, s)):
        assert type(result) is np.ndarray
        assert [r.item() for r in result] == [10.0, 15.0]
        assert all(r.operation.name == "multiply" for r in result)
    for result, expected in [
        (pair + pair, [4.0, 6.0]),
        (s - pair, [3.0, 2.0]),
        (2.0**pair, [4.0, 8.0]),
        (pair / s, [0.4, 0.6]),
        (np.exp(pair), [math.exp(2), math.exp(3)]),
    ]:
        np.testing.assert_allclose([r.item() for r in result], expected)
    product = pair @ pair
    assert product.item() == 13.0
    product.backward()
    assert (a.grad, b.grad) == (4.0, 6.0)
    assert gradients((pair * s).sum(), [a, b, s]) == [5.0, 5.0, 5.0]


def test_shapes_that_do_not_fit_name_both():
    with pytest.raises(ValueError, match=r"matmul.*\(2, 3\) and \(2, 3\).*columns"):
        Tensor(np.ones((2, 3))) @ Tensor(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"add.*\(2,\) and \(3,\)"):
        Tensor(np.ones(2)) + np.ones(3)
    with pytest.raises(ValueError, match=r"\(2, 3\).*6 elements.*\(4,\)"):
        Tensor(np.ones((2, 3))).reshape(4)
    with pytest.raises(ValueError, match="axis 3"):
        Tensor([1.0, 2.0]).sum(axis=3)


def test_dot_takes_what_numpys_takes():
    x = Tensor([1.0, 2.0, 3.0])
    assert x.dot([4, 5, 6]).item() == 32.0
    assert x.dot(np.array([4, 5, 6])).item() == 32.0
    assert x.dot(2).tolist() == [2.0, 4.0, 6.0]
    assert np.dot(np.eye(3), x).tolist() == [1.0, 2.0, 3.0]
    assert np.dot([1.0, 0.0, 0.0], x).item() == 1.0
    assert isinstance(np.dot(np.eye(3), x).inputs[0], np.ndarray)
    wide = np.arange(8.0).reshape(2, 2, 2)
    assert np.array_equal(Tensor(wide).dot(wide).data, np.dot(wide, wide))


# ------------------------------------------------------------------ what a Tensor has not


@pytest.mark.parametrize("name", ["sort", "strides", "imag", "fill"])
def test_members_that_arrays_have_and_tensors_have_not_name_the_way_out(name):
    t = Tensor([1.0, 2.0])
    assert not hasattr(t, name)
    with pytest.raises(AttributeError, match=f"no `{name}`. Use "):
        getattr(t, name)


def test_axes_and_limits_are_checked():
    t = Tensor([[1.0, 2.0]])
    for axis in ("a", 1.0, (0, "b")):
        with pytest.raises(TypeError, match="`axis` must be an integer"):
            t.sum(axis=axis)
    np.testing.assert_array_equal(t.sum(axis=np.int64(1)).data, [3])
    np.testing.assert_array_equal(t.sum(axis=[0, 1]).data, 3)
    for limits in (("a", 2), (0, "b"), ([None], 1)):
        with pytest.raises(TypeError, match="limits of clip"):
            t.clip(*limits)


@pytest.mark.parametrize(
    ("use", "of_numpy"),
    [
        (lambda t: t % 2, lambda x: np.remainder(x, 2)),
        (lambda t: 17 % t, lambda x: np.remainder(17, x)),
        (lambda t: t // 2, lambda x: np.floor_divide(x, 2)),
        (lambda t: 17 // t, lambda x: np.floor_divide(17, x)),
        (lambda t: divmod(t, 2)[1], lambda x: np.remainder(x, 2)),
        (lambda t: divmod(17, t)[0], lambda x: np.floor_divide(17, x)),
        (round, np.round),
        (lambda t: round(t, 1), lambda x: np.round(x, 1)),
    ],
)
def test_operators_of_division_and_rounding_are_numpys(use, of_numpy):
    for x in (np.float64(7.53), np.array([7.53, -2.25])):
        found = use(Tensor(x))
        assert type(found) is Tensor
        np.testing.assert_array_equal(found.data, of_numpy(x))
