"""autograd_nn through its public interface, as a user writes it."""

from autograd_nn import Input, Sequential, Tensor, no_grad
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.optimizers import SGD
from benchmarks.measure import Ready
from benchmarks.works import CHAIN, LEARNING_RATE, OPERANDS, SIZES, STARTS, starting_point


def step(size: str) -> Ready:
    x, y, arrays = starting_point(size)
    parameters = [Tensor(array) for array in arrays]
    *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
    loss_function = BinaryCrossentropy(from_logits=True)
    optimizer = SGD(LEARNING_RATE)

    def call() -> float:
        a = x
        for W, b in hidden:
            a = (a @ W + b).sigmoid()
        loss = loss_function(y, a @ kernel + bias)
        optimizer.zero_grad(parameters)
        loss.backward()
        optimizer.step(parameters)
        return loss.item()

    return Ready(call, "by hand")


def step_of_model(size: str) -> Ready:
    x, y, arrays = starting_point(size)
    inputs, *units = SIZES[size][0]
    layers = [Dense(outputs, activation="sigmoid") for outputs in units]
    model = Sequential([Input((inputs,)), *layers])
    model.compile(optimizer=SGD(LEARNING_RATE), loss=BinaryCrossentropy())
    model.set_weights(arrays)
    return Ready(lambda: model.train_on_batch(x, y))


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

    return Ready(call)


def apply(kind: str) -> Ready:
    x = Tensor(OPERANDS[kind])

    def call() -> float:
        with no_grad():
            for _ in range(CHAIN):
                x * x
        return 0.0

    return Ready(call)


def record(kind: str) -> Ready:
    x = Tensor(OPERANDS[kind])

    def call() -> float:
        for _ in range(CHAIN):
            x * x
        return 0.0

    return Ready(call)


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

    return Ready(call)
