"""Metrics that a model or a layer has as attributes, and updates in its `call`, as in Keras."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Model, Sequential, set_random_seed
from autograd_nn.layers import Dense, Layer
from autograd_nn.metrics import Mean, Metric

X = np.arange(14, dtype=np.float32).reshape(7, 2) / 14
Y = X[:, :1]
# What comes in is counted: its mean over an epoch is that of X, whatever is learned.
MEAN = X.mean()
pytestmark = pytest.mark.filterwarnings("ignore:.*run as it is written")


class Counting(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.incoming = [Mean(name="incoming")]

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.incoming[0].update_state(inputs)
        return inputs


class CountingModel(Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(1)
        self.incoming = Mean(name="incoming")

    def call(self, inputs: Any, training: bool = False) -> Any:
        self.incoming.update_state(inputs)
        return self.dense(inputs)


def layered() -> Model:
    return Sequential([Counting(), Dense(1)])


def batches() -> Iterator[Any]:
    yield X[:4], Y[:4]
    yield X[4:], Y[4:]


@pytest.mark.parametrize("eagerly", [True, False])
@pytest.mark.parametrize("make", [layered, CountingModel])
def test_they_are_told_beside_the_loss(make: Any, eagerly: bool) -> None:
    model = make()
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
    history = model.fit(X, Y, batch_size=4, epochs=3, validation_data=(X + 1, Y), verbose=0).history
    assert list(history) == ["loss", "mae", "incoming", "val_loss", "val_mae", "val_incoming"]
    np.testing.assert_allclose(history["incoming"], [MEAN] * 3, rtol=1e-6)
    np.testing.assert_allclose(history["val_incoming"], [MEAN + 1] * 3, rtol=1e-6)
    model.predict(X)  # what it counts is forgotten by what follows
    told = model.evaluate(X, Y, verbose=0, return_dict=True)["incoming"]
    of_batches = [
        model.train_on_batch(X[:4], Y[:4], return_dict=True)["incoming"],
        model.train_on_batch(X[:4], Y[:4])[-1],
        model.test_on_batch(X[:4], Y[:4])[-1],
    ]
    np.testing.assert_allclose(told, MEAN, rtol=1e-6)
    np.testing.assert_allclose(of_batches, [X[:4].mean()] * 3, rtol=1e-6)
    assert [metric.name for metric in model.metrics] == ["loss", "compile_metrics", "incoming"]


def test_data_that_are_only_checked_are_not_counted() -> None:
    model = layered()
    model.compile("sgd", "mse")
    incoming = model.fit(batches(), validation_data=batches(), verbose=0).history
    np.testing.assert_allclose([incoming["incoming"], incoming["val_incoming"]], MEAN, rtol=1e-6)


class Positive(Metric):
    replayable = True

    def __init__(self) -> None:
        super().__init__(name="positive")
        self.count = self.add_variable((), "zeros")

    def update_state(self, values: Any) -> None:  # type: ignore[override]
        self.count.assign_add((values > 0.5).sum())

    def result(self) -> Any:
        return self.count


class Declared(Layer):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.positive = Positive()

    def call(self, inputs: Any) -> Any:
        self.positive.update_state(inputs)
        return inputs


def test_one_that_counts_by_assignments_is_part_of_the_program() -> None:
    model = Sequential([Declared(), Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X[:6], Y[:6], batch_size=2, epochs=3, verbose=0).history
    assert model._training is not None and not model._training.stepper.as_written
    assert history["positive"] == [(X[:6] > 0.5).sum()] * 3
    for _ in range(3):
        assert model.train_on_batch(X[4:6], Y[4:6])[1] == (X[4:6] > 0.5).sum()


def test_two_of_one_name_are_told_by_two_names() -> None:
    set_random_seed(0)
    model = Sequential([Counting(), Dense(1, use_bias=False), Counting()])
    model.compile("sgd", "mse")
    kernel = model(X).data, X
    told = model.evaluate(X, Y, verbose=0, return_dict=True)
    np.testing.assert_allclose(
        [told["incoming"], told["incoming_1"]], [MEAN, kernel[0].mean()], rtol=1e-6
    )
