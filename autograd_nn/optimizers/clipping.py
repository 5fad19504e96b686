"""The three ways to keep gradients from growing too large."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def clip_by_value(gradients: list[Any], limit: float) -> list[Any]:
    """Every element brought into [-limit, limit]."""
    return [np.clip(gradient, -limit, limit) for gradient in gradients]


def clip_by_norm(gradients: list[Any], limit: float) -> list[Any]:
    """Every gradient whose norm is larger scaled down to the norm ``limit``, by itself."""
    return [
        gradient * (limit / length) if length > limit else gradient
        for gradient, length in zip(gradients, _norms(gradients), strict=True)
    ]


def clip_by_global_norm(gradients: list[Any], limit: float) -> list[Any]:
    """All gradients scaled by one factor where their norm together is larger than ``limit``.

    Where it is infinite or NaN, all become NaN: no factor would be right, and zeros would hide it.
    """
    together = math.hypot(*_norms(gradients))
    if together <= limit:
        return gradients
    scale = limit / together if math.isfinite(together) else math.nan
    return [gradient * scale for gradient in gradients]


def _norms(gradients: list[Any]) -> list[float]:
    with np.errstate(over="ignore"):  # answered in _norm
        return [_norm(gradient) for gradient in gradients]


def _norm(gradient: Any) -> float:
    """The Euclidean norm, also where the squares do not fit into the dtype."""
    flat = gradient.ravel()
    squared = float(np.dot(flat, flat))
    if math.isfinite(squared):
        return math.sqrt(squared)
    largest = float(np.max(np.abs(flat)))
    if not math.isfinite(largest):
        return largest
    shrunk = flat.astype(np.float64) / largest
    return largest * math.sqrt(float(np.dot(shrunk, shrunk)))
