"""Runs of training for `diagnose` and `report`: healthy ones of many kinds, and planted faults."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import ops, settings
from autograd_nn.callbacks import EarlyStopping, History
from autograd_nn.datasets import load_digits, make_circles, make_moons, make_spirals
from autograd_nn.initializers import Constant, RandomNormal
from autograd_nn.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    LayerNormalization,
    MaxPooling2D,
    Normalization,
    Reshape,
    SimpleRNN,
)
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
    to_categorical,
)
from autograd_nn.losses.crossentropy import Crossentropy
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD, Adagrad, Adam, AdamW, Nadam, RMSprop
from autograd_nn.viz import GradientMonitor

Outcome = tuple[History, GradientMonitor]
Run = Callable[[], Outcome]

BINARY, SPARSE = "binary_crossentropy", "sparse_categorical_crossentropy"


def network(
    units: list[int], activation: str, out: int = 1, head: Any = "sigmoid", **options: Any
) -> Sequential:
    """Hidden layers of one kind, and a head."""
    hidden = [Dense(n, activation=activation, **options) for n in units]
    return Sequential([*hidden, Dense(out, activation=head)])


def digits(*classes: int, every: int = 1) -> tuple[Any, Any]:
    """Digits; two classes as 0 and 1."""
    (x, y), _ = load_digits(classes=classes or None)
    y = (y == classes[1]).astype(int) if len(classes) == 2 else y
    return x[::every], y[::every]


def curve(seed: int) -> tuple[Any, Any]:
    """A sine with noise."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (200, 1))
    return x, np.sin(3 * x) + 0.05 * random.normal(size=x.shape)


def plane(seed: int) -> tuple[Any, Any]:
    """A linear function with noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(200, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + 0.3 + 0.1 * random.normal(size=(200, 1))


def positive(seed: int) -> tuple[Any, Any]:
    """Features above 0, so that the first steps move all weights the same way."""
    x = np.random.default_rng(seed).random((200, 2))
    return x, np.sin(4 * x[:, :1]) * x[:, 1:]


def first_word(seed: int) -> tuple[Any, Any]:
    """Six words of twenty; the first decides."""
    x = np.random.default_rng(seed).integers(0, 20, (150, 6))
    return x, (x[:, 0] > 9).astype(int)


def far_off(seed: int) -> tuple[Any, Any]:
    """A linear function of numbers about 500."""
    x, y = plane(seed)
    return x, 200 * y + 500


def beyond(seed: int, offset: float) -> tuple[Any, Any]:
    """A linear function with small slopes, all beyond what an activation gives."""
    x, y = plane(seed)
    return x, 0.1 * y + offset


def unrelated(percent: int) -> tuple[Any, Any]:
    """So many of one class, and nothing that tells the others from them."""
    return np.random.default_rng(percent).normal(size=(500, 6)), np.arange(500) % 100 >= percent


def normalised_late(seed: int) -> Outcome:
    """Three layers of batch normalization and few steps, with samples for validation."""
    layers: list[Any] = []
    for _ in range(3):
        layers += [Dense(32), BatchNormalization(), Activation("selu")]
    model = Sequential([*layers, Dense(1, activation="sigmoid")])
    data = make_circles(400, 0.1, seed=seed)
    return run(model, data, SGD(0.1), BINARY, 6, seed, validation_split=0.2)


def run(
    model: Any, data: Any, optimizer: Any, loss: Any, epochs: int, seed: int = 0, **options: Any
) -> Outcome:
    """Train, watched at every eighth step; the clock stands, so that nothing is thinned."""
    settings.set_random_seed(seed)
    monitor = GradientMonitor(every=8, clock=lambda: 0.0)
    is_of_classes = isinstance(loss, Crossentropy) or "crossentropy" in str(loss)
    metrics = ["accuracy"] if is_of_classes else None
    model.compile(optimizer, loss, metrics=metrics)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of some faults `compile` and `fit` warn themselves
        history = model.fit(
            *data, epochs=epochs, verbose=0, callbacks=[monitor], record_gradients=True, **options
        )
    return history, monitor


@functools.cache
def tutorial(optimizer: Any, seed: int) -> Outcome:
    """The program of the README."""
    model = network([25, 15], "sigmoid")
    return run(model, digits(0, 1), optimizer, BINARY, 100, seed)


def gone_on_with() -> Outcome:
    """The tutorial trained twice; the second time units are at their ends from the start."""
    history, _ = tutorial("rmsprop", 1)
    monitor = GradientMonitor(every=8, clock=lambda: 0.0)
    options = {"epochs": 30, "verbose": 0, "record_gradients": True}
    return history.model.fit(*digits(0, 1), callbacks=[monitor], **options), monitor


MSE, MAE = "mean_squared_error", "mean_absolute_error"

HEALTHY: dict[str, Run] = {
    "the tutorial": lambda: tutorial("rmsprop", 1),
    "the tutorial, slow but on its way": lambda: tutorial(SGD(0.03), 27),
    "the tutorial, gone on with": gone_on_with,
    "sigmoid, Adam": lambda: run(
        network([25, 15], "sigmoid"), digits(3, 5), Adam(0.01), BINARY, 25, 3
    ),
    "ten digits, relu, Adam, validation": lambda: run(
        network([32], "relu", 10, "softmax"),
        digits(every=3),
        Adam(0.005),
        SPARSE,
        15,
        4,
        validation_split=0.2,
    ),
    "ten digits, tanh, momentum": lambda: run(
        network([32], "tanh", 10, "softmax"),
        digits(every=2),
        SGD(0.05, momentum=0.9),
        SPARSE,
        15,
        5,
    ),
    "ten digits, one layer, SGD": lambda: run(
        network([], "relu", 10, "softmax"), digits(), SGD(0.1), SPARSE, 15, 6
    ),
    "ten digits, sigmoid, RMSprop": lambda: run(
        network([32], "sigmoid", 10, "softmax"), digits(every=3), RMSprop(0.01), SPARSE, 12, 7
    ),
    "ten digits, dropout": lambda: run(
        Sequential([Dense(32, activation="relu"), Dropout(0.3), Dense(10, activation="softmax")]),
        digits(every=4),
        Adam(0.003),
        SPARSE,
        20,
        22,
    ),
    "moons, tanh, Adam": lambda: run(
        network([16], "tanh"), make_moons(200, seed=1), Adam(0.02), BINARY, 40, 8
    ),
    "moons, relu, momentum": lambda: run(
        network([16], "relu"), make_moons(300, 0.2, seed=3), SGD(0.1, momentum=0.9), BINARY, 40, 10
    ),
    "moons, four layers of tanh": lambda: run(
        network([16] * 4, "tanh"), make_moons(200, seed=7), Adam(0.005), BINARY, 25, 20
    ),
    "moons, all in one batch": lambda: run(
        network([8], "tanh"), make_moons(100, seed=9), SGD(1.0), BINARY, 150, 26, batch_size=100
    ),
    "moons, one by one": lambda: run(
        network([8], "tanh"), make_moons(60, seed=9), SGD(0.1), BINARY, 15, 25, batch_size=1
    ),
    "circles, relu, RMSprop": lambda: run(
        network([16], "relu"), make_circles(200, seed=4), RMSprop(0.01), BINARY, 60, 11
    ),
    "circles, tanh, Adam": lambda: run(
        network([12], "tanh"), make_circles(200, seed=5), Adam(0.03), BINARY, 60, 12
    ),
    "spirals, tanh, Adam": lambda: run(
        network([32, 32], "tanh"), make_spirals(200, 0.05, seed=6), Adam(0.015), BINARY, 60, 13
    ),
    "logistic regression": lambda: run(network([], "relu"), digits(0, 1), SGD(0.1), BINARY, 40, 14),
    "one class of ten against the rest": lambda: run(
        network([16], "sigmoid"),
        (digits(every=2)[0], (digits(every=2)[1] == 8).astype(int)),
        Adam(0.01),
        BINARY,
        30,
        23,
    ),
    "four layers of relu, He": lambda: run(
        network([32] * 4, "relu", kernel_initializer="he_normal"),
        digits(1, 7),
        Adam(0.002),
        BINARY,
        20,
        21,
    ),
    "linear regression": lambda: run(Sequential([Dense(1)]), plane(1), SGD(0.05), MSE, 40, 15),
    "linear regression, absolute error": lambda: run(
        Sequential([Dense(1)]), plane(2), Adam(0.05), MAE, 40, 16
    ),
    "regression, tanh, Nesterov": lambda: run(
        network([16], "tanh", 1, None),
        curve(5),
        SGD(0.05, momentum=0.9, nesterov=True),
        MSE,
        60,
        19,
    ),
    "regression, relu, RMSprop": lambda: run(
        network([32], "relu", 1, None), curve(4), RMSprop(0.005), MSE, 60, 18
    ),
}

PLANTED: dict[str, tuple[str, Run]] = {
    "eight layers of sigmoid": (
        "vanishing gradients",
        lambda: run(network([16] * 8, "sigmoid"), digits(0, 1), SGD(0.1), BINARY, 15, 1),
    ),
    "tiny initial weights": (
        "vanishing gradients",
        lambda: run(
            network([32] * 5, "tanh", kernel_initializer=RandomNormal(stddev=0.02)),
            digits(0, 1),
            SGD(0.1),
            BINARY,
            15,
            1,
        ),
    ),
    "large initial weights, classes": (
        "exploding gradients",
        lambda: run(
            network([64] * 5, "relu", 10, "softmax", kernel_initializer=RandomNormal(stddev=1.0)),
            digits(every=4),
            SGD(0.01),
            SPARSE,
            6,
            1,
        ),
    ),
    "large initial weights, regression": (
        "exploding gradients",
        lambda: run(
            network([64] * 5, "relu", 1, None, kernel_initializer=RandomNormal(stddev=0.6)),
            plane(0),
            SGD(0.01),
            MSE,
            6,
            1,
        ),
    ),
    "tanh at its ends": (
        "saturated units",
        lambda: run(
            network([32] * 3, "tanh", kernel_initializer=RandomNormal(stddev=3.0)),
            digits(0, 1),
            SGD(0.01),
            BINARY,
            10,
            1,
        ),
    ),
    "sigmoid at its ends": (
        "saturated units",
        lambda: run(
            network(
                [32, 32], "sigmoid", 10, "softmax", kernel_initializer=RandomNormal(stddev=20.0)
            ),
            digits(every=4),
            SGD(0.001),
            SPARSE,
            10,
            1,
        ),
    ),
    "biases far below 0": (
        "dead units",
        lambda: run(
            network([32, 16], "relu", bias_initializer=Constant(-8.0)),
            digits(0, 1),
            SGD(0.1),
            BINARY,
            10,
            1,
        ),
    ),
    "a rate of 1e-6, SGD": (
        "learning rate too small",
        lambda: run(network([25, 15], "sigmoid"), digits(0, 1), SGD(1e-6), BINARY, 10, 1),
    ),
    "a rate of 1e-6, Adam": (
        "learning rate too small",
        lambda: run(
            network([32], "relu", 10, "softmax"), digits(every=2), Adam(1e-6), SPARSE, 10, 1
        ),
    ),
    "a rate of 5, regression": (
        "learning rate too large",
        lambda: run(network([16], "tanh", 1, None), curve(0), SGD(5.0), MSE, 10, 1),
    ),
    "a rate of 1.5, one layer": (
        "learning rate too large",
        lambda: run(Sequential([Dense(1)]), plane(0), SGD(1.5), MSE, 20, 1),
    ),
    "a rate of 50, sigmoid": (
        "learning rate too large",
        lambda: run(network([25, 15], "sigmoid"), digits(0, 1), SGD(50.0), BINARY, 15, 1),
    ),
    "a rate of 3, relu": (
        "learning rate too large",
        lambda: run(network([32], "relu", 10, "softmax"), digits(every=2), SGD(3.0), SPARSE, 10, 1),
    ),
    "pixels from 0 to 255": (
        "unscaled inputs",
        lambda: run(
            network([25, 15], "sigmoid"),
            (digits(0, 1)[0] * 255, digits(0, 1)[1]),
            SGD(0.1),
            BINARY,
            10,
            1,
        ),
    ),
    "inputs in thousandths": (
        "unscaled inputs",
        lambda: run(
            network([32], "tanh", 10, "softmax"),
            (digits(every=2)[0] / 1000, digits(every=2)[1]),
            SGD(0.1),
            SPARSE,
            10,
            1,
        ),
    ),
    "a line around a circle": (
        "stuck at the base rate",
        lambda: run(network([], "relu"), make_circles(200, seed=1), SGD(0.1), BINARY, 40, 1),
    ),
    "the tutorial on circles": (
        "stuck at the base rate",
        lambda: run(
            network([25, 15], "sigmoid"), make_circles(200, seed=1), SGD(0.1), BINARY, 40, 1
        ),
    ),
    "labels in another order": (
        "labels do not follow from the inputs",
        lambda: run(
            network([8], "sigmoid", 10, "softmax"),
            (digits()[0], np.random.default_rng(0).permutation(digits()[1])),
            SGD(0.1),
            SPARSE,
            12,
            1,
        ),
    ),
    "too many units for noisy points": (
        "overfitting",
        lambda: run(
            network([64, 64], "relu"),
            make_moons(60, 0.5, seed=1),
            Adam(0.02),
            BINARY,
            100,
            1,
            validation_split=0.5,
        ),
    ),
}


# ---------------------------------------------------------------------- more healthy runs


def stack(*layers: Any) -> Sequential:
    """Layers as they are."""
    return Sequential(list(layers))


def images(*classes: int, every: int = 1) -> tuple[Any, Any]:
    """Digits as pictures of one channel."""
    x, y = digits(*classes, every=every)
    return x.reshape(-1, 8, 8, 1), y


def one_hot(data: tuple[Any, Any]) -> tuple[Any, Any]:
    """Labels of ten classes as rows."""
    return data[0], to_categorical(data[1], 10)


def rare(share: float) -> tuple[Any, Any]:
    """Two digits of which one is rare."""
    x, y = digits(0, 1)
    ones, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    kept = np.concatenate([others, ones[: max(int(len(others) * share / (1 - share)), 2)]])
    return x[kept], y[kept]


def words(seed: int, used: int = 20, length: int = 6) -> tuple[Any, Any]:
    """Sequences of numbers of words; class 1 has more of the first half of them."""
    random = np.random.default_rng(seed)
    x = random.integers(0, used, (300, length))
    return x, ((x < used // 2).mean(axis=1) > 0.5).astype(int)


def waves(seed: int, steps: int = 8) -> tuple[Any, Any]:
    """Pieces of sines, and the number that comes next."""
    random = np.random.default_rng(seed)
    start = random.uniform(0, 6, (200, 1))
    t = np.sin(start + 0.5 * np.arange(steps + 1))
    return t[:, :steps, None], t[:, steps:]


def prices(seed: int) -> tuple[Any, Any]:
    """A linear function whose values are hundreds of thousands."""
    x, y = plane(seed)
    return x, 200_000 + 50_000 * y


def with_pretrained_layer() -> Outcome:
    """The first layer was trained on other digits, and is frozen."""
    first = Dense(32, activation="relu")
    earlier = stack(first, Dense(10, activation="softmax"))
    run(earlier, digits(every=2), Adam(0.005), SPARSE, 10, 40)
    first.trainable = False
    return run(
        stack(first, Dense(1, activation="sigmoid")), digits(3, 8), Adam(0.01), BINARY, 20, 41
    )


def early_stopped() -> Outcome:
    """Stopped by EarlyStopping, with the best weights put back."""
    settings.set_random_seed(42)
    model = network([32], "relu", 10, "softmax")
    monitor = GradientMonitor(every=8, clock=lambda: 0.0)
    model.compile(Adam(0.01), SPARSE, metrics=["accuracy"])
    stopping = EarlyStopping(patience=3, restore_best_weights=True)
    history = model.fit(
        *digits(every=2),
        epochs=60,
        verbose=0,
        validation_split=0.2,
        callbacks=[monitor, stopping],
        record_gradients=True,
    )
    return history, monitor


def normalised() -> Outcome:
    """Raw inputs of all sizes behind a Normalization layer."""
    x, y = plane(3)
    x = x * [1.0, 100.0, 10_000.0] + [0.0, 50.0, 1e5]
    layer = Normalization()
    layer.adapt(x)
    return run(stack(layer, Dense(1)), (x, y), SGD(0.05), MSE, 60, 43)


def bce_from_logits() -> Any:
    return BinaryCrossentropy(from_logits=True)


def own_loss(y: Any, p: Any) -> Any:
    return ops.mean((p - y) ** 2)


def own_absolute(y: Any, p: Any) -> Any:
    return ops.mean(np.abs(p[:, 0] - y[:, 0]))


HE: dict[str, Any] = {"kernel_initializer": "he_normal"}

HEALTHY |= {
    **{
        f"the tutorial with SGD(0.1) after {epochs} epochs, {seed}": functools.partial(
            lambda epochs, seed: run(
                network([25, 15], "sigmoid"), digits(0, 1), SGD(0.1), BINARY, epochs, seed
            ),
            epochs,
            seed,
        )
        for seed in (0, 1, 2)
        for epochs in (1, 2, 3, 5, 6, 8, 10, 12)
    },
    "the tutorial, the default rate": lambda: run(
        network([25, 15], "sigmoid"), digits(0, 1), SGD(0.01), BINARY, 10, 44
    ),
    "the tutorial, Adam, 3 epochs": lambda: run(
        network([25, 15], "sigmoid"), digits(0, 1), Adam(), BINARY, 3, 45
    ),
    "convolution": lambda: run(
        stack(
            Conv2D(6, 3, activation="relu"),
            MaxPooling2D(2),
            Flatten(),
            Dense(10, activation="softmax"),
        ),
        images(every=4),
        Adam(0.01),
        SPARSE,
        8,
        46,
    ),
    "convolution, global": lambda: run(
        stack(
            Conv2D(8, 3, activation="tanh"),
            Flatten(),
            Dense(1, activation="sigmoid"),
        ),
        images(1, 7),
        SGD(0.1, momentum=0.9),
        BINARY,
        8,
        47,
    ),
    "batch normalization": lambda: run(
        stack(
            Dense(32),
            BatchNormalization(),
            Activation("relu"),
            Dense(10, activation="softmax"),
        ),
        digits(every=3),
        Adam(0.005),
        SPARSE,
        10,
        48,
    ),
    "layer normalization": lambda: run(
        stack(Dense(32, activation="relu"), LayerNormalization(), Dense(10, activation="softmax")),
        digits(every=3),
        SGD(0.1),
        SPARSE,
        12,
        49,
    ),
    "embedding with unused rows": lambda: run(
        stack(Embedding(500, 8), GlobalAveragePooling1D(), Dense(1, activation="sigmoid")),
        words(50),
        Adam(0.02),
        BINARY,
        20,
        50,
    ),
    "embedding and LSTM": lambda: run(
        stack(Embedding(20, 8), LSTM(8), Dense(1, activation="sigmoid")),
        words(51),
        Adam(0.02),
        BINARY,
        12,
        51,
    ),
    "waves, SimpleRNN": lambda: run(
        stack(SimpleRNN(12), Dense(1)), waves(52), Adam(0.01), MSE, 20, 52
    ),
    "waves, GRU": lambda: run(stack(GRU(8), Dense(1)), waves(53, 12), Adam(0.01), MSE, 15, 53),
    "large targets, Adam": lambda: run(
        network([16], "relu", 1, None),
        (plane(54)[0], 300 + 100 * plane(54)[1]),
        Adam(0.3),
        MSE,
        60,
        54,
    ),
    "hundreds of thousands, one layer": lambda: run(
        stack(Dense(1)), prices(55), SGD(0.1), MSE, 40, 55
    ),
    "sparse relu": lambda: run(
        network([128], "relu", 10, "softmax", activity_regularizer="l1"),
        digits(every=3),
        Adam(0.005),
        SPARSE,
        15,
        56,
    ),
    "relu with biases below 0": lambda: run(
        network([64], "relu", 10, "softmax", bias_initializer=Constant(-0.5), **HE),
        digits(every=3),
        Adam(0.005),
        SPARSE,
        12,
        57,
    ),
    "one linear unit whose weights all move alike, short": lambda: run(
        Sequential([Dense(1)]), positive(61), Adam(0.001), MSE, 3, 61
    ),
    "an LSTM of small embeddings, short": lambda: run(
        Sequential([Embedding(20, 8), LSTM(8), Dense(64, "sigmoid"), Dense(1, "sigmoid")]),
        first_word(62),
        SGD(0.03),
        BINARY,
        1,
        62,
        batch_size=8,
    ),
    "two of four relu units dead, short": lambda: run(
        network([4, 4, 4], "relu", 10, "softmax"), digits(every=12), SGD(0.03), SPARSE, 3, 34
    ),
    "hundreds of thousands, learned by one layer": lambda: run(
        Sequential([Dense(1)]), far_off(63), SGD(0.1), MSE, 30, 63
    ),
    "a frozen layer that was trained before": with_pretrained_layer,
    "early stopped": early_stopped,
    "raw inputs, normalised": normalised,
    "one class of ten against the rest, short": lambda: run(
        network([16], "relu"),
        (digits(every=2)[0], (digits(every=2)[1] == 3).astype(int)),
        Adam(0.01),
        BINARY,
        8,
        58,
    ),
    "one in twenty, learned": lambda: run(
        network([16], "relu"), rare(0.05), Adam(0.01), BINARY, 30, 59
    ),
    "one in ten, learned": lambda: run(
        network([16], "tanh"), rare(0.1), SGD(0.1, momentum=0.9), BINARY, 40, 60
    ),
    "class weights": lambda: run(
        network([16], "relu"),
        rare(0.1),
        Adam(0.01),
        BINARY,
        25,
        61,
        class_weight={0: 0.5, 1: 5.0},
    ),
    "one-hot rows": lambda: run(
        network([32], "relu", 10, "softmax"),
        one_hot(digits(every=3)),
        RMSprop(0.003),
        "categorical_crossentropy",
        12,
        62,
    ),
    "label smoothing": lambda: run(
        network([32], "relu", 10, "softmax"),
        one_hot(digits(every=3)),
        Adam(0.005),
        CategoricalCrossentropy(label_smoothing=0.1),
        15,
        63,
    ),
    "logits, two classes": lambda: run(
        network([16], "tanh", 1, None), digits(4, 9), Adam(0.01), bce_from_logits(), 15, 64
    ),
    "logits, ten classes": lambda: run(
        network([32], "relu", 10, None),
        digits(every=3),
        SGD(0.1, momentum=0.9),
        SparseCategoricalCrossentropy(from_logits=True),
        12,
        65,
    ),
    "a sum over the batch with a rate for sums": lambda: run(
        network([16], "tanh"),
        digits(0, 1),
        SGD(0.1 / 32),
        BinaryCrossentropy(reduction="sum"),
        60,
        66,
    ),
    "a sum over the batch, Adam": lambda: run(
        network([16], "relu", 1, None), curve(67), Adam(0.01), MeanSquaredError("sum"), 40, 67
    ),
    "a loss of one's own": lambda: run(
        network([16], "tanh", 1, None), curve(68), Adam(0.02), own_loss, 40, 68
    ),
    "another loss of one's own": lambda: run(
        network([16], "relu", 1, None), curve(69), Adam(0.02), own_absolute, 40, 69
    ),
    "tiny data": lambda: run(
        network([4], "tanh"),
        (np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])),
        Adam(0.1),
        BINARY,
        150,
        70,
    ),
    "tiny data, ten samples": lambda: run(
        stack(Dense(1)), (plane(71)[0][:10], plane(71)[1][:10]), SGD(0.1), MSE, 40, 71
    ),
    "tiny data, ten classes": lambda: run(
        network([32], "relu", 10, "softmax"),
        (digits()[0][:40], digits()[1][:40]),
        Adam(0.01),
        SPARSE,
        30,
        72,
    ),
    "spirals, sigmoid": lambda: run(
        network([32, 32], "sigmoid"), make_spirals(200, 0.05, seed=73), Adam(0.03), BINARY, 120, 73
    ),
    "spirals, short": lambda: run(
        network([32, 32], "tanh"), make_spirals(300, 0.05, seed=74), Adam(0.01), BINARY, 12, 74
    ),
    "circles, sigmoid, Adam, short": lambda: run(
        network([16], "sigmoid"), make_circles(300, seed=75), Adam(0.03), BINARY, 20, 75
    ),
    "five layers of tanh, Adam": lambda: run(
        network([16] * 5, "tanh"), digits(2, 3), Adam(0.003), BINARY, 8, 76
    ),
    "five layers of sigmoid, Adam": lambda: run(
        network([16] * 5, "sigmoid"), digits(0, 1), Adam(0.01), BINARY, 60, 77
    ),
    "six layers of relu, He": lambda: run(
        network([24] * 6, "relu", **HE), digits(0, 6), SGD(0.05), BINARY, 20, 78
    ),
    "selu": lambda: run(
        network([32, 32], "selu", 10, "softmax", kernel_initializer="lecun_normal"),
        digits(every=3),
        SGD(0.05),
        SPARSE,
        10,
        79,
    ),
    "leaky relu, AdamW": lambda: run(
        network([32], "leaky_relu", 10, "softmax"), digits(every=3), AdamW(0.005), SPARSE, 10, 80
    ),
    "gelu, Nadam": lambda: run(
        network([32], "gelu", 10, "softmax"), digits(every=3), Nadam(0.005), SPARSE, 10, 81
    ),
    "Adagrad": lambda: run(
        network([32], "tanh", 10, "softmax"), digits(every=2), Adagrad(0.05), SPARSE, 12, 82
    ),
    "zeros at the start, one layer": lambda: run(
        network([], "relu", 10, "softmax", kernel_initializer="zeros"),
        digits(),
        SGD(0.1),
        SPARSE,
        10,
        83,
    ),
    "autoencoder": lambda: run(
        stack(Dense(16, activation="relu"), Dense(64, activation="sigmoid")),
        (digits(every=2)[0], digits(every=2)[0]),
        Adam(0.01),
        MSE,
        15,
        84,
    ),
    "raw digits, 0 to 16": lambda: run(
        network([32], "relu", 10, "softmax", **HE),
        (digits(every=2)[0] * 16, digits(every=2)[1]),
        Adam(0.001),
        SPARSE,
        12,
        85,
    ),
    "noisy labels": lambda: run(
        network([16], "relu"), make_moons(300, 0.4, seed=86), Adam(0.01), BINARY, 25, 86
    ),
    "weight decay": lambda: run(
        network([32], "relu", 10, "softmax", kernel_regularizer="l2"),
        digits(every=2),
        SGD(0.1, momentum=0.9),
        SPARSE,
        12,
        87,
    ),
    "pictures as rows": lambda: run(
        stack(Reshape((8, 8)), SimpleRNN(24), Dense(10, activation="softmax")),
        digits(every=3),
        Adam(0.01),
        SPARSE,
        12,
        88,
    ),
}


# ---------------------------------------------------------------------- more planted faults


def shuffled(data: tuple[Any, Any], seed: int = 0) -> tuple[Any, Any]:
    """The labels in another order than the inputs."""
    return data[0], np.random.default_rng(seed).permutation(data[1])


def own_square(y: Any, p: Any) -> Any:
    return ops.mean((p - y[:, 0]) ** 2)


def own_sum(y: Any, p: Any) -> Any:
    return ops.sum((p - y) ** 2)


def frozen_run(*places: int) -> Outcome:
    """Layers that were frozen before the first step."""
    model = network([25, 15], "tanh")
    model.build((None, 64))
    for place in places:
        model.layers[place].trainable = False
    return run(model, digits(3, 5), SGD(0.1), BINARY, 10, 1)


def equal(value: str, activation: str, head: Any = "sigmoid", out: int = 1) -> Sequential:
    """A network whose weights are all one number."""
    return network([16, 16], activation, out, head, kernel_initializer=value)


def over_examples(z: Any) -> Any:
    return ops.softmax(z, axis=0)


WIRED: dict[str, tuple[str, Run]] = {
    "sigmoid and from_logits": (
        "activation applied twice",
        lambda: run(network([16], "relu"), digits(3, 5), Adam(0.01), bce_from_logits(), 10, 1),
    ),
    "softmax and from_logits": (
        "activation applied twice",
        lambda: run(
            network([32], "relu", 10, "softmax"),
            digits(every=3),
            SGD(0.1),
            SparseCategoricalCrossentropy(from_logits=True),
            6,
            1,
        ),
    ),
    "softmax twice": (
        "activation applied twice",
        lambda: run(
            stack(
                Dense(16, activation="tanh"),
                Dense(10, activation="softmax"),
                Activation("softmax"),
            ),
            one_hot(digits(every=3)),
            Adam(0.01),
            "categorical_crossentropy",
            6,
            1,
        ),
    ),
    "relu and a cross-entropy of probabilities": (
        "last activation",
        lambda: run(
            network([16], "tanh", 1, "relu", bias_initializer=Constant(0.1)),
            digits(0, 1),
            SGD(0.01),
            BINARY,
            6,
            2,
        ),
    ),
    "relu before a softmax of the loss": (
        "last activation",
        lambda: run(
            network([16], "tanh", 10, "relu"),
            digits(every=4),
            SGD(0.05),
            SparseCategoricalCrossentropy(from_logits=True),
            6,
            2,
        ),
    ),
    "softmax over the examples": (
        "softmax over the examples",
        lambda: run(
            network([16], "relu", 10, over_examples), digits(every=4), Adam(0.01), SPARSE, 6, 1
        ),
    ),
    "one unit": (
        "constant output",
        lambda: run(network([16], "tanh", 1, "softmax"), digits(0, 1), Adam(0.01), BINARY, 5, 1),
    ),
    "one unit, labels as numbers": (
        "constant output",
        lambda: run(network([16], "relu", 1, "softmax"), digits(3, 5), SGD(0.1), MSE, 5, 1),
    ),
    "weights of zeros": (
        "symmetric units",
        lambda: run(equal("zeros", "tanh"), digits(0, 1), SGD(0.1), BINARY, 10, 1),
    ),
    "weights of ones": (
        "symmetric units",
        lambda: run(
            equal("ones", "sigmoid", "softmax", 10), digits(every=4), Adam(0.01), SPARSE, 10, 1
        ),
    ),
    "weights of ones, regression": (
        "symmetric units",
        lambda: run(equal("ones", "relu", None), plane(1), Adam(0.003), MSE, 10, 1),
    ),
    "(n, 1) against (n,) in a loss of one's own": (
        "every prediction against every target",
        lambda: run(network([16], "tanh", 1, None), curve(1), Adam(0.01), own_square, 20, 1),
    ),
    "frozen, the first": ("frozen layers", lambda: frozen_run(0)),
    "frozen, all but the last": ("frozen layers", lambda: frozen_run(0, 1)),
    "a sum with a rate for means": (
        "step too large by the batch size",
        lambda: run(
            network([32], "relu", 10, "softmax"),
            digits(every=2),
            SGD(0.1),
            SparseCategoricalCrossentropy(reduction="sum"),
            10,
            1,
        ),
    ),
    "a sum with a rate for means, regression": (
        "step too large by the batch size",
        lambda: run(
            network([16], "relu", 1, None), curve(1), SGD(0.1), MeanSquaredError("sum"), 10, 1
        ),
    ),
    "a sum of one's own": (
        "step too large by the batch size",
        lambda: run(network([16], "relu", 1, None), curve(2), SGD(0.05), own_sum, 10, 1),
    ),
    "labels shuffled, ten classes": (
        "labels do not follow from the inputs",
        lambda: run(
            network([32], "relu", 10, "softmax"),
            shuffled(digits(every=2)),
            Adam(0.005),
            SPARSE,
            20,
            1,
        ),
    ),
    "labels shuffled, learned by heart": (
        "labels do not follow from the inputs",
        lambda: run(
            network([128, 64], "relu", 10, "softmax"),
            shuffled((digits()[0][:300], digits()[1][:300])),
            Adam(0.005),
            SPARSE,
            60,
            1,
        ),
    ),
    "labels shuffled, with validation": (
        "labels do not follow from the inputs",
        lambda: run(
            network([64], "tanh", 10, "softmax"),
            shuffled(digits(every=2), 3),
            RMSprop(0.003),
            SPARSE,
            15,
            1,
            validation_split=0.2,
        ),
    ),
    "97 % of one class": (
        "one class only",
        lambda: run(network([25, 15], "sigmoid"), rare(0.03), SGD(0.1), BINARY, 15, 1),
    ),
    "97 % of one class, without a relation": (
        "one class only",
        lambda: run(network([16], "relu"), unrelated(97), Adam(0.005), BINARY, 5, 1),
    ),
    "one label": (
        "one class only",
        lambda: run(
            network([16], "relu"), (plane(1)[0], np.zeros(200, int)), Adam(0.005), BINARY, 5, 1
        ),
    ),
    "unscaled targets": (
        "unscaled targets",
        lambda: run(network([16], "relu", 1, None), far_off(1), Adam(0.01), MSE, 20, 1),
    ),
    "unscaled targets, absolute errors": (
        "unscaled targets",
        lambda: run(network([8, 8], "tanh", 1, None), far_off(2), Adam(0.02), MAE, 15, 2),
    ),
    "a sigmoid of numbers beyond 1": (
        "last activation",
        lambda: run(network([16], "relu", 1, "sigmoid"), beyond(1, 5), Adam(0.01), MSE, 20, 1),
    ),
    "a relu of numbers below 0": (
        "last activation",
        lambda: run(network([16], "tanh", 1, "relu"), beyond(2, -2), Adam(0.01), MAE, 20, 2),
    ),
    "moving averages of few steps": ("moving averages lag behind", lambda: normalised_late(275)),
    "moving averages of few steps, others": (
        "moving averages lag behind",
        lambda: normalised_late(1),
    ),
    "97 % of one class, relu": (
        "one class only",
        lambda: run(network([16], "relu"), rare(0.03), SGD(0.003), BINARY, 40, 1),
    ),
    "sigmoid, weights of std 5": (
        "saturated units",
        lambda: run(
            network([25, 15], "sigmoid", kernel_initializer=RandomNormal(stddev=5.0)),
            digits(0, 1),
            SGD(0.1),
            BINARY,
            10,
            1,
        ),
    ),
    "tanh, weights of std 5": (
        "saturated units",
        lambda: run(
            network([32], "tanh", 10, "softmax", kernel_initializer=RandomNormal(stddev=5.0)),
            digits(every=3),
            Adam(0.005),
            SPARSE,
            10,
            1,
        ),
    ),
    "thirty layers that starve": (
        "vanishing gradients",
        lambda: run(
            network([8] * 30, "tanh", 1, None, kernel_initializer=RandomNormal(stddev=0.1)),
            curve(1),
            SGD(0.1),
            MSE,
            10,
            1,
        ),
    ),
    "ten layers that starve, no biases": (
        "vanishing gradients",
        lambda: run(
            network([8] * 10, "sigmoid", use_bias=False), digits(0, 1), SGD(0.1), BINARY, 10, 1
        ),
    ),
}
PLANTED |= WIRED
