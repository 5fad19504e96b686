"""A sigmoid or softmax followed by its cross-entropy is computed from the logits, everywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_nn.layers import Activation, Dense, Input
from autograd_nn.losses import BinaryCrossentropy, CategoricalCrossentropy
from autograd_nn.models import Sequential
from autograd_nn.training.one_step import recorded_loss


def one_unit(logit: float, loss: Any = "bce", **keywords: Any) -> Sequential:
    """A model whose logit is ``logit`` for the input 1."""
    model = Sequential(
        [
            Input((1,)),
            Dense(1, use_bias=False, kernel_initializer=np.array([[logit]]), **keywords),
            Activation("sigmoid"),
        ]
    )
    model.compile("sgd", loss)
    return model


def test_confidently_wrong_keeps_its_gradient() -> None:
    model = one_unit(-40.0)
    assert model.train_on_batch([[1.0]], [1.0]) == 40.0
    # dL/dz = σ(z) − y = −1, and x = 1
    np.testing.assert_allclose(model.weights[0].grad, [[-1.0]], rtol=1e-6)


def test_evaluation_and_validation_agree_with_training() -> None:
    model = one_unit(-40.0)
    assert model.evaluate([[1.0]], [1.0], verbose=0) == 40.0
    assert model.test_on_batch([[1.0]], [1.0]) == 40.0
    history = model.fit([[0.0]], [0.0], validation_data=([[1.0]], [1.0]), verbose=0).history
    assert history["val_loss"] == [40.0]


@pytest.mark.filterwarnings("ignore:The model has no trainable weights")
def test_also_where_every_weight_is_frozen() -> None:
    model = one_unit(-40.0, trainable=False)
    assert model.evaluate([[1.0]], [1.0], verbose=0) == 40.0
    assert model.train_on_batch([[1.0]], [1.0]) == 40.0
    assert model.fit([[1.0]], [1.0], verbose=0).history["loss"] == [40.0]
    assert model.get_weights()[0] == -40.0


def test_by_hand_the_chain_stays_as_written() -> None:
    model = one_unit(-40.0)
    loss = BinaryCrossentropy()([[1.0]], model([[1.0]]))
    np.testing.assert_allclose(loss.item(), -math.log(1e-7), rtol=1e-6)
    assert loss.inputs[0].operation.name == "binary_cross_entropy"


def test_label_smoothing_goes_into_the_fused_form() -> None:
    model = one_unit(2.0, BinaryCrossentropy(label_smoothing=0.2))
    expected = -(0.9 * math.log(1 / (1 + math.exp(-2))) + 0.1 * math.log(1 / (1 + math.exp(2))))
    np.testing.assert_allclose(model.evaluate([[1.0]], [1.0], verbose=0), expected, rtol=1e-6)


def test_the_probability_stays_as_the_third_input() -> None:
    model = one_unit(1.0)
    loss, p = recorded_loss(model, model.loss, np.ones((1, 1), "f4"), np.ones((1, 1), "f4"))
    fused = loss.inputs[0]
    assert fused.operation.name == "sigmoid_cross_entropy"
    assert fused.inputs[0] is p.inputs[0] and fused.inputs[2] is p


@pytest.mark.parametrize(
    ("loss", "labels"),
    [("categorical_crossentropy", [[0.0, 1.0]]), ("sparse_categorical_crossentropy", [1])],
)
def test_softmax(loss: str, labels: Any) -> None:
    model = Sequential(
        [Input((1,)), Dense(2, "softmax", kernel_initializer=np.array([[50.0, -50.0]]))]
    )
    model.compile("sgd", loss)
    assert model.evaluate([[1.0]], labels, verbose=0) == 100.0
    model.train_on_batch([[1.0]], labels)
    np.testing.assert_allclose(model.layers[0].bias.grad, [1.0, -1.0], rtol=1e-6)


def test_logits_behind_an_activation_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="ends in sigmoid"):
        one_unit(1.0, BinaryCrossentropy(from_logits=True)).fit([[1.0]], [1.0], verbose=0)
    model = Sequential([Dense(3, activation="softmax")])
    model.compile("sgd", CategoricalCrossentropy(from_logits=True))
    with pytest.warns(UserWarning, match="softmax once more"):
        model.evaluate([[1.0]], [[0, 1, 0]], verbose=0)


def test_logits_taken_for_probabilities_are_refused() -> None:
    model = Sequential([Input((1,)), Dense(1, kernel_initializer=np.array([[3.0]]))])
    model.compile("sgd", "bce")
    before = model.get_weights()
    with pytest.raises(ValueError, match="from_logits=True"):
        model.fit([[1.0]], [1.0], verbose=0)
    np.testing.assert_array_equal(before[0], model.get_weights()[0])
