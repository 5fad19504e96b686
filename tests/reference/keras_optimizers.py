"""Five steps of each optimizer of real Keras: the numbers of keras_optimizers.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import dtypes

from tests.reference.shortest import numbers

# Two parameters, so that a norm over both differs from one over each. The gradients do not depend
# on the parameters; the third step is large, the fourth has a zero.
START = [[1.0, -2.0, 0.5], [[0.3], [-0.1]]]
GRADIENTS = [
    [[0.1, -0.2, 0.3], [[0.5], [-0.4]]],
    [[0.2, 0.1, -0.3], [[0.4], [0.3]]],
    [[3.0, -4.0, 0.5], [[2.0], [1.0]]],
    [[-0.1, 0.0, 0.2], [[-0.3], [0.0]]],
    [[0.05, 0.3, -0.1], [[0.2], [-0.6]]],
]
CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"learning_rate": 0.1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.1, "clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.1, "clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.25}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.1, "rho": 0.8}),
    ("RMSprop", {"learning_rate": 0.1, "momentum": 0.5}),
    ("RMSprop", {"learning_rate": 0.1, "centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.1, "centered": True, "momentum": 0.5, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.1, "weight_decay": 0.1, "global_clipnorm": 0.5}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adam", {"learning_rate": 0.1, "amsgrad": True, "beta_2": 0.5}),
    ("Adam", {"learning_rate": 0.1, "weight_decay": 0.1}),
    ("Adam", {"learning_rate": 0.1, "clipvalue": 0.25}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.5, "amsgrad": True, "clipvalue": 0.25}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.8, "weight_decay": 0.1}),
    ("Ftrl", {}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.7,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.2,
            "l2_shrinkage_regularization_strength": 0.3,
            "beta": 0.4,
        },
    ),
    ("Adafactor", {}),
    ("Adafactor", {"learning_rate": 0.1}),
    (
        "Adafactor",
        {
            "learning_rate": 0.9,
            "beta_2_decay": -0.6,
            "epsilon_1": 1e-3,
            "epsilon_2": 0.7,
            "clip_threshold": 0.5,
            "relative_step": False,
        },
    ),
    ("Lamb", {}),
    ("Lamb", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
]
# What is done around every rule.
OPTIONS: list[dict[str, Any]] = [
    {"weight_decay": 0.1},
    {"use_ema": True, "ema_momentum": 0.8},
    {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2},
    {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.1},
    {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.5,
        "ema_overwrite_frequency": 2,
    },
    {"loss_scale_factor": 4.0, "global_clipnorm": 0.5},
]
RULES = ["SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam", "Adagrad", "Adadelta", "Lion"]
RULES += ["Ftrl", "Adafactor", "Lamb"]


def record() -> dict[str, Any]:
    """The start, the gradients, and for each case both parameters after every step."""
    cases = [recorded(name, arguments, ("float32", "float64")) for name, arguments in CASES] + [
        recorded(name, {"learning_rate": 0.1, **options}, ("float64",))
        for name in RULES
        for options in OPTIONS
    ]
    return {"start": START, "gradients": GRADIENTS, "cases": cases}


def recorded(name: str, arguments: dict[str, Any], dtypes: tuple[str, ...]) -> dict[str, Any]:
    """One case."""
    steps = {
        dtype: five_steps(lambda: getattr(keras.optimizers, name)(**arguments), dtype)
        for dtype in dtypes
    }
    return {"optimizer": name, "arguments": arguments, **steps}


def five_steps(make: Callable[[], Any], dtype: str) -> list[list[Any]]:
    """Both parameters after every step of an optimizer that is made anew, and when it is done."""
    keras.config.set_floatx(dtype)
    # On JAX Keras turns float64 into float32 where its own rules promote a dtype, as in means.
    narrowed = dtypes.BIT64_TO_BIT32_DTYPE
    dtypes.BIT64_TO_BIT32_DTYPE = {}
    try:
        optimizer = make()
        parameters = [keras.Variable(np.array(values), dtype=dtype) for values in START]
        after = []
        for gradients in GRADIENTS:
            arrays = [keras.ops.convert_to_tensor(np.array(g), dtype=dtype) for g in gradients]
            optimizer.apply_gradients(zip(arrays, parameters, strict=True))
            after.append([numbers(np.asarray(parameter.value)) for parameter in parameters])
        if optimizer.use_ema:
            optimizer.finalize_variable_values(parameters)
            after.append([numbers(np.asarray(parameter.value)) for parameter in parameters])
        return after
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE = narrowed
        keras.config.set_floatx("float32")
