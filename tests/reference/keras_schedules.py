"""The learning rates of real Keras's schedules, and five steps by them: keras_schedules.json."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.reference import keras_optimizers
from tests.reference.shortest import numbers

STEPS = [*range(32), 50, 99, 100, 101, 1000, 12345]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 11}),
    (
        "PolynomialDecay",
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 20,
            "end_learning_rate": 0.01,
            "power": 0.5,
        },
    ),
    (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "power": 2.0, "cycle": True},
    ),
    ("PiecewiseConstantDecay", {"boundaries": [5, 20], "values": [0.1, 0.05, 0.01]}),
    ("PiecewiseConstantDecay", {"boundaries": [2.5], "values": [1.0, 0.5]}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "alpha": 0.1}),
    (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 20,
            "alpha": 0.05,
            "warmup_target": 0.2,
            "warmup_steps": 10,
        },
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 8}),
    (
        "CosineDecayRestarts",
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 9,
            "t_mul": 1.0,
            "m_mul": 0.8,
            "alpha": 0.1,
        },
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 6, "t_mul": 1.5, "m_mul": 0.9},
    ),
]
# Each of them changes the rate at every one of five steps, or at some.
OF_FIVE_STEPS: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 2, "decay_rate": 0.5}),
    (
        "CosineDecay",
        {
            "initial_learning_rate": 0.0,
            "decay_steps": 3,
            "warmup_target": 0.1,
            "warmup_steps": 2,
        },
    ),
]
OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"momentum": 0.9, "weight_decay": 0.1}),
    ("RMSprop", {"weight_decay": 0.1}),
    ("Adam", {"clipnorm": 0.5}),
]


def record() -> dict[str, Any]:
    """The rates of each case after so many steps, and the parameters of five steps."""
    cases = [
        {"schedule": name, "arguments": arguments}
        | {dtype: _rates(name, arguments, dtype) for dtype in ("float32", "float64")}
        for name, arguments in CASES
    ]
    five_steps = [
        {"optimizer": optimizer, "arguments": {**arguments, "learning_rate": _config(schedule)}}
        | {
            dtype: keras_optimizers.five_steps(
                lambda o=optimizer, a=arguments, s=schedule: getattr(keras.optimizers, o)(
                    learning_rate=_made(s), **a
                ),
                dtype,
            )
            for dtype in ("float32", "float64")
        }
        for schedule in OF_FIVE_STEPS
        for optimizer, arguments in OPTIMIZERS
    ]
    return {"steps": STEPS, "cases": cases, "five_steps": five_steps}


def _made(schedule: tuple[str, dict[str, Any]]) -> Any:
    name, arguments = schedule
    return getattr(keras.optimizers.schedules, name)(**arguments)


def _config(schedule: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    config: dict[str, Any] = keras.optimizers.schedules.serialize(_made(schedule))
    return config


def _rates(name: str, arguments: dict[str, Any], dtype: str) -> list[float]:
    keras.config.set_floatx(dtype)
    try:
        schedule = _made((name, arguments))
        found = [schedule(keras.ops.convert_to_tensor(step, dtype="int32")) for step in STEPS]
        rates: list[float] = numbers(np.array([np.asarray(rate) for rate in found], dtype))
        return rates
    finally:
        keras.config.set_floatx("float32")
