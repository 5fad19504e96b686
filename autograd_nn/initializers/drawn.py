"""Initializers that draw random numbers, most of them scaled to the size of the layer."""

from __future__ import annotations

import abc
import math
from collections.abc import Iterable

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.initializers.initializer import Initializer, Shape, finite
from autograd_nn.settings import generator

# Standard deviation of a standard normal cut off at -2 and 2: sqrt(1 - 4 φ(2) / (2 Φ(2) - 1)).
_STDDEV_WITHIN_TWO = 0.87962566103423978


class _Random(Initializer):
    """An initializer that draws its values, from its own seed or from the seed of the process."""

    seed: int | None

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        if dtype.kind != "f":
            raise ArgumentError(f"Random weights need a floating dtype, got {dtype.name!r}.")
        # Drawn in float64 and rounded: one seed gives the same weights in either precision.
        return self.draw(generator("weights", self.seed), shape).astype(dtype, copy=False)

    @abc.abstractmethod
    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        """Draw float64 values of this shape."""


class RandomNormal(_Random):
    """Numbers of a normal distribution.

    Parameters   mean: its centre, default 0.0; stddev: its standard deviation, default 0.05
                 seed: an integer for the same numbers at every call
    """

    @checked_keywords
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = finite("mean", mean)
        self.stddev = number_within("stddev", stddev, 0, math.inf, high_open=True)
        self.seed = _checked_seed(seed)

    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        return random.normal(self.mean, self.stddev, shape)


class TruncatedNormal(_Random):
    """Numbers of a normal distribution, none farther than two standard deviations from its centre.

    Numbers beyond are drawn again, so those kept spread by 0.8796 of ``stddev``, as in Keras.

    Parameters   mean: the centre, default 0.0; stddev: the standard deviation before the cut,
                 default 0.05; seed: an integer for the same numbers at every call
    """

    @checked_keywords
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = finite("mean", mean)
        self.stddev = number_within("stddev", stddev, 0, math.inf, high_open=True)
        self.seed = _checked_seed(seed)

    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        return self.mean + self.stddev * _normal_within_two(random, shape)


class RandomUniform(_Random):
    """Numbers of an interval, each equally likely.

    Parameters   minval, maxval: the ends of the interval, default -0.05 and 0.05
                 seed: an integer for the same numbers at every call
    """

    @checked_keywords
    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval = finite("minval", minval)
        self.maxval = finite("maxval", maxval)
        if self.minval > self.maxval:
            raise ArgumentError(
                f"`minval` must not be above `maxval`, got minval={minval!r}, maxval={maxval!r}."
            )
        self.seed = _checked_seed(seed)

    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        return random.uniform(self.minval, self.maxval, shape)


class VarianceScaling(_Random):
    """Numbers whose variance is ``scale / fan``: signals keep their size from layer to layer.

    Formula      variance = scale / n, n = fan_in, fan_out or (fan_in + fan_out) / 2;
                 uniform: U(-l, l), l = sqrt(3 scale / n)
    Shapes       (I, O) has fan_in I and fan_out O; axes before these two multiply both, as those
                 (H, W, I, O) of a convolution do
    Parameters   scale: a number above 0, default 1.0
                 mode: "fan_in" (default), "fan_out" or "fan_avg"
                 distribution: "truncated_normal" (default, widened so that the variance holds after
                 the cut), "untruncated_normal" or "uniform"
                 seed: an integer for the same numbers at every call
                 input_axes, output_axes: the axes that fan_in and fan_out multiply, where a weight
                 is laid out in another way; both or none
    Raises       ValueError when mode or distribution is unknown or scale is not above 0
    """

    @checked_keywords
    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Iterable[int] | None = None,
        output_axes: Iterable[int] | None = None,
    ) -> None:
        self.scale = number_within("scale", scale, 0, math.inf, low_open=True, high_open=True)
        self.mode = _one_of("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        if distribution == "normal":  # Keras's older name
            distribution = "truncated_normal"
        self.distribution = _one_of(
            "distribution", distribution, ("truncated_normal", "untruncated_normal", "uniform")
        )
        self.seed = _checked_seed(seed)
        self.input_axes = _checked_axes("input_axes", input_axes)
        self.output_axes = _checked_axes("output_axes", output_axes)
        if (input_axes is None) != (output_axes is None):
            raise ArgumentError(
                "`input_axes` and `output_axes` are given together or not at all, got "
                f"input_axes={input_axes!r}, output_axes={output_axes!r}."
            )

    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        fan_in, fan_out = self._fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return random.normal(0.0, math.sqrt(variance), shape)
        return math.sqrt(variance) / _STDDEV_WITHIN_TWO * _normal_within_two(random, shape)

    def _fans(self, shape: Shape) -> tuple[int, int]:
        """How many numbers flow into and out of a unit: 1 for a scalar, n for a vector."""
        if self.input_axes is not None and self.output_axes is not None:
            for axis in (*self.input_axes, *self.output_axes):
                if not -len(shape) <= axis < len(shape):
                    raise ShapeError(f"There is no axis {axis} in a weight of shape {shape}.")
            fan_in = math.prod(shape[axis] for axis in self.input_axes)
            return fan_in, math.prod(shape[axis] for axis in self.output_axes)
        if len(shape) < 2:
            return (math.prod(shape), math.prod(shape))
        places = math.prod(shape[:-2])
        return places * shape[-2], places * shape[-1]


class _Scaled(VarianceScaling):
    """VarianceScaling with a scale, mode and distribution that have a name."""

    chosen: tuple[float, str, str]

    @checked_keywords
    def __init__(
        self,
        seed: int | None = None,
        input_axes: Iterable[int] | None = None,
        output_axes: Iterable[int] | None = None,
    ) -> None:
        super().__init__(*self.chosen, seed, input_axes, output_axes)


class GlorotUniform(_Scaled):
    """U(-l, l), l = sqrt(6 / (fan_in + fan_out)): the start of a kernel unless told otherwise.

    Source       Glorot and Bengio 2010, for tanh and sigmoid layers
    """

    chosen = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal of variance 2 / (fan_in + fan_out)."""

    chosen = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """U(-l, l), l = sqrt(6 / fan_in).

    Source       He et al. 2015, for relu layers
    """

    chosen = (2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal of variance 2 / fan_in.

    Source       He et al. 2015, for relu layers
    """

    chosen = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """U(-l, l), l = sqrt(3 / fan_in)."""

    chosen = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal of variance 1 / fan_in.

    Source       Klambauer et al. 2017, for selu layers
    """

    chosen = (1.0, "fan_in", "truncated_normal")


class Orthogonal(_Random):
    """A matrix whose columns (its rows, where these are fewer) are orthonormal, times a number.

    Formula      Wᵀ W = gain² I, or W Wᵀ = gain² I; Q of the QR decomposition of normal numbers
    Shapes       (..., I, O) is made as a matrix of shape (... · I, O)
    Parameters   gain: the number, default 1.0; seed: an integer for the same numbers at every call
    Raises       ValueError for a shape of fewer than two axes
    Source       Saxe et al. 2014
    """

    @checked_keywords
    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = finite("gain", gain)
        self.seed = _checked_seed(seed)

    def draw(self, random: np.random.Generator, shape: Shape) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal needs at least two axes, got shape {shape}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(random.normal(size=(max(rows, columns), min(rows, columns))))
        # QR fixes the signs of Q by habit of the algorithm; without this Q is not uniform.
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        return self.gain * (q.T if rows < columns else q).reshape(shape)


def _normal_within_two(random: np.random.Generator, shape: Shape) -> np.ndarray:
    """Standard normal numbers, those beyond -2 and 2 drawn again until none is left."""
    drawn = random.normal(size=math.prod(shape))
    beyond = np.flatnonzero(np.abs(drawn) > 2)
    while beyond.size:
        drawn[beyond] = random.normal(size=beyond.size)
        beyond = beyond[np.abs(drawn[beyond]) > 2]
    return drawn.reshape(shape)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    """The value, if it is one of the known words."""
    if value not in known:
        raise ArgumentError(f"`{name}` is unknown: {value!r}.{suggestion(str(value), known)}")
    return value


def _checked_axes(name: str, axes: Iterable[int] | None) -> list[int] | None:
    """The axes as a list of ints."""
    if axes is None:
        return None
    found = list(axes) if isinstance(axes, Iterable) else [axes]
    for axis in found:
        if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
            raise ArgumentTypeError(f"`{name}` must be a list of axes, got {axes!r}.")
    return [int(axis) for axis in found]


def _checked_seed(seed: int | None) -> int | None:
    """The seed as an int, or None for the seed of the process."""
    return None if seed is None else positive_integer("seed", seed, minimum=0)
