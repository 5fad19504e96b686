"""``keras.random``: the draws of `autograd_nn.random`, and what is made of them.

Without a seed each call draws anew, from the stream that ``set_random_seed`` sets; a number gives
the same at every call, and a ``SeedGenerator`` goes on from call to call.

>>> from autograd_nn.keras import random
>>> random.randint((3,), 0, 2, seed=random.SeedGenerator(1)).shape
(3,)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.random import beta, binomial, gamma, generator, normal, truncated_normal, uniform

__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint",
    "shuffle", "truncated_normal", "uniform",
]  # fmt: skip


def SeedGenerator(seed: int | None = None, name: str | None = None) -> Any:
    """A source of random numbers that goes on from draw to draw, to be given as ``seed``."""
    return None if seed is None else generator(seed)


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Whole numbers from minval to maxval − 1, all equally likely."""
    if not minval < maxval:
        raise ArgumentError(f"`minval` {minval!r} must be below `maxval` {maxval!r}.")
    drawn = uniform(shape, 0.0, 1.0, "float64", seed)
    return convert_to_tensor(np.floor(drawn * (maxval - minval)) + minval, dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """For each row so many classes, drawn by the softmax of its logits: (N, C) → (N, num_samples).

    The largest of logits with noise −log(−log(u)) added is a class with that probability.
    """
    logits = convert_to_tensor(logits)
    rows, classes = logits.shape
    drawn = uniform((rows, num_samples, classes), np.finfo(np.float64).tiny, 1.0, "float64", seed)
    noise = -np.log(-np.log(drawn))
    return convert_to_tensor(np.argmax(logits[:, None, :] + noise, axis=-1), dtype)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """x with what lies along an axis in another order."""
    x = convert_to_tensor(x)
    order = np.argsort(uniform((x.shape[axis],), 0.0, 1.0, "float64", seed))
    return np.take(x, order, axis=axis)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Inputs of which a part is 0, and the rest larger by as much."""
    x, rate = convert_to_tensor(inputs), number_within("rate", rate, 0, 1, high_open=True)
    shape = x.shape if noise_shape is None else noise_shape
    shape = tuple(n if m is None else m for n, m in zip(x.shape, shape, strict=True))
    kept = uniform(shape, 0.0, 1.0, x.dtype, seed) >= rate
    return np.where(kept, x / (1 - rate), x.dtype.type(0))
