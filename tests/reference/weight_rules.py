"""Regularizers, constraints and models with them, made by the names that Keras has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

WEIGHT = np.array([[0.5, -1.25, 2.0], [-0.75, 0.1, 0.3]])

# Each from a module with the names of keras: keras itself, or autograd_nn.
REGULARIZERS: dict[str, Callable[[Any], Any]] = {
    "L1": lambda k: k.regularizers.L1(0.03),
    "L2": lambda k: k.regularizers.L2(),
    "L1L2": lambda k: k.regularizers.L1L2(0.2, 0.1),
    "l1_l2": lambda k: k.regularizers.l1_l2(l2=0.3),
    "of rows": lambda k: k.regularizers.OrthogonalRegularizer(0.5),
    "of columns": lambda k: k.regularizers.orthogonal_regularizer(0.25, "columns"),
    "by name": lambda k: k.regularizers.get("l1"),
    "by config": lambda k: k.regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}),
}
CONSTRAINTS: dict[str, Callable[[Any], Any]] = {
    "MaxNorm": lambda k: k.constraints.MaxNorm(),
    "of rows": lambda k: k.constraints.MaxNorm(0.7, axis=1),
    "of all": lambda k: k.constraints.MaxNorm(1.5, axis=[0, 1]),
    "NonNeg": lambda k: k.constraints.NonNeg(),
    "UnitNorm": lambda k: k.constraints.UnitNorm(axis=1),
    "MinMaxNorm": lambda k: k.constraints.MinMaxNorm(0.9, 1.2, 0.5),
    "by name": lambda k: k.constraints.get("unit_norm"),
}

X = np.round(np.random.default_rng(5).normal(size=(7, 3)), 2)
Y = np.round(np.random.default_rng(6).normal(size=(7, 2)), 2)
STEPS = np.round(np.random.default_rng(7).normal(size=(5, 4, 3)), 2)
STEPS[0, 2:] = STEPS[1, 0] = STEPS[4] = 0.0
STEP_Y = np.round(np.random.default_rng(8).normal(size=(5, 4, 2)), 2)
STEP_WEIGHT = np.round(np.random.default_rng(9).uniform(0.5, 2, size=(5, 4)), 2)


def _regularized(k: Any) -> list[Any]:
    r = k.regularizers
    return [
        k.layers.Dense(4, "tanh", kernel_regularizer=r.L2(0.05), activity_regularizer=r.L1(0.02)),
        k.layers.ActivityRegularization(l2=0.03),
        k.layers.Dense(2, kernel_regularizer="l1", bias_regularizer=r.L1L2(0.01, 0.02)),
    ]


def _constrained(k: Any) -> list[Any]:
    c = k.constraints
    return [
        k.layers.Dense(4, "tanh", kernel_constraint=c.MaxNorm(0.6), bias_constraint="non_neg"),
        k.layers.Dense(2, kernel_constraint=c.MinMaxNorm(0.2, 0.5, 0.3)),
    ]


def _frozen(k: Any) -> list[Any]:
    layers = _regularized(k)
    layers[0].trainable = False
    return layers


def _masked(k: Any) -> list[Any]:
    return [
        k.layers.Masking(),
        k.layers.Dense(4, "tanh"),
        k.layers.Dropout(0.0),
        k.layers.Activation("linear"),
        k.layers.Dense(2),
    ]


# The layers, the shape of a sample, what fit is given.
MODELS: dict[str, tuple[Callable[[Any], list[Any]], tuple[int, ...], dict[str, Any]]] = {
    "regularized": (_regularized, (3,), {"x": X, "y": Y}),
    "constrained": (_constrained, (3,), {"x": X, "y": Y}),
    "frozen": (_frozen, (3,), {"x": X, "y": Y}),
    "masked": (_masked, (4, 3), {"x": STEPS, "y": STEP_Y}),
    "masked and weighted": (
        _masked,
        (4, 3),
        {"x": STEPS, "y": STEP_Y, "sample_weight": STEP_WEIGHT},
    ),
}


def model_of(k: Any, name: str, **options: Any) -> Any:
    """The model, with weights that are the same everywhere."""
    make, shape, _ = MODELS[name]
    model = k.Sequential([k.Input(shape), *make(k)])
    draw = np.random.default_rng(3)
    model.set_weights([draw.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    metrics = {"metrics": ["mae"]}
    if name.startswith("masked"):
        metrics["weighted_metrics"] = ["mse"]
    model.compile(k.optimizers.Adam(0.05), "mse", **metrics, **options)
    return model


def trained(k: Any, name: str, **options: Any) -> dict[str, Any]:
    """What six epochs of batches of three, the last of them smaller, give."""
    model = model_of(k, name, **options)
    data = MODELS[name][2]
    before = model.evaluate(**data, batch_size=3, verbose=0, return_dict=True)
    history = model.fit(**data, batch_size=3, epochs=6, shuffle=False, verbose=0).history
    return {
        "evaluated": {key: float(value) for key, value in before.items()},
        "history": {key: [float(x) for x in values] for key, values in history.items()},
        "weights": [np.asarray(w).ravel().tolist() for w in model.get_weights()],
    }
