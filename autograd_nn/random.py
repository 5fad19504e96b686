"""Random numbers in a network: every draw is recorded, so a program draws anew at every call.

>>> from autograd_nn import random
>>> source = random.generator(1)
>>> random.normal((2, 3), seed=source).shape
(2, 3)
>>> random.bernoulli((4,), p=1.0).tolist()
[1.0, 1.0, 1.0, 1.0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.mutation import before_change, clock
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.tensor import Tensor, new_leaf, new_node
from autograd_nn.settings import floatx
from autograd_nn.settings import generator as stream

__all__ = ["bernoulli", "generator", "normal", "uniform"]


def generator(seed: int) -> np.random.Generator:
    """A source of random numbers of its own, which goes on from draw to draw.

    Parameters   seed: an integer from 0 on; the same seed gives the same numbers
    """
    return stream("random", seed)


@checked_keywords
def normal(
    shape: Any = (), mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers of the normal distribution.

    Parameters   shape: a tuple of lengths, () for one number
                 mean, stddev: of the distribution
                 dtype: that of layers and models where None is given
                 seed: a generator, which goes on; a number gives the same draw at every call; None
                 the stream that follows ``set_random_seed``
    """
    spread = number_within("stddev", stddev, 0, np.inf)
    return _drawn(_normal, shape, dtype, seed, mean=float(mean), stddev=spread)


@checked_keywords
def uniform(
    shape: Any = (), minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers between ``minval`` and ``maxval``, all equally likely; the rest is as in `normal`."""
    if not minval <= maxval:
        raise ArgumentError(f"`minval` {minval!r} must not be above `maxval` {maxval!r}.")
    return _drawn(_uniform, shape, dtype, seed, minval=float(minval), maxval=float(maxval))


@checked_keywords
def bernoulli(shape: Any = (), p: float = 0.5, dtype: Any = None, seed: Any = None) -> Tensor:
    """1 with probability ``p``, else 0; the rest is as in `normal`."""
    return _drawn(_bernoulli, shape, dtype, seed, p=number_within("p", p, 0, 1))


def _draw_normal(*, shape: Any, dtype: Any, source: Any, mean: float, stddev: float) -> Any:
    return (source.standard_normal(shape) * stddev + mean).astype(dtype)


def _draw_uniform(*, shape: Any, dtype: Any, source: Any, minval: float, maxval: float) -> Any:
    return (source.random(shape) * (maxval - minval) + minval).astype(dtype)


def _draw_bernoulli(*, shape: Any, dtype: Any, source: Any, p: float) -> Any:
    return (source.random(shape) >= 1 - p).astype(dtype)


_normal = Operation("normal", value=_draw_normal, gradients=())
_uniform = Operation("uniform", value=_draw_uniform, gradients=())
_bernoulli = Operation("bernoulli", value=_draw_bernoulli, gradients=())


def _drawn(operation: Operation, shape: Any, dtype: Any, seed: Any, **numbers: float) -> Tensor:
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    dtype = np.dtype(floatx() if dtype is None else dtype)
    source = seed
    if seed is None:
        source = stream("random")
    elif not isinstance(seed, np.random.Generator):
        if isinstance(seed, (bool, float)) or not isinstance(seed, (int, np.integer)):
            raise ArgumentTypeError(
                "`seed` must be a number or a generator made by random.generator(seed), got "
                f"{seed!r} of type {type(seed).__name__}."
            )
        source = generator(int(seed))
    before_change(source, _put_back)
    attributes = {"shape": shape, "dtype": dtype, "source": source, **numbers}
    data = operation.value(**attributes)
    data = data if shape else dtype.type(data)
    around = current_scope.get()
    # The same numbers at every call are a constant.
    if around is None or source is not seed is not None:
        return new_leaf(data)
    clock.now += 1  # so that draws have an order, which a program keeps
    return new_node(operation, data, (), attributes, around, False)


def _put_back(source: np.random.Generator) -> Callable[[], None]:
    state = source.bit_generator.state

    def put_back() -> None:
        source.bit_generator.state = state

    return put_back
