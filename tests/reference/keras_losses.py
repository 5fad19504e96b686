"""Losses of real Keras on a few rows: the numbers of keras_losses.json."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.reference.shortest import numbers

# Ordinary rows, and rows that are saturated: right (small loss) and wrong (clipped).
_BINARY = {
    "y_true": [[1, 0], [0, 1], [1, 1], [0, 0]],
    "probabilities": [[0.9, 0.2], [0.35, 0.6], [1.0, 0.0], [1.0, 1e-9]],
    "logits": [[2.5, -1.5], [-0.3, 0.4], [40.0, -40.0], [100.0, -0.0]],
    "sample_weight": [1.0, 0.5, 2.0, 0.0],
}
_CATEGORICAL = {
    "y_true": [[1, 0, 0], [0, 0, 1], [0, 1, 0]],
    "labels": [0, 2, 1],
    "probabilities": [[0.7, 0.2, 0.1], [0.25, 0.25, 0.5], [1.0, 0.0, 0.0]],
    "unnormalised": [[0.7, 0.2, 0.3], [0.5, 0.5, 1.0], [0.1, 0.2, 0.4]],
    "logits": [[2.0, 0.5, -1.0], [0.1, 0.0, -0.1], [60.0, -60.0, 0.0]],
    "sample_weight": [1.0, 3.0, 0.5],
}
_REAL = {
    "y_true": [[1.0, -2.0], [0.5, 3.0], [0.0, 100.0]],
    "y_pred": [[0.5, -1.0], [0.5, 2.5], [-1.0, 99.0]],
    "sample_weight": [1.0, 3.0, 0.5],
}
_REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")


def _cases() -> list[dict[str, Any]]:
    """Each loss with its arguments and inputs; no value yet."""
    cases: list[dict[str, Any]] = []

    def add(loss: str, y_true: Any, y_pred: Any, weight: Any = None, **arguments: Any) -> None:
        cases.append(
            {
                "loss": loss,
                "arguments": arguments,
                "y_true": y_true,
                "y_pred": y_pred,
                "sample_weight": weight,
            }
        )

    def family(loss: str, y_true: Any, table: dict[str, Any], smoothed: bool) -> None:
        probabilities, logits = table["probabilities"], table["logits"]
        weight = table["sample_weight"]
        for reduction in _REDUCTIONS:
            add(loss, y_true, probabilities, reduction=reduction)
            add(loss, y_true, probabilities, weight, reduction=reduction)
        add(loss, y_true, logits, from_logits=True, reduction="none")
        add(loss, y_true, logits, weight, from_logits=True)
        if smoothed:
            add(loss, y_true, probabilities, label_smoothing=0.2, reduction="none")
            add(loss, y_true, logits, label_smoothing=0.2, from_logits=True, reduction="none")

    family("BinaryCrossentropy", _BINARY["y_true"], _BINARY, smoothed=True)
    family("CategoricalCrossentropy", _CATEGORICAL["y_true"], _CATEGORICAL, smoothed=True)
    family("SparseCategoricalCrossentropy", _CATEGORICAL["labels"], _CATEGORICAL, smoothed=False)
    for loss, y_true in (
        ("CategoricalCrossentropy", _CATEGORICAL["y_true"]),
        ("SparseCategoricalCrossentropy", _CATEGORICAL["labels"]),
    ):
        add(loss, y_true, _CATEGORICAL["unnormalised"], reduction="none")
    add(
        "SparseCategoricalCrossentropy",
        [[label] for label in _CATEGORICAL["labels"]],
        _CATEGORICAL["probabilities"],
        reduction="none",
    )
    add("BinaryCrossentropy", [1, 0, 1, 0], [[p[0]] for p in _BINARY["probabilities"]])
    for loss in ("MeanSquaredError", "MeanAbsoluteError"):
        for reduction in _REDUCTIONS:
            add(loss, _REAL["y_true"], _REAL["y_pred"], reduction=reduction)
            add(loss, _REAL["y_true"], _REAL["y_pred"], _REAL["sample_weight"], reduction=reduction)
        add(loss, [1.0, 0.5, 0.0], [[0.5], [0.5], [-1.0]])
    return cases


def record() -> list[dict[str, Any]]:
    """Every case with its value in float32 and in float64."""
    return [
        {**case, "float32": _value(case, "float32"), "float64": _value(case, "float64")}
        for case in _cases()
    ]


def _value(case: dict[str, Any], dtype: str) -> Any:
    # The dtype argument of a loss alone does not reach the constants that Keras clips with.
    keras.config.set_floatx(dtype)
    labels = case["loss"].startswith("Sparse")
    y_true = np.array(case["y_true"], "int32" if labels else dtype)
    weight = case["sample_weight"]
    loss = getattr(keras.losses, case["loss"])(**case["arguments"])
    value = loss(
        y_true,
        np.array(case["y_pred"], dtype),
        sample_weight=None if weight is None else np.array(weight, dtype),
    )
    keras.config.set_floatx("float32")
    value = np.asarray(value)
    assert value.dtype == dtype, (case, value.dtype)
    return numbers(value)
