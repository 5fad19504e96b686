"""How the values of an array are distributed, in few numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

BINS = 24


class Histogram(NamedTuple):
    """Counts in equal bins from ``low`` to ``high``; what is not finite is left out."""

    low: float
    high: float
    counts: tuple[int, ...]


class Histograms(NamedTuple):
    """The distributions at the end of one epoch, by the name of the parameter."""

    epoch: int
    weights: dict[str, Histogram]
    gradients: dict[str, Histogram]


def histograms_of(arrays: dict[str, Any]) -> dict[str, Histogram]:
    """Those of all arrays that have any finite value; None is no array."""
    found = {name: histogram(array) for name, array in arrays.items() if array is not None}
    return {name: counted for name, counted in found.items() if counted is not None}


def histogram(array: Any) -> Histogram | None:
    """The distribution of the finite values of an array, None where there are none."""
    values = np.asarray(array, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    width = (high - low) or 1.0
    # Where the width is beyond the largest number, all are counted in the first bin.
    places = np.clip(np.nan_to_num((values - low) / width * BINS), 0, BINS - 1).astype(int)
    return Histogram(low, high, tuple(np.bincount(places, minlength=BINS).tolist()))
