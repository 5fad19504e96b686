"""Metrics of real Keras over two batches: the numbers of keras_metrics.json."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.reference.shortest import numbers

# Two batches of each kind: true values, predictions, weights.
_BINARY = [
    ([1, 0, 1, 0, 1], [0.9, 0.2, 0.35, 0.6, 0.5], [1.0, 0.5, 2.0, 1.0, 0.0]),
    ([0, 1, 1], [0.4, 0.75, 0.05], [0.5, 3.0, 1.0]),
]
_COLUMNS = [
    ([[1, 0, 1], [0, 1, 1]], [[0.9, 0.2, 0.35], [0.6, 0.5, 0.8]], [1.0, 2.0]),
    ([[0, 0, 1], [1, 1, 0]], [[0.1, 0.7, 0.45], [0.3, 0.95, 0.15]], [0.5, 3.0]),
]
_ONE_HOT = [
    ([[1, 0, 0], [0, 0, 1]], [[0.7, 0.2, 0.1], [0.5, 0.2, 0.3]], [1.0, 2.0]),
    ([[0, 1, 0], [0, 0, 1]], [[0.1, 0.6, 0.3], [0.3, 0.1, 0.6]], [0.5, 3.0]),
]
_LABELS = [([0, 2], p, w) for (_, p, w) in _ONE_HOT[:1]] + [([1, 2], _ONE_HOT[1][1], [0.5, 3.0])]
_LOGITS = [
    ([[1, 0, 0], [0, 0, 1]], [[1.5, 0.2, -0.5], [0.5, 0.0, 0.3]], [1.0, 2.0]),
    ([[0, 1, 0], [0, 0, 1]], [[0.1, -1.0, 0.3], [0.3, 0.1, 2.5]], [0.5, 3.0]),
]
_REAL = [
    ([[1.0, 2.0, 0.5], [0.5, 3.0, 4.0]], [[0.5, 1.0, 0.7], [0.6, 2.5, 4.5]], [1.0, 3.0]),
    ([[2.0, 0.25, 1.0]], [[1.0, 0.75, 3.0]], [0.5]),
]
_SEGMENTS = [
    ([[0, 1, 2], [2, 2, 1]], [[0, 2, 2], [2, 1, 1]], [1, 2]),
    ([[0, 0, 1], [1, 2, 2]], [[0, 1, 1], [1, 2, 0]], [3, 1]),
]
_SHARES: list[dict[str, Any]] = [
    *({}, {"thresholds": [0.3, 0.6]}),
    *({"top_k": 2}, {"class_id": 1}, {"top_k": 1, "class_id": 2}),
]
_CHOSEN: dict[str, tuple[list[dict[str, Any]], list[Any]]] = {
    "Accuracy": ([{}], _SEGMENTS),
    "AUC": (
        [
            {},
            {"curve": "PR"},
            {"num_thresholds": 5},
            {"num_thresholds": 5, "curve": "PR"},
            {"num_thresholds": 7, "summation_method": "minoring"},
            {"num_thresholds": 7, "summation_method": "majoring", "curve": "PR"},
            {"num_thresholds": 9, "curve": "PRGAIN"},
            {"thresholds": [0.7, 0.3]},
        ],
        _BINARY,
    ),
    "BinaryAccuracy": ([{}, {"threshold": 0.4}], _BINARY),
    "BinaryCrossentropy": ([{}, {"label_smoothing": 0.1}], _COLUMNS),
    "BinaryIoU": ([{}, {"target_class_ids": [1], "threshold": 0.4}], _BINARY),
    "CategoricalAccuracy": ([{}], _ONE_HOT),
    "CategoricalCrossentropy": ([{}, {"label_smoothing": 0.1}], _ONE_HOT),
    "CategoricalHinge": ([{}], _LOGITS),
    "ConcordanceCorrelation": ([{}, {"axis": 0}], _REAL[:1] * 2),
    "CosineSimilarity": ([{}], _REAL),
    "F1Score": ([{}, {"average": "macro"}, {"threshold": 0.4, "average": "weighted"}], _COLUMNS),
    "FBetaScore": ([{"beta": 2.0}, {"beta": 0.5, "average": "micro"}], _COLUMNS),
    "FalseNegatives": ([{}, {"thresholds": [0.3, 0.6]}], _BINARY),
    "FalsePositives": ([{}, {"thresholds": [0.7, 0.1, 0.3]}], _BINARY),
    "Hinge": ([{}], _LOGITS),
    "IoU": (
        [
            {"num_classes": 3, "target_class_ids": [0, 2]},
            {"num_classes": 3, "target_class_ids": [0, 1], "ignore_class": 2},
        ],
        _SEGMENTS,
    ),
    "KLDivergence": ([{}], _ONE_HOT),
    "LogCoshError": ([{}], _REAL),
    "MeanAbsoluteError": ([{}], _REAL),
    "MeanAbsolutePercentageError": ([{}], _REAL),
    "MeanIoU": ([{"num_classes": 3}], _SEGMENTS),
    "MeanSquaredError": ([{}], _REAL),
    "MeanSquaredLogarithmicError": ([{}], _REAL),
    "OneHotIoU": ([{"num_classes": 3, "target_class_ids": [1, 2]}], _ONE_HOT),
    "OneHotMeanIoU": ([{"num_classes": 3}], _ONE_HOT),
    "PearsonCorrelation": ([{}, {"axis": 0}], _REAL[:1] * 2),
    "Poisson": ([{}], _REAL),
    "Precision": (
        _SHARES,
        _COLUMNS,
    ),
    "PrecisionAtRecall": ([{"recall": 0.7}, {"recall": 0.5, "num_thresholds": 6}], _BINARY),
    "R2Score": (
        [
            {},
            {"class_aggregation": None},
            {"class_aggregation": "variance_weighted_average", "num_regressors": 2},
        ],
        _REAL,
    ),
    "Recall": (
        _SHARES,
        _COLUMNS,
    ),
    "RecallAtPrecision": ([{"precision": 0.6}], _BINARY),
    "RootMeanSquaredError": ([{}], _REAL),
    "SensitivityAtSpecificity": ([{"specificity": 0.6}, {"specificity": 0.3}], _BINARY),
    "SparseCategoricalAccuracy": ([{}], _LABELS),
    "SparseCategoricalCrossentropy": ([{}], _LABELS),
    "SparseTopKCategoricalAccuracy": ([{"k": 2}], _LABELS),
    "SpecificityAtSensitivity": ([{"sensitivity": 0.6}], _BINARY),
    "SquaredHinge": ([{}], _LOGITS),
    "TopKCategoricalAccuracy": ([{"k": 1}, {"k": 2}], _ONE_HOT),
    "TrueNegatives": ([{}, {"thresholds": [0.3, 0.6]}], _BINARY),
    "TruePositives": ([{}, {"thresholds": [0.3, 0.6]}], _BINARY),
}
_LABEL_WISE = [
    ("AUC", {"multi_label": True, "num_labels": 3}),
    ("AUC", {"multi_label": True, "num_labels": 3, "label_weights": [1.0, 2.0, 0.5]}),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5]}),
    ("AUC", {"multi_label": True, "num_labels": 3, "curve": "PR", "num_thresholds": 9}),
]


def record() -> list[dict[str, Any]]:
    """Each metric after both batches, without and with weights, in float32."""
    cases = [
        (metric, arguments, batches, weighted)
        for metric, (choices, batches) in _CHOSEN.items()
        for arguments in choices
        for weighted in (False, True)
    ]
    cases += [(m, a, _COLUMNS, weighted) for m, a in _LABEL_WISE for weighted in (False, True)]
    cases += [("AUC", {"from_logits": True}, _LOGITS, False)]
    for metric in ("BinaryCrossentropy", "CategoricalCrossentropy"):
        cases += [(metric, {"from_logits": True}, _LOGITS, True)]
    return [
        {
            "metric": metric,
            "arguments": arguments,
            "batches": [batch if weighted else batch[:2] for batch in batches],
            "result": _result(metric, arguments, batches, weighted),
        }
        for metric, arguments, batches, weighted in cases
        # Along the samples there is a value for each column, and no weight for it.
        if not (weighted and arguments.get("axis") == 0)
    ]


def _result(metric: str, arguments: Any, batches: Any, weighted: bool) -> Any:
    of_classes = metric.endswith("IoU")
    # Those count in integers unless told, and round the weights.
    found = getattr(keras.metrics, metric)(
        **arguments, **{"dtype": "float32"} if of_classes else {}
    )
    for y, p, weight in batches:
        whole = of_classes and not metric.startswith(("OneHot", "Binary"))
        y = np.array(y, "int32" if whole or metric.startswith("Sparse") else "float32")
        p = np.array(p, "int32" if whole else "float32")
        w = np.array(weight, "float32")
        if whole:
            w = np.broadcast_to(w[:, None], y.shape)
        found.update_state(y, p, sample_weight=w if weighted else None)
    return numbers(np.asarray(found.result()))
