"""``keras.ops`` in a layer that declares itself replayable: programs give what runs as written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import keras
from autograd_nn.keras import ops

rng = np.random.default_rng(12)
X = rng.uniform(-1.5, 1.5, (7, 6)).astype(np.float32)
Y = rng.uniform(-1, 1, (7, 2)).astype(np.float32)


def _column(x: Any) -> Any:
    return ops.expand_dims(x, -1)


OF_VALUES: dict[str, Callable[[Any], Any]] = {  # where a choice depends on what comes in
    "one_hot": lambda x: ops.one_hot(ops.argmax(x, axis=-1), 6) * x,
    "multi_hot": lambda x: ops.multi_hot(ops.argsort(x, axis=-1)[:, :2], 6) * x,
    "top_k": lambda x: ops.top_k(x, 3)[0],
    "top_k places": lambda x: ops.take_along_axis(x * 2, ops.top_k(x, 3)[1], axis=-1),
    "in_top_k": lambda x: x * _column(ops.cast(ops.in_top_k(ops.argmin(x, -1), -x, 2), "float32")),
    "select": lambda x: ops.select([x < -0.5, x < 0.5], [x * 2, x * x], default=1.5),
    "segment_sum": lambda x: ops.segment_sum(x, ops.argmax(x, axis=-1), num_segments=6)[:1] + x,
    "segment_prod": lambda x: ops.segment_prod(x, ops.argmax(x, axis=-1), num_segments=6)[:1] + x,
    "segment_max": lambda x: (
        ops.nan_to_num(ops.segment_max(x, ops.argmax(x, axis=-1), num_segments=6)[:1], neginf=0.0)
        + x
    ),
    "scatter": lambda x: ops.scatter(_column(ops.argmax(x, axis=-1)), x[:, 0], (6,)) + x,
    "scatter_update": lambda x: ops.scatter_update(x, [[0, 1]], x[0, 2:3] * 2),
    "arange": lambda x: x + ops.cast(ops.arange(6), "float32"),
    "ones": lambda x: x + ops.ones((ops.shape(x)[0], 1)),
    "scan": lambda x: ops.transpose(
        ops.scan(lambda s, v: (s + v, s * v), ops.zeros(ops.shape(x)[0]), ops.transpose(x))[1]
    ),
}


@pytest.mark.parametrize("first", range(0, len(OF_VALUES), 5))
def test_programs_repeat_them(first: int) -> None:
    several = list(OF_VALUES.values())[first : first + 5]

    class Own(keras.layers.Layer):
        replayable = True

        def call(self, inputs: Any) -> Any:
            return ops.concatenate([compute(inputs) for compute in several], axis=-1)

    found = []
    for run_eagerly in (True, False):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.layers.Dense(6, "tanh"), Own(), keras.layers.Dense(2)])
        model.compile(keras.optimizers.SGD(0.01), "mse", run_eagerly=run_eagerly)
        history = model.fit(X, Y, epochs=2, batch_size=3, shuffle=False, verbose=0).history
        found.append(history["loss"] + model.fit(-X, Y, batch_size=3, verbose=0).history["loss"])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-5)
