"""The same functions differentiated by HIPS autograd and by MyGrad, live."""

import numpy as np
import pytest

from autograd_nn import Tensor, grad

pytestmark = pytest.mark.peers

x = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]])
W = np.array([[0.5, -0.3], [0.2, 0.8], [-0.7, 0.1]])

# Written with `np` given, so that each library brings its own.
FUNCTIONS = [
    lambda np, x: np.sum(np.tanh(x) ** 2),
    lambda np, x: np.sum(np.exp(x) / (1 + np.exp(x))),
    lambda np, x: np.mean(np.log(1 + x * x)),
    lambda np, x: np.sum(np.matmul(x, W) ** 3),
    lambda np, x: np.sum(np.sin(x) * np.cos(x) - np.sqrt(np.abs(x))),
    lambda np, x: np.sum(np.maximum(x, 0.2) * np.minimum(x, 0.5)),
    lambda np, x: np.sum(np.max(x, axis=1) * np.sum(x, axis=1)),
    lambda np, x: np.sum(x[[0, 1, 1], [2, 0, 0]] ** 2),
    lambda np, x: np.sum(np.transpose(x) * np.reshape(x, (3, 2))),
    lambda np, x: np.sum(np.concatenate([x, x * x], axis=0) ** 2),
]


@pytest.mark.parametrize("f", FUNCTIONS)
def test_gradients_are_those_of_hips_autograd(f):
    import autograd
    import autograd.numpy

    expected = autograd.grad(lambda a: f(autograd.numpy, a))(x)
    np.testing.assert_allclose(grad(lambda a: f(np, a))(x), expected, rtol=1e-12)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_gradients_are_those_of_mygrad(f):
    import mygrad

    variable = mygrad.tensor(x)
    f(mygrad, variable).backward()
    ours = Tensor(x)
    f(np, ours).backward()
    np.testing.assert_allclose(ours.grad, variable.grad, rtol=1e-12)


@pytest.mark.parametrize("f", FUNCTIONS[:5])
def test_second_derivatives_are_those_of_hips_autograd(f):
    import autograd
    import autograd.numpy

    def twice(grad, np):
        return grad(lambda b: np.sum(grad(lambda a: f(np, a))(b) ** 2))(x)

    expected = twice(autograd.grad, autograd.numpy)
    np.testing.assert_allclose(twice(grad, np), expected, rtol=1e-10)
