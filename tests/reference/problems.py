"""The trainings that Keras was recorded on: data, weights, layers and arguments, as plain values.

Whoever trains one of them, Keras or this library, reads everything from here, so both start from
equal weights and see equal batches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.datasets import load_digits

EPOCHS = 20
BATCH_SIZE = 32


@dataclass(frozen=True)
class Problem:
    """One training: 20 epochs, batches of 32, not shuffled, tested after every epoch.

    layers: (units, activation) of each Dense · loss, optimizer: a class name and its config ·
    weighting: "sample_weight" or "class_weight" for `fit`, with its value
    """

    data: str
    layers: tuple[tuple[int, str], ...]
    loss: str
    optimizer: str
    optimizer_arguments: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ("accuracy",)
    weighting: dict[str, Any] = field(default_factory=dict)

    def load(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """x_train, y_train, x_test, y_test."""
        return _DATA[self.data]()

    def weights(self) -> list[np.ndarray]:
        """kernel, bias, kernel, bias, … to start from."""
        width = self.load()[0].shape[1]
        return glorot_weights((width, *(units for units, _ in self.layers)))

    def fit_arguments(self) -> dict[str, Any]:
        """All arguments of `fit` but x, y, validation_data and verbose."""
        return {"batch_size": BATCH_SIZE, "epochs": EPOCHS, "shuffle": False, **self.weighting}


def glorot_weights(dimensions: tuple[int, ...]) -> list[np.ndarray]:
    """Kernels from U(-l, l), l = sqrt(6 / (inputs + outputs)), and biases 0; float32, seed 7."""
    generator = np.random.default_rng(7)
    weights = []
    for inputs, outputs in zip(dimensions, dimensions[1:], strict=False):
        limit = np.sqrt(6 / (inputs + outputs))
        weights.append(generator.uniform(-limit, limit, (inputs, outputs)).astype(np.float32))
        weights.append(np.zeros(outputs, np.float32))
    return weights


def _binary_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    (x_train, y_train), (x_test, y_test) = load_digits(classes=(0, 1))
    return x_train, y_train, x_test, y_test


def _ten_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    (x_train, y_train), (x_test, y_test) = load_digits()
    # Enough for what is compared, and short to train.
    return x_train[:320], y_train[:320], x_test[:96], y_test[:96]


def _surface() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Points (N, 2) of a grid, and the height x·y + x of a saddle above them, (N, 1)."""
    side = np.linspace(-1, 1, 12)
    x = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2).astype(np.float32)
    y = (x[:, :1] * x[:, 1:] + x[:, :1]).astype(np.float32)
    test = np.arange(len(x)) % 5 == 0
    return x[~test], y[~test], x[test], y[test]


_DATA = {"binary digits": _binary_digits, "ten digits": _ten_digits, "surface": _surface}

_SIGMOID = ((25, "sigmoid"), (15, "sigmoid"), (1, "sigmoid"))
# From 0.5 to 2 in turn, so that no batch is weighted evenly.
_SAMPLE_WEIGHT = (0.5 * (1 + np.arange(288) % 4)).astype(np.float32)


# As Keras writes a schedule into the config of an optimizer: 9 steps an epoch, 180 in all.
_WARMUP = {
    "module": "keras.optimizers.schedules",
    "class_name": "CosineDecay",
    "config": {
        "initial_learning_rate": 0.0,
        "decay_steps": 130,
        "alpha": 0.1,
        "name": "CosineDecay",
        "warmup_target": 0.2,
        "warmup_steps": 30,
    },
    "registered_name": None,
}


def _binary(optimizer: str, **arguments: Any) -> Problem:
    return Problem("binary digits", _SIGMOID, "BinaryCrossentropy", optimizer, arguments)


PROBLEMS: dict[str, Problem] = {
    "sgd": _binary("SGD", learning_rate=0.1),
    "momentum": _binary("SGD", learning_rate=0.1, momentum=0.9),
    "nesterov": _binary("SGD", learning_rate=0.1, momentum=0.9, nesterov=True),
    "rmsprop": _binary("RMSprop"),
    "adam": _binary("Adam"),
    "clipnorm": _binary("SGD", learning_rate=0.1, momentum=0.9, clipnorm=0.05),
    "clipvalue": _binary("SGD", learning_rate=0.1, momentum=0.9, clipvalue=0.005),
    "global_clipnorm": _binary("SGD", learning_rate=0.1, momentum=0.9, global_clipnorm=0.05),
    "schedule": _binary("SGD", learning_rate=_WARMUP, momentum=0.9),
    "ten classes": Problem(
        "ten digits",
        ((25, "relu"), (10, "softmax")),
        "SparseCategoricalCrossentropy",
        "Adam",
        {"learning_rate": 0.005},
    ),
    "regression": Problem(
        "surface",
        ((8, "tanh"), (1, "linear")),
        "MeanSquaredError",
        "SGD",
        {"learning_rate": 0.1},
        metrics=("mae",),
    ),
    "sample_weight": Problem(
        "binary digits",
        _SIGMOID,
        "BinaryCrossentropy",
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9},
        weighting={"sample_weight": _SAMPLE_WEIGHT},
    ),
    "class_weight": Problem(
        "binary digits",
        _SIGMOID,
        "BinaryCrossentropy",
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9},
        weighting={"class_weight": {0: 1.0, 1: 2.5}},
    ),
}


def summarised(weights: list[np.ndarray]) -> list[dict[str, Any]]:
    """What is kept of trained weights: of each array the norm, the sum and three elements."""
    return [
        {
            "shape": list(array.shape),
            "norm": float(np.linalg.norm(array.astype(np.float64))),
            "sum": float(array.sum(dtype=np.float64)),
            "elements": [float(array.flat[i]) for i in places(array.size)],
        }
        for array in weights
    ]


def places(size: int) -> tuple[int, int, int]:
    """The flat indices of the three elements that are kept: first, middle and last."""
    return 0, size // 2, size - 1
