"""NumPy without a library: the fixed baselines, matrix products, and one multiplication alone."""

import numpy as np

from benchmarks.baselines.epochs import make_epoch
from benchmarks.baselines.lenet_step import make_lenet_step
from benchmarks.baselines.relu_step import make_relu_step
from benchmarks.baselines.sequence_steps import make_sequence_step
from benchmarks.baselines.step import make_step
from benchmarks.measure import Fits, Ready
from benchmarks.problems import (
    BATCHES,
    CHAIN,
    LEARNING_RATE,
    OPERANDS,
    data_set,
    lenet,
    product_operands,
    read,
    sequences,
    starting_point,
)


def step(size: str) -> Ready:
    network = read(size)
    make = make_step if network.head == "sigmoid" else make_relu_step
    return Ready(make(network.dims, network.batch, LEARNING_RATE))


def lenet_step(_: str) -> Ready:
    return Ready(make_lenet_step(*lenet(), LEARNING_RATE), "25 shifted products")


def sequence_step(kind: str) -> Ready:
    return Ready(make_sequence_step(kind, *sequences(kind), LEARNING_RATE), "cell by cell")


def epochs(size: str) -> Fits:
    network = read(size)
    x, y = data_set(network)
    _, _, parameters = starting_point(network)
    kernels, biases = parameters[::2], parameters[1::2]
    softmax = network.head == "softmax"
    epoch = make_epoch(x, y, kernels, biases, network.batch, LEARNING_RATE, softmax)
    first = [epoch(np.arange(len(x))) for _ in range(3)]
    rng = np.random.default_rng(0)

    def fit(epochs: int) -> list[float]:
        return [epoch(rng.permutation(len(x))) for _ in range(epochs)]

    return Fits(fit, BATCHES, first, f"shuffled, {BATCHES} steps an epoch")


def products(size: str) -> Ready:
    pairs = product_operands(read(size))
    results = [a @ b for a, b in pairs]
    work = list(zip(pairs, results, strict=True))

    def call() -> float:
        for (a, b), out in work:
            a.dot(b, out)
        return 0.0

    return Ready(call, "into buffers", first=[out[0, 0] for out in results])


def multiply(kind: str) -> Ready:
    x = OPERANDS[kind]

    def call() -> float:
        for _ in range(CHAIN):
            x * x
        return 0.0

    return Ready(call, units=CHAIN)
