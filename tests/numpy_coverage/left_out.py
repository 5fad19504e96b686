"""The public names of NumPy that are not counted, each with its reason.

What is public is asked of NumPy that is there, so a name that it gets later stands in no class.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.ops.left_out import LEFT_OUT, OF_FFT, TYPES, public_names, reasons_of
from tests.numpy_coverage.functions import LINALG, NUMPY


def classes_of(name: str, value: Any) -> list[str]:
    """The reasons for which a name is left out, and "counted"; exactly one is right."""
    found = reasons_of(name, value)
    if name in NUMPY or name in LINALG:
        found.append("counted")
    return found


def left_out() -> dict[str, list[str]]:
    """The names of this NumPy that are not counted, by their reason."""
    found: dict[str, list[str]] = {reason: [] for reason in (*LEFT_OUT, TYPES)}
    found["not classified"] = []
    for name, value in public_names().items():
        for reason in classes_of(name, value) or ["not classified"]:
            if reason != "counted":
                found[reason].append(name)
    found[OF_FFT] = [f"fft.{name}" for name in np.fft.__all__]
    return found
