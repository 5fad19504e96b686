"""Training where what is made small needs no ``y``: a loss of the model's own, or of its layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, ops
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.layers import Dense, Layer
from autograd_nn.losses import BinaryCrossentropy

random = np.random.default_rng(0)
X = random.normal(size=(38, 4)).astype(np.float32)
Y = (X.sum(axis=1, keepdims=True) > 0).astype(np.float32)
SIZE = 8  # the last batch has 6
START = [random.normal(size=(4, 4)), random.normal(size=4)]
LOUD = pytest.mark.filterwarnings("ignore:.*code of your own is run as it is written")


class Restores(Model):
    """Its loss is how far what it gives is from what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(4)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, **_: Any) -> Any:
        assert y is None
        return ((y_pred - x) ** 2).mean()


class RestoresByProgram(Restores):
    replayable = True


class Endpoint(Layer):
    """Adds the loss of logits beside their labels, and gives probabilities."""

    replayable = True

    def call(self, inputs: Any) -> Any:
        labels, logits = inputs
        self.add_loss(BinaryCrossentropy(from_logits=True)(labels, logits))
        return ops.sigmoid(logits)


def batches() -> Any:
    for start in range(0, len(X), SIZE):
        yield X[start : start + SIZE]


@LOUD
@pytest.mark.parametrize("kind", [Restores, RestoresByProgram])
@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}])
def test_a_loss_of_the_model_needs_no_true_values(kind: type[Model], how: dict[str, Any]) -> None:
    right = Sequential([Input((4,)), Dense(4)])
    right.set_weights(START)
    right.compile("adam", "mse", run_eagerly=True)
    model = kind()
    model(X[:1])
    model.set_weights(START)
    model.compile("adam", **how)
    found = model.fit(X, epochs=4, batch_size=SIZE, shuffle=False, validation_data=(X,), verbose=0)
    expected = right.fit(
        X, X, epochs=4, batch_size=SIZE, shuffle=False, validation_data=(X, X), verbose=0
    )
    for name, values in expected.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=2e-5)
    assert model.evaluate(X, verbose=0) == pytest.approx(right.evaluate(X, X, verbose=0))
    for _ in range(3):
        assert model.train_on_batch(X) == pytest.approx(right.train_on_batch(X, X), rel=2e-5)
    assert model.test_on_batch(X) == pytest.approx(right.test_on_batch(X, X), rel=2e-5)
    found, expected = (
        model.fit(batches(), verbose=0),
        right.fit(X, X, SIZE, shuffle=False, verbose=0),
    )
    assert found.history["loss"] == pytest.approx(expected.history["loss"], rel=2e-5)


@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}])
def test_without_a_loss_what_layers_add_is_made_small(how: dict[str, Any]) -> None:
    x, labels = Input((4,), name="x"), Input((1,), name="labels")
    dense = Dense(1)
    model = Model([x, labels], Endpoint()([labels, dense(x)]))
    right = Sequential([Input((4,)), Dense(1)])
    for one in (model, right):
        one.set_weights([np.full((4, 1), 0.1), np.zeros(1)])
    model.compile("adam", **how)
    right.compile("adam", BinaryCrossentropy(from_logits=True), run_eagerly=True)
    data = {"labels": Y, "x": X}
    found = model.fit(data, epochs=4, batch_size=SIZE, shuffle=False, verbose=0)
    expected = right.fit(X, Y, epochs=4, batch_size=SIZE, shuffle=False, verbose=0)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=2e-5)
    assert model.evaluate(data, verbose=0) == pytest.approx(right.evaluate(X, Y, verbose=0))
    logits = X @ right.get_weights()[0] + right.get_weights()[1]
    np.testing.assert_allclose(model.predict(data), 1 / (1 + np.exp(-logits)), rtol=1e-4)


def test_of_several_outputs_none_is_compared() -> None:
    x = Input((4,))
    hidden = Dense(2, activity_regularizer="l2")(x)
    model = Model(x, [hidden, 2.0 * hidden])
    model.compile("sgd")
    # 0.01 · the squares of the hidden units, over the samples
    expected = 0.01 * np.square(X @ model.get_weights()[0]).sum() / len(X)
    assert model.evaluate(X, batch_size=38, verbose=0) == pytest.approx(expected, rel=1e-5)
    losses = model.fit(X, epochs=4, verbose=0).history["loss"]
    assert losses[3] < losses[0]


@LOUD
def test_what_needs_true_values_says_so() -> None:
    plain = Sequential([Input((4,)), Dense(1)])
    plain.compile("sgd")
    before = [w.copy() for w in plain.get_weights()]
    for arguments in ({"x": X}, {"x": X, "y": Y}):
        with pytest.raises(ArgumentError, match="compiled without a `loss`, and no layer adds one"):
            plain.fit(**arguments, verbose=0)
    with pytest.raises(ArgumentError, match="compiled without a `loss`"):
        plain.evaluate(X, Y, verbose=0)
    for now, then in zip(plain.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    plain.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match="`y` is missing"):
        plain.fit(X, verbose=0)
    model = Restores()
    model.compile("sgd", metrics=["mae"])
    with pytest.raises(ArgumentError, match="`metrics` compare with true values"):
        model.fit(X, verbose=0)
    model.compile("sgd")
    with pytest.raises(ArgumentError, match="need `y`, which is missing"):
        model.fit(X, sample_weight=np.ones(38), verbose=0)
    with pytest.raises(ArgumentError, match="non-finite"):
        model.fit(X * np.nan, verbose=0)
    assert type(model(X[:1])) is Tensor
