"""Real Keras's recurrent layers on sequences with masks, and from batch to batch, in float64."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Any

import keras

from tests.reference.keras_layers import in_float64
from tests.reference.masked_sequences import MADE, outputs, over_batches
from tests.reference.writing import write


def record() -> dict[str, Any]:
    """For each layer of ``masked_sequences`` what comes out."""
    with in_float64():
        found = {name: outputs(make, keras.layers) for name, make in MADE.items()}
        return {**found, "stateful": over_batches(keras.layers)}


if __name__ == "__main__":
    versions = {name: importlib.metadata.version(name) for name in ("keras", "jax", "numpy")}
    write(Path(sys.argv[1]) / "keras_masks.json", {"versions": versions, **record()})
