"""What holds for every function: linearity in the seed, sum rule, chain rule, and both sides equal.

The functions are drawn at random from smooth steps that mix, reshape, choose and reduce.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_nn import (
    Tensor,
    check_gradients,
    gauss_newton_product,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    vjp,
)
from autograd_nn.engine.transforms import matrices

N = 4
M = np.random.default_rng(0).normal(size=(N, N)) / 2

# From a vector of N to a vector of N.
STEPS = [
    lambda x: np.sin(x),
    lambda x: np.tanh(x) * x,
    lambda x: np.exp(-x * x),
    lambda x: np.log1p(x * x),
    lambda x: x / (1 + np.square(x).sum()),
    lambda x: M @ x,
    lambda x: x @ M,
    lambda x: (x.reshape(2, 2) @ x.reshape(2, 2).T).reshape(-1) / 3,
    lambda x: x[[0, 0, 2, 3]] * x[::-1],
    lambda x: np.concatenate([x[2:], x[:1], x[1:2] * x[3:]]),
    lambda x: np.stack([x[:2], x[2:]], axis=1).reshape(-1),
    lambda x: np.where(x > 0, x, 0.3 * x),
    lambda x: np.sort(x),
    lambda x: np.cumsum(x) / 2,
    lambda x: x - x.mean(),
    lambda x: np.outer(x, x).max(axis=1) / 2,
    lambda x: np.einsum("i,ij,j->j", x, M, x),
    lambda x: np.linalg.solve(M + 4 * np.eye(N), x),
    lambda x: x * stop_gradient(x),
    lambda x: np.roll(x, 1) * np.prod(np.cos(x)),
    lambda x: np.stack(np.split(x, 2)[::-1]).reshape(-1),
]
steps = st.sampled_from(STEPS)
functions = st.lists(steps, min_size=1, max_size=4)
seeds = st.integers(0, 2**32 - 1)


def composed(parts):
    def f(x):
        for part in parts:
            x = part(x)
        return x

    return f


def draws(seed, number):
    return np.random.default_rng(seed).normal(size=(number, N))


def close(found, expected, tolerance=1e-9):
    scale = max(1.0, float(np.max(np.abs(np.asarray(expected)), initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)


@given(functions, seeds)
def test_the_pull_is_linear_in_its_seed_and_the_push_in_its_tangent(parts, seed):
    f = composed(parts)
    x, u, v = draws(seed, 3)
    _, pull = vjp(f, x)
    close(pull(2 * u - 3 * v)[0], 2 * pull(u)[0] - 3 * pull(v)[0])
    pushed = [jvp(f, x, t)[1] for t in (2 * u - 3 * v, u, v)]
    close(pushed[0], 2 * pushed[1] - 3 * pushed[2])


@given(functions, seeds)
def test_push_and_pull_are_transposed(parts, seed):
    """u·(J·v) = (uᵀ·J)·v, and both are the Jacobian's."""
    f = composed(parts)
    x, u, v = draws(seed, 3)
    (pulled,), pushed, j = vjp(f, x)[1](u), jvp(f, x, v)[1], jacobian(f)(x)
    close(u @ pushed, pulled @ v)
    close(pulled, u @ j)
    close(pushed, j @ v)


@given(functions, functions, seeds)
def test_sum_rule_and_product_rule(left, right, seed):
    f, g = composed(left), composed(right)
    (x,) = draws(seed, 1)
    jf, jg = jacobian(f)(x), jacobian(g)(x)
    close(jacobian(lambda x: 2 * f(x) - g(x))(x), 2 * jf - jg)
    close(jacobian(lambda x: f(x) * g(x))(x), f(x)[:, None] * jg + g(x)[:, None] * jf)


@given(functions, functions, seeds)
def test_chain_rule(inner, outer, seed):
    f, g = composed(inner), composed(outer)
    (x,) = draws(seed, 1)
    close(jacobian(lambda x: g(f(x)))(x), jacobian(g)(f(x)) @ jacobian(f)(x))


@settings(max_examples=60)
@given(functions, seeds)
def test_columns_and_rows_and_batches_and_single_rows_agree(parts, seed):
    f = composed(parts)
    (x,) = draws(seed, 1)
    before = matrices._columns_are_cheaper, matrices.BLOCK
    found = []
    try:
        for columns, block in ((True, 32), (False, 32), (True, 1), (False, 1)):
            matrices._columns_are_cheaper = lambda call, side=columns: side
            matrices.BLOCK = block
            found += [jacobian(f)(x), jacobian(lambda x: jacobian(f)(x) + 0 * x)(x)]
    finally:
        matrices._columns_are_cheaper, matrices.BLOCK = before
    for first, second in zip(found[2::2], found[3::2], strict=True):
        close(first, found[0])
        close(second, found[1])


@settings(max_examples=60)
@given(functions, seeds)
def test_forward_over_reverse_is_reverse_over_reverse(parts, seed):
    def f(x):
        return (composed(parts)(x) ** 2).sum()

    x, v = draws(seed, 2)
    product = hvp(f, x, v)
    close(jvp(grad(f), x, v)[1], product)
    close(grad(lambda x: (grad(f)(x) * v).sum())(x), product)
    close(grad(lambda x: jvp(f, x, v)[1])(x), product)
    h = hessian(f)(x)
    close(h.T @ v, product)


@settings(max_examples=40)
@given(functions, seeds)
def test_gauss_newton_of_a_sum_of_squares_is_two_j_transposed_j(parts, seed):
    f = composed(parts)
    x, v = draws(seed, 2)
    j = jacobian(f)(x)
    close(gauss_newton_product(f, lambda z: (z * z).sum(), x, v), 2 * j.T @ (j @ v))


@given(functions, seeds, st.sampled_from([np.float32, np.float64]))
def test_shapes_and_dtypes_are_those_of_the_argument(parts, seed, dtype):
    f = composed(parts)
    x = draws(seed, 1)[0].astype(dtype)
    value, pull = vjp(f, x)
    found = [*pull(np.ones(N)), jacobian(f)(x), hessian(lambda x: (f(x) ** 2).sum())(x)]
    assert [d.shape for d in found] == [(N,), (N, N), (N, N)]
    assert all(d.dtype == dtype for d in found)
    recorded = jacobian(f)(Tensor(x))
    assert recorded.dtype == dtype
    np.testing.assert_allclose(recorded.data, found[1], rtol=1e-5, atol=1e-5)


smooth = st.lists(st.sampled_from([s for s in STEPS if s is not STEPS[18]]), max_size=3)


@settings(max_examples=30)
@given(smooth, seeds)
def test_jvp_is_what_differences_say(parts, seed):
    f = composed(parts)
    x, v = draws(seed, 2)
    h = 1e-6
    plus, minus = f(x + h * v), f(x - h * v)
    np.testing.assert_allclose(jvp(f, x, v)[1], (plus - minus) / (2 * h), rtol=2e-5, atol=2e-5)


def test_the_steps_are_differentiated_rightly():
    x = np.array([0.3, -1.2, 0.8, 1.9])
    for place, step in enumerate(STEPS):
        if place != 18:
            check_gradients(step, x, order=2)
