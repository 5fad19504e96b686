"""Points of the plane in two classes that no straight line separates, made on the spot."""

from __future__ import annotations

import math

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.settings import generator

Points = tuple[np.ndarray, np.ndarray]


@checked_keywords
def make_moons(n: int = 100, noise: float = 0.1, seed: int | None = None) -> Points:
    """Two half moons that reach into each other.

    Formula      class 0: (cos t, sin t); class 1: (1 - cos t, 1/2 - sin t);
                 t evenly from 0 to π, plus noise · N(0, 1) on either coordinate
    Shapes       x (n, 2) float32, y (n,) int64, in random order; n // 2 points are of class 1
    Parameters   n: number of points, 2 or more, default 100; noise: 0 or more, default 0.1
                 seed: an integer for the same points at every call; None follows set_random_seed
    Raises       ValueError or TypeError that names the argument
    """
    n, noise = _checked(n, noise)
    t, u = np.linspace(0, math.pi, n - n // 2), np.linspace(0, math.pi, n // 2)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1 - np.cos(u), 0.5 - np.sin(u)])
    return _scattered(upper, lower, noise, seed)


@checked_keywords
def make_circles(n: int = 100, noise: float = 0.1, seed: int | None = None) -> Points:
    """A circle of half the radius inside another.

    Formula      class 0: (cos t, sin t); class 1: (cos t, sin t) / 2;
                 t evenly once around, plus noise · N(0, 1) on either coordinate
    Shapes       x (n, 2) float32, y (n,) int64, in random order; n // 2 points are of class 1
    Parameters   n: number of points, 2 or more, default 100; noise: 0 or more, default 0.1
                 seed: an integer for the same points at every call; None follows set_random_seed
    Raises       ValueError or TypeError that names the argument
    """
    n, noise = _checked(n, noise)
    t = np.linspace(0, 2 * math.pi, n - n // 2, endpoint=False)
    u = np.linspace(0, 2 * math.pi, n // 2, endpoint=False)
    outer = np.column_stack([np.cos(t), np.sin(t)])
    inner = np.column_stack([np.cos(u), np.sin(u)]) / 2
    return _scattered(outer, inner, noise, seed)


@checked_keywords
def make_spirals(n: int = 100, noise: float = 0.1, seed: int | None = None) -> Points:
    """Two spiral arms around each other.

    Formula      class 0: (t / π) (cos t, sin t); class 1: the same turned by half a circle;
                 t evenly from π/2 to 3π, so radii from 1/2 to 3 and neighbouring arms 1 apart,
                 plus noise · N(0, 1) on either coordinate
    Shapes       x (n, 2) float32, y (n,) int64, in random order; n // 2 points are of class 1
    Parameters   n: number of points, 2 or more, default 100; noise: 0 or more, default 0.1
                 seed: an integer for the same points at every call; None follows set_random_seed
    Raises       ValueError or TypeError that names the argument
    """
    n, noise = _checked(n, noise)
    return _scattered(_arm(n - n // 2), -_arm(n // 2), noise, seed)


def _arm(n: int) -> np.ndarray:
    """One spiral arm of n points."""
    t = np.linspace(math.pi / 2, 3 * math.pi, n)
    return (t / math.pi)[:, None] * np.column_stack([np.cos(t), np.sin(t)])


def _scattered(zeros: np.ndarray, ones: np.ndarray, noise: float, seed: int | None) -> Points:
    """Both classes together, with noise, in random order."""
    random = generator("data", seed)
    x = np.concatenate([zeros, ones])
    x = x + noise * random.normal(size=x.shape)
    y = np.repeat([0, 1], [len(zeros), len(ones)])
    order = random.permutation(len(x))
    return x[order].astype(np.float32), y[order].astype(np.int64)


def _checked(n: object, noise: object) -> tuple[int, float]:
    """Number of points and noise, or an error that names the wrong one."""
    return (
        positive_integer("n", n, minimum=2),
        number_within("noise", noise, 0, math.inf, high_open=True),
    )
