"""Moons, circles and spirals: on their curves without noise, and as noisy as asked."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from autograd_nn.datasets import make_circles, make_moons, make_spirals
from autograd_nn.settings import set_random_seed

ALL = pytest.mark.parametrize("make", [make_moons, make_circles, make_spirals])


@ALL
@pytest.mark.parametrize("n", [2, 3, 101])
def test_shapes_and_classes(make: Callable, n: int) -> None:
    x, y = make(n)
    assert x.shape == (n, 2)
    assert y.shape == (n,)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert y.sum() == n // 2
    assert set(y) == {0, 1}


def test_moons_lie_on_their_half_circles() -> None:
    x, y = make_moons(200, noise=0)
    upper, lower = x[y == 0], x[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, rtol=1e-6)
    assert upper[:, 1].min() > -1e-6
    assert lower[:, 1].max() < 0.5 + 1e-6
    np.testing.assert_allclose(sorted(upper[:, 0])[::99], [-1, 1], atol=1e-6)


def test_circles_have_radius_one_and_a_half() -> None:
    x, y = make_circles(200, noise=0)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 1, 0.5), rtol=1e-6)
    np.testing.assert_allclose(x[y == 0].mean(axis=0), 0, atol=1e-6)


def test_spirals_grow_with_their_angle() -> None:
    x, y = make_spirals(200, noise=0)
    radius = np.hypot(*x.T)
    np.testing.assert_allclose([radius.min(), radius.max()], [0.5, 3], rtol=1e-6)
    signed = np.where(y == 0, 1, -1)[:, None] * x
    angle = math.pi * radius
    np.testing.assert_allclose(signed[:, 0], radius * np.cos(angle), atol=1e-5)
    np.testing.assert_allclose(signed[:, 1], radius * np.sin(angle), atol=1e-5)


def test_noise_is_normal_with_the_deviation_asked_for() -> None:
    # Far from the curve's own thickness: the radius of a noisy circle spreads by the noise.
    n, noise = 20_000, 0.01
    x, y = make_circles(n, noise=noise)
    spread = (np.hypot(*x.T) - np.where(y == 0, 1, 0.5)).std()
    assert abs(spread / noise - 1) < 0.05


@ALL
def test_seeds(make: Callable) -> None:
    first, second = make(seed=3), make(seed=3)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], make(seed=4)[0])
    assert not np.array_equal(make()[0], make()[0])
    set_random_seed(5)
    one = make()[0]
    set_random_seed(5)
    assert np.array_equal(one, make()[0])


@ALL
def test_classes_come_mixed(make: Callable) -> None:
    _, y = make(200, seed=0)
    assert 30 < y[:100].sum() < 70


@ALL
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 1}, ValueError, "`n`.*1"),
        ({"n": 10.0}, TypeError, "`n`.*10.0"),
        ({"noise": -0.1}, ValueError, "`noise`.*-0.1"),
        ({"noise": math.inf}, ValueError, "`noise`.*inf"),
        ({"noise": "0.1"}, TypeError, "`noise`.*'0.1'"),
        ({"seed": -1}, ValueError, "`seed`.*-1"),
        ({"sed": 1}, TypeError, "`sed`.*Did you mean 'seed'"),
    ],
)
def test_wrong_arguments(
    make: Callable, arguments: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(**arguments)
