"""HIPS autograd: `value_and_grad` of a function of the parameters."""

from collections.abc import Callable

import autograd
import autograd.numpy as np
from autograd import grad, value_and_grad
from autograd.scipy.special import expit, logsumexp

from benchmarks.measure import Ready
from benchmarks.problems import (
    CHAIN,
    LEARNING_RATE,
    STARTS,
    Array,
    Network,
    read,
    regression,
    starting_point,
)


def chain(kind: str) -> Ready:
    start = STARTS[kind]
    if kind == "scalar":
        gradient = grad(_chain)
        return Ready(lambda: gradient(start), units=CHAIN)
    gradient = grad(lambda x: np.sum(_chain(x)))
    return Ready(lambda: gradient(start)[0], units=CHAIN)


def _chain(x: Array) -> Array:
    y = x
    for _ in range(CHAIN // 2):
        y = y * x
        y = y + x
    return y


def step(size: str) -> Ready:
    network = read(size)
    _, _, parameters = starting_point(network)
    loss_and_gradients = value_and_grad(_loss(network))

    def call() -> float:
        loss, gradients = loss_and_gradients(parameters)
        for p, g in zip(parameters, gradients, strict=True):
            p -= LEARNING_RATE * g
        return float(loss)

    return Ready(call, "heap kept between steps")


def _loss(network: Network) -> Callable[[list[Array]], Array]:
    x, y, _ = starting_point(network)
    samples = np.arange(network.batch)

    def logits(parameters: list[Array], activation: Callable[[Array], Array]) -> Array:
        *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
        a = x
        for W, b in hidden:
            a = activation(a @ W + b)
        return a @ kernel + bias

    def sigmoid_loss(parameters: list[Array]) -> Array:
        z = logits(parameters, expit)
        # Its gradient of np.mean is float64, which would slow down everything behind it.
        return np.sum(np.logaddexp(0, z) - y * z) / y.size

    def softmax_loss(parameters: list[Array]) -> Array:
        z = logits(parameters, lambda z: np.maximum(z, 0))
        return np.sum(logsumexp(z, axis=1) - z[samples, y]) / y.size

    return sigmoid_loss if network.head == "sigmoid" else softmax_loss


def hessian(_: str) -> Ready:
    x, y, w = regression()

    def loss(w: Array) -> Array:
        z = x @ w
        return np.mean(np.logaddexp(0, z) - y * z)

    second = autograd.hessian(loss)
    return Ready(lambda: float(second(w)[0, 0]), first=second(w)[0])
