"""The reverse sweep: backward, gradients and walk_back, and what they promise to own rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_nn import AutogradError, Operation, Tensor, gradients, no_grad, ops
from autograd_nn.engine.reverse import walk_back

# ------------------------------------------------------------------ backward


def test_backward_twice_adds_on_leaves_and_assigns_inside():
    x = Tensor([1.0, 2.0])
    y = x * x
    loss = y.sum()
    for times in (1, 2, 3):
        loss.backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
        assert y.grad.tolist() == [1.0, 1.0]
        assert loss.grad == 1.0


def test_two_losses_add_up():
    x = Tensor(3.0)
    (x * x).backward()
    (x * 5).backward()
    assert x.grad == 11.0
    x.zero_grad()
    assert x.grad is None


def test_seed():
    x = Tensor([1.0, 2.0, 3.0])
    y = x * 2
    for seed in ([1.0, 0.0, 10.0], np.array([1, 0, 10]), Tensor([1.0, 0.0, 10.0])):
        x.zero_grad()
        y.backward(seed)
        assert x.grad.tolist() == [2.0, 0.0, 20.0]
    assert gradients(y, x, seed=[0, 1, 0]).tolist() == [0.0, 2.0, 0.0]
    x.zero_grad()
    (Tensor(2.0) * x).sum().backward(3)
    assert x.grad.tolist() == [6.0, 6.0, 6.0]


def test_seeds_that_are_not_numbers_propagate():
    x = Tensor([1.0, 2.0])
    (x * 2).backward(np.array([np.nan, 1.0]))
    np.testing.assert_array_equal(x.grad, [np.nan, 2.0])


def test_seed_of_another_shape_is_refused():
    y = Tensor([1.0, 2.0]) * 2
    for seed in (1.0, [1.0], [[1.0, 2.0]], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=r"seed.*\(2,\)"):
            y.backward(seed)


def test_the_callers_seed_is_not_shared():
    x, seed = Tensor([1.0, 2.0]), np.ones(2)
    y = x + 0.0
    y.backward(seed)
    x.grad[0] = 9.0
    assert seed.tolist() == [1.0, 1.0]
    seed[1] = 7.0
    assert x.grad.tolist() == [9.0, 1.0]
    assert y.grad.tolist() == [1.0, 1.0]


def test_a_gradient_starts_from_a_scalar():
    y = Tensor([1.0, 2.0]) * 2
    for start in (y.backward, lambda: gradients(y, y.inputs[0]), lambda: list(walk_back(y))):
        with pytest.raises(RuntimeError, match=r"scalar.*\(2,\).*sum.*seed"):
            start()
    x = Tensor([[2.0]])
    (x * x).backward()
    assert x.grad.tolist() == [[4.0]]


def test_what_is_not_recorded_has_no_gradient():
    x = Tensor([1.0, 2.0])
    with no_grad():
        y = (x * x).sum()
    with pytest.raises(RuntimeError, match="no_grad"):
        y.backward()
    with pytest.raises(RuntimeError, match="requires_grad"):
        Tensor(1.0, requires_grad=False).backward()
    for wrong in (3.0, np.float64(3.0), None):
        with pytest.raises(TypeError, match="Tensor"):
            gradients(wrong, x)


def test_backward_inside_no_grad_of_what_was_recorded_outside():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    with no_grad():
        y.backward()
        again = gradients(y, x, create_graph=True)
    assert x.grad.tolist() == [2.0, 4.0]
    assert gradients(again.sum(), x).tolist() == [2.0, 2.0]


def test_a_leaf_is_its_own_gradient():
    x = Tensor(3.0)
    x.backward()
    assert x.grad == 1.0
    v = Tensor([3.0, 4.0])
    v.backward([5.0, 6.0])
    v.backward([5.0, 6.0])
    assert v.grad.tolist() == [10.0, 12.0]
    assert gradients(v, [v], seed=[1.0, 2.0])[0].tolist() == [1.0, 2.0]


def test_switching_off_after_recording():
    for function in (np.exp, lambda t: t * 2, lambda t: t * t, lambda t: np.stack([t, t])):
        x = Tensor([1.0, 2.0])
        y = function(x).sum()
        x.requires_grad = False
        y.backward()
        assert x.grad is None
        assert gradients(y, x) is None


# ------------------------------------------------------------------ gradients


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


def test_gradients_have_the_structure_of_the_inputs():
    x, y = Tensor(2.0), Tensor(3.0)
    f = x * x * y
    assert gradients(f, x) == 12.0
    assert gradients(f, [x, y]) == [12.0, 4.0]
    assert gradients(f, (y, x)) == (4.0, 12.0)
    assert gradients(f, {"b": y, "a": [x, (y,)]}) == {"b": 4.0, "a": [12.0, (4.0,)]}
    assert gradients(f, Pair(x, y)) == Pair(12.0, 4.0)
    assert type(gradients(f, Pair(x, y))) is Pair
    assert gradients(f, []) == []
    assert gradients(f, [x, x]) == [12.0, 12.0]
    with pytest.raises(TypeError, match=r"3\.0"):
        gradients(f, [x, 3.0])


@pytest.mark.parametrize("create_graph", [False, True])
def test_none_where_the_output_does_not_depend(create_graph):
    x, other, c = Tensor([2.0]), Tensor([3.0]), Tensor([4.0], requires_grad=False)
    later = (x * 2).sum()
    found = gradients((x * c).sum(), [x, other, c, later], create_graph=create_graph)
    assert found[0].tolist() == [4.0]
    assert found[1:] == [None, None, None]


def test_nothing_is_stored():
    x = Tensor([1.0, 2.0])
    y = x * x
    loss = y.sum()
    gradients(loss, [x, y])
    list(walk_back(loss))
    assert x.grad is None
    assert y.grad is None
    assert loss.grad is None


@pytest.mark.parametrize("create_graph", [False, True])
def test_interior_targets(create_graph):
    """f = y², y = 3x: df/dy = 2y, df/dx = 18x."""
    x = Tensor([1.0, 2.0])
    y = x * 3
    loss = (y * y).sum()
    by_y, by_loss, by_x = gradients(loss, [y, loss, x], create_graph=create_graph)
    assert by_y.tolist() == [6.0, 12.0]
    assert by_loss.item() == 1.0
    assert by_x.tolist() == [18.0, 36.0]
    assert gradients(loss, y, create_graph=create_graph).tolist() == [6.0, 12.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_input_that_is_an_ancestor_of_another(create_graph):
    """y = x², z = y + x: dz/dy = 1 and the whole of dz/dx = 2x + 1."""
    x = Tensor(3.0)
    y = x * x
    z = y + x
    for wanted in ([x, y], [y, x]):
        found = dict(zip(wanted, gradients(z, wanted, create_graph=create_graph), strict=True))
        assert found[x].item() == 7.0
        assert found[y].item() == 1.0


def test_interior_nodes_that_lead_to_no_input_are_not_visited():
    visited = []
    watch = Operation(
        "watch", value=lambda x: x * 1, gradients=(lambda g, o, x: visited.append(1) or g,)
    )
    x, y = Tensor(2.0), Tensor(3.0)
    out = watch(x) * y
    gradients(out, y)
    assert visited == []
    gradients(out, x)
    assert visited == [1]


def test_recorded_gradients_can_be_differentiated_again():
    """f = x³y: ∂²f/∂x² = 6xy, ∂²f/∂x∂y = 3x², ∂³f/∂x³ = 6y."""
    x, y = Tensor(2.0), Tensor(5.0)
    by_x, by_y = gradients(x**3 * y, [x, y], create_graph=True)
    assert (by_x.item(), by_y.item()) == (60.0, 8.0)
    second = gradients(by_x, [x, y], create_graph=True)
    assert [s.item() for s in second] == [60.0, 12.0]
    third = gradients(second[0], [x, y])
    assert third == [30.0, 12.0]
    by_x.backward()
    assert (x.grad, y.grad) == (60.0, 12.0)


def test_a_gradient_penalty_trains():
    """L = Σ(∂f/∂x)² with f = Σwx²: ∂f/∂x = 2wx, dL/dw = Σ 8wx²."""
    w, x = Tensor(3.0), Tensor([1.0, 2.0])
    slope = gradients((w * x * x).sum(), x, create_graph=True)
    (slope * slope).sum().backward()
    assert w.grad == 8 * 3 * (1 + 4)


# ------------------------------------------------------------------ dtype


def test_gradients_keep_the_dtype_of_the_leaf():
    w = Tensor(np.array([1.0, 2.0], dtype=np.float32))
    s = Tensor(np.float32(2))
    wide = np.array([3.0, 4.0])
    for y in (
        w * wide,
        wide * w,
        w / np.float64(3),
        w * s * wide,
        w @ wide,
        np.where(wide > 3, w, wide) * s,
        np.stack([w, w]) * wide * s,
        w.astype(np.float64) * s.astype("float64"),
        w * np.int64(2) * s,
        np.maximum(w, wide) * s,
        w.max() * np.float64(2) * s,
    ):
        for found in (
            gradients(y.sum(), [w, s]),
            gradients(y.sum(), [w, s], create_graph=True),
        ):
            assert all(g is None or g.dtype == np.float32 for g in found)
        w.zero_grad()
        s.zero_grad()
        y.sum().backward()
        assert w.grad.dtype == np.float32
        assert s.grad is None or type(s.grad) is np.float32


# ------------------------------------------------------------------ memory


def leaf_pairs():
    a, b = Tensor(np.ones((2, 3))), Tensor(np.ones((2, 3)))
    yield "a + b", [a, b], a + b
    yield "a + a", [a], a + a
    yield "a - b", [a, b], a - b
    yield "reshape", [a, b], (a.reshape(3, 2).reshape(6) + b.reshape(6)).reshape(2, 3)
    yield "transpose", [a, b], a.T.T + b.T.T
    yield "stack", [a, b], np.stack([a, b])
    yield "concatenate", [a, b], np.concatenate([a, b])
    yield "split", [a], np.concatenate(np.split(a, 3, axis=1)[::-1], axis=1)
    yield "getitem", [a, b], a[::-1] + b[...]
    yield "copy", [a, b], a.copy() + b
    yield "broadcast_to", [a, b], np.broadcast_to(a + b, (4, 2, 3))
    yield "leaf", [a], a
    yield "where", [a, b], np.where(np.ones(3) > 0, a, b)
    yield "astype", [a, b], a.astype(float) + b
    yield "sum", [a, b], a.sum() + b.sum()


@pytest.mark.parametrize("how", ["backward", "gradients", "recorded"])
@pytest.mark.parametrize(("name", "leaves", "y"), list(leaf_pairs()))
def test_gradients_share_no_memory(name, leaves, y, how):
    for leaf in leaves:
        leaf.zero_grad()
    seed = np.ones(y.shape)
    nodes = [] if y.is_leaf else [y, *(x for x in y.inputs if isinstance(x, Tensor))]
    targets = leaves + [node for node in nodes if node not in set(leaves)]
    if how == "backward":
        y.backward(seed)
        found = [leaf.grad for leaf in leaves] + [node.grad for node in targets[len(leaves) :]]
    elif how == "gradients":
        found = gradients(y, targets, seed=seed)
    else:
        found = [g.data for g in gradients(y, targets, seed=seed, create_graph=True)]
    found = [g for g in found if isinstance(g, np.ndarray)]
    others = [seed, *(t._data for t in targets)]
    for i, g in enumerate(found):
        if how != "recorded":
            assert g.flags.writeable
            assert not any(np.shares_memory(g, h) for h in found[:i])
        assert not any(np.shares_memory(g, other) for other in others)


def test_writing_into_an_interior_gradient_changes_nothing():
    x = Tensor([1.0, 2.0])
    y = x + 1
    z = y + 1
    z.sum().backward()
    y.grad[:] = 9.0
    assert y.grad.tolist() == z.grad.tolist() == x.grad.tolist() == [1.0, 1.0]


# ------------------------------------------------------------------ errors half-way


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_rule_that_raises_changes_nothing(error):
    def rule(g, out, x):
        raise error("on purpose")

    bad = Operation("explodes", value=lambda x: x * 1, gradients=(rule,))
    x, w = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    (w * w).sum().backward()
    before = w.grad.copy()
    hidden = x * w
    loss = (bad(hidden) + hidden * w).sum()
    with pytest.raises(error, match="on purpose") as caught:
        loss.backward()
    assert x.grad is None
    assert np.array_equal(w.grad, before)
    assert hidden.grad is None
    assert loss.grad is None
    if error is ZeroDivisionError:
        assert any("explodes" in note for note in caught.value.__notes__)
    with pytest.raises(error):
        gradients(loss, x, create_graph=True)
    (x * w).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


# ------------------------------------------------------------------ rules of one's own


def own(rule, value=lambda x: x * 2.0):
    return Operation("own", value=value, gradients=(rule,))


@pytest.mark.parametrize("shape", [(2, 3), (3,), (1,), ()])
@pytest.mark.parametrize("create_graph", [False, True])
def test_rules_may_return_what_broadcasts(shape, create_graph):
    x = Tensor(np.ones((2, 3)))
    y = own(lambda g, out, x: np.full(shape, 2.0) if shape else 2)(x)
    found = gradients(y, x, seed=np.ones((2, 3)), create_graph=create_graph)
    assert found.shape == (2, 3)
    assert (np.asarray(found.tolist()) == 2.0).all()


@pytest.mark.parametrize(
    ("shape", "like", "expected"),
    [
        ((4, 3), (3,), 4.0),
        ((3, 3), (3,), 3.0),
        ((5, 4, 3), (4, 1), 15.0),
        ((5, 4, 3), (1, 4, 3), 5.0),
        ((4, 3), (), 12.0),
        ((4,), (), 4.0),
        ((1, 1), (), 1.0),
        ((0, 3), (3,), 0.0),
        ((0,), (), 0.0),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_rules_may_return_what_sums_down(shape, like, expected, create_graph):
    for give in (
        lambda g, out, x: np.ones(shape),
        lambda g, out, x: np.broadcast_to(g.sum() / g.size, shape),
    ):
        x = Tensor(np.ones(like))
        found = gradients(own(give)(x), x, seed=np.ones(like), create_graph=create_graph)
        assert found.shape == like
        np.testing.assert_array_equal(np.asarray(found.tolist()), np.full(like, expected))


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("result", [2, 2.0, True, np.float32(2), np.int64(2), [2.0, 2.0], (2, 2)])
def test_rules_may_return_python_numbers_and_lists(result, create_graph):
    x = Tensor(np.array([1.0, 5.0], dtype=np.float32))
    found = gradients(own(lambda g, out, x: result)(x), x, [1.0, 1.0], create_graph)
    assert found.dtype == np.float32
    assert found.tolist() == [float(np.ravel(result)[0])] * 2


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_rule_with_a_shape_that_does_not_fit_is_named(create_graph):
    for result in (np.ones(4), np.ones((2, 2)), np.ones((3, 1))):
        x = Tensor([1.0, 2.0, 3.0])
        y = own(lambda g, out, x, result=result: result)(x).sum()
        with pytest.raises(ValueError, match=r"own.*input 0.*\(3,\)") as caught:
            gradients(y, x, create_graph=create_graph)
        assert str(result.shape) in str(caught.value)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("result", [None, 1j, np.array([1j, 1j]), "abc", np.array([None, None])])
@pytest.mark.parametrize("data", [1.0, [1.0, 2.0]])
def test_a_rule_that_returns_no_real_numbers_is_named(create_graph, result, data):
    x = Tensor(data)
    y = own(lambda g, out, x: result)(x).sum()
    with pytest.raises(TypeError, match="own"):
        gradients(y, x, create_graph=create_graph)
    assert x.grad is None


def test_two_inputs_and_an_attribute():
    calls = []
    scaled = Operation(
        "scaled",
        value=lambda x, y, by: x * y * by,
        gradients=(lambda g, out, x, y, by: g * y * by, lambda g, out, x, y, by: g * x * by),
    )
    x, y = Tensor([1.0, 2.0]), Tensor(3.0)
    out = scaled(x, y, by=10.0)
    assert out.attributes == {"by": 10.0}
    out.sum().backward()
    assert (x.grad.tolist(), y.grad) == ([30.0, 30.0], 30.0)
    assert scaled(np.array([1.0]), 2.0, by=3.0).tolist() == [6.0]
    assert calls == []


def test_an_input_without_a_derivative():
    pick = Operation("pick", value=lambda x, k: x * k, gradients=(lambda g, out, x, k: g * k, None))
    x, k = Tensor(2.0), Tensor(3.0)
    pick(x, k).backward()
    assert x.grad == 3.0
    assert k.grad is None
    assert gradients(pick(x, k), [x, k]) == [3.0, None]


def test_varying_inputs_of_ones_own():
    total = Operation(
        "total",
        value=lambda *xs: sum(xs),
        gradients=lambda g, out, *xs: [g * (i + 1) for i in range(len(xs))],
    )
    a, b, c = Tensor(1.0), Tensor([2.0, 3.0]), Tensor(np.float32(4.0))
    for call in (total(a, b, c), total([a, b, c])):
        assert len(call.inputs) == 3
        by_a, by_b, by_c = gradients(call.sum(), [a, b, c])
        assert (by_a, by_b.tolist(), by_c) == (2.0, [2.0, 2.0], 6.0)
        assert type(by_c) is np.float32
    assert gradients(total(a), a) == 1.0
    assert gradients(total(a, a, 5.0), a) == 3.0


def test_varying_inputs_with_the_wrong_count_or_none():
    a, b = Tensor(1.0), Tensor(2.0)
    for wrong in (lambda g, out, *xs: (g,), lambda g, out, *xs: g, lambda g, out, *xs: (g, g, g)):
        bad = Operation("bad", value=lambda x, y: x + y, gradients=wrong)
        for create_graph in (False, True):
            with pytest.raises(ValueError, match="bad.*2 inputs"):
                gradients(bad(a, b), [a, b], create_graph=create_graph)
    some = Operation("some", value=lambda x, y: x + y, gradients=lambda g, out, x, y: (g, None))
    assert gradients(some(a, b), [a, b]) == [1.0, None]


def parts_rule(g, out, x):
    """d(x²)·g₀ + d(x³)·g₁, where a part may have got nothing."""
    seen.append(tuple(part is None for part in g))
    total = 0.0
    if g[0] is not None:
        total = total + g[0] * 2 * x
    if g[1] is not None:
        total = total + g[1] * 3 * x * x
    return total


seen: list[tuple[bool, ...]] = []
powers = Operation("powers", value=lambda x: (x * x, x * x * x), gradients=(parts_rule,))


@pytest.mark.parametrize("create_graph", [False, True])
def test_several_results_of_ones_own(create_graph):
    x = Tensor([1.0, 2.0])
    second, third = powers(x)
    assert (second.tolist(), third.tolist()) == ([1.0, 4.0], [1.0, 8.0])
    for loss, expected, nothing in [
        ((second * third).sum(), [5.0, 80.0], (False, False)),
        (second.sum(), [2.0, 4.0], (False, True)),
        (third.sum(), [3.0, 12.0], (True, False)),
        ((third + third).sum(), [6.0, 24.0], (True, False)),
    ]:
        seen.clear()
        assert gradients(loss, x, create_graph=create_graph).tolist() == expected
        assert seen == [nothing]
    found = gradients((second * third).sum(), [second, third, x], create_graph=create_graph)
    assert [f.tolist() for f in found] == [[1.0, 8.0], [1.0, 4.0], [5.0, 80.0]]


def test_several_results_of_ones_own_twice():
    """f = x²·x³ = x⁵: f'' = 20x³."""
    x = Tensor(2.0)
    second, third = powers(x)
    first = gradients(second * third, x, create_graph=True)
    assert first.item() == 80.0
    assert gradients(first, x) == 160.0
    second.backward()
    assert (x.grad, second.grad) == (4.0, 1.0)
    assert third.grad is None


def test_several_results_as_plain_values_and_constants():
    assert [r.tolist() for r in powers(np.array([1.0, 2.0]))] == [[1.0, 4.0], [1.0, 8.0]]
    with no_grad():
        second, third = powers(Tensor(2.0))
    assert not second.requires_grad
    assert third.is_leaf


def test_results_that_cannot_be_in_a_tensor_are_refused():
    x = Tensor([1.0, 2.0])
    for value in (np.fft.fft, lambda x: np.array(["a"]), lambda x: (x, x * 1j)):
        with pytest.raises(TypeError, match="own"):
            own(lambda g, out, x: g, value)(x)
    counted = own(lambda g, out, x: g, lambda x: np.count_nonzero(x))(x)
    assert counted == 2
    assert type(counted) is np.int64  # a number to count with


def test_an_operation_is_checked_when_it_is_made():
    rule = lambda g, out, x: g  # noqa: E731
    for words, arguments in [
        ("name", {"name": 3, "value": abs, "gradients": (rule,)}),
        ("value", {"name": "f", "value": 3, "gradients": (rule,)}),
        ("tuple", {"name": "f", "value": abs, "gradients": 3}),
        (r"gradients\[0\]", {"name": "f", "value": abs, "gradients": (3,)}),
    ]:
        with pytest.raises(TypeError, match=words):
            Operation(**arguments)
    with pytest.raises(ValueError, match="empty"):
        Operation("", value=abs, gradients=(rule,))
    with pytest.raises(TypeError, match="takes 1 inputs, got 2"):
        Operation("f", value=abs, gradients=(rule,))(Tensor(1.0), 2.0)
    with pytest.raises(AutogradError):
        ops.exp("abc")


# ------------------------------------------------------------------ laws for random graphs

UNARY = [
    np.exp,
    np.tanh,
    np.sin,
    np.negative,
    lambda t: t.sigmoid(),
    lambda t: t * t,
    lambda t: t + t,
    lambda t: t.T.T,
    lambda t: t[::-1],
    lambda t: t.mean(axis=0) + t,
    lambda t: t.softmax(),
    lambda t: np.concatenate(np.split(t, 2, axis=1)[::-1], axis=1),
    lambda t: t.sum(axis=1, keepdims=True) * 0.25,
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - 2.0 * b,
    lambda a, b: np.maximum(a, b),
    lambda a, b: (a @ b.T) @ b,
    lambda a, b: np.stack([a, b]).mean(axis=0),
    lambda a, b: np.where(np.arange(4) > 1, a, b),
]


@st.composite
def random_graphs(draw):
    """A few leaves of shape (3, 4), (4,) or (), and up to twelve operations on what is there."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    leaves = [Tensor(random.uniform(-1, 1, shape)) for shape in ((3, 4), (3, 4), (4,), ())]
    full = [leaves[0] * 1.0, leaves[1] + leaves[2], leaves[0] * leaves[3]]
    for _ in range(draw(st.integers(1, 12))):
        a = full[draw(st.integers(0, len(full) - 1))]
        if draw(st.booleans()):
            new = draw(st.sampled_from(UNARY))(a)
        else:
            new = draw(st.sampled_from(BINARY))(a, full[draw(st.integers(0, len(full) - 1))])
        full.append(np.broadcast_to(np.tanh(new), (3, 4)))
    return leaves, full[-1], random


@settings(max_examples=60, deadline=None)
@given(random_graphs())
def test_contributions_add_up_bit_for_bit(graph):
    leaves, output, random = graph
    seed = random.normal(size=output.shape)
    sums: dict[Tensor, np.ndarray] = {}
    upstream: dict[Tensor, np.ndarray] = {output: seed}
    for c in walk_back(output, seed):
        assert c.node.inputs[c.slot] is c.input
        if isinstance(c.upstream, np.ndarray):
            np.testing.assert_array_equal(c.upstream, upstream[c.node])
        sums[c.input] = c.contribution if c.input not in sums else sums[c.input] + c.contribution
        upstream[c.input] = sums[c.input]
    targets = [t for t in sums if not isinstance(t._data, tuple)]
    for target, found in zip(targets, gradients(output, targets, seed), strict=True):
        np.testing.assert_array_equal(sums[target], found)
    output.backward(seed)
    for leaf in leaves:
        if leaf in sums:
            np.testing.assert_array_equal(leaf.grad, sums[leaf])
        else:
            assert leaf.grad is None


@settings(max_examples=60, deadline=None)
@given(random_graphs(), st.floats(-3, 3), st.floats(-3, 3))
def test_gradients_are_linear_in_the_seed(graph, a, b):
    leaves, output, random = graph
    first, second = random.normal(size=(2, *output.shape))
    both = gradients(output, leaves, seed=a * first + b * second)
    for g, h, k in zip(
        both, gradients(output, leaves, first), gradients(output, leaves, second), strict=True
    ):
        if g is not None:
            np.testing.assert_allclose(g, a * h + b * k, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(random_graphs())
def test_the_recorded_sweep_gives_the_same_numbers(graph):
    leaves, output, random = graph
    seed = random.normal(size=output.shape)
    plain = gradients(output, leaves, seed)
    recorded = gradients(output, leaves, seed, create_graph=True)
    for g, h, leaf in zip(plain, recorded, leaves, strict=True):
        assert (g is None) == (h is None)
        if g is not None:
            assert g.shape == h.shape == leaf.shape
            np.testing.assert_allclose(g, h.data, rtol=1e-12, atol=1e-14)


# ------------------------------------------------------------------ what a sweep starts from


def test_recorded_gradients_depend_on_a_seed_that_is_recorded():
    # d(x²)/dx · v = 2xv at x = 2, v = 3: its slope by v is 2x = 4; of 2xv·v it is 4xv = 24
    x, v = Tensor(2.0), Tensor(3.0)
    (g,) = gradients(x**2, [x], v, create_graph=True)
    assert g.item() == 12
    assert gradients(g, [v]) == [4.0]
    assert gradients(g * v, [v]) == [24.0]
    assert gradients(x**2, [x], v) == [12.0]

    w, u = Tensor([1.0, 2.0]), Tensor(np.array([3.0, 4.0], np.float32))
    (h,) = gradients(np.tanh(w) * 2.0, [w], u, create_graph=True)
    slope = 2 * (1 - np.tanh([1.0, 2.0]) ** 2)
    (back,) = gradients(h.sum(), [u])
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, slope, rtol=1e-6)
    (itself,) = gradients(w * 1.0, [w], w, create_graph=True)
    np.testing.assert_array_equal(gradients(itself.sum(), w), [1, 1])


def test_a_seed_of_an_intermediate_is_recorded_too():
    x = Tensor([1.0, 2.0])
    y = x * x
    v = Tensor([3.0, 5.0])
    (back,) = gradients(y, [y], v, create_graph=True)
    assert back is v


@pytest.mark.parametrize(
    "seed", ["3", ["3"], b"1", [2 + 5j], 1j, np.ma.array([1.0], mask=[True]), {1.0}, [None]]
)
def test_seeds_are_checked_as_data_are(seed):
    x = Tensor([1.0])
    for start in (lambda: (x * x).backward(seed), lambda: gradients(x * x, x, seed)):
        with pytest.raises(TypeError):
            start()
    assert x.grad is None


def test_a_seed_given_as_a_list_or_an_integer():
    x = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(gradients(x * x, x, [1, 2]), [2, 8])
    np.testing.assert_array_equal(gradients((x * x).sum(), x, 2), [4, 8])
    with pytest.raises(ValueError, match="ragged"):
        gradients(x * x, x, [[1.0], [2.0, 3.0]])


@pytest.mark.parametrize("create_graph", [False, True])
def test_results_handed_out_share_no_memory(create_graph):
    w, x = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    for output in ((w * w + x).sum(), (w + x).reshape(2, 1).sum(), w.sum() + x.sum()):
        found = gradients(output, [w, w, x, {"again": (w, x)}], create_graph=create_graph)
        flat = [*found[:3], *found[3]["again"]]
        for g in flat:
            np.testing.assert_array_equal(np.asarray(getattr(g, "_data", g)).shape, (2,))
        arrays = [g._data if create_graph else g for g in flat]
        distinct = {id(g): a for g, a in zip(flat, arrays, strict=True)}
        for i, a in enumerate(distinct.values()):
            for b in list(distinct.values())[:i]:
                assert create_graph or not np.shares_memory(a, b)
        if not create_graph:
            assert len(distinct) == len(flat)
