"""Regularizers and constraints of real Keras, and models with them: keras_weight_rules.json."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from tests.reference.weight_rules import CONSTRAINTS, MODELS, REGULARIZERS, WEIGHT, trained


def record() -> dict[str, Any]:
    """Of each regularizer the value and the gradient, of each constraint the weight that it gives,
    in float64; of each model what evaluating and training give, in float32."""
    weight = jax.numpy.asarray(WEIGHT, "float64")
    found = {name: jax.value_and_grad(make(keras))(weight) for name, make in REGULARIZERS.items()}
    return {
        "regularizers": {
            name: {"value": float(value), "gradient": np.asarray(gradient).tolist()}
            for name, (value, gradient) in found.items()
        },
        "constraints": {
            name: np.asarray(make(keras)(weight)).tolist() for name, make in CONSTRAINTS.items()
        },
        "models": {name: trained(keras, name) for name in MODELS},
    }
