"""Positions that the less usual functions take numbers by: they have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation

stable_argsort = Operation(
    "stable_argsort",
    value=lambda x, axis=-1: np.argsort(x, axis, kind="stable"),
    gradients=(None,),
)
first_places = Operation(
    "first_places", value=lambda x: np.unique(x, return_index=True)[1], gradients=(None,)
)

interval = Operation(
    "interval",
    value=lambda x, xp: np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2),
    gradients=(None, None),
)


def _places(x: Any, q: Any, method: str, nan: bool) -> Any:
    """Where among the sorted numbers of the last axis a quantile lies: 1.5 is between two.

    Every method of NumPy's is such a place, and it is where the quantile of 0, 1, 2 … is.
    """
    n = x.shape[-1] - np.isnan(x).sum(-1) if nan else np.full(x.shape[:-1], x.shape[-1])
    found = np.zeros((*np.shape(q), *n.shape))
    for length in np.unique(n):
        if length:
            at = np.quantile(np.arange(float(length)), q, method=method)  # type: ignore[call-overload]
            found[..., n == length] = np.asarray(at)[..., None]
    return found


quantile_places = Operation(
    "quantile_places",
    value=lambda x, q, method, nan: _places(x, q, method, nan),
    gradients=(None,),
)
