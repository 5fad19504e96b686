"""Real Keras's recurrent layers on sequences with masks, and from batch to batch, in float64."""

from __future__ import annotations

from typing import Any

import keras

from tests.reference.keras_layers import in_float64
from tests.reference.masked_sequences import MADE, outputs, over_batches


def record() -> dict[str, Any]:
    """For each layer of ``masked_sequences`` what comes out."""
    with in_float64():
        found = {name: outputs(make, keras.layers) for name, make in MADE.items()}
        return {**found, "stateful": over_batches(keras.layers)}
