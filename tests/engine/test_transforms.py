"""grad, value_and_grad and jacobian: nested, closed over, and in every structure."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, jacobian, no_grad, value_and_grad


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_three_derivatives_of_exp_of_x_sin_x():
    def f(x):
        return np.exp(x * np.sin(x))

    x = 0.7
    s, c = math.sin(x), math.cos(x)
    u1, u2, u3 = s + x * c, 2 * c - x * s, -3 * s - x * c  # derivatives of x sin x
    e = math.exp(x * s)
    close(grad(f)(x), e * u1)
    close(grad(grad(f))(x), e * (u2 + u1**2))
    close(grad(grad(grad(f)))(x), e * (u3 + 3 * u1 * u2 + u1**3))


def test_third_derivatives_of_powers_and_tanh():
    close(grad(grad(grad(lambda x: x**4)))(2.0), 48.0)
    t = math.tanh(0.4)
    d1 = 1 - t * t
    close(grad(grad(grad(np.tanh)))(0.4), d1 * (6 * t * t - 2))


def test_third_derivative_of_sigmoid_at_0_is_minus_an_eighth():
    third = grad(grad(grad(lambda x: x.sigmoid())))
    close(third(0.0), -1 / 8)


def test_inner_variables_are_not_confused_with_outer_ones():
    close(grad(lambda x: x * grad(lambda y: x + y)(x))(5.0), 1.0)
    close(grad(lambda x: x * grad(lambda y: x * y * y)(2.0))(5.0), 40.0)
    close(grad(lambda x: x * grad(lambda y: y * y * x)(x))(3.0), 6 * 3.0**2)


def test_third_derivative_by_other_arguments():
    def f(x, y):
        return x**2 * y**3

    mixed = grad(grad(grad(f, 0), 1), 1)
    close(mixed(3.0, 2.0), 2 * 3 * 6 * 2)


def test_closure_over_the_variable_of_an_enclosing_function():
    def outer(w):
        inner = grad(lambda x: (w * x) ** 2)  # 2 w² x
        return inner(3.0) * w  # 6 w³

    close(grad(outer)(2.0), 18 * 4.0)


def test_gradient_of_a_gradient_step():
    def loss(w):
        return w**3

    def after_step(w, rate):
        return loss(w - rate * grad(loss)(w))

    w, rate = 1.5, 0.1
    there = w - rate * 3 * w**2
    close(grad(after_step, 0)(w, rate), 3 * there**2 * (1 - 6 * rate * w))
    close(grad(after_step, 1)(w, rate), 3 * there**2 * (-3 * w**2))


def test_gradient_of_a_gradient_step_of_a_quadratic_form():
    A = np.array([[2.0, 0.5], [0.5, 1.0]])
    w, rate = np.array([1.0, -2.0]), 0.3

    def loss(w):
        return 0.5 * (w @ A @ w)

    found = grad(lambda w: loss(w - rate * grad(loss)(w)))(w)
    M = np.eye(2) - rate * A
    close(found, M @ A @ M @ w)


def test_arrays_in_arrays_out_and_tensors_in_tensors_out():
    def f(x):
        return (x**3).sum()

    x = np.array([1.0, 2.0])
    value, gradient = value_and_grad(f)(x)
    assert type(gradient) is np.ndarray
    assert isinstance(value, np.float64)
    close(gradient, 3 * x**2)
    variable = Tensor(x)
    value, gradient = value_and_grad(f)(variable)
    assert type(value) is Tensor
    assert type(gradient) is Tensor
    close(gradients(gradient.sum(), variable), 6 * x)


def test_captured_weights_alone_are_not_recorded_through():
    w = Tensor([2.0, 3.0])
    assert type(grad(lambda x: (w * x).sum())(np.ones(2))) is np.ndarray


def test_structures_keep_their_form():
    parameters = {"W": np.ones((2, 2)), "both": [np.array([1.0, 2.0]), 3.0], "pair": (4.0,)}

    def f(p):
        return p["W"].sum() * p["both"][1] + (p["both"][0] ** 2).sum() + p["pair"][0] ** 2

    found = grad(f)(parameters)
    close(found["W"], np.full((2, 2), 3.0))
    close(found["both"][0], [2.0, 4.0])
    close(found["both"][1], 4.0)
    close(found["pair"][0], 8.0)
    assert isinstance(found["pair"], tuple)


def test_several_arguments():
    found = grad(lambda x, y: x**2 * y, (1, 0))(3.0, 5.0)
    assert isinstance(found, tuple)
    close(found, (9.0, 30.0))
    with pytest.raises(ValueError, match=r"argnums.*2.*called with 1"):
        grad(lambda x: x, 2)(1.0)


def test_what_does_not_depend_has_a_zero_gradient_and_a_warning():
    with pytest.warns(UserWarning, match="does not depend"):
        assert grad(lambda x: 3.0)(2.0) == 0.0
    with pytest.warns(UserWarning, match="does not depend"):
        close(grad(lambda x, y: x * 1.0, 1)(2.0, np.ones(3)), np.zeros(3))


def test_misuse_is_answered():
    with pytest.raises(TypeError, match=r"scalar.*\(2,\).*jacobian"):
        grad(lambda x: x * 2)(np.ones(2))
    with pytest.raises(TypeError, match="floating-point.*int64"):
        grad(lambda x: x.sum())(np.array([1, 2]))
    with pytest.raises(TypeError, match="function"):
        grad(Tensor(1.0))


def test_grad_works_inside_no_grad():
    with no_grad():
        close(grad(grad(lambda x: x**3))(2.0), 12.0)


def test_jacobian_of_vectors_and_matrices():
    A = np.arange(6.0).reshape(2, 3)
    close(jacobian(lambda x: A @ x)(np.ones(3)), A)
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = jacobian(lambda X: X * X)(X)
    assert found.shape == (2, 2, 2, 2)
    for i, j in np.ndindex(2, 2):
        expected = np.zeros((2, 2))
        expected[i, j] = 2 * X[i, j]
        close(found[i, j], expected)
    close(jacobian(lambda x: (x**2).sum())(np.array([1.0, 2.0])), [2.0, 4.0])


def test_jacobian_by_two_arguments_and_of_a_jacobian():
    first, second = jacobian(lambda x, y: x * y, (0, 1))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    close(first, np.diag([3.0, 4.0]))
    close(second, np.diag([1.0, 2.0]))
    hessian = jacobian(grad(lambda x: (x**3).sum() + x[0] * x[1]))(np.array([1.0, 2.0]))
    close(hessian, [[6.0, 1.0], [1.0, 12.0]])
    twice = jacobian(jacobian(lambda x: x**3))(np.array([2.0]))
    close(twice, [[[12.0]]])


def test_threads_do_not_disturb_each_other():
    found = [0.0] * 4

    def work(i):
        for _ in range(30):
            found[i] = float(grad(grad(lambda x: x**3 * (i + 1)))(2.0))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [12.0, 24.0, 36.0, 48.0]
