"""What callbacks of real Keras make of given values: the numbers of keras_callbacks.json."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

random = np.random.default_rng(5)
# None is NaN, which JSON has not.
SERIES: list[Any] = [
    [1.0, 0.5, 0.6, 0.4, 0.45, 0.44, 0.43, 0.1],
    [0.3] * 8,
    *(np.round(random.random(14) + np.linspace(1, 0, 14), 2).tolist() for _ in range(3)),
    [0.5, None, 0.4, 0.6, 0.7, 0.3, 0.3, 0.3],
]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("EarlyStopping", {}),
    ("EarlyStopping", {"patience": 2}),
    ("EarlyStopping", {"patience": 3, "min_delta": 0.1}),
    ("EarlyStopping", {"mode": "max", "patience": 1}),
    ("EarlyStopping", {"baseline": 0.45, "patience": 3}),
    ("EarlyStopping", {"start_from_epoch": 3, "patience": 1}),
    ("ReduceLROnPlateau", {"patience": 1}),
    ("ReduceLROnPlateau", {"patience": 2, "factor": 0.5, "cooldown": 2}),
    ("ReduceLROnPlateau", {"patience": 1, "factor": 0.5, "min_lr": 0.03, "min_delta": 0.1}),
    ("ReduceLROnPlateau", {"patience": 0, "factor": 0.5, "mode": "max", "cooldown": 1}),
]


class Stub:
    """What these callbacks look at of a model."""

    def __init__(self) -> None:
        self.optimizer = self
        self.learning_rate = 0.1
        self.stop_training = False


def record() -> dict[str, Any]:
    """The series, and for each callback and series what came of it."""
    cases = [
        {"callback": name, "arguments": arguments, "series": number}
        | course(getattr(keras.callbacks, name)(**arguments), values)
        for name, arguments in CASES
        for number, values in enumerate(SERIES)
    ]
    return {"series": SERIES, "cases": cases}


def course(callback: Any, values: list[float | None]) -> dict[str, Any]:
    """The learning rate after each epoch, and the number of epochs."""
    model = Stub()
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": np.nan if value is None else value})
        rates.append(model.learning_rate)
        if model.stop_training:
            break
    return {"rates": rates, "epochs": len(rates)}
