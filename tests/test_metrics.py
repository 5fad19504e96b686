"""Metrics: numbers by hand, and as Keras documents them."""

import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import losses, metrics
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor


def value(metric: Any, *args: Any, **keywords: Any) -> float:
    metric.update_state(*args, **keywords)
    return metric.result()


def test_mean_is_weighted_and_resets() -> None:
    mean = metrics.Mean()
    assert mean.result() == 0.0
    mean.update_state([1.0, 3.0, 5.0, 7.0])
    assert mean.result() == 4.0
    mean.reset_state()
    assert value(mean, [1.0, 3.0, 5.0, 7.0], sample_weight=[1, 1, 0, 0]) == 2.0
    mean.reset_state()
    mean.update_state(2.0)
    mean.update_state(5.0, sample_weight=2)
    assert mean.result() == 4.0


def test_batches_count_by_their_samples() -> None:
    squared = metrics.MeanSquaredError()
    squared.update_state([[0.0], [0.0], [0.0]], [[1.0], [1.0], [1.0]])
    squared.update_state([[0.0]], [[3.0]])
    assert squared.result() == (3 * 1 + 9) / 4
    squared.update_state(np.zeros((0, 1)), np.zeros((0, 1)))
    assert squared.result() == 3.0


@pytest.mark.parametrize(
    ("metric", "expected"),
    [(metrics.MeanSquaredError, (1 + 4 + 0 + 9) / 4), (metrics.MeanAbsoluteError, 6 / 4)],
)
def test_errors_of_several_columns(metric: Any, expected: float) -> None:
    y_true, y_pred = [[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 1.0]]
    assert value(metric(), y_true, y_pred) == expected
    assert value(metric(), Tensor(y_true), Tensor(y_pred)) == expected


def test_weights_of_samples_and_of_elements() -> None:
    y_true, y_pred = [[0.0, 0.0], [0.0, 0.0]], [[1.0, 3.0], [5.0, 7.0]]
    # Means of the samples: 2 and 6; (1·2 + 3·6) / 4
    assert value(metrics.MeanAbsoluteError(), y_true, y_pred, sample_weight=[1, 3]) == 5.0
    assert value(metrics.MeanAbsoluteError(), y_true, y_pred, sample_weight=[[1], [3]]) == 5.0
    weights = [[1, 0], [0, 1]]
    assert value(metrics.MeanAbsoluteError(), y_true, y_pred, sample_weight=weights) == 4.0
    with pytest.raises(ShapeError, match=r"sample_weight.*\(3,\).*\(2, 2\)"):
        metrics.MeanAbsoluteError().update_state(y_true, y_pred, sample_weight=[1, 2, 3])


def test_float32_predictions_beside_integer_labels() -> None:
    labels = np.array([0, 1, 2], np.uint8)
    predictions = np.array([1.0, 1.0, 1.0], np.float32)
    assert value(metrics.MeanAbsoluteError(), labels, predictions) == pytest.approx(2 / 3, abs=1e-7)
    assert value(metrics.MeanAbsoluteError(), labels, np.array([1, 1, 1])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("y_shape", [(4,), (4, 1)])
@pytest.mark.parametrize("p_shape", [(4,), (4, 1)])
def test_a_column_beside_a_row_is_not_broadcast(
    y_shape: tuple[int, ...], p_shape: tuple[int, ...]
) -> None:
    y = np.array([1, 1, 0, 0]).reshape(y_shape)
    p = np.array([0.98, 1.0, 0.0, 0.6]).reshape(p_shape)
    assert value(metrics.BinaryAccuracy(), y, p) == 0.75
    assert value(metrics.BinaryAccuracy(), y, p, sample_weight=[1, 0, 0, 1]) == 0.5
    expected = (0.02**2 + 0.36) / 4
    assert value(metrics.MeanSquaredError(), y, p) == pytest.approx(expected)


def test_the_threshold_itself_means_no() -> None:
    assert value(metrics.BinaryAccuracy(), [0, 1], [0.5, 0.5]) == 0.5
    assert value(metrics.BinaryAccuracy(threshold=0), [0, 1], [-0.1, 0.1]) == 1.0
    with pytest.raises(ArgumentTypeError, match="threshold"):
        metrics.BinaryAccuracy(threshold="0.5")
    with pytest.raises(ArgumentError, match="threshold"):
        metrics.BinaryAccuracy(threshold=math.nan)


def test_accuracy_is_equality() -> None:
    assert value(metrics.Accuracy(), [[1], [2], [3], [4]], [[0], [2], [3], [4]]) == 0.75


def test_categorical_accuracy() -> None:
    y_true, y_pred = [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]
    assert value(metrics.CategoricalAccuracy(), y_true, y_pred) == 0.5
    weighted = value(metrics.CategoricalAccuracy(), y_true, y_pred, sample_weight=[0.7, 0.3])
    assert weighted == pytest.approx(0.3)
    with pytest.raises(ShapeError, match=r"\(2,\).*\(2, 3\)"):
        metrics.CategoricalAccuracy().update_state([2, 1], y_pred)


def test_sparse_categorical_accuracy() -> None:
    y_pred = [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]
    for labels in ([2, 1], [[2], [1]], [2.0, 1.0]):
        assert value(metrics.SparseCategoricalAccuracy(), labels, y_pred) == 0.5
    steps = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.9, 0.1], [0.9, 0.1]]])
    assert value(metrics.SparseCategoricalAccuracy(), [[0, 1], [0, 1]], steps) == 0.75
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2, 3\)"):
        metrics.SparseCategoricalAccuracy().update_state([0, 1, 2], y_pred)


@pytest.mark.parametrize("metric", ["mse", "mae", "BinaryAccuracy", "Accuracy"])
def test_other_shapes_are_refused(metric: str) -> None:
    for y_shape, p_shape in (((4,), (4, 2)), ((4, 1), (4, 2)), ((3, 1), (4, 1)), ((4, 4), (4, 1))):
        with pytest.raises(ShapeError) as caught:
            metrics.get(metric).update_state(np.zeros(y_shape), np.zeros(p_shape))
        assert str(y_shape) in str(caught.value)
        assert str(p_shape) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mse", metrics.MeanSquaredError),
        ("MSE", metrics.MeanSquaredError),
        ("mean_squared_error", metrics.MeanSquaredError),
        ("MeanSquaredError", metrics.MeanSquaredError),
        ("mae", metrics.MeanAbsoluteError),
        ("MAE", metrics.MeanAbsoluteError),
        ("binary_accuracy", metrics.BinaryAccuracy),
        ("SparseCategoricalAccuracy", metrics.SparseCategoricalAccuracy),
        ("accuracy", metrics.Accuracy),
    ],
)
def test_get_by_name(name: str, kind: type) -> None:
    found = metrics.get(name)
    assert type(found) is kind
    assert found.name == name


def test_get_what_is_not_a_name() -> None:
    metric = metrics.BinaryAccuracy(name="hits")
    assert metrics.get(metric) is metric
    assert type(metrics.get(metrics.MeanSquaredError)) is metrics.MeanSquaredError

    def largest_error(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return np.abs(y_true - y_pred).max(axis=-1)

    own = metrics.get(largest_error)
    assert own.name == "largest_error"
    assert value(own, np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 2.0], [3.0, 1.0]])) == 2.5


def test_a_function_with_one_number_for_the_batch_counts_once() -> None:
    metric = metrics.get(lambda y_true, y_pred: np.mean(y_pred))
    metric.update_state(np.zeros(3), np.array([1.0, 1.0, 1.0]))
    metric.update_state(np.zeros(1), np.array([5.0]))
    assert metric.result() == 3.0  # (1 + 5) / 2, as keras.metrics.MeanMetricWrapper
    with pytest.raises(ShapeError, match="3 samples"):
        metrics.get(lambda y_true, y_pred: y_pred[:2]).update_state(np.zeros(3), np.zeros(3))


def test_wrong_names_and_kinds() -> None:
    with pytest.raises(ArgumentError, match="'acuracy'.*'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(ArgumentError, match="'acuracy'.*'accuracy'"):
        metrics.resolve("acuracy", (4,), (4, 1))
    for wrong in (None, 5, int, metrics.Metric):
        with pytest.raises(ArgumentTypeError, match="metric"):
            metrics.get(wrong)
    with pytest.raises(ArgumentTypeError, match="treshold.*threshold"):
        metrics.BinaryAccuracy(treshold=0.3)
    with pytest.raises(ArgumentTypeError, match="y_true.*text"):
        metrics.Accuracy().update_state(["a"], [1.0])


@pytest.mark.parametrize(
    ("y_shape", "p_shape", "kind"),
    [
        ((8,), (8, 1), metrics.BinaryAccuracy),
        ((8, 1), (8, 1), metrics.BinaryAccuracy),
        ((8,), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 1), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 3), (8, 3), metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_is_chosen_by_the_shapes(
    y_shape: tuple[int, ...], p_shape: tuple[int, ...], kind: type
) -> None:
    for name in ("accuracy", "acc", "Accuracy"):
        found = metrics.resolve(name, y_shape, p_shape)
        assert type(found) is kind
        assert found.name == name
    assert type(metrics.resolve("mae", y_shape, p_shape)) is metrics.MeanAbsoluteError
    exact = metrics.Accuracy()
    assert metrics.resolve(exact, y_shape, p_shape) is exact


def test_what_is_no_description_or_no_list_of_classes() -> None:
    for module in (metrics, losses):
        with pytest.raises(ArgumentTypeError, match="must be what `serialize` gave.* for `get`"):
            module.deserialize("mse")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match=r"a list of classes, got 0. Write \[0\]"):
        metrics.IoU(2, 0)


def test_repr_tells_the_value() -> None:
    metric = metrics.BinaryAccuracy()
    metric.update_state([1, 0], [0.9, 0.9])
    assert repr(metric) == "BinaryAccuracy(name='binary_accuracy', result=0.5)"
