"""autograd_nn on scalars: micrograd's demonstration, a network whose every weight is a Tensor."""

from collections.abc import Iterator

from autograd_nn import Tensor
from benchmarks.measure import Ready
from benchmarks.problems import MOONS_DECAY, moons

Weights = list[tuple[list[list[Tensor]], list[Tensor]]]


def eager(_: str) -> Ready:
    weights = as_weights()
    every = list(parameters(weights))

    def call() -> float:
        loss = hinge_loss(weights)
        for p in every:
            p.zero_grad()
        loss.backward()
        return loss.item()

    return Ready(call, first=_first(call(), [p.grad for p in every]))


def replayed(_: str) -> Ready:
    weights = as_weights()
    replay = hinge_loss(weights).program(list(parameters(weights)))
    loss, gradients = replay()
    return Ready(lambda: float(replay()[0]), "recorded once", first=_first(loss, gradients))


def as_weights() -> Weights:
    """Return each layer's weights (one list per neuron) and biases, every one a Tensor."""
    _, _, arrays = moons()
    return [
        ([[Tensor(w) for w in column] for column in kernel.T.tolist()], [Tensor(b) for b in bias])
        for kernel, bias in zip(arrays[::2], map(list, arrays[1::2]), strict=True)
    ]


def parameters(weights: Weights) -> Iterator[Tensor]:
    """Yield them in the order of the flattened arrays: kernel by rows, then bias."""
    for neurons, biases in weights:
        for of_one_input in zip(*neurons, strict=True):
            yield from of_one_input
        yield from biases


def hinge_loss(weights: Weights) -> Tensor:
    """Return mean max-margin loss over the points, plus the decay of all parameters."""
    points, labels, _ = moons()
    margins = [
        (1 - y * score(point, weights)).relu() for point, y in zip(points, labels, strict=True)
    ]
    decay = MOONS_DECAY * sum(p * p for p in parameters(weights))
    return sum(margins) * (1 / len(margins)) + decay


def score(point: list[float], weights: Weights) -> Tensor:
    """Return what the network says of one point."""
    *hidden, (neurons, biases) = weights
    values = point
    for of_layer, bias_of_layer in hidden:
        values = [
            sum((w * v for w, v in zip(neuron, values, strict=True)), bias).relu()
            for neuron, bias in zip(of_layer, bias_of_layer, strict=True)
        ]
    return sum((w * v for w, v in zip(neurons[0], values, strict=True)), biases[0])


def _first(loss: object, gradients: list) -> list[float]:
    found = [float(g) for g in gradients]
    return [float(loss), *found[:32], found[-1]]
