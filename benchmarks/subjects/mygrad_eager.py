"""MyGrad, its memory guarding switched off, as its documentation advises for speed."""

from typing import Any

import mygrad as mg
import numpy as np
from mygrad.nnet.activations import relu, sigmoid
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.measure import Ready
from benchmarks.problems import CHAIN, LEARNING_RATE, STARTS, read, starting_point

NOTE = "memory guarding off"
mg.turn_memory_guarding_off()


def chain(kind: str) -> Ready:
    start = STARTS[kind]

    def call() -> float:
        x = mg.tensor(start)
        y = x
        for _ in range(CHAIN // 2):
            y = y * x
            y = y + x
        y.sum().backward() if y.ndim else y.backward()
        assert x.grad is not None
        return float(x.grad.flat[0])

    return Ready(call, NOTE, CHAIN)


def step(size: str) -> Ready:
    network = read(size)
    x, y, arrays = starting_point(network)
    activation = sigmoid if network.head == "sigmoid" else relu
    parameters = [mg.tensor(array) for array in arrays]
    zero: Any = np.float32(0)  # a plain 0 would make the loss float64
    *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)

    def call() -> float:
        a = x
        for W, b in hidden:
            a = activation(a @ W + b)
        z = a @ kernel + bias
        if network.head == "sigmoid":
            loss = (mg.logaddexp(zero, z) - y * z).mean()
        else:
            loss = softmax_crossentropy(z, y)
        loss.backward()
        for p in parameters:
            assert p.grad is not None
            p.data -= LEARNING_RATE * p.grad
        return loss.item()

    return Ready(call, NOTE)
