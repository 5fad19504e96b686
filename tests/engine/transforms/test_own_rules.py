"""stop_gradient and custom_gradient."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import (
    Operation,
    Tensor,
    custom_gradient,
    grad,
    hessian,
    jacobian,
    jvp,
    random,
    stop_gradient,
    value_and_grad,
)
from autograd_nn.engine.errors import StateError


@custom_gradient
def rounded(x):
    return np.round(x), lambda g: g


def test_stopped_values_are_constants():
    assert grad(lambda x: x * stop_gradient(x))(3.0) == 3.0
    assert grad(grad(lambda x: x**2 * stop_gradient(x)))(3.0) == 6.0
    found = stop_gradient({"x": Tensor([1.0, 2.0]), "n": 3, "more": [Tensor(1.0), np.ones(2)]})
    assert not found["x"].requires_grad
    assert (found["x"].tolist(), found["n"], found["more"][0].item()) == ([1.0, 2.0], 3, 1.0)
    with pytest.warns(UserWarning, match="does not depend"):
        assert grad(lambda x: stop_gradient(x * x))(2.0) == 0.0


def test_a_stopped_value_is_not_changed_with_its_source():
    w = Tensor([1.0, 2.0])
    kept = stop_gradient(w)
    w.data[0] = 9.0
    assert kept.tolist() == [1.0, 2.0]


def test_a_straight_through_estimator():
    value, slope = value_and_grad(lambda x: (rounded(x) ** 2).sum())(np.array([0.4, 1.6]))
    assert (value, slope.tolist()) == (4.0, [0.0, 4.0])
    assert rounded(np.array([0.4, 1.6])).tolist() == [0.0, 2.0]
    assert rounded.name == "rounded"


def test_a_rule_with_a_closure_is_differentiated_again():
    """Of y = eˣ with the rule g·y the second derivative is eˣ, of that with 3g it is 0."""

    @custom_gradient
    def exponential(x):
        y = np.exp(x)
        return y, lambda g: g * y

    x = np.array([0.3, -1.0])
    np.testing.assert_allclose(grad(lambda x: exponential(x).sum())(x), np.exp(x))
    np.testing.assert_allclose(hessian(lambda x: exponential(x).sum())(x), np.diag(np.exp(x)))
    np.testing.assert_allclose(jvp(exponential, x, np.ones(2))[1], np.exp(x))

    @custom_gradient
    def steeper(x):
        return x * x, lambda g: 3 * g

    assert grad(steeper)(5.0) == 3.0
    assert grad(lambda x: steeper(x) * x)(5.0) == 25.0 + 15.0


def test_several_inputs_attributes_and_broadcasting():
    @custom_gradient
    def scaled(x, y, *, by=1.0):
        return by * x * y, lambda g: (10 * g, None)

    dx, dy = jacobian(lambda x, y: scaled(x, y, by=2.0) + y, (0, 1))(np.ones(2), 3.0)
    assert (dx.tolist(), dy.tolist()) == ([[10.0, 0.0], [0.0, 10.0]], [1.0, 1.0])
    assert grad(lambda y: (scaled(np.ones(3), y) * 0 + y).sum())(2.0) == 3.0
    assert grad(lambda x: scaled(x, np.ones(3)).sum())(2.0) == 30.0  # summed over the new axis


def test_gradients_clipped_on_the_way():
    @custom_gradient
    def clipped(x):
        return x + 0.0, lambda g: np.clip(g, -1, 1)

    assert grad(lambda x: (clipped(x) * np.array([5.0, -0.5])).sum())(np.ones(2)).tolist() == [
        1,
        -0.5,
    ]


def test_what_is_no_value_and_rule_is_refused():
    for wrong in (lambda x: x, lambda x: (x, 3), lambda x: (x, None, 1), lambda x: None):
        with pytest.raises(TypeError, match=r"\(value, rule\)"):
            custom_gradient(wrong)(Tensor(1.0))
    with pytest.raises(TypeError, match="function"):
        custom_gradient(3)
    with pytest.raises(ValueError, match="one gradient for each"):
        grad(custom_gradient(lambda x, y: (x * y, lambda g: (g,))))(1.0, Tensor(2.0))
    w = Tensor(2.0)
    with pytest.raises(TypeError, match="outside|input"):
        custom_gradient(lambda x: (x * w, lambda g: g))(Tensor(1.0))


def test_what_is_drawn_at_random_is_drawn_once():
    """A mask of its own for the value and another for the rule would be silently wrong."""

    @custom_gradient
    def dropped(x):
        mask = 2.0 * (np.random.rand(*x.shape) > 0.5)
        return x * mask, lambda g: g * mask

    with pytest.raises(StateError, match="dropped gave other numbers.*Draw outside"):
        grad(lambda x: dropped(x).sum())(np.ones(40))

    @custom_gradient
    def noisy(x):
        noise = random.normal(x.shape)
        return x * noise, lambda g: g * noise

    with pytest.raises(TypeError, match="noisy draws random numbers.*Draw outside"):
        noisy(Tensor(np.zeros(3)))

    @custom_gradient
    def given(x, mask):
        return x * mask, lambda g: (g * mask, None)

    mask = np.array([0.0, 2.0])
    assert grad(lambda x: given(x, mask).sum())(np.ones(2)).tolist() == [0.0, 2.0]


def test_of_several_results_those_that_are_not_used_have_a_gradient_of_zero():
    @custom_gradient
    def both(x):
        return (x, x * x), lambda g: g[0] + 2 * x * g[1]

    assert grad(lambda x: both(x)[1])(3.0) == 6.0
    assert grad(lambda x: both(x)[0])(3.0) == 1.0
    assert grad(grad(lambda x: both(x)[1]))(3.0) == 2.0


def test_a_value_that_is_no_array_is_refused():
    for wrong, shown in (({"a": 1.0}, "a dict with the keys 'a'"), (None, "NoneType")):
        one = Operation("one", value=lambda x, wrong=wrong: wrong, gradients=(None,))
        several = Operation("more", value=lambda x, wrong=wrong: (x, wrong), gradients=(None,))
        for made in (one, several):
            with pytest.raises(TypeError, match=f"value of {made.name} must be.*got {shown}"):
                made(Tensor(1.0))
