"""Record what lessons give with the libraries for which they are written.

``python -m tests.lessons.record LIBRARY [LESSON …]``, for one of the folders beside this file. For
``keras autograd jax mygrad`` install the extra `peers`, for ``micrograd torch`` the extra `bench`;
TensorFlow is in none of ours.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys

from tests.lessons.running import HERE, record
from tests.reference.writing import write

PARTS = {
    "keras": ["keras", "jax"],
    "tensorflow": ["keras", "tensorflow"],
    "autograd": ["autograd", "scipy"],
}


def main(library: str, lessons: list[str]) -> None:
    """Write the numbers of one library beside this file; of all its lessons, or of those named."""
    file = HERE / f"{library}.json"
    found = record(library, lessons)
    if lessons:
        found = json.loads(file.read_text("utf-8"))["lessons"] | found
    wanted = PARTS.get(library, [library])
    versions = {
        part.metadata["Name"]: part.version
        for part in importlib.metadata.distributions()
        if (part.metadata["Name"] or "").removesuffix("-cpu") in wanted
    }
    write(file, {"versions": versions, "lessons": dict(sorted(found.items()))})


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "jax" if sys.argv[1] == "keras" else "tensorflow"
    os.environ["JAX_ENABLE_X64"] = "1" if sys.argv[1] == "jax" else "0"
    main(sys.argv[1], sys.argv[2:])
