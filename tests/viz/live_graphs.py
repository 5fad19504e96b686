"""Graphs whose pages compute: each made anew of the numbers that its leaves have by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import Operation, Sequential, Tensor, losses, ops, set_random_seed
from autograd_nn.keras.backend import set_floatx
from autograd_nn.layers import (
    GRU,
    LSTM,
    AveragePooling2D,
    Conv2D,
    Dense,
    Flatten,
    LayerNormalization,
    Masking,
    MaxPooling2D,
)

Numbers = dict[str, Any]
Graph = tuple[Numbers, Callable[..., Tensor]]
"""What the leaves hold, by name, and the loss as a function of them as Tensors."""


def recorded(graph: Graph, numbers: Numbers | None = None) -> Tensor:
    """The loss of a graph with these numbers in its leaves; a name that ends in _ wants no
    gradient."""
    given, function = graph
    numbers = given if numbers is None else numbers
    leaves = {
        name: Tensor(x, name=name, requires_grad=not name.endswith("_"))
        for name, x in numbers.items()
    }
    return function(**leaves)


def _random(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def _labels(n: int, classes: int) -> Any:
    return np.random.default_rng(n).integers(0, classes, n)


def scalars() -> Graph:
    def loss(w: Any, b: Any, x_: Any) -> Any:
        error = np.tanh(w * x_ + b) - 0.8
        return error**2 + 0.1 * (w * w)

    return {"w": 2.0, "b": -0.1, "x_": 0.3}, loss


def tutorial() -> Graph:
    shapes = {"W1": (9, 5), "W2": (5, 3), "W3": (3, 1)}
    numbers = {name: _random(*shape) * 0.5 for name, shape in shapes.items()}
    numbers |= {f"b{i}": np.zeros(n) for i, n in enumerate((5, 3, 1), 1)}

    def loss(x_: Any, y_: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
        a = ops.sigmoid(x_ @ W1 + b1)
        a = ops.sigmoid(a @ W2 + b2)
        logits = a @ W3 + b3
        return ops.mean(ops.sigmoid_cross_entropy(logits, y_, ops.sigmoid(logits)))

    y = (_random(8, 1) > 0).astype(float)
    return {"x_": _random(8, 9), "y_": y, **numbers}, loss


def softmax() -> Graph:
    def loss(x_: Any, y_: Any, W: Any, b: Any) -> Any:
        p = ops.softmax(np.maximum(x_ @ W + b, -1.0))
        return losses.CategoricalCrossentropy()(y_, p)

    y = np.eye(4)[_labels(6, 4)]
    return {"x_": _random(6, 5), "y_": y, "W": _random(5, 4), "b": np.zeros(4)}, loss


def embedded() -> Graph:
    words, labels = np.random.default_rng(0).integers(0, 7, (5, 3)), _labels(5, 3)

    def loss(table: Any, W: Any) -> Any:
        z = ops.mean(table[words], axis=1) @ W
        return losses.SparseCategoricalCrossentropy(from_logits=True)(labels, z)

    return {"table": _random(7, 4), "W": _random(4, 3)}, loss


def attention() -> Graph:
    def loss(x_: Any, Q: Any, K: Any, V: Any) -> Any:
        scores = (x_ @ Q) @ np.swapaxes(x_ @ K, -1, -2) / 2.0
        return np.mean(np.square(ops.softmax(scores) @ (x_ @ V)))

    shapes = {"x_": (2, 5, 4), "Q": (4, 4), "K": (4, 4), "V": (4, 4)}
    return {name: _random(*shape) for name, shape in shapes.items()}, loss


def recurrent() -> Graph:
    def loss(x: Any, U: Any, W: Any, b: Any) -> Any:
        h: Any = np.zeros((3, 4))
        for t in range(5):
            h = np.tanh(x[:, t] @ U + h @ W + b)
        return (h * h).mean()

    return {"x": _random(3, 5, 2), "U": _random(2, 4), "W": _random(4, 4), "b": np.zeros(4)}, loss


def gates() -> Graph:
    def loss(x: Any, U: Any, W: Any, b: Any) -> Any:
        h: Any = np.zeros((2, 3))
        c: Any = np.zeros((2, 3))
        for t in range(4):
            i, f, g, o = np.split(x[:, t] @ U + h @ W + b, 4, axis=1)
            c = ops.sigmoid(f) * c + ops.sigmoid(i) * np.tanh(g)
            h = ops.sigmoid(o) * np.tanh(c)
        return np.abs(h - 0.3).sum()

    return {
        "x": _random(2, 4, 2),
        "U": _random(2, 12),
        "W": _random(3, 12),
        "b": np.zeros(12),
    }, loss


def layers(
    *made: Callable[[], Any], x: Any, y: Any, function: Any, has_input: bool = True
) -> Graph:
    """A model of the library, whose weights are the leaves."""
    set_floatx("float64")
    set_random_seed(0)
    model = Sequential([make() for make in made])
    model(x)
    set_floatx("float32")
    names = {weight.name.replace("/", "_"): weight for weight in model.trainable_weights}

    given = Tensor(x, requires_grad=False)

    def loss(x_: Any = given, **weights: Any) -> Any:
        for name, weight in names.items():
            weight.data = weights[name].data
        return function(y, model(x_, training=True))

    numbers = {name: weight.numpy() for name, weight in names.items()}
    return {"x_": x} | numbers if has_input else numbers, loss


def every_loss() -> Graph:
    kinds = [
        losses.MeanSquaredError(), losses.MeanAbsoluteError(), losses.Huber(), losses.LogCosh(),
        losses.MeanAbsolutePercentageError(), losses.MeanSquaredLogarithmicError(),
        losses.CosineSimilarity(), losses.KLDivergence(), losses.Poisson(), losses.Hinge(),
        losses.SquaredHinge(), losses.CategoricalHinge(), losses.BinaryCrossentropy(),
        losses.CategoricalCrossentropy(), losses.BinaryFocalCrossentropy(),
    ]  # fmt: skip

    def loss(y_: Any, z: Any) -> Any:
        p = ops.softmax(z)
        return sum(kind(y_, p) for kind in kinds)

    y = np.random.default_rng(0).dirichlet(np.ones(3), 4)
    return {"y_": y, "z": _random(4, 3)}, loss


def own_operation() -> Graph:
    swish = Operation(
        "swish",
        value=lambda x, k: x / (1 + np.exp(-k * x)),
        gradients=(
            lambda g, out, x, k: g * (k * out + (1 - k * out) / (1 + np.exp(-k * x))),
            lambda g, out, x, k: g * x * out * (1 - 1 / (1 + np.exp(-k * x))),
        ),
    )

    def loss(x: Any, k: Any) -> Any:
        return np.sum(swish(x, k) ** 2)

    return {"x": _random(3, 4), "k": np.array(1.5)}, loss


def own_text() -> Graph:
    """An operation that is no composition, with what it does to elements as JavaScript."""
    softsign = Operation(
        "softsign",
        value=np.vectorize(lambda x, k: x / (k + abs(x)), otypes=[float]),
        gradients=(
            np.vectorize(lambda g, out, x, k: g * k / (k + abs(x)) ** 2, otypes=[float]),
            lambda g, out, x, k: -g * out / (k + np.abs(x)),
        ),
        javascript=("x / (y + Math.abs(x))", "g * y / (y + Math.abs(x)) ** 2", None),
    )

    def loss(x: Any, k: Any) -> Any:
        return np.sum(softsign(x, np.exp(k)) ** 2)

    return {"x": _random(3, 4), "k": _random(4)}, loss


def reductions() -> Graph:
    def loss(x: Any, y: Any) -> Any:
        best = np.max(x, axis=1) + np.min(x * y, axis=1)
        spread = np.std(x, axis=0).sum() + np.var(y) + np.linalg.norm(x - y)
        return best.sum() + spread + np.where(x > y, x, y * y).mean() + np.cumsum(x)[-1]

    return {"x": _random(4, 3), "y": _random(4, 3, seed=1)}, loss


IMAGES = np.random.default_rng(5).random((2, 6, 6, 1))
TWO = _random(6, 2, seed=3)
GRAPHS: dict[str, Callable[[], Graph]] = {
    "scalars": scalars,
    "tutorial": tutorial,
    "softmax": softmax,
    "embedded": embedded,
    "attention": attention,
    "recurrent": recurrent,
    "gates": gates,
    "convolution": lambda: layers(
        lambda: Conv2D(2, 3, activation="relu"), lambda: MaxPooling2D(2), Flatten,
        lambda: Dense(2, "softmax"),
        x=IMAGES, y=np.array([0, 1]), function=losses.SparseCategoricalCrossentropy(),
    ),
    "averages": lambda: layers(
        lambda: Conv2D(2, 2, padding="same", activation="gelu"), lambda: AveragePooling2D(2),
        Flatten, lambda: Dense(1),
        x=IMAGES, y=np.array([[0.0], [1.0]]), function=losses.MeanSquaredError(),
    ),
    "normalised": lambda: layers(
        lambda: Dense(4, "silu"), LayerNormalization, lambda: Dense(2),
        x=_random(6, 3), y=TWO, function=losses.Huber(),
    ),
    "lstm": lambda: layers(
        lambda: LSTM(3, return_sequences=True), lambda: LSTM(2), lambda: Dense(1),
        x=_random(3, 4, 2), y=TWO[:3, :1], function=losses.MeanSquaredError(),
    ),
    "gru": lambda: layers(
        Masking, lambda: GRU(3), lambda: Dense(1),
        x=_random(3, 4, 2) * np.array([1, 1, 1, 0])[:, None], y=TWO[:3, :1],
        function=losses.MeanSquaredError(), has_input=False,  # which is multiplied by a mask
    ),
    "every_loss": every_loss,
    "own_operation": own_operation,
    "own_text": own_text,
    "reductions": reductions,
}  # fmt: skip
