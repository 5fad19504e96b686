"""vjp and jvp: closed forms, structures, seeds that are Tensors, what goes in and comes out."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    gauss_newton_product,
    grad,
    gradients,
    hvp,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
Pair = namedtuple("Pair", "first second")


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_linear_function_is_its_own_derivative():
    """f(x) = A·x: vᵀJ = Aᵀv and J·t = A·t, whatever x is."""
    x, v, t = np.array([0.3, -1.0]), np.array([1.0, -2.0, 0.5]), np.array([2.0, 7.0])
    value, pull = vjp(lambda x: A @ x, x)
    close(value, A @ x)
    (found,) = pull(v)
    close(found, A.T @ v)
    value, found = jvp(lambda x: A @ x, (x,), (t,))
    close(value, A @ x)
    close(found, A @ t)


def test_pull_may_be_called_again_with_other_seeds():
    _, pull = vjp(lambda x, y: x * y, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert [g.tolist() for g in pull([1.0, 0.0])] == [[3.0, 0.0], [1.0, 0.0]]
    assert [g.tolist() for g in pull(np.array([0, 1]))] == [[0.0, 4.0], [0.0, 2.0]]


def test_one_argument_may_stand_without_a_tuple():
    value, found = jvp(lambda p: p["a"] ** 2 * p["b"], {"a": 3.0, "b": 2.0}, {"a": 1.0, "b": 10.0})
    assert value == 18.0
    assert found == 2 * 3 * 2 * 1.0 + 9 * 10.0
    assert jvp(np.sin, 0.0, 2.0) == (0.0, 2.0)


def test_structures_go_in_and_come_out():
    def f(p, q):
        return {"sum": p[0] + q.first, "more": [p[1]["x"] * q.second, p[0] * 2.0]}

    p, q = (1.0, {"x": np.array([2.0, 3.0])}), Pair(5.0, np.array([7.0, 11.0]))
    value, pull = vjp(f, p, q)
    assert value["sum"] == 6.0
    assert value["more"][0].tolist() == [14.0, 33.0]
    dp, dq = pull({"sum": 1.0, "more": [[1.0, 10.0], 100.0]})
    assert type(dq) is Pair
    assert (dp[0], dp[1]["x"].tolist()) == (201.0, [7.0, 110.0])
    assert (dq.first, dq.second.tolist()) == (1.0, [2.0, 30.0])
    value, found = jvp(f, (p, q), ((1.0, {"x": [1.0, 0.0]}), Pair(10.0, [0.0, 1.0])))
    assert found["sum"] == 11.0
    assert found["more"][0].tolist() == [7.0, 3.0]
    assert found["more"][1] == 2.0
    for wrong in ({"sum": 1.0}, [1.0, [[1.0, 10.0], 100.0]], {"sum": 1.0, "more": [[1.0, 1.0]]}):
        with pytest.raises(TypeError, match="structure"):
            pull(wrong)


def test_outputs_that_are_no_function_of_the_argument():
    value, pull = vjp(lambda x: (x * 2.0, np.array([1, 2]), x > 0), np.array([1.0, -1.0]))
    assert value[1].tolist() == [1, 2]
    assert pull(([1.0, 1.0], None, None))[0].tolist() == [2.0, 2.0]
    _, found = jvp(lambda x: (x * 2.0, np.array([1, 2])), np.array([1.0, -1.0]), np.ones(2))
    assert found[0].tolist() == [2.0, 2.0]
    assert found[1].tolist() == [0.0, 0.0]
    with pytest.warns(UserWarning, match="does not depend"):
        assert jvp(lambda x: Tensor([1.0, 2.0]), 3.0, 1.0)[1].tolist() == [0.0, 0.0]
    with pytest.warns(UserWarning, match="does not depend"):
        assert vjp(lambda x, y: x * 2, 3.0, 4.0)[1](1.0) == (2.0, 0.0)


def test_the_same_result_twice():
    assert vjp(lambda x: [x, x * x, x], 3.0)[1]([1.0, 10.0, 100.0]) == (161.0,)
    assert jvp(lambda x: [x, x], 3.0, 2.0)[1] == [2.0, 2.0]
    _, found = jvp(lambda x, y: x + y, (1.0, 2.0), (10.0, 100.0))
    assert found == 110.0
    x = Tensor(3.0)
    one, other = gradients(x + Tensor(2.0), [x, x], Tensor(5.0), create_graph=True)
    assert one is not other


def test_auxiliary_outputs():
    def f(x):
        return x * x, {"twice": 2 * x, "name": "f", "count": 3}

    value, pull, aux = vjp(f, 3.0, has_aux=True)
    assert (value, pull(1.0), aux["name"], aux["count"]) == (9.0, (6.0,), "f", 3)
    assert aux["twice"] == 6.0
    assert not isinstance(aux["twice"], Tensor)
    assert jvp(f, (3.0,), (2.0,), has_aux=True)[:2] == (9.0, 12.0)
    (value, aux), slope = value_and_grad(f, has_aux=True)(3.0)
    assert (value, slope, aux["twice"]) == (9.0, 6.0, 6.0)
    slope, aux = grad(f, has_aux=True)(Tensor(3.0))
    assert type(aux["twice"]) is Tensor
    assert gradients(aux["twice"] * slope, slope) == 6.0
    # What depends on a variable of a transform around stays on its graph.
    second = grad(lambda x: grad(lambda y: (y * y, x * y), has_aux=True)(2.0)[1])
    assert second(5.0) == 2.0
    for wrong in (lambda x: x, lambda x: (x, 1, 2), lambda x: [x, 1]):
        with pytest.raises(TypeError, match=r"\(value, auxiliary\)"):
            grad(wrong, has_aux=True)(1.0)


def test_arrays_for_arrays_and_tensors_for_tensors():
    value, pull = vjp(lambda x: x * x, np.array([1.0, 2.0], np.float32))
    assert type(value) is np.ndarray
    assert pull(np.ones(2, np.float32))[0].dtype == np.float32
    assert type(vjp(lambda x: x * x, 3.0)[1](1.0)[0]) is np.float64
    _, found = jvp(lambda x: x * x, np.array([1.0, 2.0], np.float32), [1.0, 1.0])
    assert found.dtype == np.float32
    x = Tensor([1.0, 2.0])
    value, pull = vjp(lambda x: x**3, x)
    (found,) = pull([1.0, 1.0])
    assert type(value) is type(found) is Tensor
    assert gradients(found.sum(), x).tolist() == [6.0, 12.0]


def test_a_seed_and_a_tangent_may_be_recorded():
    """vᵀJ and J·v are linear in v: their derivative with respect to it is J."""
    v = Tensor([1.0, 10.0])
    _, pull = vjp(lambda x: x * x, np.array([3.0, 4.0]))
    (found,) = pull(v)
    assert found.tolist() == [6.0, 80.0]
    assert gradients(found.sum(), v).tolist() == [6.0, 8.0]
    _, found = jvp(lambda x: x * x, np.array([3.0, 4.0]), v)
    assert gradients(found.sum(), v).tolist() == [6.0, 8.0]
    # d/dv of (d(x²)/dx · v · v) = 4xv
    w = Tensor(3.0)
    x = Tensor(2.0)
    g = gradients(x**2, x, w, create_graph=True)
    assert gradients(g, w) == 4.0
    assert gradients(g * w, w) == 24.0


def test_they_nest():
    """d/dx of the derivative of x³ along 1 is 6x; also through closures."""
    assert grad(lambda x: jvp(lambda y: y**3, x, 1.0)[1])(2.0) == 12.0
    assert grad(lambda x: vjp(lambda y: y**3, x)[1](1.0)[0])(2.0) == 12.0
    assert jvp(grad(lambda x: x**3), 2.0, 1.0)[1] == 12.0
    assert jvp(lambda x: jvp(lambda y: x * y * y, 3.0, 1.0)[1], 2.0, 1.0)[1] == 6.0
    # Perturbation confusion: d/dx [x · d/dy (x + y)] = 1
    assert jvp(lambda x: x * jvp(lambda y: x + y, 1.0, 1.0)[1], 5.0, 1.0)[1] == 1.0
    assert jvp(
        lambda x: jvp(lambda y: jvp(lambda z: x * y * z**2, y, 1.0)[1], x, 1.0)[1], 3.0, 1.0
    )[1] == (8 * 3)


def test_they_work_under_no_grad():
    with no_grad():
        assert vjp(lambda x: x**3, 2.0)[1](1.0) == (12.0,)
        assert jvp(lambda x: x**3, 2.0, 1.0) == (8.0, 12.0)


def test_what_does_not_fit_is_refused():
    _, pull = vjp(lambda x: x * 2, np.array([1.0, 2.0]))
    for wrong in (1.0, [1.0], [[1.0, 2.0]]):
        with pytest.raises(ValueError, match=r"seed.*\(2,\)"):
            pull(wrong)
    with pytest.raises(TypeError, match="seed|text|numbers"):
        pull(["a", "b"])
    with pytest.raises(ValueError, match=r"tangents.*\(2,\)"):
        jvp(lambda x: x * 2, np.array([1.0, 2.0]), 1.0)
    with pytest.raises(TypeError, match="structure"):
        jvp(lambda x, y: x * y, (1.0, 2.0), (1.0,))
    with pytest.raises(TypeError, match="float"):
        vjp(lambda x: x * 2, np.array([1, 2]))
    with pytest.raises(TypeError, match="function"):
        jvp(Tensor(1.0) * 2, 1.0, 1.0)
    with pytest.raises(TypeError, match="must return"):
        vjp(lambda x: "text", 1.0)


def test_results_share_no_memory():
    x, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    value, pull = vjp(lambda x: x, x)
    (found,) = pull(v)
    value[0], found[0] = 9.0, 9.0
    assert (x.tolist(), v.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    value, found = jvp(lambda x: x.reshape(2, 1), x, v)
    value[0], found[0] = 9.0, 9.0
    assert (x.tolist(), v.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    one, other = vjp(lambda x, y: x + y, x, x)[1](v)
    assert not np.shares_memory(one, other)


def test_none_stands_for_no_gradient_only_alone():
    """As a part of several it would have been taken for 1 where a rule takes it for 0."""
    x = np.array([1.0, 2.0])
    for call in (
        lambda: vjp(lambda x: (x.sum(), x), x)[1]((None, x)),
        lambda: jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, None)),
        lambda: jvp(np.sin, 2.0, None),
        lambda: hvp(lambda x: x**2, 2.0, None),
        lambda: gauss_newton_product(np.sin, np.sin, 2.0, None),
    ):
        with pytest.raises(TypeError, match="holds None. Give zeros"):
            call()
    assert vjp(lambda x: x * x, 3.0)[1](None) == (6.0,)


def test_another_structure_is_refused_with_both():
    x, f = np.ones(3), lambda p: p["a"].sum() + p["b"].sum()
    for call, told in (
        (lambda: jvp(np.sin, (x,), 1.0), "`tangents`.*a tuple of 1, got float"),
        (lambda: jvp(np.sin, (x,), x), r"`tangents`.*a tuple of 1, got ndarray of shape \(3,\)"),
        (lambda: hvp(np.sum, (x,), x), r"`vectors`.*a tuple of 1, got ndarray of shape \(3,\)"),
        (lambda: hvp(f, {"a": x, "b": x}, {"a": x}), "keys 'a', 'b', got a dict with the keys 'a'"),
        (lambda: hvp(f, {"a": x, "b": x}, {}), "got an empty dict"),
    ):
        with pytest.raises(TypeError, match=told):
            call()
    with pytest.raises(ValueError, match="`vectors` must have the shape"):
        hvp(lambda x: (x * x).sum(), x, np.ones(2))


def test_the_warning_names_what_nothing_depends_on():
    x, w = np.ones(3), Tensor([1.0, 2.0])
    parts = {"w": x, "unused": x, "more": [x, (2.0,)]}
    with pytest.warns(UserWarning, match=r"depend on \['unused'\], \['more'\]\[1\]\[0\] of what"):
        grad(lambda p: (p["w"] * p["more"][0]).sum())(parts)
    with pytest.warns(UserWarning, match=r"depend on \[1\] of what.*or with \.data\?"):
        vjp(lambda a, b: a, x, x)[1](x)
    with pytest.warns(UserWarning, match="on the argument that.*uses the Tensor itself"):
        grad(lambda x: (w * w).sum())(w)
    with pytest.warns(UserWarning, match=r"on \[0\], \[1\] of what.*uses the Tensor itself"):
        grad(lambda weights: (w * w).sum())([w, Tensor(1.0)])
