"""Record what lessons give with Keras on JAX, or with TensorFlow.

``python -m tests.lessons.record keras`` needs the extra `peers`; ``… tensorflow`` needs TensorFlow.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys

from tests.lessons.running import HERE, record
from tests.reference.writing import write


def main(library: str) -> None:
    """Write the numbers of one library beside this file."""
    os.environ["KERAS_BACKEND"] = "jax" if library == "keras" else "tensorflow"
    found = record(library)
    wanted = ["keras", "jax"] if library == "keras" else ["keras", "tensorflow"]
    versions = {
        part.metadata["Name"]: part.version
        for part in importlib.metadata.distributions()
        if (part.metadata["Name"] or "").removesuffix("-cpu") in wanted
    }
    write(HERE / f"{library}.json", {"versions": versions, "lessons": found})


if __name__ == "__main__":
    main(sys.argv[1])
