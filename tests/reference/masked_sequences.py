"""What is computed of sequences with masks, by this library or by Keras: the same calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import Tensor
from tests.layers.samples.sample import numbers, weights_for

X = numbers(3, 4, 2)
# The first step of one sequence, the last of another, and one between are not there.
MASK = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [1, 0, 1, 0]], bool)

MADE: dict[str, Callable[[Any], Any]] = {
    **{
        f"{name} {how}": (lambda layers, name=name, how=how: getattr(layers, name)(2, **HOW[how]))
        for name in ("SimpleRNN", "LSTM", "GRU")
        for how in ("last", "all", "backwards", "unrolled")
    },
    **{
        f"Bidirectional {mode}": lambda layers, mode=mode: layers.Bidirectional(
            layers.LSTM(2, return_sequences=mode != "ave"), merge_mode=mode
        )
        for mode in ("concat", "sum", "mul", "ave", None)
    },
    "cells": lambda layers: layers.RNN(
        [layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True, return_state=True
    ),
    "zeros": lambda layers: layers.RNN(
        layers.GRUCell(2), return_sequences=True, zero_output_for_mask=True
    ),
}
HOW: dict[str, dict[str, Any]] = {
    "last": {"return_state": True},
    "all": {"return_sequences": True},
    "backwards": {"return_sequences": True, "go_backwards": True},
    "unrolled": {"unroll": True, "use_bias": False},
}


def outputs(make: Callable[[Any], Any], layers: Any) -> list[Any]:
    """All arrays that come out, one after the other."""
    layer = make(layers)
    layer(X, mask=MASK)
    layer.set_weights(weights_for(layer.weights))
    return [as_array(x).tolist() for x in flat(layer(X, mask=MASK))]


def over_batches(layers: Any) -> list[Any]:
    """A layer that goes on from batch to batch, then from zeros again."""
    layer = layers.LSTM(2, stateful=True)
    layer(X)
    layer.set_weights(weights_for(layer.weights))
    layer.reset_state()
    found = [as_array(layer(X)).tolist() for _ in range(2)]
    layer.reset_state()
    return [*found, as_array(layer(X)).tolist()]


def as_array(x: Any) -> Any:
    """The numbers of a result, ours or Keras's."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)


def flat(structure: Any) -> list[Any]:
    """The arrays in lists and tuples."""
    if isinstance(structure, (list, tuple)):
        return [x for part in structure for x in flat(part)]
    return [structure]
