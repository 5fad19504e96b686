"""autograd_nn through its public interface, as a user writes it, run as it is recorded."""

from collections.abc import Callable, Sequence

from autograd_nn import Tensor, no_grad
from autograd_nn import hessian as second_derivatives
from autograd_nn.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from autograd_nn.ops import mean, softplus
from autograd_nn.optimizers import SGD
from benchmarks.measure import Ready
from benchmarks.problems import (
    CHAIN,
    LEARNING_RATE,
    OPERANDS,
    STARTS,
    Array,
    Network,
    read,
    regression,
    starting_point,
)


def step(size: str) -> Ready:
    network = read(size)
    x, y, arrays = starting_point(network)
    parameters = as_tensors(arrays)
    loss_of = network_loss(network)
    optimizer = SGD(LEARNING_RATE)

    def call() -> float:
        loss = loss_of(x, y, parameters)
        optimizer.zero_grad(parameters)
        loss.backward()
        optimizer.step(parameters)
        return loss.item()

    return Ready(call, "eager, by hand")


def as_tensors(arrays: Sequence[Array]) -> list[Tensor]:
    """Return the parameters as Tensors, named as layers would name them."""
    names = ("kernel", "bias")
    return [Tensor(a, name=f"{names[i % 2]}_{i // 2 + 1}") for i, a in enumerate(arrays)]


def network_loss(network: Network) -> Callable[[Array, Array, list[Tensor]], Tensor]:
    """Return the function that computes the loss from the logits."""
    sigmoid = network.head == "sigmoid"
    loss_class = BinaryCrossentropy if sigmoid else SparseCategoricalCrossentropy
    loss_function = loss_class(from_logits=True)
    activation = Tensor.sigmoid if sigmoid else Tensor.relu

    def loss(x: Array, y: Array, parameters: list[Tensor]) -> Tensor:
        *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
        a = x
        for W, b in hidden:
            a = activation(a @ W + b)
        return loss_function(y, a @ kernel + bias)

    return loss


def hessian(_: str) -> Ready:
    x, y, w = regression()

    def loss(w: Tensor) -> Tensor:
        z = x @ w
        return mean(softplus(z) - y * z)

    second = second_derivatives(loss)
    return Ready(lambda: float(second(w)[0, 0]), first=second(w)[0])


def chain(kind: str) -> Ready:
    start = STARTS[kind]

    def call() -> float:
        x = Tensor(start)
        y = x
        for _ in range(CHAIN // 2):
            y = y * x
            y = y + x
        if kind == "scalar":
            y.backward()
            return float(x.grad)
        y.sum().backward()
        return float(x.grad[0])

    return Ready(call, units=CHAIN)


def apply(kind: str) -> Ready:
    x = Tensor(OPERANDS[kind])

    def call() -> float:
        with no_grad():
            for _ in range(CHAIN):
                x * x
        return 0.0

    return Ready(call, units=CHAIN)


def record(kind: str) -> Ready:
    x = Tensor(OPERANDS[kind])

    def call() -> float:
        for _ in range(CHAIN):
            x * x
        return 0.0

    return Ready(call, units=CHAIN)


def reverse(kind: str) -> Ready:
    x = Tensor(OPERANDS[kind])
    y = x
    for _ in range(CHAIN):
        y = y * x
    total = y.sum() if y.ndim else y

    def call() -> float:
        x.zero_grad()
        total.backward()
        return 0.0

    return Ready(call, units=CHAIN)
