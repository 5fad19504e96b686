"""Five steps of each optimizer of real Keras: the numbers of keras_optimizers.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

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
]


def record() -> dict[str, Any]:
    """The start, the gradients, and for each case both parameters after every step."""
    cases = [
        {"optimizer": name, "arguments": arguments}
        | {
            dtype: five_steps(lambda n=name, a=arguments: getattr(keras.optimizers, n)(**a), dtype)
            for dtype in ("float32", "float64")
        }
        for name, arguments in CASES
    ]
    return {"start": START, "gradients": GRADIENTS, "cases": cases}


def five_steps(make: Callable[[], Any], dtype: str) -> list[list[Any]]:
    """Both parameters after every step of an optimizer that is made anew."""
    keras.config.set_floatx(dtype)
    try:
        optimizer = make()
        parameters = [keras.Variable(np.array(values), dtype=dtype) for values in START]
        after = []
        for gradients in GRADIENTS:
            arrays = [keras.ops.convert_to_tensor(np.array(g), dtype=dtype) for g in gradients]
            optimizer.apply_gradients(zip(arrays, parameters, strict=True))
            after.append([numbers(np.asarray(parameter.value)) for parameter in parameters])
        return after
    finally:
        keras.config.set_floatx("float32")
