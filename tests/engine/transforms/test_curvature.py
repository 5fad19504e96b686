"""hvp and gauss_newton_product against matrices that are made by hand or by other transforms."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import (
    Tensor,
    gauss_newton_product,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    no_grad,
)

rng = np.random.default_rng(0)
A = rng.normal(size=(7, 4))


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)


def residuals(x):
    return np.tanh(A @ x) * x[0]


def test_a_quadratic_form_has_a_constant_hessian():
    """f = xᵀ·S·x / 2 with symmetric S: H·v = S·v."""
    s = A.T @ A
    x, v = rng.normal(size=(2, 4))
    close(hvp(lambda x: x @ s @ x / 2, x, v), s @ v)
    close(hvp(lambda x: x @ s @ x / 2, (x,), (v,))[0], s @ v)


def test_rosenbrock():
    """(1 − x)² + 100(y − x²)² at (−1.2, 1): the published Hessian is [[1330, 480], [480, 200]]."""

    def f(p):
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    p = np.array([-1.2, 1.0])
    close(hvp(f, p, np.array([1.0, 0.0])), [1330.0, 480.0])
    close(hvp(f, p, np.array([0.0, 1.0])), [480.0, 200.0])
    close(hessian(f)(p), [[1330.0, 480.0], [480.0, 200.0]])


def test_structures_of_several_arguments():
    def f(p, scale):
        return np.exp(p["a"]).sum() * scale + (p["b"][0] * p["a"][0]) ** 2

    p, scale = {"a": np.array([0.1, -0.3]), "b": [2.0]}, 1.5
    v = ({"a": np.array([1.0, 2.0]), "b": [0.5]}, -1.0)
    dp, dscale = hvp(f, (p, scale), v)
    a, b = p["a"], 2.0
    mixed = 4 * a[0] * b * 0.5  # ∂²(a²b²)/∂a∂b = 4ab
    close(
        dp["a"], [*(scale * np.exp(a) * v[0]["a"] - np.exp(a))] + np.array([2 * b * b + mixed, 0])
    )
    close(dp["b"][0], 2 * a[0] ** 2 * 0.5 + 4 * a[0] * b * 1.0)
    close(dscale, np.exp(a) @ v[0]["a"])


def test_gauss_newton_is_j_transposed_h_j():
    x, v = rng.normal(size=(2, 4))
    j = jacobian(residuals)(x)
    h = hessian(lambda z: np.logaddexp(z, 0).sum())(residuals(x))
    close(
        gauss_newton_product(residuals, lambda z: np.logaddexp(z, 0).sum(), x, v),
        j.T @ (h @ (j @ v)),
    )
    # Of a linear function it is the Hessian, and it is never negative for a convex loss.
    close(
        gauss_newton_product(lambda x: A @ x, lambda z: (z**4).sum(), x, v),
        hvp(lambda x: ((A @ x) ** 4).sum(), x, v),
    )
    found = gauss_newton_product(
        lambda x: {"a": A @ x, "b": [x]},
        lambda z: (z["a"] ** 2).sum() + (z["b"][0] ** 2).sum(),
        x,
        v,
    )
    close(found, 2 * (A.T @ A + np.eye(4)) @ v)


def test_arrays_for_arrays_tensors_for_tensors_and_nesting():
    x = np.array([1.0, 2.0])
    assert type(hvp(lambda x: (x**3).sum(), x, x)) is np.ndarray
    assert hvp(lambda x: (x**3).sum(), x.astype(np.float32), x).dtype == np.float32
    t, v = Tensor(x), Tensor([1.0, 10.0])
    found = hvp(lambda x: (x**3).sum(), t, v)
    assert type(found) is Tensor
    assert found.tolist() == [6.0, 120.0]
    assert [g.tolist() for g in gradients(found.sum(), [t, v])] == [[6.0, 60.0], [6.0, 12.0]]
    found = hvp(lambda x: (x**3).sum(), x, v)  # the vector alone is recorded
    assert gradients(found.sum(), v).tolist() == [6.0, 12.0]
    found = grad(lambda x: hvp(lambda y: (x * y**3).sum(), 2.0, 1.0))(5.0)
    assert found == 12.0
    found = grad(lambda x: gauss_newton_product(lambda y: x * y * y, lambda z: z * z, 3.0, 1.0))(
        5.0
    )
    assert found == 2 * 36 * 2 * 5.0  # d/dx of 2·(2xy)²
    with no_grad():
        assert hvp(lambda x: x**3, 2.0, 1.0) == 12.0


def test_auxiliary_outputs_and_constants():
    product, aux = hvp(lambda x: (x**3, {"x": x}), 2.0, 1.0, has_aux=True)
    assert (product, aux) == (12.0, {"x": 2.0})
    assert hvp(lambda x: (3 * x).sum(), np.ones(2), np.ones(2)).tolist() == [0.0, 0.0]
    assert hvp(lambda x, y: x**2 + y, (1.0, 2.0), (1.0, 1.0)) == (2.0, 0.0)
    found = gauss_newton_product(lambda x: x * 2, lambda z: z.sum(), np.ones(2), np.ones(2))
    assert found.tolist() == [0.0, 0.0]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"\(2,\)"):
        hvp(lambda x: (x**3).sum(), np.ones(2), np.ones(3))
    with pytest.raises(TypeError, match=r"scalar.*\(2,\)"):
        hvp(lambda x: x**3, np.ones(2), np.ones(2))
    with pytest.raises(TypeError, match="structure"):
        hvp(lambda x, y: x * y, (1.0, 2.0), 1.0)
    with pytest.raises(ValueError, match=r"vectors.*\(2,\)"):
        gauss_newton_product(lambda x: x, lambda z: z.sum(), np.ones(2), 1.0)
