"""The same transforms of the same functions by JAX, live, up to the third order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograd_nn import (
    gauss_newton_product,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_example_gradients,
    vjp,
)
from autograd_nn.engine.structures import flatten
from tests.numpy_coverage.functions import NUMPY, POINT

pytestmark = pytest.mark.peers

rng = np.random.default_rng(0)
A, B = rng.normal(size=(6, 4)), rng.normal(size=(4, 4)) / 2
X, V, U = rng.normal(size=(3, 4))
PLACES = np.array([0, 0, 3])
P = {"w": rng.normal(size=(4, 3)), "more": [rng.normal(size=3), 0.7]}

# Written with `np` given, so that each library brings its own; from a vector of 4.
FUNCTIONS = [
    lambda np, x: np.tanh(A @ x) * np.sum(x * x),
    lambda np, x: np.concatenate([np.sin(x), np.exp(x[:2]) * x[2:]]),
    lambda np, x: np.linalg.inv(np.outer(x, x) + 4 * np.eye(4)) @ x,
    lambda np, x: np.einsum("i,ij,j,k->k", x, B, x, x),
    lambda np, x: np.cumsum(x[::-1])[PLACES] / (1 + x[0] ** 2),
    lambda np, x: np.sort(x) ** 3,
    lambda np, x: np.max(np.outer(x, x), axis=1) * np.prod(x),
    lambda np, x: np.where(x > 0, x**2, -x) @ B,
    lambda np, x: np.linalg.eigvalsh(np.outer(x, x) + B + B.T),
    lambda np, x: np.mean(np.log1p(np.exp(A @ x))),
    lambda np, x: np.linalg.det(x.reshape(2, 2) @ x.reshape(2, 2).T + np.eye(2)),
    lambda np, x: np.stack(np.split(x, 2), axis=1).T.reshape(-1) * np.std(x),
]


@pytest.fixture
def jax():
    import jax

    with jax.enable_x64(True):
        yield jax


def both(jax, f):
    return lambda x: f(np, x), lambda x: f(jax.numpy, x)


def close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, np.asarray(expected), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_jacobians_to_the_third_order(jax, f):
    ours, theirs = both(jax, f)
    close(jacobian(ours)(X), jax.jacrev(theirs)(X))
    close(jacobian(jacobian(ours))(X), jax.jacfwd(jax.jacrev(theirs))(X))
    close(
        jacobian(jacobian(jacobian(ours)))(X), jax.jacfwd(jax.jacfwd(jax.jacrev(theirs)))(X), 1e-9
    )


@pytest.mark.parametrize("f", FUNCTIONS)
def test_products(jax, f):
    ours, theirs = both(jax, f)
    value, pull = vjp(ours, X)
    expected, theirs_pull = jax.vjp(theirs, X)
    seed = rng.normal(size=np.shape(value))
    close(value, expected)
    close(pull(seed)[0], theirs_pull(seed)[0])
    close(jvp(ours, (X,), (V,))[1], jax.jvp(theirs, (X,), (V,))[1])
    scalar, theirs_scalar = (lambda x, g=g: (g(x) ** 2).sum() for g in (ours, theirs))
    close(hessian(scalar)(X), jax.hessian(theirs_scalar)(X))
    close(hvp(scalar, X, V), jax.jvp(jax.grad(theirs_scalar), (X,), (V,))[1])
    j, z = jax.jacrev(theirs)(X), theirs(X)
    h = jax.hessian(lambda z: (z**4).sum())(z)
    j, h = np.reshape(j, (z.size, 4)), np.reshape(h, (z.size, z.size))
    close(gauss_newton_product(ours, lambda z: (z**4).sum(), X, V), j.T @ (h @ (j @ V)))


def test_structures(jax):
    def f(np, p, x):
        return {"y": np.tanh(x @ p["w"] + p["more"][0]), "n": np.sum(p["w"] ** 2) * p["more"][1]}

    found = jacobian(lambda p, x: f(np, p, x), (0, 1))(P, X)
    expected = jax.jacrev(lambda p, x: f(jax.numpy, p, x), (0, 1))(P, X)
    jax.tree.map(close, found, expected)
    found = hessian(lambda p: (f(np, p, X)["y"] ** 2).sum() * f(np, p, X)["n"])(P)
    expected = jax.hessian(
        lambda p: (f(jax.numpy, p, X)["y"] ** 2).sum() * f(jax.numpy, p, X)["n"]
    )(P)
    jax.tree.map(close, found, expected)


def test_gradients_of_examples(jax):
    def loss(np, p, x, y):
        return np.sum((np.tanh(x @ p["w"] + p["more"][0]) * p["more"][1] - y) ** 2)

    x, y = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    found = per_example_gradients(lambda *args: loss(np, *args))(P, x, y)
    expected = jax.vmap(jax.grad(lambda *args: loss(jax.numpy, *args)), (None, 0, 0))(P, x, y)
    jax.tree.map(close, found, expected)


def test_nesting(jax):
    def f(np, grad, jacobian, x):
        inner = grad(lambda y: np.sum(jacobian(lambda z: np.sin(z * y))(x) ** 2))
        return np.sum(inner(x**2) * x)

    ours = grad(lambda x: f(np, grad, jacobian, x))(X)
    theirs = jax.grad(lambda x: f(jax.numpy, jax.grad, jax.jacrev, x))(X)
    close(ours, theirs)


# Of these JAX gives something else: a quotient without the leading zeros, no gradient through
# unique; the first three are refused, and astype is to float32, of which 1e-10 is too much asked.
NOT_COMPARED = {"array", "asarray", "full", "astype", "polydiv", "unique", "unique_values"}
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
WEIGHTS = rng.normal(size=12)


def as_a_point(np, found):
    """What a function returned in the shape and the range of `POINT`, smoothly."""
    parts = [np.ravel(x) for x in flatten(found)[0] if getattr(x, "dtype", None) in FLOATS]
    z = np.concatenate(parts)
    z = np.concatenate([z] * -(-12 // z.size))[:12]
    return np.reshape(0.5 + 0.4 * np.sin(z), (3, 4))


@pytest.mark.slow
def test_third_derivatives_of_200_random_compositions(jax):
    """d³/dt³ of Σ w·g(f(x + t·v)) with f and g among the functions of NumPy that are covered."""
    names = sorted(NUMPY.keys() - NOT_COMPARED)
    random = np.random.default_rng(0)
    compared = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        while compared < 200:
            first, second = random.choice(names, 2)
            along = random.normal(size=(3, 4))

            def f(np, t, calls=(NUMPY[first], NUMPY[second]), along=along):
                x = POINT + t * along
                for call in calls:
                    x = as_a_point(np, call(np, x))
                return np.sum(x.reshape(-1) * WEIGHTS)

            try:
                expected = jax.grad(jax.grad(jax.grad(lambda t, f=f: f(jax.numpy, t))))(0.0)
            except (AttributeError, TypeError, ValueError, NotImplementedError):
                continue  # JAX does not know one of the two, or not traced
            if np.isfinite(expected):
                found = grad(grad(grad(lambda t, f=f: f(np, t))))(0.0)
                error = abs(found - float(expected)) / max(1.0, abs(float(expected)))
                # A fit squares the condition of its matrix, in each library in another way.
                assert error < (1e-8 if "polyfit" in (first, second) else 1e-10), (first, second)
                compared += 1
