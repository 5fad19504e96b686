"""The numbers that every subject of a work starts from, the same for all."""

from dataclasses import dataclass
from typing import Any

import numpy as np

LEARNING_RATE = 0.1
BATCHES = 12  # in a data set that divides evenly: as many as 360 digits give, the last one of 8
CHAIN = 1_000  # operations in a chain: half multiplications, half additions
# y ← y·x + x tends to x / (1 − x), whose derivative 1 / (1 − x)² is 4 at x = 1/2.
STARTS: dict[str, Any] = {"scalar": np.float64(0.5), "array": np.full(32, 0.5, np.float32)}
OPERANDS: dict[str, Any] = {"scalar": np.float64(1.0), "array": np.ones(32, np.float32)}
LENGTHS = (10_000, 100_000, 1_000_000)  # nodes
MOONS_UNITS = (2, 16, 16, 1)
MOONS_DECAY = 1e-4

Array = Any  # a float32 array, or the array of the library at hand


@dataclass(frozen=True)
class Network:
    """Dense layers: sigmoid everywhere with binary, or relu and softmax with sparse cross-entropy.

    Formula   "sigmoid 64-25-15-1 32" says head, units and batch; `str` and `read` are inverse
    """

    head: str
    dims: tuple[int, ...]
    batch: int

    def __str__(self) -> str:
        return f"{self.head} {self.units} {self.batch}"

    @property
    def units(self) -> str:
        """The units as a table names them: 64-25-15-1."""
        return "-".join(map(str, self.dims))


def read(text: str) -> Network:
    """Return the Network that `text` says."""
    head, units, batch = text.split()
    return Network(head, tuple(map(int, units.split("-"))), int(batch))


SMALL = Network("sigmoid", (64, 25, 15, 1), 32)
LARGE = Network("sigmoid", (784, 256, 128, 10), 128)
RELU_SMALL = Network("softmax", (64, 25, 15, 10), 32)
RELU_LARGE = Network("softmax", (784, 256, 128, 10), 128)


def starting_point(network: Network) -> tuple[Array, Array, list[Array]]:
    """Return one batch and the parameters exactly as the baselines draw them.

    Shapes   x (N, I), y (N, O) or labels (N,), [kernel (I, O), bias (O,), kernel, …]
    """
    rng = np.random.default_rng(0)
    x, y = _samples(network, network.batch, rng)
    scale = 1 if network.head == "sigmoid" else 2
    parameters: list[Array] = []
    for inputs, outputs in zip(network.dims, network.dims[1:], strict=False):
        kernel = rng.standard_normal((inputs, outputs)) * np.sqrt(scale / inputs)
        parameters += [kernel.astype(np.float32), np.zeros(outputs, np.float32)]
    return x, y, parameters


def data_set(network: Network, batches: float = BATCHES) -> tuple[Array, Array]:
    """Return so many batches of samples: 11.25 of 32 are the 360 digits of the tutorial."""
    return _samples(network, int(batches * network.batch), np.random.default_rng(1))


def _samples(network: Network, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    x = rng.standard_normal((count, network.dims[0])).astype(np.float32)
    if network.head == "sigmoid":
        return x, (rng.random((count, network.dims[-1])) > 0.5).astype(np.float32)
    return x, rng.integers(network.dims[-1], size=count)


def product_operands(network: Network) -> list[tuple[Array, Array]]:
    """Return the operands of a step's matrix products: forward, then backward from the last layer.

    Three layers have eight: a product forward and two backward each, but none for dL/dx.
    """
    x, _, parameters = starting_point(network)
    kernels = parameters[::2]
    rng = np.random.default_rng(2)
    outputs = [rng.standard_normal((network.batch, n)).astype(np.float32) for n in network.dims[1:]]
    inputs = [x, *outputs[:-1]]
    pairs = list(zip(inputs, kernels, strict=True))
    for layer in reversed(range(len(kernels))):
        if layer:
            pairs.append((outputs[layer], kernels[layer].T))
        pairs.append((inputs[layer].T, outputs[layer]))
    return pairs


def sequences(kind: str) -> tuple[Array, Array, list[Array]]:
    """Return 32 sequences, a number for each, and the weights in Keras's layout.

    Parameters   kind: "lstm" and "gru" of 32 units, 50 steps of 32 numbers; "bag", the mean of 200
                 rows of a table of 20,000 by 16; each with a unit behind
    """
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Array:
        return (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)

    y = drawn(32, 1)
    last = [drawn(32 if kind != "bag" else 16, 1), np.zeros(1, np.float32)]
    if kind == "bag":
        return rng.integers(20_000, size=(32, 200)), y, [drawn(20_000, 16) * 100, *last]
    x = rng.standard_normal((32, 50, 32)).astype(np.float32)
    width = {"lstm": (128,), "gru": (2, 96)}[kind]
    return x, y, [drawn(32, width[-1]), drawn(32, width[-1]), np.zeros(width, np.float32), *last]


def lenet() -> tuple[Array, Array, list[Array]]:
    """Return 64 pictures of 28 by 28, labels, and [kernel, bias, …] of LeNet in Keras's layout."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 28, 28, 1)).astype(np.float32)
    parameters: list[Array] = []
    for shape in ((5, 5, 1, 6), (5, 5, 6, 16), (256, 120), (120, 84), (84, 10)):
        kernel = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))
        parameters += [kernel.astype(np.float32), np.zeros(shape[-1], np.float32)]
    return x, rng.integers(10, size=64), parameters


def transformer() -> tuple[Array, Array, list[list[Array]]]:
    """Return inputs and outputs (16, 64, 64), and of two blocks the weights in Keras's layout:
    attention with 4 heads, a norm, 64-128-64, a norm."""
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal((16, 64, 64)).astype(np.float32) for _ in range(2))

    def kernel(*shape: int, inputs: int = 64) -> Array:
        return (rng.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)

    def zeros(*shape: int) -> Array:
        return np.zeros(shape, np.float32)

    blocks = []
    for _ in range(2):
        block = [part for _ in "qkv" for part in (kernel(64, 4, 16), zeros(4, 16))]
        block += [kernel(4, 16, 64), zeros(64), zeros(64) + 1, zeros(64)]
        block += [kernel(64, 128), zeros(128), kernel(128, 64, inputs=128), zeros(64)]
        blocks.append([*block, zeros(64) + 1, zeros(64)])
    return x, y, blocks


def moons() -> tuple[list[list[float]], list[float], list[Array]]:
    """Return 100 points of two half circles, labels -1 and 1, and [kernel, bias, kernel, …]."""
    rng = np.random.default_rng(0)
    angles = np.pi * rng.random(50)
    circles = [np.stack([np.cos(angles), np.sin(angles)], 1)]
    circles.append([1, 0.5] - circles[0])
    points = np.concatenate(circles) + 0.1 * rng.standard_normal((100, 2))
    parameters: list[Array] = []
    for inputs, outputs in zip(MOONS_UNITS, MOONS_UNITS[1:], strict=False):
        parameters += [rng.uniform(-1, 1, (inputs, outputs)), np.zeros(outputs)]
    return points.tolist(), [-1.0] * 50 + [1.0] * 50, parameters


def regression() -> tuple[Array, Array, Array]:
    """Return x (200, 50), y (200,) of 0 and 1, and w (50,), float64: what the Hessian is of."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((200, 50)), 0.1 * rng.standard_normal(50)
    return x, (rng.random(200) > 0.5).astype(float), w
