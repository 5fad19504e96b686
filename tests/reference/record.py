"""Record real Keras's numbers: ``python -m tests.reference.record [DIRECTORY]``.

Needs Keras 3 and JAX (the extra `peers`). Without a directory the files beside this one are
replaced; the `peers` test records into another directory and compares.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.reference.writing import write


def main(directory: Path) -> None:
    """Write the files into ``directory``."""
    os.environ["KERAS_BACKEND"] = "jax"
    from tests.reference import (
        keras_callbacks,
        keras_functional,
        keras_losses,
        keras_metrics,
        keras_optimizers,
        keras_schedules,
        keras_training,
    )

    versions = {name: importlib.metadata.version(name) for name in ("keras", "jax", "numpy")}
    write(directory / "keras_training.json", {"versions": versions, **keras_training.record()})

    write(directory / "keras_functional.json", {"versions": versions, **keras_functional.record()})

    import jax

    # Only now: the trainings run in Keras's ordinary float32.
    jax.config.update("jax_enable_x64", True)
    losses = {"versions": versions, "cases": keras_losses.record()}
    write(directory / "keras_losses.json", losses)
    metrics = {"versions": versions, "cases": keras_metrics.record()}
    write(directory / "keras_metrics.json", metrics)
    write(directory / "keras_optimizers.json", {"versions": versions, **keras_optimizers.record()})
    write(directory / "keras_schedules.json", {"versions": versions, **keras_schedules.record()})
    write(directory / "keras_callbacks.json", {"versions": versions, **keras_callbacks.record()})

    from tests.layers.samples import FAMILIES
    from tests.reference import keras_weight_rules

    rules = {"versions": versions, **keras_weight_rules.record()}
    write(directory / "keras_weight_rules.json", rules)
    # Each in a process of its own: Keras keeps dtypes that it found before it computes in float64.
    for family in FAMILIES:
        command = [sys.executable, "-m", "tests.reference.keras_layers"]
        subprocess.run([*command, str(directory / "keras_layers"), family], check=True)
    for name in ("keras_masks", "keras_ops"):
        subprocess.run(
            [sys.executable, "-m", f"tests.reference.{name}", str(directory)], check=True
        )


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
