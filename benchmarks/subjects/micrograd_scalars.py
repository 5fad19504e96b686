"""micrograd: scalars only; its walk is recursive, so the limit is raised."""

import sys

from micrograd.engine import Value
from micrograd.nn import MLP

from benchmarks.measure import Ready
from benchmarks.problems import CHAIN, MOONS_DECAY, MOONS_UNITS, STARTS
from benchmarks.problems import moons as moons_problem

sys.setrecursionlimit(10 * CHAIN)


def chain(kind: str) -> Ready:
    start = float(STARTS[kind])

    def call() -> float:
        x = Value(start)
        y = x
        for _ in range(CHAIN // 2):
            y = y * x
            y = y + x
        y.backward()
        return x.grad

    return Ready(call, units=CHAIN)


def moons(_: str) -> Ready:
    points, labels, arrays = moons_problem()
    inputs, *units = MOONS_UNITS
    model = MLP(inputs, units)
    for layer, kernel, bias in zip(model.layers, arrays[::2], arrays[1::2], strict=True):
        for neuron, column, number in zip(layer.neurons, kernel.T, bias, strict=True):
            neuron.b.data = float(number)
            for weight, value in zip(neuron.w, column, strict=True):
                weight.data = float(value)

    def call() -> float:
        margins = [
            (1 + -y * model(list(map(Value, point)))).relu()
            for point, y in zip(points, labels, strict=True)
        ]
        loss = sum(margins) * (1.0 / len(margins))
        loss = loss + MOONS_DECAY * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        return loss.data

    loss = call()
    hidden = model.layers[0].neurons
    kernel = [neuron.w[i].grad for i in range(inputs) for neuron in hidden]
    return Ready(call, first=[loss, *kernel, model.layers[-1].neurons[-1].b.grad])
