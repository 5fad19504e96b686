"""Losses of real Keras on a few rows, and their gradients: the numbers of keras_losses.json."""

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
_SPARSE = "SparseCategoricalCrossentropy"
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
    known = len(cases)
    further(add)
    for case in cases[known:]:
        case["gradient"] = []
    return cases


def further(add: Any) -> None:
    """The losses beyond the first five, each with its own arguments, away from clips and ties."""
    y, weight = _REAL["y_true"], _REAL["sample_weight"]
    for loss, arguments in (
        ("MeanSquaredError", {}),
        ("MeanAbsoluteError", {}),
        ("MeanAbsolutePercentageError", {}),
        ("MeanSquaredLogarithmicError", {}),
        ("Huber", {}),
        ("Huber", {"delta": 0.4}),
        ("LogCosh", {}),
        ("CosineSimilarity", {}),
        ("CosineSimilarity", {"axis": 0}),
        ("Poisson", {}),
        ("CategoricalHinge", {}),
    ):
        true = [[2, 0.3], [0.5, 3.0], [1.0, 100.0]] if loss in ("Poisson",) else y
        true = [[1, 0], [0, 1], [1, 0]] if loss == "CategoricalHinge" else true
        found = [[0.5, 1.0], [0.6, 2.5], [1.2, 99.0]]
        if loss not in ("Poisson", "MeanSquaredLogarithmicError"):
            found = [[0.5, -1.0], [0.6, 2.5], [-1.0, 99.0]]
        if loss in ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"):
            true = [[2, 0.3], [0.5, 3.0], [1.0, 100.0]]
        add(loss, true, found, reduction="none", **arguments)
        add(loss, true, found, None if arguments.get("axis") == 0 else weight, **arguments)
    for loss in ("Hinge", "SquaredHinge"):
        for true in ([[1, 0], [0, 1]], [[1, -1], [-1, 1]], [[0.5, 0], [0, 1]]):
            add(loss, true, [[0.3, -0.2], [0.4, 2.5]], reduction="none")
            add(loss, true, [[0.3, -0.2], [0.4, 2.5]], [1.0, 3.0])
    binary = [[1, 0], [0, 1], [1, 1]]
    inside = [[0.9, 0.2], [0.35, 0.6], [0.01, 0.99]]
    for arguments in (
        {},
        {"gamma": 1.5},
        {"apply_class_balancing": True, "alpha": 0.3},
        {"label_smoothing": 0.2},
        {"axis": 0},
        {"from_logits": True},
        {"from_logits": True, "gamma": 3.0, "apply_class_balancing": True},
    ):
        loss = "BinaryFocalCrossentropy"
        p = [[2.5, -1.5], [-0.3, 0.4], [4.0, -5.0]] if "from_logits" in arguments else inside
        add(loss, binary, p, reduction="none", **arguments)
    add(loss, binary, inside, weight)
    one_hot, labels = _CATEGORICAL["y_true"], _CATEGORICAL["labels"]
    rows = [[0.7, 0.2, 0.1], [0.25, 0.25, 0.5], [0.3, 0.3, 0.4]]
    logits = [[2.0, 0.5, -1.0], [0.1, 0.0, -0.1], [4.0, -3.0, 0.0]]
    for arguments in (
        {},
        {"alpha": [0.1, 0.2, 0.7], "gamma": 1.5},
        {"label_smoothing": 0.2},
        {"from_logits": True},
    ):
        loss = "CategoricalFocalCrossentropy"
        p = logits if "from_logits" in arguments else rows
        add(loss, one_hot, p, reduction="none", **arguments)
    add(loss, one_hot, rows, weight)
    add("KLDivergence", [[0.5, 0.3, 0.2], [0, 1, 0], [0.1, 0.1, 0.8]], rows, reduction="none")
    add("KLDivergence", [[0.5, 0.3, 0.2], [0, 1, 0], [0.1, 0.1, 0.8]], rows, weight)
    for q in (0.5, 0.8):
        loss = "CategoricalGeneralizedCrossEntropy"
        add(loss, labels, rows, reduction="none", q=q)
        add(loss, labels, rows, weight, q=q)
    mask = [[[1, 0], [1, 1]], [[0, 0], [0, 1]]]
    area = [[[0.8, 0.1], [0.6, 0.9]], [[0.2, 0.3], [0.05, 0.7]]]
    for loss, arguments in (
        ("Dice", {}),
        ("Tversky", {}),
        ("Tversky", {"alpha": 0.2, "beta": 0.7}),
    ):
        add(loss, mask, area, **arguments)
        add(loss, mask, area, axis=(1, 2), reduction="none", **arguments)
        add(loss, mask, area, [1.0, 3.0], axis=(1, 2), **arguments)
    embedded = [[0.6, 0.8], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8], [1.0, 0.0]]
    for arguments in ({}, {"gamma": 4.0, "margin": 0.25}, {"gamma": 4.0, "remove_diagonal": False}):
        add("Circle", [0, 0, 1, 1, 2], embedded, reduction="none", **arguments)
        add("Circle", [0, 0, 1, 1, 2], embedded, **arguments)
    add("Circle", [0, 0, 1, 1, 2], embedded, [1.0, 2.0, 3.0, 4.0, 5.0], gamma=4.0)
    add("BinaryCrossentropy", binary, inside, weight)
    add("CategoricalCrossentropy", one_hot, rows, weight)
    spelt = [[1, 2, 0], [3, 3, 1], [2, 0, 0], [0, 0, 0]]
    steps = np.round(np.sin(np.arange(4 * 6 * 4)).reshape(4, 6, 4), 2).tolist()
    add("CTC", spelt, steps, reduction="none")
    add("CTC", spelt, steps, [1.0, 2.0, 0.5, 3.0])
    # Other axes, and classes that do not count.
    pictures = np.array(rows).T[None].tolist()
    add("CategoricalCrossentropy", np.array(one_hot).T[None].tolist(), pictures, axis=1)
    add("SparseCategoricalCrossentropy", [labels], pictures, axis=1, reduction="none")
    add("BinaryCrossentropy", binary, inside, axis=0, reduction="none")
    for reduction in _REDUCTIONS:
        for ignored in (-1, 1):
            for w in (None, weight):
                some = [0, ignored, 2]
                add(_SPARSE, some, rows, w, ignore_class=ignored, reduction=reduction)
    add(_SPARSE, [-1, -1, -1], logits, ignore_class=-1, from_logits=True)


def record() -> list[dict[str, Any]]:
    """Every case with its value in float32 and in float64, and of most the gradient in float64."""
    return [
        {
            **case,
            "float32": _value(case, "float32"),
            "float64": _value(case, "float64"),
            **({"gradient": _value(case, "float64", True)} if "gradient" in case else {}),
        }
        for case in _cases()
    ]


def _value(case: dict[str, Any], dtype: str, gradient: bool = False) -> Any:
    import jax

    # The dtype argument of a loss alone does not reach the constants that Keras clips with.
    keras.config.set_floatx(dtype)
    y_true = np.array(case["y_true"], dtype)
    if case["loss"].startswith("Sparse"):
        y_true = y_true.astype("int32")
    weight = case["sample_weight"]
    loss = getattr(keras.losses, case["loss"])(**case["arguments"])

    def called(y_pred: Any) -> Any:
        return loss(
            y_true, y_pred, sample_weight=None if weight is None else np.array(weight, dtype)
        )

    y_pred = jax.numpy.asarray(np.array(case["y_pred"], dtype))
    if gradient:
        # The sum of what is returned; ten digits are enough, and make a smaller file.
        value = np.asarray(jax.grad(lambda p: called(p).sum())(y_pred))
        value = np.array([float(f"{v:.10g}") for v in value.flat]).reshape(value.shape)
    else:
        value = np.asarray(called(y_pred))
    keras.config.set_floatx("float32")
    assert value.dtype == dtype, (case, value.dtype)
    return numbers(value)
