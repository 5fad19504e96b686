"""HIPS autograd: `value_and_grad` of a function of the parameters."""

import autograd.numpy as np
from autograd import grad, value_and_grad
from autograd.scipy.special import expit

from benchmarks.measure import Ready
from benchmarks.works import CHAIN, LEARNING_RATE, STARTS, Array, starting_point


def chain(kind: str) -> Ready:
    start = STARTS[kind]
    if kind == "scalar":
        gradient = grad(_chain)
        return Ready(lambda: gradient(start))
    gradient = grad(lambda x: np.sum(_chain(x)))
    return Ready(lambda: gradient(start)[0])


def _chain(x: Array) -> Array:
    y = x
    for _ in range(CHAIN // 2):
        y = y * x
        y = y + x
    return y


def step(size: str) -> Ready:
    x, y, parameters = starting_point(size)

    def loss_function(parameters: list[Array]) -> Array:
        *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
        a = x
        for W, b in hidden:
            a = expit(a @ W + b)
        z = a @ kernel + bias
        # Its gradient of np.mean is float64, which would slow down everything behind it.
        return np.sum(np.logaddexp(0, z) - y * z) / y.size

    loss_and_gradients = value_and_grad(loss_function)

    def call() -> float:
        loss, gradients = loss_and_gradients(parameters)
        for p, g in zip(parameters, gradients, strict=True):
            p -= LEARNING_RATE * g
        return float(loss)

    return Ready(call, "heap kept between steps")
