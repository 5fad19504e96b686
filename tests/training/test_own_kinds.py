"""Losses, metrics and optimizers of one's own, as learners first write them."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential
from autograd_nn.engine.errors import StateError
from autograd_nn.layers import Dense
from autograd_nn.losses import Loss
from autograd_nn.metrics import Metric
from autograd_nn.optimizers import SGD, Optimizer

X = np.arange(12, dtype=np.float32).reshape(6, 2) / 12
Y = X[:, :1]


def fitted(metric: Any, **keywords: Any) -> Any:
    model = Sequential([Dense(1)])
    model.compile(SGD(0.1), "mse", metrics=[metric], **keywords)
    return model, model.fit(X, Y, epochs=3, batch_size=4, verbose=0).history


class Batches(Metric):
    """Counts in a plain attribute, which the `reset_state` it has does not know."""

    def __init__(self) -> None:
        super().__init__(name="batches")
        self.seen = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen += 1

    def result(self) -> Any:
        return self.seen


@pytest.mark.parametrize("eagerly", [True, False])
def test_what_is_tried_before_training_is_not_counted(eagerly: bool) -> None:
    model, history = fitted(Batches(), run_eagerly=eagerly)
    assert history["batches"] == [2, 4, 6]  # two batches in each epoch
    model.evaluate(X, Y, verbose=0, batch_size=2)
    assert model.evaluate(X, Y, verbose=0, batch_size=2, return_dict=True)["batches"] == 12


class WithoutWeights(Metric):
    def __init__(self) -> None:
        super().__init__(name="rows")
        self.rows = self.add_weight(name="rows")

    def update_state(self, y_true: Any, y_pred: Any) -> None:  # type: ignore[override]
        self.rows.assign_add(len(y_true))

    def result(self) -> Any:
        return self.rows


@pytest.mark.parametrize("eagerly", [True, False])
def test_a_metric_needs_no_sample_weight(eagerly: bool) -> None:
    model, history = fitted(WithoutWeights(), run_eagerly=eagerly)
    assert history["rows"] == [6, 6, 6]
    history = model.fit(X, Y, verbose=0, sample_weight=np.ones(6)).history
    assert history["rows"] == [6]  # the weights are for the loss and for weighted_metrics


class Both(Batches):
    def result(self) -> Any:
        return {"a": self.seen, "b": 2 * self.seen}


def test_a_metric_of_several_values_is_shown() -> None:
    assert repr(Both()) == "Both(name='batches', result={'a': 0, 'b': 0})"
    model, _ = fitted(Both())
    assert "'mean_absolute_error'" not in repr(model.metrics)
    assert "compile_metrics" in repr(model.metrics)


class NoInitLoss(Loss):
    def __init__(self) -> None:
        self.factor = 2.0

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.factor * (y_pred - y_true) ** 2


class NoInitMetric(Batches):
    def __init__(self) -> None:
        self.seen = 0


class NoInitState(WithoutWeights):
    def __init__(self) -> None:
        self.rows = self.add_weight(name="rows")


class NoInitOptimizer(Optimizer):
    def __init__(self) -> None:
        self.factor = 2.0

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return parameter - self.factor * gradient, state


def compiled(optimizer: Any = "sgd", loss: Any = "mse") -> None:
    model = Sequential([Dense(1)])
    model.compile(optimizer, loss)
    model.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    "use",
    [
        lambda: NoInitLoss()(Y, Y),
        lambda: compiled(loss=NoInitLoss()),
        lambda: fitted(NoInitMetric()),
        lambda: NoInitState(),
        lambda: compiled(NoInitOptimizer()),
    ],
)
def test_a_forgotten_init_is_said(use: Any) -> None:
    with pytest.raises(StateError, match=r"NoInit\w+.__init__ must call super\(\).__init__\(\)"):
        use()
