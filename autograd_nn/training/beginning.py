"""What a run of ``fit`` begins with, kept for those who ask later why it went as it did."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.several import Several

SAMPLES = 2_000_000
"""Samples are kept up to so many bytes of x: all of a small data set, a part of a large one."""

WEIGHTS = 1_000_000
"""Weights are kept of models with up to so many numbers."""


class Beginning(NamedTuple):
    """Copies of samples, evenly from all of them, and of the weights before the first step.

    ``weights`` is None where there are too many, ``is_whole`` says whether all samples are there.
    ``told`` is what the ledger is made of when somebody asks for it.
    """

    data: Data
    batch_size: int
    is_whole: bool
    weights: list[Any] | None
    told: dict[str, Any]


def beginning(data: Data, weights: list[Any], batch_size: int, told: dict[str, Any]) -> Beginning:
    """Keep what a run begins with, as far as it is small."""
    count = len(data.x)
    arrays = data.x.arrays if type(data.x) is Several else [data.x]
    bytes_of_one = max(sum(x.nbytes for x in arrays) // count, 1)
    kept = min(count, max(SAMPLES // bytes_of_one, 1))
    size = sum(weight.size for weight in weights)
    if kept == count:  # a copy of everything takes a tenth of the time that chosen rows take
        samples = Data(*(None if part is None else part.copy() for part in data))
    else:
        samples = data.rows(np.linspace(0, count - 1, kept).astype(int))
    return Beginning(
        samples,
        batch_size,
        kept == count,
        [weight._data.copy() for weight in weights] if size <= WEIGHTS else None,
        told,
    )
