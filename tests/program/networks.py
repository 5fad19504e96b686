"""The network that tests of programs record, with a batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import Input, Sequential, layers


def tutorial() -> tuple[Sequential, Any, Any]:
    """The network of the tutorial, and 32 samples for it."""
    model = Sequential(
        [
            Input((64,)),
            layers.Dense(25, activation="sigmoid"),
            layers.Dense(15, activation="sigmoid"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    random = np.random.default_rng(0)
    x = random.random((32, 64), dtype=np.float32)
    y = (random.random((32, 1)) > 0.5).astype(np.float32)
    return model, x, y
