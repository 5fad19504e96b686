"""A loss of one's own that is a loss of the library, changed: what it says is what counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, losses
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD

random = np.random.default_rng(0)
X = random.normal(size=(23, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.float32)
CLASSES = np.arange(23) % 3
WEIGHT = np.linspace(0.0, 2.0, 23).astype(np.float32)
SHARES = np.array([0.5, 1.0, 3.0], np.float32)


class Threefold(losses.Huber):
    replayable = True

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return 3.0 * super().call(y_true, y_pred)


class ForPositives(losses.BinaryCrossentropy):
    """Positives count four times: Keras's way to write a weighted cross-entropy."""

    replayable = True

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (1.0 + 3.0 * y_true[:, 0]) * super().call(y_true, y_pred)


class ByClass(losses.SparseCategoricalCrossentropy):
    replayable = True

    def call(self, y_true: Any, y_pred: Any) -> Any:
        shares = 0.5 + 0.5 * (y_true == 1) + 2.5 * (y_true == 2)
        return shares * super().call(y_true, y_pred)


def trained(loss: Any, activation: Any, units: int, y: Any, weight: Any, eager: bool) -> list[Any]:
    model = Sequential([Input((4,)), Dense(units, activation)])
    model.set_weights([np.full((4, units), 0.1) * np.arange(1, units + 1), np.zeros(units)])
    model.compile(SGD(0.1), loss, run_eagerly=eager)
    found = model.fit(
        X, y, epochs=4, batch_size=8, shuffle=False, verbose=0, sample_weight=weight
    ).history["loss"]
    return [found, model.evaluate(X, y, verbose=0, sample_weight=weight), *model.get_weights()]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize(
    ("loss", "like", "activation", "units", "y", "share"),
    [
        (Threefold(delta=0.5), losses.Huber(delta=0.5), None, 1, Y, 3.0),
        (ForPositives(), losses.BinaryCrossentropy(), "sigmoid", 1, Y, 1 + 3 * Y),
        (ByClass(from_logits=True), losses.SparseCategoricalCrossentropy(from_logits=True),
         None, 3, CLASSES, SHARES[CLASSES]),
    ],
)  # fmt: skip
def test_what_call_says_is_the_loss(
    loss: Any, like: Any, activation: Any, units: int, y: Any, share: Any, eager: bool
) -> None:
    """As the loss of the library with weights of samples."""
    share = np.broadcast_to(np.float32(share), 23)
    for weight in (None, WEIGHT):
        whole = share if weight is None else share * weight
        found = trained(loss, activation, units, y, weight, eager)
        expected = trained(like, activation, units, y, whole, True)
        for one, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, right, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("reduction", ["none", "sum", "sum_over_batch_size"])
def test_called_by_hand_too(reduction: str) -> None:
    y, p = np.zeros((2, 3)), np.array([[1.0, 0.0, 0.5], [0.25, 0.5, 0.0]])
    samples = 3 * (p**2 / 2).mean(axis=1)
    right = {"none": samples, "sum": samples.sum()}.get(reduction, samples.mean())
    loss = Threefold(reduction=reduction)
    np.testing.assert_allclose(loss(y, p).data, right)
    np.testing.assert_allclose(loss.samples(y, p).data, samples)


def test_a_call_that_fit_would_not_make_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"__call__ of its own.*write call\(self, y_true"):

        class Hundredfold(losses.MeanSquaredError):
            def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
                return 100 * super().__call__(y_true, y_pred, sample_weight)
