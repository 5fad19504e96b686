"""Numbers of all frames of a film, in a byte each: small enough for a page.

What is shown is a shade or a place of some pixels, of which 255 are as good as all.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

STEPS = 254
"""The codes of numbers are 0 … 254; 255 is what is not finite."""


def coded(values: Any, low: float, high: float) -> Any:
    """The nearest of 255 numbers from ``low`` to ``high`` for each value, as its place.

    >>> coded(np.array([-1.0, 0.0, 0.5, 9.0, np.nan]), -1.0, 1.0)
    array([  0, 127, 190, 254, 255], dtype=uint8)
    """
    finite = np.isfinite(values)
    shares = (np.clip(np.where(finite, values, low), low, high) - low) / ((high - low) or 1.0)
    return np.where(finite, np.rint(shares * STEPS), STEPS + 1).astype(np.uint8)


def decided(winner: Any, share: Any, classes: int) -> Any:
    """A class and how clearly it won, in a byte: as many shades for each class as there is room.

    >>> decided(np.array([0, 1, 1, -1]), np.array([0.0, 0.0, 1.0, 0.5]), 2)
    array([  0, 127, 253, 255], dtype=uint8)
    """
    shades = (STEPS + 1) // classes
    codes = winner * shades + np.rint(share * (shades - 1)).astype(int)
    return np.where(winner < 0, STEPS + 1, codes).astype(np.uint8)


def numbers_of(codes: Any, low: float, high: float) -> Any:
    """The numbers that `coded` made codes of, to within half a step."""
    return np.where(codes > STEPS, np.nan, low + codes / STEPS * (high - low))


def decisions_of(codes: Any, classes: int) -> tuple[Any, Any]:
    """The winners and shares that `decided` made codes of."""
    shades = (STEPS + 1) // classes
    lost = codes > STEPS
    whole = codes.astype(int)
    return np.where(lost, -1, whole // shades), np.where(lost, 0, whole % shades / (shades - 1))


def packed(frames: Sequence[Any]) -> dict[str, Any]:
    """The codes of all frames as text: what changed from one to the next, deflated."""
    codes = np.stack(frames).reshape(len(frames), -1)
    changes = codes.copy()
    changes[1:] -= codes[:-1]  # modulo 256
    text = base64.b64encode(zlib.compress(changes.tobytes(), 9)).decode()
    return {"frames": len(frames), "size": codes.shape[1], "data": text}
