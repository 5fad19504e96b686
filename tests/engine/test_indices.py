"""Whatever NumPy takes as an index is taken as NumPy takes it, or refused; repeats add up."""

from __future__ import annotations

import array
from collections import deque, namedtuple

import numpy as np
import pytest

from autograd_nn import Tensor, gradients

Pair = namedtuple("Pair", ["row", "column"])


class Foreign:
    """An array of another library."""

    def __init__(self, numbers):
        self.numbers = np.array(numbers)

    def __array__(self, dtype=None, copy=None):
        return self.numbers.astype(dtype) if dtype else self.numbers


class Position:
    """What knows which position it is."""

    def __init__(self, place):
        self.place = place

    def __index__(self):
        return self.place


KEYS = [
    Pair(np.array([0, 0, 2]), np.array([1, 1, 3])),
    Pair([0, 0, 2], 1),
    Pair(slice(1, 3), (0, 0)),
    ((0, 0, 1), (2, 2, 3)),
    deque([0, 0, 2]),
    deque([]),
    [],
    [[]],
    [[0, 1], [1, 1]],
    array.array("i", [0, 0, 2]),
    array.array("q", [2, -3, 2]),
    range(2),
    memoryview(np.array([1, 1, 0])),
    Foreign([0, 0, 2]),
    Foreign([True, False, True]),
    (slice(None), Foreign([1, 1])),
    Position(1),
    (Position(0), Position(-1)),
    np.array(1),
    np.array(True),
    np.True_,
    True,
    (False, 0),
    (None, [1, 1]),
    (..., [0, 0, 3]),
    (np.array([[0], [0]]), np.array([1, 1, 2])),
    np.array([0, 0], np.uint8),
    np.ma.array([1, 1], mask=[False, True]),
    [True, False, True],
    ([True, True, False], [0, 0]),
    np.int64(2),
    slice(np.int64(0), None, Position(2)),
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: type(key).__name__)
def test_indices_are_taken_as_numpy_takes_them(key):
    data = np.arange(12.0).reshape(3, 4)
    expected = data[key]
    weights = np.random.default_rng(0).uniform(1, 2, np.shape(expected))
    gradient = np.zeros_like(data)
    np.add.at(gradient, key, weights)

    t = Tensor(data)
    taken = t[key]
    np.testing.assert_array_equal(taken.data, expected)
    assert taken.shape == np.shape(expected)
    for create_graph in (False, True):
        found = gradients((taken * weights).sum(), t, create_graph=create_graph)
        np.testing.assert_allclose(found.data if create_graph else found, gradient)

    added = data.copy()
    np.add.at(added, key, weights)
    np.testing.assert_allclose(t.at[key].add(weights).data, added)
    given = data.copy()
    given[key] = weights
    np.testing.assert_allclose(t.at[key].set(weights).data, given)


@pytest.mark.parametrize(
    "key", ["a", 1.0, [0.5], {1}, {"a": 1}, b"0", 1j, np.array([1.0]), object()]
)
def test_what_numpy_refuses_is_refused(key):
    with pytest.raises((TypeError, IndexError)):
        np.zeros(3)[key]
    with pytest.raises(TypeError):
        Tensor([1.0, 2.0, 3.0])[key]


def test_random_indices():
    random = np.random.default_rng(0)
    for _ in range(300):
        shape = tuple(random.integers(1, 5, random.integers(1, 4)))
        key = []
        for n in shape[: random.integers(0, len(shape) + 1)]:
            places = random.integers(-n, n, 3)
            key.append(
                [
                    int(places[0]),
                    slice(int(places[0]), None, int(random.choice([-2, -1, 1, 2]))),
                    places,
                    list(map(int, places)),
                    tuple(map(int, places)),
                    deque(places.tolist()),
                    random.random(n) < 0.5,
                    None,
                ][random.integers(8)]
            )
        key = tuple(key)
        data = random.normal(size=shape)
        try:
            expected = data[key]
        except IndexError:
            with pytest.raises(IndexError):
                Tensor(data)[key]
            continue
        weights = random.uniform(1, 2, np.shape(expected))
        gradient = np.zeros(shape)
        np.add.at(gradient, key, weights)
        t = Tensor(data)
        np.testing.assert_array_equal(t[key].data, expected)
        np.testing.assert_allclose(gradients((t[key] * weights).sum(), t), gradient, atol=1e-15)
