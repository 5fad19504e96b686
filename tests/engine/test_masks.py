"""Masks are chosen with: behind one that is off a gradient is exactly 0, and not 0 · ∞."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograd_nn import Tensor, compiled, gradients, ops
from autograd_nn.engine.operations.choosing import chosen

BEHIND_A_MASK = {
    "relu": lambda x: np.sqrt(ops.relu(x)),
    "clip": lambda x: np.sqrt(np.clip(x, 0, None)),
    "clip to a power": lambda x: np.clip(x, 0, 20) ** 0.5,
    "maximum": lambda x: np.sqrt(np.maximum(x, 0)),
    "minimum": lambda x: np.sqrt(-np.minimum(-x, 0)),
    "max": lambda x: np.sqrt(np.max(np.stack([np.zeros(3), x]), axis=0)),
    "min": lambda x: np.sqrt(-np.min(np.stack([np.zeros(3), -x]), axis=0)),
    "log of relu": lambda x: np.log(ops.relu(x)),
    "where": lambda x: np.sqrt(np.where(np.array([False, True, True]), x, 0)),
}


@pytest.fixture(autouse=True)
def silence():
    """The infinite slope of a root at 0 warns; what is tested is what becomes of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def by_recording(f, data):
    x = Tensor(data)
    return gradients(f(x).sum(), x)


def by_create_graph(f, data):
    x = Tensor(data)
    return gradients(f(x).sum(), x, create_graph=True).numpy()


def by_program(f, data, form):
    x = Tensor(np.full_like(data, 2.0), name="x")
    program = f(x).sum().program([x])
    x.data[...] = data
    return (program if form == "planned" else program.plain)()[1][0]


def by_compiled(f, data):
    @compiled
    def gradient(x):
        return gradients(f(x).sum(), x, create_graph=True)

    for filled in (1.0, 2.0, 3.0):
        gradient(Tensor(np.full_like(data, filled)))
    return gradient(Tensor(data)).numpy()


WAYS = {
    "eager": by_recording,
    "create_graph": by_create_graph,
    "planned": lambda f, data: by_program(f, data, "planned"),
    "plain": lambda f, data: by_program(f, data, "plain"),
    "compiled": by_compiled,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", BEHIND_A_MASK)
def test_the_gradient_behind_a_mask_is_0(name, way, dtype):
    found = WAYS[way](BEHIND_A_MASK[name], np.array([-1.0, 4.0, 9.0], dtype))
    slope = [1 / 4, 1 / 9] if name.startswith("log") else [1 / 4, 1 / 6]
    np.testing.assert_allclose(found, [0, *slope], rtol=1e-6)


@pytest.mark.parametrize("name", sorted(set(BEHIND_A_MASK) - {"max", "min", "where"}))
def test_of_a_number_too(name):
    for way in (by_recording, by_create_graph):
        assert way(BEHIND_A_MASK[name], -1.0) == 0


def test_the_root_of_an_absolute_value_at_0():
    np.testing.assert_array_equal(by_recording(lambda x: np.sqrt(abs(x)), [0.0, 4.0]), [0, 0.25])


def test_powers_of_which_a_part_is_constant():
    x, y = Tensor([0.0, 2.0]), Tensor([0.0, 0.0])
    g, h = gradients((x**y).sum(), [x, y], create_graph=True)
    np.testing.assert_array_equal(g.data, [0, 0])
    np.testing.assert_allclose(h.data, [0, np.log(2)])
    # ∂²xʸ/∂x∂y = 1/x at y = 0
    np.testing.assert_allclose(gradients(g[1], y)[1], 0.5)
    assert by_recording(lambda t: np.sqrt(t**0 - 1), 3.0) == 0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_chosen_is_where(dtype):
    random = np.random.default_rng(0)
    special = [np.inf, -np.inf, np.nan, -0.0, 0.0, np.finfo(dtype).tiny / 2, 1.0, -2.5]
    for shape in ((), (1,), (0,), (7,), (3, 5), (2, 3, 4)):
        g = random.choice(special, shape).astype(dtype)
        mask = random.random(shape) < 0.5
        np.testing.assert_array_equal(chosen(mask, g), np.where(mask, g, 0))
        assert chosen(mask, g).dtype == dtype
        for turned, other in ((g.T, mask.T), (g[::-1] if g.ndim else g, mask)):
            np.testing.assert_array_equal(chosen(other, turned), np.where(other, turned, 0))
    spread = np.array([[True], [False]])
    np.testing.assert_array_equal(chosen(spread, g[0, 0]), np.where(spread, g[0, 0], 0))


def test_what_a_mask_of_a_tensor_deletes():
    data = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    x, places = Tensor(data), Tensor(np.array([2, 0]))
    assert np.delete(x[0], x[0] > 2).tolist() == [1.0, -2.0]
    columns = x.sum(0) > 0
    assert np.delete(x, columns, 1).tolist() == [[3.0], [-6.0]]
    assert np.delete(x, places, 1).tolist() == [[-2.0], [5.0]]
    loss = (np.delete(x, columns, 1) ** 2).sum()
    assert gradients(loss, x).tolist() == [[0, 0, 6.0], [0, 0, -12.0]]
    program = loss.program(x)
    x.data = [[3.0, -2.0, 1.0], [-6.0, 5.0, 4.0]]
    assert program()[0] == 9.0 + 36.0
