"""A metric of one's own gets arrays that it may keep until its result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, set_random_seed
from autograd_nn.layers import Dense, Input
from autograd_nn.metrics import Metric
from autograd_nn.optimizers import SGD

rng = np.random.default_rng(0)
X = rng.normal(size=(70, 4)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)


class Ranked(Metric):
    """The share of pairs in the right order, of all batches together."""

    def __init__(self) -> None:
        super().__init__(name="ranked")
        self.reset_state()

    def reset_state(self) -> None:
        self.true: list[Any] = []
        self.found: list[Any] = []
        self.weight: list[Any] = []

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.true.append(y_true)
        self.found.append(y_pred)
        self.weight.append(np.ones(len(y_true)) if sample_weight is None else sample_weight)

    def result(self) -> float:
        true, found = np.concatenate(self.true)[:, 0], np.concatenate(self.found)[:, 0]
        weight = np.concatenate(self.weight)
        pairs = found[true == 1][:, None] > found[true == 0]
        return float(np.average(pairs, weights=np.outer(weight[true == 1], weight[true == 0])))


@pytest.mark.parametrize("columns", [4, 4000], ids=["gathered at once", "one by one"])
@pytest.mark.parametrize("form", ["class", "function"])
def test_what_a_metric_keeps_is_not_overwritten_by_the_next_batch(form: str, columns: int) -> None:
    x = np.tile(X, columns // 4)
    kept: list[tuple[Any, Any]] = []

    def mean_output(y_true: Any, y_pred: Any) -> Any:
        kept.append((y_true, y_pred))
        return y_pred[:, 0]

    def trained(**how: Any) -> Any:
        set_random_seed(3)
        kept.clear()
        model = Sequential([Dense(3, "tanh"), Dense(1, "sigmoid")])
        weighted = [Ranked()] if form == "class" else [mean_output]
        model.compile("sgd", "binary_crossentropy", weighted_metrics=weighted, **how)
        weight = np.linspace(0.5, 1.5, len(x))
        history = model.fit(x, Y, 16, 4, verbose=0, sample_weight=weight).history
        return list(history.values()), [np.array(pair[1]) for pair in kept]

    (found, seen), (expected, right) = trained(), trained(run_eagerly=True)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert len(seen) == len(right)
    for mine, theirs in zip(seen, right, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-6)


def test_one_number_for_a_batch_counts_once() -> None:
    """As in Keras, where a smaller last batch counts as much as others."""

    def largest(y_true: Any, y_pred: Any) -> Any:
        return np.abs(y_true - y_pred).max()

    model = Sequential([Input((1,)), Dense(1)])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    model.compile(SGD(0.0), "mse", metrics=[largest], weighted_metrics=[])
    x, y = np.arange(5.0)[:, None], np.zeros((5, 1))
    # The largest of 0, 1, 2, 3 and that of 4; with weights four times 3 · 1 and 4 · 4.
    found = model.fit(x, y, batch_size=4, shuffle=False, epochs=3, verbose=0)
    assert found.history["largest"] == [3.5, 3.5, 3.5]
    assert model.evaluate(x, y, batch_size=4, verbose=0)[1] == 3.5
    model.compile(SGD(0.0), "mse", weighted_metrics=[largest])
    weight = np.array([1.0, 1.0, 1.0, 1.0, 4.0])
    assert model.evaluate(x, y, 4, verbose=0, sample_weight=weight)[1] == (12 + 16) / 8
