"""What every layer may be told when it is made: its dtype, the shape of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError


def dtype_of(value: Any) -> np.dtype[Any]:
    """The dtype that a layer can compute in."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind != "f" or dtype.itemsize > 8:
        raise ArgumentError(
            f"`dtype` must be 'float16', 'float32' or 'float64', got {value!r}. "
            "Inputs that are integers are converted."
        )
    return dtype


def shape_of_sample(shape: Any, features: Any, with_samples: Any) -> tuple[int | None, ...] | None:
    """The shape of one sample, of the three ways to say it."""
    given = [
        f"`{name}`"
        for name, value in (
            ("input_shape", shape), ("input_dim", features), ("batch_input_shape", with_samples)
        )
        if value is not None
    ]  # fmt: skip
    if len(given) > 1:
        raise ArgumentError(f"{' and '.join(given)} say the same: give one of them.")
    if not given:
        return None
    if features is not None:
        return (positive_integer("input_dim", features),)
    lengths = shape if with_samples is None else with_samples
    if not isinstance(lengths, (tuple, list)):
        way_out = f" Write {given[0][1:-1]}=({lengths},)." if isinstance(lengths, int) else ""
        raise ArgumentTypeError(
            f"{given[0]} must be a tuple of lengths such as (64,), got {lengths!r}.{way_out}"
        )
    if with_samples is not None:
        lengths = lengths[1:]
    return tuple(None if n is None else positive_integer(given[0][1:-1], n) for n in lengths)
