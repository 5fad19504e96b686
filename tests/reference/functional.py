"""Models of several inputs and outputs that both Keras and this library train.

Each is built from the modules given, and trained on the same numbers without shuffling.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

random = np.random.default_rng(12)
A = random.normal(size=(20, 3)).astype(np.float32)
B = random.normal(size=(20, 2)).astype(np.float32)
TRUTH = (A[:, :1] > 0).astype(np.float32)
CLASS = np.eye(3, dtype=np.float32)[random.integers(0, 3, 20)]
AMOUNT = (A[:, :2] + B).astype(np.float32)
WEIGHT = np.linspace(0.5, 2, 20).astype(np.float32)


def two_heads(k: SimpleNamespace) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Two inputs and two outputs, with a factor for each loss, and metrics by output."""
    a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
    hidden = k.Dense(4, activation="tanh", name="h")(a)
    both = k.concatenate([hidden, b]) * 2 + 1
    p = k.Dense(1, activation="sigmoid", name="p")(both)
    q = k.Dense(3, activation="softmax", name="q")(both)
    return (
        k.Model([a, b], [p, q]),
        {
            "loss": ["binary_crossentropy", "categorical_crossentropy"],
            "loss_weights": [1.0, 0.5],
            "metrics": {"p": ["accuracy"], "q": ["accuracy", "mae"]},
        },
        {
            "x": [A, B],
            "y": [TRUTH, CLASS],
            "validation_data": ([B[:, [0, 1, 0]], B], [TRUTH, CLASS]),
        },
    )


def shared(k: SimpleNamespace) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """One layer on two inputs, and the difference of what it gives."""
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    layer = k.Dense(4, activation="relu", name="shared")
    out = k.Dense(1, name="out")(layer(a) - layer(b))
    return (
        k.Model([a, b], out),
        {"loss": "mse", "metrics": ["mae"]},
        {"x": {"a": A, "b": A[::-1].copy()}, "y": TRUTH, "sample_weight": WEIGHT},
    )


def nested(k: SimpleNamespace) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """An encoder and a decoder, models both, with a way around them."""
    x, code = k.Input((3,), name="x"), k.Input((2,), name="code")
    encoder = k.Model(x, k.Dense(2, activation="tanh", name="inner")(x), name="encoder")
    decoder = k.Model(code, k.Dense(3, name="outer")(code), name="decoder")
    return (
        k.Model(x, decoder(encoder(x)) + x * 0.5),
        {"loss": "mae", "metrics": ["mse"]},
        {"x": A, "y": A, "validation_split": 0.25},
    )


def by_name(k: SimpleNamespace) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Dicts everywhere, one loss for all outputs, and weights of the samples for each."""
    a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
    hidden = k.Dense(5, activation="sigmoid", name="h")(k.concatenate([a, b]))
    outputs = {"amount": k.Dense(2, name="amount")(hidden), "truth": k.Dense(1, name="truth")(a)}
    return (
        k.Model({"a": a, "b": b}, outputs),
        {"loss": {"amount": "mse", "truth": "mse"}, "weighted_metrics": {"amount": ["mae"]}},
        {
            "x": {"a": A, "b": B},
            "y": {"amount": AMOUNT, "truth": TRUTH},
            "sample_weight": {"amount": WEIGHT, "truth": WEIGHT[::-1].copy()},
        },
    )


PROBLEMS: dict[str, Callable[[SimpleNamespace], tuple[Any, dict[str, Any], dict[str, Any]]]] = {
    "two_heads": two_heads,
    "shared": shared,
    "nested": nested,
    "by_name": by_name,
}


def trained(problem: str, k: SimpleNamespace, **options: Any) -> dict[str, Any]:
    """What training gives: the history, the weights, and the order of layers and results."""
    model, compiled, data = PROBLEMS[problem](k)
    model.set_weights([
        np.sin(np.arange(w.size) + 1.0 + n).reshape(w.shape) * 0.7
        for n, w in enumerate(model.get_weights())
    ])  # fmt: skip
    model.compile(optimizer=k.SGD(learning_rate=0.2, momentum=0.5), **compiled, **options)
    history = model.fit(**data, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    results = model.evaluate(data["x"], data["y"], batch_size=8, verbose=0, return_dict=True)
    return {
        "layers": [layer.name for layer in model.layers],
        "history": {key: [float(value) for value in history[key]] for key in sorted(history)},
        "evaluated": {key: float(results[key]) for key in sorted(results)},
        "weights": [w.ravel().tolist() for w in model.get_weights()],
    }
