"""What is right: each work computed by hand, against which subjects are compared before timing."""

from functools import cache

import numpy as np

from benchmarks.baselines.epochs import make_epoch
from benchmarks.baselines.lenet_step import make_lenet_step
from benchmarks.baselines.relu_step import make_relu_step
from benchmarks.baselines.sequence_steps import make_sequence_step
from benchmarks.baselines.step import make_step
from benchmarks.baselines.transformer_step import make_transformer_step
from benchmarks.problems import (
    LEARNING_RATE,
    MOONS_DECAY,
    Array,
    Network,
    data_set,
    lenet,
    moons,
    product_operands,
    regression,
    sequences,
    starting_point,
    transformer,
)

Answers = tuple[float, ...]


def of_chain() -> Answers:
    """Return the derivative of the chain's limit, 1 / (1 − x)² at 1/2."""
    return (4.0,)


@cache
def of_steps(network: Network) -> Answers:
    """Return the losses of the first three steps on one batch."""
    make = make_step if network.head == "sigmoid" else make_relu_step
    step = make(network.dims, network.batch, LEARNING_RATE)
    return tuple(float(step()) for _ in range(3))


@cache
def of_sequences(kind: str) -> Answers:
    """Return the losses of the first three steps on one batch of sequences."""
    step = make_sequence_step(kind, *sequences(kind), LEARNING_RATE)
    return tuple(float(step()) for _ in range(3))


@cache
def of_lenet() -> Answers:
    """Return the losses of the first three steps of LeNet on one batch."""
    step = make_lenet_step(*lenet(), LEARNING_RATE)
    return tuple(float(step()) for _ in range(3))


@cache
def of_transformer() -> Answers:
    """Return the losses of the first three steps of the transformer on one batch."""
    step = make_transformer_step(*transformer(), LEARNING_RATE)
    return tuple(float(step()) for _ in range(3))


@cache
def of_epochs(network: Network, batches: float) -> Answers:
    """Return the mean losses of the first three epochs in the order of the data."""
    x, y = data_set(network, batches)
    _, _, parameters = starting_point(network)
    softmax = network.head == "softmax"
    epoch = make_epoch(
        x, y, parameters[::2], parameters[1::2], network.batch, LEARNING_RATE, softmax
    )
    return tuple(float(epoch(np.arange(len(x)))) for _ in range(3))


def of_products(network: Network) -> Answers:
    """Return the first element of each product, summed in float64."""
    pairs = product_operands(network)
    return tuple(float(np.dot(a[0].astype(float), b[:, 0])) for a, b in pairs)


def of_moons() -> Answers:
    """Return the loss of the moons network, and dL/d(the first kernel and the last bias)."""
    points, labels, parameters = moons()
    x, y = np.array(points), np.array(labels)[:, None]
    activations = [x]
    for kernel, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        activations.append(np.maximum(activations[-1] @ kernel + bias, 0))
    margins = 1 - y * (activations[-1] @ parameters[-2] + parameters[-1])
    loss = np.maximum(margins, 0).mean() + MOONS_DECAY * sum((p * p).sum() for p in parameters)
    g: Array = np.where(margins > 0, -y, 0.0) / len(x)
    last_bias = g.sum() + 2 * MOONS_DECAY * parameters[-1][0]
    for a, kernel in zip(activations[:0:-1], parameters[-2:0:-2], strict=True):
        g = (g @ kernel.T) * (a > 0)
    first_kernel = x.T @ g + 2 * MOONS_DECAY * parameters[0]
    return float(loss), *map(float, first_kernel.ravel()), float(last_bias)


def of_hessian() -> Answers:
    """Return the first row of Xᵀ diag(p (1 − p)) X / N, the Hessian in closed form."""
    x, _, w = regression()
    p = 1 / (1 + np.exp(-(x @ w)))
    return tuple(map(float, (x[:, 0] * p * (1 - p)) @ x / len(x)))
