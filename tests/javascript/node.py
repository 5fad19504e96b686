"""JavaScript run by Node, the one that Playwright brings."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np


def run(*arguments: str | Path) -> str:
    """What Node prints."""
    from playwright._impl._driver import compute_driver_executable

    node, _ = compute_driver_executable()
    found = subprocess.run(
        [node, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=100
    )
    assert found.returncode == 0, found.stderr[-2000:]
    return found.stdout


def number_from(text: Any) -> float:
    """A number as JavaScript's `String` writes it, which JSON does not for all."""
    return math.inf if text == "Infinity" else -math.inf if text == "-Infinity" else float(text)


def assert_equals(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    """Equal to rounding of the largest element, NaN and infinities at the same places."""
    found, expected = np.asarray(found, float), np.asarray(expected, float).ravel()
    assert found.shape == expected.shape
    largest = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * largest)
