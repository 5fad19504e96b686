"""Record real Keras's numbers: ``python -m tests.reference.record [DIRECTORY]``.

Needs Keras 3 and JAX (the extra `peers`). Without a directory the files beside this one are
replaced; the `peers` test records into another directory and compares.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main(directory: Path) -> None:
    """Write the four files into ``directory``."""
    os.environ["KERAS_BACKEND"] = "jax"
    from tests.reference import keras_losses, keras_optimizers, keras_schedules, keras_training

    versions = {name: importlib.metadata.version(name) for name in ("keras", "jax", "numpy")}
    write(directory / "keras_training.json", {"versions": versions, **keras_training.record()})

    import jax

    # Only now: the trainings run in Keras's ordinary float32.
    jax.config.update("jax_enable_x64", True)
    losses = {"versions": versions, "cases": keras_losses.record()}
    write(directory / "keras_losses.json", losses)
    write(directory / "keras_optimizers.json", {"versions": versions, **keras_optimizers.record()})
    write(directory / "keras_schedules.json", {"versions": versions, **keras_schedules.record()})


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON with one line for each entry, short and fit for a diff."""
    lines = ",\n".join(f"{json.dumps(key)}: {_entry(value)}" for key, value in content.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _entry(value: Any) -> str:
    compact = (",", ":")
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = ",\n".join(json.dumps(row, separators=compact) for row in value)
        return f"[\n{rows}\n]"
    if isinstance(value, dict):
        rows = ",\n".join(
            f"{json.dumps(key)}:{json.dumps(row, separators=compact)}" for key, row in value.items()
        )
        return f"{{\n{rows}\n}}"
    return json.dumps(value, separators=compact)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
