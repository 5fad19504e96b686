"""check_gradients passes what is right and fails what is wrong, with names and numbers."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import GradientCheckError, Operation, Tensor, check_gradients

x = np.array([0.5, -1.5, 2.0])
y = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])


def wrong(name, *gradients, value=lambda x, y: x * y):
    return Operation(name, value=value, gradients=gradients)


def test_right_rules_pass_and_are_counted():
    report = check_gradients(lambda a, b: np.tanh(a @ b), 0.2 * y, 0.2 * y.T, order=2)
    assert report.compared == 2 * (6 + 6)
    assert report.largest_error < 1e-6
    assert "24 derivatives" in str(report)


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x, y: g * y * 1.001,
        lambda g, out, x, y: -g * y,
        lambda g, out, x, y: g,
        lambda g, out, x, y: (g * y)[0],  # an un-broadcast that takes one row
        lambda g, out, x, y: (g * y).mean(axis=0),  # and one that averages
    ],
    ids=["0.1 percent", "sign", "factor", "one row", "mean for sum"],
)
def test_a_wrong_rule_is_found(rule):
    operation = wrong("own", rule, lambda g, out, x, y: g * x)
    with pytest.raises(GradientCheckError):
        check_gradients(operation, x, y)


def test_an_unbroadcast_without_its_sum_is_found():
    right = lambda g, out, x, y: g * x  # noqa: E731
    kept = lambda g, out, x, y: np.broadcast_to(g[:1] * y[:1], (1, 3))  # noqa: E731
    with pytest.raises(GradientCheckError, match="input 0"):
        check_gradients(wrong("own", kept, right), x, y)


def test_a_wrong_axis_is_found():
    operation = wrong("own", lambda g, out, x: g.T * 1.0, value=lambda x: x * np.array([1.0, 5.0]))
    with pytest.raises(GradientCheckError):
        check_gradients(operation, np.array([[1.0, 2.0], [3.0, 4.0]]))


def test_a_rule_that_leaves_the_graph_is_found_in_the_second_order():
    def frozen(g, out, x):
        raw = x.data if isinstance(x, Tensor) else x
        return g * 3 * raw**2

    operation = wrong("cube", frozen, value=lambda x: x**3)
    check_gradients(operation, x)
    with pytest.raises(GradientCheckError, match="the gradient of"):
        check_gradients(operation, x, order=2)


def test_the_message_names_function_input_index_and_both_numbers():
    operation = wrong("squares", lambda g, out, x, y: g * y, lambda g, out, x, y: 3 * g * x)
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(operation, np.array([1.0]), np.array([2.0]))
    text = str(caught.value)
    assert isinstance(caught.value, AssertionError)
    assert "squares" in text
    assert "input 1" in text
    assert "(0,)" in text
    by_rule, by_difference = (
        float(text.split(words)[1].split()[0].strip(",.")) for words in ("gives ", "difference ")
    )
    assert by_rule == pytest.approx(3 * by_difference, rel=1e-6)


def test_float32_is_checked_with_its_own_tolerance():
    check_gradients(lambda a: np.exp(a) * a, x.astype(np.float32))
    with pytest.raises(GradientCheckError):
        operation = wrong("own", lambda g, out, x: g * 1.01, value=lambda x: x * 1.0)
        check_gradients(operation, x.astype(np.float32))


def test_structures_tensors_and_other_arguments():
    def f(p, power):
        return (p["W"] @ p["b"]) ** power

    report = check_gradients(f, {"W": y, "b": Tensor(x)}, 2)
    assert report.compared == 9


def test_a_kink_is_told():
    with pytest.raises(GradientCheckError, match="kink"):
        check_gradients(lambda a: np.maximum(a, 0.0) * 1.0 + np.abs(a - 1e-6), np.array([0.0]))


def test_misuse_is_answered():
    with pytest.raises(TypeError, match="function"):
        check_gradients(3.0, 1.0)
    with pytest.raises(ValueError, match="order"):
        check_gradients(np.exp, 1.0, order=0)
    with pytest.raises(TypeError, match="floating-point"):
        check_gradients(lambda n: n, 3)
