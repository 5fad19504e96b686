"""Train the problems with real Keras: the numbers of keras_training.json."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.reference.problems import PROBLEMS, Problem, summarised
from tests.reference.shortest import numbers


def record() -> dict[str, Any]:
    """For each problem the history, the trained weights summarised, and what the data was."""
    return {name: train(problem) for name, problem in PROBLEMS.items()}


def train(problem: Problem) -> dict[str, Any]:
    x_train, y_train, x_test, y_test = problem.load()
    model = keras.Sequential([keras.Input((x_train.shape[1],))])
    for units, activation in problem.layers:
        model.add(keras.layers.Dense(units, activation=activation))
    model.set_weights(problem.weights())
    model.compile(
        loss=getattr(keras.losses, problem.loss)(),
        optimizer=getattr(keras.optimizers, problem.optimizer).from_config(
            problem.optimizer_arguments
        ),
        metrics=list(problem.metrics),
    )
    history = model.fit(
        x_train, y_train, validation_data=(x_test, y_test), verbose=0, **problem.fit_arguments()
    ).history
    weights = [np.asarray(weight) for weight in model.get_weights()]
    predictions = np.asarray(model.predict(x_test[:3], verbose=0))
    return {
        "data": {
            "rows": [len(x_train), len(x_test)],
            "x_sum": float(x_train.sum(dtype=np.float64)),
            "y_sum": float(y_train.sum(dtype=np.float64)),
        },
        "history": {key: numbers(np.float32(values)) for key, values in history.items()},
        "weights": [
            {**kept, "elements": numbers(np.float32(kept["elements"]))}
            for kept in summarised(weights)
        ],
        "predictions": numbers(predictions),
    }
