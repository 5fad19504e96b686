"""checkpoint: the same numbers, to any order, and less memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    checkpoint,
    compiled,
    grad,
    hessian,
    jacobian,
    layers,
    random,
    value_and_grad,
)
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.graph import topological


def f(x, w):
    return np.tanh(x * w) @ w + x.sum()


def test_the_numbers_are_those_without_it():
    x, w = np.array([0.3, -1.2]), np.array([0.7, 0.2])
    kept = checkpoint(f)
    for transform in (value_and_grad, hessian):
        expected = np.asarray(transform(f, (0, 1))(x, w)[1][1])
        np.testing.assert_allclose(transform(kept, (0, 1))(x, w)[1][1], expected, rtol=1e-12)
    third = jacobian(hessian(kept))(x, w)
    np.testing.assert_allclose(third, jacobian(hessian(f))(x, w), rtol=1e-12)
    made = compiled(grad(lambda x: kept(x, w) ** 2))
    for k in range(4):
        np.testing.assert_allclose(made(x + k), grad(lambda x: f(x, w) ** 2)(x + k), rtol=1e-10)


def test_it_is_one_node_and_methods_of_tensors_work_inside():
    block = checkpoint(lambda x, n: (x.relu() * n, x.sum()))
    x = Tensor([1.0, -2.0])
    first, total = block(x, 3)
    assert len(topological(first)) == 3  # x, the block, and the part of it
    first.sum().backward()
    assert x.grad.tolist() == [3.0, 0.0]
    (first.sum() + 2 * total).backward()
    assert x.grad.tolist() == [8.0, 2.0]


def test_less_is_kept():
    def chain(x):
        for _ in range(20):
            x = np.sin(x)
        return x

    peaks = []
    for step in (chain, checkpoint(chain)):
        x = Tensor(np.ones(100_000))
        tracemalloc.start()
        y = x
        for _ in range(10):
            y = step(y)
        peaks.append(tracemalloc.get_traced_memory()[0])
        y.sum().backward()
        tracemalloc.stop()
        np.testing.assert_allclose(x.grad[0], grad(lambda x: _times(chain, x))(1.0), rtol=1e-12)
    assert peaks[1] < peaks[0] / 10


def _times(chain, x):
    for _ in range(10):
        x = chain(x)
    return x


def test_tensors_from_outside_are_refused():
    w = Tensor(2.0)
    with pytest.raises(TypeError, match="from outside.*argument"):
        checkpoint(lambda x: x * w)(Tensor(1.0))
    assert checkpoint(lambda x: x * w.detach())(Tensor(1.0)).item() == 2.0
    with pytest.raises(TypeError, match="function"):
        checkpoint(3)


def test_transforms_inside_and_around():
    def f(x):
        return jacobian(lambda y: np.tanh(y) * y[0])(x) @ x + grad(lambda y: (y**3).sum())(x)

    kept, x = checkpoint(f), np.array([0.3, -0.5])
    np.testing.assert_allclose(kept(Tensor(x)).data, f(x), rtol=1e-12)
    for of in (jacobian, lambda g: jacobian(jacobian(g))):
        np.testing.assert_allclose(of(kept)(x), of(f)(x), rtol=1e-11)
    inside = grad(lambda y: (checkpoint(lambda z: grad(lambda u: (u * u).sum())(z))(y) * y).sum())
    np.testing.assert_allclose(inside(x), 4 * x, rtol=1e-12)
    with pytest.raises(TypeError, match="from outside"):
        grad(lambda y: checkpoint(lambda z: grad(lambda u: (u * y).sum())(z))(y).sum())(x)
    constant = Tensor(x, requires_grad=False)
    with pytest.raises(TypeError, match="from outside"):
        grad(lambda y: checkpoint(lambda z: z * y)(y).sum())(constant)


def test_random_numbers_are_given_from_outside():
    """Computed again, others would be drawn: the gradient would be that of another function."""
    dropout = layers.Dropout(0.5)
    zeros = np.zeros(30)  # of which no value tells what was dropped
    for drawn in (lambda x: dropout(x, training=True), lambda x: x * random.uniform(x.shape)):
        with pytest.raises(TypeError, match="draws random numbers.*Draw outside"):
            grad(lambda x, drawn=drawn: checkpoint(drawn)(x).sum())(zeros)
    with pytest.raises(StateError, match="gave other numbers"):
        grad(lambda x: checkpoint(lambda x: x * np.random.rand(30))(x).sum())(np.ones(30))
    with pytest.raises(StateError, match="gave other numbers"):
        grad(lambda x: checkpoint(lambda x: (x, x * np.random.rand(30)))(x)[1].sum())(np.ones(30))
    fixed = checkpoint(lambda x: x * random.uniform(x.shape, seed=3))  # the same at every call
    expected = random.uniform((30,), seed=3).data
    np.testing.assert_array_equal(grad(lambda x: fixed(x).sum())(zeros), expected)


def test_what_is_assigned_inside_is_assigned_once():
    calls = Tensor(0.0, requires_grad=False)

    @checkpoint
    def counted(x):
        calls.assign_add(1.0)
        return x * x

    assert grad(counted)(3.0) == 6.0
    assert calls.item() == 1.0


def test_what_it_returns_is_an_array_or_a_tuple():
    for wrong in ({}, [1.0], None, ((1.0,), 1.0)):
        with pytest.raises(TypeError, match="an array or a tuple of arrays"):
            checkpoint(lambda x, wrong=wrong: wrong)(Tensor(1.0))


def test_what_is_no_number_or_whole_is_compared_too():
    several = checkpoint(lambda x: (np.sqrt(x), np.argsort(-x)))
    with np.errstate(all="ignore"):
        slope = grad(lambda x: several(x)[0][1:].sum())(np.array([-1.0, 4.0]))
    assert slope[1] == 0.25
    drawn = checkpoint(lambda x: (x, np.random.randint(0, 1000, 50)))
    with pytest.raises(StateError, match="gave other numbers"):
        grad(lambda x: drawn(x)[0].sum())(np.ones(3))
