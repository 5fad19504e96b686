"""Losses: numbers by hand and of real Keras, gradients, shapes, and what is refused."""

from __future__ import annotations

import decimal
import itertools
import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import gradients, losses
from autograd_nn.engine.checking import check_gradients
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from tests.reference import recorded

CLASSES = [
    losses.BinaryCrossentropy,
    losses.CategoricalCrossentropy,
    losses.SparseCategoricalCrossentropy,
    losses.MeanSquaredError,
    losses.MeanAbsoluteError,
]


@pytest.mark.parametrize("case", recorded.losses(), ids=lambda case: case["loss"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_of_keras(case: dict[str, Any], dtype: str) -> None:
    loss = getattr(losses, case["loss"])(**case["arguments"])
    value = loss(true_values(case, dtype), np.array(case["y_pred"], dtype), case["sample_weight"])
    assert value.dtype == dtype
    # Keras computes much in float32 on the way, whatever it is given.
    exact = dtype == "float64" and ("gradient" not in case or case["loss"] in EXACT)
    exact = exact and not case["loss"].startswith("Binary")
    rtol, atol = (1e-12, 1e-14) if exact else (2e-6, 1e-6)
    np.testing.assert_allclose(value, case[dtype], rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    "case",
    [case for case in recorded.losses() if "gradient" in case],
    ids=lambda case: case["loss"],
)
def test_gradients_of_keras(case: dict[str, Any]) -> None:
    loss = getattr(losses, case["loss"])(**case["arguments"])
    p = Tensor(np.array(case["y_pred"], float))
    value = loss(true_values(case, "float64"), p, case["sample_weight"])
    (gradient,) = gradients(value.sum(), [p])
    # Keras computes CTC in single precision, whatever it is given; see also the sum over paths.
    atol = 2e-7 if case["loss"] == "CTC" else 1e-9
    np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-6, atol=atol)


def true_values(case: dict[str, Any], dtype: str) -> Any:
    y = np.array(case["y_true"])
    labels = ("SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy")
    return y if case["loss"] in (*labels, "Circle", "CTC") else y.astype(dtype)


EXACT = {"CategoricalCrossentropy", "SparseCategoricalCrossentropy", "CategoricalHinge"}


def test_squared_and_absolute_error_by_hand() -> None:
    y, p = [[1.0, 2.0], [0.0, 0.0]], [[2.0, 2.0], [3.0, -1.0]]
    assert losses.mean_squared_error(y, p).tolist() == [0.5, 5.0]
    assert losses.MeanSquaredError()(y, p) == 2.75
    assert losses.mean_absolute_error(y, p).tolist() == [0.5, 2.0]
    assert losses.MeanAbsoluteError(reduction="sum")(y, p) == 2.5
    assert losses.MeanSquaredError()(y, p, sample_weight=[1.0, 0.0]) == 0.25


def test_certainly_wrong_is_clipped_and_from_logits_is_not() -> None:
    loss = losses.BinaryCrossentropy()
    np.testing.assert_allclose(loss([[1.0]], [[0.0]]), -math.log(1e-7), rtol=1e-12)
    p = Tensor([[0.0]])
    loss([[1.0]], p).backward()
    np.testing.assert_allclose(p.grad, [[-1e7]], rtol=1e-12)
    np.testing.assert_allclose(
        losses.BinaryCrossentropy(from_logits=True)([[1.0]], [[-100.0]]), 100
    )


@pytest.mark.parametrize("from_logits", [False, True])
def test_gradients_against_differences(from_logits: bool) -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, (3, 4))
    y = (rng.random((3, 4)) > 0.5).astype(float)
    labels = np.array([1, 0, 3])
    weight = np.array([1.0, 0.5, 2.0])
    for loss, truth in (
        (losses.BinaryCrossentropy(from_logits, 0.1), y),
        (losses.CategoricalCrossentropy(from_logits, 0.1), losses.to_categorical(labels, 4)),
        (losses.SparseCategoricalCrossentropy(from_logits), labels),
        (losses.MeanSquaredError(), y),
        (losses.MeanAbsoluteError(), y),
    ):
        check_gradients(lambda t, loss=loss, truth=truth: loss(truth, t), p)
        check_gradients(lambda t, loss=loss, truth=truth: loss(truth, t, weight), p)


def test_unweighted_mean_is_two_nodes() -> None:
    p = Tensor([[0.5], [0.25]])
    loss = losses.BinaryCrossentropy()([[1.0], [0.0]], p)
    assert loss.operation.name == "mean"
    assert loss.inputs[0].operation.name == "binary_cross_entropy"
    assert loss.inputs[0].inputs[0] is p


@pytest.mark.parametrize("loss", [losses.BinaryCrossentropy(), losses.MeanSquaredError()])
def test_a_column_and_a_row_of_labels_agree(loss: Any) -> None:
    y, p = np.array([1.0, 0.0, 1.0]), np.array([0.25, 0.5, 0.75])
    values = {float(loss(a, b)) for a in (y, y[:, None]) for b in (p, p[:, None])}
    assert len(values) == 1
    with pytest.raises(ShapeError, match=r"\(3,\).*\(3, 2\)"):
        loss(y, np.full((3, 2), 0.5))
    with pytest.raises(ShapeError, match=r"\(3, 1\).*\(3, 2\)"):
        loss(y[:, None], np.full((3, 2), 0.5))


def test_sample_weights_one_for_each_sample() -> None:
    y, p = [1.0, 2.0], [3.0, 2.0]
    assert losses.MeanSquaredError()(y, p, [0.5, 9.0]) == 1.0
    with pytest.raises(ShapeError, match="one weight for each sample"):
        losses.MeanSquaredError()([[1.0], [2.0]], [[3.0], [2.0]], [1.0, 1.0, 1.0])


def test_arrays_stay_arrays_and_keep_float32() -> None:
    y, p = np.float32([[1.0], [0.0]]), np.float32([[0.5], [0.5]])
    value = losses.BinaryCrossentropy()(y, p)
    assert not isinstance(value, Tensor) and value.dtype == np.float32
    assert losses.binary_crossentropy(y, Tensor(p)).dtype == np.float32


def test_labels_out_of_range_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"label 3 at index \(1,\).*0 to 2"):
        losses.SparseCategoricalCrossentropy()([0, 3], np.full((2, 3), 1 / 3))
    with pytest.raises(ArgumentError, match="2.0 at index"):
        losses.BinaryCrossentropy()([[2.0]], [[0.5]])
    with pytest.raises(ArgumentError, match="integer labels, got 0.5"):
        losses.SparseCategoricalCrossentropy()([0.5], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match="CategoricalCrossentropy"):
        losses.SparseCategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])


def test_rounding_is_no_reason_to_refuse() -> None:
    losses.BinaryCrossentropy()([[1.0]], np.float32([[1.0000001]]))


def test_to_categorical() -> None:
    assert losses.to_categorical([1, 0]).tolist() == [[0, 1], [1, 0]]
    assert losses.to_categorical([[2], [0]], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(ArgumentError, match="-1"):
        losses.to_categorical([-1], 3)


@pytest.mark.parametrize("kind", CLASSES)
def test_get_by_every_name(kind: Any) -> None:
    snake = kind().name
    for identifier in (kind.__name__, snake, kind, kind(), getattr(losses, snake, kind)):
        assert type(losses.get(identifier)) is kind
    assert losses.get(kind().get_config()["name"]).get_config() == kind().get_config()


def test_short_names_and_typing_errors() -> None:
    for name in ("mse", "MSE", "MeanSquareError"):
        assert type(losses.get(name)) is losses.MeanSquaredError
    assert losses.MeanSquareError is losses.MeanSquaredError
    with pytest.raises(ArgumentError, match="Did you mean 'mse'"):
        losses.get("msee")
    with pytest.raises(ArgumentTypeError, match="from_logits"):
        losses.BinaryCrossentropy(from_logit=True)
    with pytest.raises(ArgumentError, match="reduction"):
        losses.MeanSquaredError(reduction="average")
    assert repr(losses.BinaryCrossentropy(True)) == "BinaryCrossentropy(from_logits=True)"


def test_a_function_of_ones_own() -> None:
    loss = losses.get(lambda y, p: abs(p - y).sum(axis=-1))
    assert loss([[1.0, 2.0]], [[2.0, 4.0]]) == 3.0


def test_a_misspelt_argument_is_answered_in_the_name_of_the_class_that_was_called():
    with pytest.raises(TypeError, match=r"MeanSquaredError\(\) has no argument `reductio`.*reduct"):
        losses.MeanSquaredError(reductio="sum")


def test_ctc_is_the_sum_over_everything_that_spells_the_labels() -> None:
    labels, z = [1, 1, 2], np.random.default_rng(0).normal(size=(5, 3))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    def spelt(path: tuple[int, ...]) -> list[int]:
        return [kind for kind, _ in itertools.groupby(path) if kind]

    paths = [path for path in itertools.product(range(3), repeat=5) if spelt(path) == labels]
    expected = -math.log(sum(p[range(5), path].prod() for path in paths))
    assert losses.CTC()([labels], z[None]) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ArgumentError, match=r"0 before a label, at index \(0, 1\)"):
        losses.CTC()([[1, 0, 2]], z[None])
    with pytest.raises(ShapeError, match=r"\(5, 3\)"):
        losses.CTC()([labels], z)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_cosh_keeps_its_digits(dtype: str) -> None:
    x = np.array([1e-6, 1e-3, 0.5, 0.999, 1.001, 3.0, 40.0, 1e4], dtype)
    # log cosh x of exactly these, by 50 digits of Python's decimals.
    with decimal.localcontext(prec=50):
        exact = [decimal.Decimal(float(v)) for v in x]
        expected = [float((v.exp() + (-v).exp()).ln() - decimal.Decimal(2).ln()) for v in exact]
    found = losses.log_cosh(np.zeros((8, 1), dtype), x[:, None])
    np.testing.assert_allclose(found, expected, rtol=8 * np.finfo(dtype).eps)


def test_a_probability_of_0_has_a_finite_value_and_keeps_its_gradient() -> None:
    for loss, y in (
        (losses.KLDivergence(), [[0.0, 1.0]]),
        (losses.CategoricalFocalCrossentropy(), [[0.0, 1.0]]),
        (losses.CategoricalGeneralizedCrossEntropy(), [1]),
    ):
        p = Tensor([[1.0, 0.0]])
        value = loss(y, p)
        value.backward()
        assert math.isfinite(value.item()) and p.grad[0, 1] < -1000


def test_what_a_loss_cannot_mean_is_said() -> None:
    with pytest.raises(ArgumentError, match="255"):
        losses.Dice()([[0.0, 255.0]], [[0.1, 0.9]])
    with pytest.raises(ShapeError, match="axis="):
        losses.Dice()([[0.0, 1.0]], [[0.1, 0.9]], sample_weight=[1.0])
    with pytest.raises(ArgumentError, match="−1 and 1"):
        losses.Hinge()([[2.0]], [[0.1]])
    with pytest.raises(ShapeError, match="to_categorical"):
        losses.CategoricalHinge()([1, 0], np.ones((2, 3)))
    with pytest.raises(ArgumentError, match="label 3"):
        losses.CategoricalGeneralizedCrossEntropy()([3], [[0.5, 0.5]])
    with pytest.warns(UserWarning, match="count as 0"):
        losses.MeanSquaredLogarithmicError()([[-2.0]], [[1.0]])
    with pytest.warns(UserWarning, match="no counts"):
        losses.Poisson()([[-2.0]], [[1.0]])
    with pytest.raises(ArgumentTypeError, match="floating type"):
        losses.MeanSquaredError(dtype="int32")
    with pytest.raises(ShapeError, match="no axis 2 of classes"):
        losses.CategoricalCrossentropy(axis=2)([[0, 1]], [[0.5, 0.5]])
    with pytest.raises(ArgumentTypeError, match="`axis` must be an integer"):
        losses.CategoricalCrossentropy(axis=True)


def test_where_no_sample_counts_the_loss_is_0() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    p = Tensor([[0.5, 0.5], [0.25, 0.75]])
    value = loss([-1, -1], p)
    value.backward()
    assert value == 0 and not p.grad.any()
    weighted = losses.MeanSquaredError("mean_with_sample_weight")
    assert weighted([[1.0], [2.0]], [[3.0], [2.0]], [0.0, 0.0]) == 0
