"""Third derivatives of random compositions of all operations are those that JAX gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autograd_nn import grad
from tests.engine.maps import MAPS, Jax, Ours, composed
from tests.engine.samples import SAMPLES


def test_there_is_a_map_for_every_operation() -> None:
    assert MAPS.keys() == SAMPLES.keys()


def compositions(number: int) -> Iterator[tuple[str, ...]]:
    """Three operations each, so that every one has its turn."""
    random = np.random.default_rng(11)
    waiting: list[str] = []
    for _ in range(number):
        while len(waiting) < 3:
            waiting += list(random.permutation(list(MAPS)))
        yield tuple(waiting[:3])
        del waiting[:3]


U, V = np.cos(np.arange(9.0)).reshape(3, 3), np.sin(1 + np.arange(9.0)).reshape(3, 3)


def third(f: Any, x: Any) -> Any:
    """The gradient of v·∇(u·∇f), by three sweeps back."""

    def once(x: Any) -> Any:
        return (U * grad(f)(x)).sum()

    def twice(x: Any) -> Any:
        return (V * grad(once)(x)).sum()

    return grad(twice)(x)


def third_of_jax(f: Any, x: Any) -> Any:
    """The same by two derivatives forwards of one back, which costs less."""
    import jax

    def once(x: Any) -> Any:
        return jax.jvp(jax.grad(f), (x,), (U,))[1]

    return jax.jvp(once, (x,), (V,))[1]


@contextmanager
def double_precision() -> Iterator[Any]:
    import jax

    with jax.enable_x64(True):
        yield jax


@pytest.mark.peers
@pytest.mark.parametrize("names", list(compositions(200)), ids="-".join)
def test_third_derivatives_are_those_of_jax(names: tuple[str, ...]) -> None:
    x = np.random.default_rng(len("".join(names))).uniform(-1, 1, (3, 3))
    with double_precision() as jax:
        expected = np.asarray(third_of_jax(composed(names, Jax()), jax.numpy.asarray(x)))
    found = third(composed(names, Ours), x)
    near = 1e-10 * np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=near)
