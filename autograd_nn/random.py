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

from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.engine.conversion import checked_dtype
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.mutation import before_change, clock
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.tensor import Tensor, new_leaf, new_node
from autograd_nn.settings import floatx
from autograd_nn.settings import generator as stream

__all__ = [
    "bernoulli", "beta", "binomial", "gamma", "generator", "normal", "truncated_normal", "uniform",
]  # fmt: skip


def generator(seed: int) -> np.random.Generator:
    """A source of random numbers of its own, which goes on from draw to draw.

    Parameters   seed: an integer from 0 on; the same seed gives the same numbers
    """
    return stream("random", positive_integer("seed", seed, minimum=0))


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
    spread = number_within("stddev", stddev, 0, np.inf, high_open=True)
    return _drawn(_normal, shape, dtype, seed, mean=_finite("mean", mean), stddev=spread)


@checked_keywords
def uniform(
    shape: Any = (), minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers between ``minval`` and ``maxval``, all equally likely; the rest is as in `normal`."""
    low, high = _finite("minval", minval), _finite("maxval", maxval)
    if low > high:
        raise ArgumentError(f"`minval` {minval!r} must not be above `maxval` {maxval!r}.")
    _finite("maxval - minval", high - low)
    return _drawn(_uniform, shape, dtype, seed, minval=low, maxval=high)


@checked_keywords
def bernoulli(shape: Any = (), p: float = 0.5, dtype: Any = None, seed: Any = None) -> Tensor:
    """1 with probability ``p``, else 0; the rest is as in `normal`."""
    return _drawn(_bernoulli, shape, dtype, seed, p=number_within("p", p, 0, 1))


@checked_keywords
def truncated_normal(
    shape: Any = (), mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Those of `normal` that are no further than 2 stddev from the mean."""
    spread = number_within("stddev", stddev, 0, np.inf, high_open=True)
    return _drawn(_truncated_normal, shape, dtype, seed, mean=_finite("mean", mean), stddev=spread)


@checked_keywords
def gamma(shape: Any = (), alpha: float = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers of the gamma distribution of this shape and of scale 1; the rest as in `normal`."""
    return _drawn(_gamma, shape, dtype, seed, alpha=_positive("alpha", alpha))


@checked_keywords
def beta(
    shape: Any = (), alpha: float = 1.0, beta: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers from 0 to 1 of the beta distribution; the rest as in `normal`."""
    ends = {"alpha": _positive("alpha", alpha), "beta": _positive("beta", beta)}
    return _drawn(_beta, shape, dtype, seed, **ends)


@checked_keywords
def binomial(
    shape: Any = (),
    counts: int = 1,
    probabilities: float = 0.5,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """How many of ``counts`` trials succeed, each with a probability; the rest as in `normal`."""
    share = number_within("probabilities", probabilities, 0, 1)
    number = positive_integer("counts", counts, minimum=0)
    return _drawn(_binomial, shape, dtype, seed, counts=number, probabilities=share)


def _draw_normal(*, shape: Any, dtype: Any, source: Any, mean: float, stddev: float) -> Any:
    return (source.standard_normal(shape) * stddev + mean).astype(dtype)


def _draw_uniform(*, shape: Any, dtype: Any, source: Any, minval: float, maxval: float) -> Any:
    return (source.random(shape) * (maxval - minval) + minval).astype(dtype)


def _draw_bernoulli(*, shape: Any, dtype: Any, source: Any, p: float) -> Any:
    return (source.random(shape) >= 1 - p).astype(dtype)


def _draw_truncated(*, shape: Any, dtype: Any, source: Any, mean: float, stddev: float) -> Any:
    drawn = source.standard_normal(shape)
    while (far := np.abs(drawn) > 2).any():
        drawn = np.where(far, source.standard_normal(shape), drawn)
    return (drawn * stddev + mean).astype(dtype)


def _draw_gamma(*, shape: Any, dtype: Any, source: Any, alpha: float) -> Any:
    return np.asarray(source.standard_gamma(alpha, shape)).astype(dtype)


def _draw_beta(*, shape: Any, dtype: Any, source: Any, alpha: float, beta: float) -> Any:
    return np.asarray(source.beta(alpha, beta, shape)).astype(dtype)


def _draw_binomial(
    *, shape: Any, dtype: Any, source: Any, counts: int, probabilities: float
) -> Any:
    return np.asarray(source.binomial(counts, probabilities, shape)).astype(dtype)


_normal = Operation("normal", value=_draw_normal, gradients=())
_uniform = Operation("uniform", value=_draw_uniform, gradients=())
_bernoulli = Operation("bernoulli", value=_draw_bernoulli, gradients=())
_truncated_normal = Operation("truncated_normal", value=_draw_truncated, gradients=())
_gamma = Operation("drawn_gamma", value=_draw_gamma, gradients=())
_beta = Operation("drawn_beta", value=_draw_beta, gradients=())
_binomial = Operation("drawn_binomial", value=_draw_binomial, gradients=())


def _drawn(operation: Operation, shape: Any, dtype: Any, seed: Any, **numbers: float) -> Tensor:
    shape = _lengths(shape)
    dtype = checked_dtype(floatx() if dtype is None else dtype)
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
    if source is seed or seed is None:  # one of a number is made for this draw
        before_change(source, _put_back)
    attributes = {"shape": shape, "dtype": dtype, "source": source, **numbers}
    try:
        data = operation.value(**attributes)
    except ValueError as error:
        raise ArgumentError(f"`shape` {shape} is none that an array can have: {error}.") from None
    data = data if shape else dtype.type(data)
    around = current_scope.get()
    # The same numbers at every call are a constant.
    if around is None or source is not seed is not None:
        return new_leaf(data)
    clock.now += 1  # so that draws have an order, which a program keeps
    return new_node(operation, data, (), attributes, around, False)


def _lengths(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple of lengths."""
    parts = shape if isinstance(shape, (tuple, list, np.ndarray)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in parts):
        raise ArgumentTypeError(
            "`shape` must be a tuple of whole numbers, such as (2, 3), or () for one number, got "
            f"{shape!r} of type {type(shape).__name__}."
        )
    if any(n < 0 for n in parts):
        raise ArgumentError(f"`shape` must hold lengths of at least 0, got {shape!r}.")
    return tuple(int(n) for n in parts)


def _finite(name: str, value: Any) -> float:
    return number_within(name, value, -np.inf, np.inf, low_open=True, high_open=True)


def _positive(name: str, value: Any) -> float:
    return number_within(name, value, 0, np.inf, low_open=True, high_open=True)


def _put_back(source: np.random.Generator) -> Callable[[], None]:
    state = source.bit_generator.state

    def put_back() -> None:
        source.bit_generator.state = state

    return put_back
