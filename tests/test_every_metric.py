"""Every metric beside Keras's numbers, by name, as a file knows it, and in a model."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, metrics, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import Dense
from autograd_nn.names import snake_case
from tests.reference import recorded

CASES = recorded.metrics()
CLASSES = [
    name
    for name in metrics.__all__
    if name[0].isupper() and name not in ("Metric", "MeanSquareError", "MeanMetricWrapper")
]


def test_every_metric_has_numbers_of_keras() -> None:
    assert set(CLASSES) - {"Mean", "Sum"} == {case["metric"] for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["metric"])
def test_results_of_keras(case: dict[str, Any]) -> None:
    metric = getattr(metrics, case["metric"])(**case["arguments"])
    for _ in range(2):  # the second time after a reset
        for y, p, *weight in case["batches"]:
            of_numbers = np.array(p).dtype.kind == "f"
            weight = np.array(weight[0], "float32") if weight else None
            p = np.array(p, "float32" if of_numbers else "int32")
            metric.update_state(np.array(y), p, sample_weight=weight)
        result = metric.result()
        assert type(result) is (np.ndarray if isinstance(case["result"], list) else float)
        np.testing.assert_allclose(result, case["result"], rtol=2e-6, atol=1e-6)
        metric.reset_state()
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric)
    assert str(again.get_config()) == str(metric.get_config())


NEEDED = {
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotMeanIoU": {"num_classes": 2},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
}


@pytest.mark.parametrize("name", CLASSES)
def test_names_and_the_value_of_nothing(name: str) -> None:
    kind = getattr(metrics, name)
    metric = kind(**NEEDED.get(name, {}))
    assert metric.name in (snake_case(name), "logcosh", "fbeta_score")
    assert kind(**NEEDED.get(name, {}), name="own").name == "own"
    assert np.all(metric.result() == 0)
    assert metric.variables == []
    if name not in NEEDED:
        for identifier in (name, snake_case(name)):
            assert type(metrics.get(identifier)) is kind
            assert metrics.get(identifier).name == identifier
    with pytest.raises(TypeError):
        kind(**NEEDED.get(name, {}), nmae="x")


def test_functions_give_one_value_for_each_sample() -> None:
    y, p = np.eye(3)[[0, 1]], np.array([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    assert metrics.categorical_accuracy(y, p).tolist() == [1.0, 0.0]
    assert metrics.sparse_categorical_accuracy([0, 1], p).tolist() == [1.0, 0.0]
    assert metrics.top_k_categorical_accuracy(y, p, k=2).tolist() == [1.0, 1.0]
    assert metrics.sparse_top_k_categorical_accuracy([2, 1], p, k=2).tolist() == [0.0, 1.0]
    assert metrics.binary_accuracy(y, p, threshold=0.4).tolist() == [[1, 1, 1], [0, 0, 1]]
    ids = metrics.sparse_top_k_categorical_accuracy([5, 2], [[1, 5], [7, 3]], 2, True)
    assert ids.tolist() == [1.0, 0.0]
    np.testing.assert_allclose(metrics.mean_squared_error(y, p), ((y - p) ** 2).mean(-1))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(y, p, strict=True)]
    np.testing.assert_allclose(metrics.pearson_correlation(y, p), expected)
    with pytest.raises(ShapeError, match="axis=0"):
        metrics.pearson_correlation([[1.0], [2.0]], [[1.0], [2.0]])


@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_auc_against_counting_pairs(curve: str) -> None:
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 2, 300), rng.random(300)
    found = metrics.AUC(num_thresholds=20000, curve=curve)(y, p)
    if curve == "ROC":
        expected = (p[y == 1][:, None] > p[y == 0]).mean()
    else:
        order = np.argsort(-p)
        tp = y[order].cumsum()
        expected = (tp / np.arange(1, 301) * y[order]).sum() / y.sum()  # the average precision
    assert found == pytest.approx(expected, abs=2e-4 if curve == "ROC" else 5e-3)


def test_counts_are_those_of_comparisons() -> None:
    rng = np.random.default_rng(3)
    limits = [0.9, 0.25, 0.5]
    y, p, w = rng.integers(0, 2, (40, 3)), rng.integers(0, 9, (40, 3)) / 8, rng.random(40)
    for kind, label, above in (
        ("TruePositives", 1, True),
        ("FalsePositives", 0, True),
        ("TrueNegatives", 0, False),
        ("FalseNegatives", 1, False),
    ):
        metric = getattr(metrics, kind)(thresholds=limits)
        for half in (slice(0, 13), slice(13, 40)):
            metric.update_state(y[half], p[half], sample_weight=w[half])
        expected = [(w[:, None] * (y == label) * ((p > t) == above)).sum() for t in limits]
        np.testing.assert_allclose(metric.result(), expected, atol=1e-12)


def test_r2_keeps_its_digits_far_from_zero() -> None:
    rng = np.random.default_rng(4)
    y = 1e8 + rng.normal(size=(50, 1))
    p = y + 0.1 * rng.normal(size=(50, 1))
    metric = metrics.R2Score()
    metric.update_state(y[:20], p[:20])
    metric.update_state(y[20:], p[20:])
    assert metric.result() == pytest.approx(1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def test_what_would_be_counted_wrongly_is_refused() -> None:
    with pytest.raises(ArgumentError, match="got 2 at index.*one-hot"):
        metrics.Precision().update_state([[0], [2]], [[0.5], [0.1]])
    with pytest.raises(ShapeError, match=r"\(2,\).*\(2, 3\)"):
        metrics.Recall().update_state([0, 1], np.zeros((2, 3)))
    with pytest.warns(UserWarning, match="from_logits=True"):
        metrics.AUC().update_state([0, 1], [-2.0, 3.0])
    with pytest.raises(ArgumentError, match="label 3 at index"):
        metrics.MeanIoU(3).update_state([0, 3], [0, 1])
    with pytest.raises(ArgumentError, match="PR.*'PRC'"):
        metrics.AUC(curve="PRC")
    with pytest.raises(ArgumentError, match="thresholds"):
        metrics.Precision(thresholds=[0.5, 1.5])
    with pytest.raises(ShapeError, match="to_categorical"):
        metrics.F1Score().update_state([0, 1], np.zeros((2, 3)))
    with pytest.raises(ArgumentTypeError, match=r"name='hits'"):

        class Hits(metrics.Metric):
            def __init__(self) -> None:
                super().__init__("hits")

            def update_state(self, *arguments: Any) -> None: ...

            def result(self) -> float:
                return 0.0

        Hits()


def test_a_class_that_does_not_count_is_left_out_of_the_mean() -> None:
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=-1)
    p = [[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]]
    assert metric([0, -1, 1], p) == pytest.approx(-(np.log(0.5) + np.log(0.9)) / 2)
    metric.reset_state()
    assert metric([0, -1, 1], p, sample_weight=[1, 7, 3]) == pytest.approx(
        -(np.log(0.5) + 3 * np.log(0.9)) / 4
    )


class TruePositiveCount(metrics.Metric):
    """As Keras's guides write one."""

    def __init__(self, name: str = "true_positive_count", **keywords: Any) -> None:
        super().__init__(name=name, **keywords)
        self.count = self.add_weight(name="count", initializer="zeros")
        self.inner = metrics.Mean()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        values = (y_true == 1) & (y_pred > 0.5)
        self.count.assign_add(np.sum(values))

    def result(self) -> Any:
        return self.count


X = np.random.default_rng(0).normal(size=(30, 3)).astype("float32")
Y = (X.sum(1) > 0).astype(int)


def trained(**how: Any) -> tuple[Any, dict[str, Any]]:
    set_random_seed(1)
    model = Sequential([Dense(4, "tanh"), Dense(1, "sigmoid")])
    chosen = [TruePositiveCount(), "AUC", metrics.Recall(thresholds=[0.3, 0.6]), "crossentropy"]
    model.compile("sgd", "binary_crossentropy", metrics=chosen, weighted_metrics=["mae"], **how)
    history = model.fit(X, Y, 8, 3, verbose=0, validation_data=(X, Y), sample_weight=Y + 1.0)
    return model, history.history


def test_in_a_model() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model, history = trained()
    _, expected = trained(run_eagerly=True)
    assert history.keys() == expected.keys()
    for name, values in history.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-4, err_msg=name)
    p = model.predict(X, verbose=0)[:, 0]
    assert history["val_true_positive_count"][-1] == ((p > 0.5) & (Y == 1)).sum()
    in_order = (p[Y == 1][:, None] > p[Y == 0]).mean()
    assert history["val_AUC"][-1] == pytest.approx(in_order, abs=0.05)
    recall = [((p > t) & (Y == 1)).sum() / Y.sum() for t in (0.3, 0.6)]
    np.testing.assert_allclose(history["val_recall"][-1], recall)
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    # From probabilities in single precision; the loss is computed from the logits.
    assert found["crossentropy"] == pytest.approx(found["loss"], rel=1e-5)


def test_several_numbers_in_the_lines_of_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[metrics.F1Score()])
    model.fit(X, np.eye(3)[Y], epochs=1, verbose=2)
    model.fit(X, np.eye(3)[Y], epochs=1, verbose=1)
    out = capsys.readouterr().out
    assert out.count("f1_score: [") >= 2
