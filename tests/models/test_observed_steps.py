"""A training step of the library under ``Observer``: no look is noted, no number is changed."""

import copy
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.engine.graph import topological
from autograd_nn.layers import Activation, Dense, Dropout, Flatten
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD, Adam, RMSprop
from autograd_nn.program.capture.observer import Observer
from autograd_nn.settings import set_random_seed
from autograd_nn.training.one_step import RunningValues, descend, recorded_loss

N = 8


def trained(
    activation: str, loss: Any, optimizer: Any, y: Any, weight: Any, observed: bool
) -> tuple[list[Any], list[str], int]:
    """The weights after two steps, the notes, and how many draws were recorded."""
    set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(N, 2, 3)).astype(np.float32)
    outputs = 1 if activation == "sigmoid" else 3
    model = Sequential(
        [Flatten(), Dense(5, "relu"), Dropout(0.2), Dense(outputs), Activation(activation)]
    )
    model.compile(optimizer, loss, metrics=["accuracy"], weighted_metrics=["accuracy"])
    model.evaluate(x, y, verbose=0)
    training, values = model._training, RunningValues(model._training)  # type: ignore[arg-type]
    notes: list[str] = []
    draws = 0
    for _ in range(2):
        fed = [x, y, weight]
        if observed:
            fed = [None if a is None else Tensor(a) for a in fed]
        with Observer() as observer:
            loss, output = recorded_loss(model, training.loss, *fed)  # type: ignore[union-attr]
            values.add(loss._data, y, output._data, weight)
        descend(training, model.trainable_weights, loss)  # type: ignore[arg-type]
        notes += observer.notes
        names = [node.operation.name for node in topological(loss) if node.operation]
        draws += names.count("bernoulli")
    return model.get_weights(), notes, draws


BINARY = (np.arange(N) % 2).astype(np.float32)[:, None]
ROWS = np.eye(3, dtype=np.float32)[np.arange(N) % 3]
LABELS = np.arange(N) % 3


@pytest.mark.parametrize("weight", [None, np.linspace(0.5, 2, N, dtype=np.float32)])
@pytest.mark.parametrize(
    ("activation", "loss", "optimizer", "y"),
    [
        ("sigmoid", BinaryCrossentropy(), "rmsprop", BINARY),
        ("sigmoid", BinaryCrossentropy(label_smoothing=0.1), SGD(0.1, momentum=0.9), BINARY),
        ("sigmoid", MeanSquaredError(), Adam(clipnorm=0.1), BINARY),
        ("softmax", CategoricalCrossentropy(label_smoothing=0.1), Adam(clipvalue=0.1), ROWS),
        ("softmax", SparseCategoricalCrossentropy(), RMSprop(global_clipnorm=0.1), LABELS),
        ("tanh", CategoricalCrossentropy(from_logits=True), Adam(weight_decay=0.1), ROWS),
        ("tanh", MeanAbsoluteError(), "adam", ROWS),
        ("relu", MeanSquaredError(reduction="mean_with_sample_weight"), "sgd", ROWS),
    ],
)
def test_a_step_of_the_library_looks_at_nothing(
    activation: str, loss: Any, optimizer: Any, y: Any, weight: Any
) -> None:
    twin = copy.deepcopy(optimizer)
    weights, notes, draws = trained(activation, loss, optimizer, y, weight, observed=True)
    expected, _, _ = trained(activation, loss, twin, y, weight, observed=False)
    assert notes == []
    assert draws == 2  # the mask of Dropout, in each of two steps
    for found, wanted in zip(weights, expected, strict=True):
        assert found.tobytes() == wanted.tobytes()
