"""grad, value_and_grad and jacobian: closed forms, nesting, and what goes in and comes out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autograd_nn import Tensor, grad, gradients, hessian, jacobian, no_grad, value_and_grad
from autograd_nn.engine.recording import recording


def close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


# ------------------------------------------------------------------ higher derivatives


CLOSED_FORMS = {
    "x⁵": (lambda x: x**5, lambda x: 60 * x**2),
    "sin": (np.sin, lambda x: -np.cos(x)),
    "exp(2x)": (lambda x: np.exp(2 * x), lambda x: 8 * np.exp(2 * x)),
    "log": (np.log, lambda x: 2 / x**3),
    "1/x": (lambda x: 1 / x, lambda x: -6 / x**4),
    "√x": (np.sqrt, lambda x: 3 / 8 * x**-2.5),
    "tanh": (np.tanh, lambda x: (6 * np.tanh(x) ** 2 - 2) * (1 - np.tanh(x) ** 2)),
    "2ˣ": (lambda x: 2**x, lambda x: np.log(2) ** 3 * 2**x),
    "xˣ": (
        lambda x: x**x,
        lambda x: x**x * ((np.log(x) + 1) ** 3 + 3 * (np.log(x) + 1) / x - 1 / x**2),
    ),
    "x·log x": (lambda x: x * np.log(x), lambda x: -1 / x**2),
    "exp(x sin x)": (
        lambda x: np.exp(x * np.sin(x)),
        lambda x: (
            np.exp(x * np.sin(x))
            * (
                (np.sin(x) + x * np.cos(x)) ** 3
                + 3 * (np.sin(x) + x * np.cos(x)) * (2 * np.cos(x) - x * np.sin(x))
                - 3 * np.sin(x)
                - x * np.cos(x)
            )
        ),
    ),
    "log(1 + eˣ)": (
        lambda x: np.log1p(np.exp(x)),
        lambda x: np.exp(x) * (1 - np.exp(x)) / (1 + np.exp(x)) ** 3,
    ),
    "softplus": (
        lambda x: Tensor.softplus(x),
        lambda x: np.exp(x) * (1 - np.exp(x)) / (1 + np.exp(x)) ** 3,
    ),
    "sigmoid": (
        lambda x: x.sigmoid(),
        lambda x: (np.exp(-x) - 4 * np.exp(-2 * x) + np.exp(-3 * x)) / (1 + np.exp(-x)) ** 4,
    ),
    "|x|³": (lambda x: abs(x) ** 3, lambda x: 6 * np.sign(x)),
    "logsumexp": (
        lambda x: np.stack([x, 0 * x]).logsumexp(),
        lambda x: np.exp(x) * (1 - np.exp(x)) / (1 + np.exp(x)) ** 3,
    ),
    "matmul": (lambda x: np.stack([x, x**2]) @ np.stack([x, x]), lambda x: 6.0),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("x", [0.3, 1.7])
def test_third_derivative(name, x):
    f, third = CLOSED_FORMS[name]
    found = grad(grad(grad(f)))(x)
    assert isinstance(found, np.float64)
    close(found, third(x))


def test_sixth_derivative():
    f = np.sin
    for _ in range(6):
        f = grad(f)
    close(f(0.7), -np.sin(0.7))


def test_third_derivative_of_a_vector_function():
    """g(x) = Σ x⁴: applied three times with sums between, 24x."""
    f = grad(lambda x: grad(lambda x: grad(lambda x: (x**4).sum())(x).sum())(x).sum())
    close(f(np.array([1.0, 2.0, -3.0])), [24.0, 48.0, -72.0])


def test_third_derivative_with_respect_to_other_arguments():
    """f = x²y³z: ∂³f/∂x∂y∂z = 6xy²."""

    def f(x, y, z):
        return x**2 * y**3 * z

    for order in [(0, 1, 2), (2, 1, 0), (1, 0, 2)]:
        d = f
        for argument in order:
            d = grad(d, argument)
        close(d(2.0, 3.0, 5.0), 6 * 2 * 9)
    close(grad(grad(grad(f, 1), 1), 1)(2.0, 3.0, 5.0), 6 * 4 * 5)


# ------------------------------------------------------------------ nesting and closures


def test_perturbation_confusion():
    """d/dx [x · d/dy (x + y)] = 1, not 2."""
    for at in (5.0, np.float64(5), Tensor(5.0)):
        found = grad(lambda x: x * grad(lambda y: x + y)(1.0))(at)
        assert np.asarray(found.data if isinstance(found, Tensor) else found) == 1.0
        found = grad(lambda x: x * grad(lambda y: x + y)(x))(at)
        assert (found.data if isinstance(found, Tensor) else found) == 1.0


def test_perturbation_confusion_with_products():
    """d/dx [x · d/dy (x·y²)|y=x] = d/dx [2x³] = 6x²."""
    close(grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0), 54.0)
    close(grad(grad(lambda x: x * grad(lambda y: x * y * y)(x)))(3.0), 36.0)


def test_inner_function_refers_to_the_outer_variable():
    """d/dx d/dy (sin(x)·y²)|y=2 = 4 cos x."""
    close(grad(lambda x: grad(lambda y: np.sin(x) * y**2)(2.0))(0.3), 4 * np.cos(0.3))


def test_enclosing_scope():
    """g(x) = d/dy(x²y)|y=x + x = x² + x: g' = 2x + 1."""

    def outer(x):
        def inner(y):
            return x * x * y

        return grad(inner)(x) + x

    close(grad(outer)(3.0), 7.0)

    def deeper(x):
        return grad(lambda y: grad(lambda z: x * y * z**2)(y))(x)  # d/dy 2xy² at y = x: 4x²

    close(grad(deeper)(3.0), 24.0)


def test_inner_value_that_does_not_depend_on_the_outer_variable():
    assert grad(lambda x: x * grad(lambda y: y**3)(2.0))(7.0) == 12.0
    found = grad(lambda x: x * value_and_grad(lambda y: y**3)(2.0)[0])(7.0)
    assert found == 8.0


def test_gradient_of_a_gradient_step():
    """L(w) = (w − t)², one step with rate a: w' = w − 2a(w − t), L(w') = (1 − 2a)²(w − t)²."""

    def loss(w, target):
        return (w - target) ** 2

    def after_a_step(w, rate, target):
        return loss(w - rate * grad(loss)(w, target), target)

    w, rate, target = 3.0, 0.1, 1.0
    close(grad(after_a_step, 0)(w, rate, target), 2 * (1 - 0.2) ** 2 * 2.0)
    close(grad(after_a_step, 1)(w, rate, target), -4 * (1 - 0.2) * 4.0)
    close(grad(after_a_step, 2)(w, rate, target), -2 * (1 - 0.2) ** 2 * 2.0)
    close(grad(grad(after_a_step, 1), 1)(w, rate, target), 8 * 4.0)


def test_gradient_through_many_gradient_steps():
    """w ← w − a·k·w, ten times: w = (1 − ak)¹⁰w₀, dw/da = −10k(1 − ak)⁹w₀."""

    def train(rate):
        w = np.array([1.0, 2.0])
        for _ in range(10):
            w = w - rate * grad(lambda w: (1.5 * w * w).sum())(w)
        return w.sum()

    close(grad(train)(0.1), -30 * (1 - 0.3) ** 9 * 3.0)


def test_captured_weights_do_not_force_recording():
    w = Tensor([1.0, 2.0])
    value, found = value_and_grad(lambda x: (w * x * x).sum())(np.array([3.0, 4.0]))
    assert type(found) is np.ndarray
    assert found.tolist() == [6.0, 16.0]
    assert isinstance(value, np.float64)
    assert value == 9 + 32
    assert type(jacobian(lambda x: w * x)(np.ones(2))) is np.ndarray
    assert w.grad is None


# ------------------------------------------------------------------ in and out


def test_arrays_in_arrays_out():
    for given, kind in [
        (2.0, np.float64),
        (3, np.float64),
        (np.float32(2), np.float32),
        (np.array([1.0, 2.0]), np.ndarray),
        (np.array([[1.0]], dtype=np.float32), np.ndarray),
    ]:
        value, found = value_and_grad(lambda x: (x * x).sum())(given)
        assert type(found) is kind
        assert found.dtype == np.asarray(given, dtype=getattr(given, "dtype", float)).dtype
        assert not isinstance(value, Tensor)
        np.testing.assert_array_equal(found, 2 * np.asarray(given))


def test_tensors_in_recorded_tensors_out():
    x = Tensor([1.0, 2.0])
    value, found = value_and_grad(lambda x: (x**3).sum())(x)
    assert type(value) is Tensor
    assert type(found) is Tensor
    assert found.tolist() == [3.0, 12.0]
    found.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]
    x.zero_grad()
    value.backward()
    assert x.grad.tolist() == [3.0, 12.0]
    constant = grad(lambda x: (x**3).sum())(Tensor([1.0, 2.0], requires_grad=False))
    assert type(constant) is Tensor
    assert constant.tolist() == [3.0, 12.0]


def test_the_arguments_stay_untouched():
    x, t = np.array([1.0, 2.0]), Tensor([1.0, 2.0])

    def f(x):
        return (x * x).sum()

    grad(f)(x)
    grad(f)(t)
    jacobian(lambda x: x * x)(t)
    assert x.tolist() == t.tolist() == [1.0, 2.0]
    assert t.grad is None
    found = grad(lambda x: (x + 0.0).sum())(x)
    found[0] = 9.0
    assert x.tolist() == [1.0, 2.0]


def test_structures():
    def f(p):
        return (p["w"] * p["w"]).sum() + p["more"][0] * p["more"][1][0]

    p = {"w": np.array([1.0, 2.0]), "more": [3.0, (4.0,)]}
    found = grad(f)(p)
    assert list(found) == ["w", "more"]
    assert found["w"].tolist() == [2.0, 4.0]
    assert found["more"] == [4.0, (3.0,)]
    tensors = {"w": Tensor([1.0, 2.0]), "more": [Tensor(3.0), (Tensor(4.0),)]}
    found = grad(f)(tensors)
    assert type(found["w"]) is Tensor
    assert found["more"][1][0].item() == 3.0
    assert grad(lambda pair: pair[0] * pair[1])((2.0, 3.0)) == (3.0, 2.0)


def test_argnums():
    def f(x, y, z):
        return x * y * y * z

    assert grad(f, 1)(2.0, 3.0, 5.0) == 60.0
    assert grad(f, -1)(2.0, 3.0, 5.0) == 18.0
    assert grad(f, (0, 2))(2.0, 3.0, 5.0) == (45.0, 18.0)
    assert grad(f, [2])(2.0, 3.0, 5.0) == (18.0,)
    assert value_and_grad(f, (0, 1))(2.0, 3.0, 5.0) == (90.0, (45.0, 60.0))
    assert grad(lambda x, name: x * len(name))(2.0, "abc") == 3.0
    assert grad(lambda x, name: x * len(name))(2.0, name="abc") == 3.0
    assert jacobian(lambda x, *, by: x * by)(2.0, by=np.ones(3)).tolist() == [1.0, 1.0, 1.0]
    assert hessian(lambda x, *, by: by * x**2)(2.0, by=3.0) == 6.0
    with pytest.raises(ValueError, match="argument 3.*3"):
        grad(f, 3)(1.0, 2.0, 3.0)
    for twice in ((0, 0), (1, -2)):
        with pytest.raises(ValueError, match="twice"):
            grad(f, twice)(1.0, 2.0, 3.0)
    for wrong in (1.0, "x", True, (0, "y")):
        with pytest.raises(TypeError, match="argnums"):
            grad(f, wrong)(1.0, 2.0, 3.0)


def test_a_function_that_does_not_depend_on_its_argument():
    for f in (lambda x: 3.0, lambda x: Tensor(3.0), lambda x: x.data * 2, lambda x: (x > 0).sum()):
        with pytest.warns(UserWarning, match="does not depend"):
            assert grad(f)(2.0) == 0.0
    with pytest.warns(UserWarning, match="does not depend"):
        found = grad(lambda x, y: (x * x).sum(), (0, 1))(np.ones(2), np.ones((2, 3)))
    assert found[0].tolist() == [2.0, 2.0]
    assert found[1].tolist() == np.zeros((2, 3)).tolist()
    with pytest.warns(UserWarning, match="does not depend"):
        assert (
            jacobian(lambda x: Tensor([1.0, 2.0]))(np.ones(3)).tolist() == np.zeros((2, 3)).tolist()
        )


def test_what_cannot_be_differentiated_is_refused():
    with pytest.raises(TypeError, match=r"scalar.*\(2,\).*jacobian"):
        grad(lambda x: x * 2)(np.array([1.0, 2.0]))
    for wrong in (lambda x: [x, x], lambda x: (x, x), lambda x: {"x": x}, lambda x: None):
        for transform in (grad, value_and_grad, hessian):
            with pytest.raises(TypeError, match="one Tensor|must return Tensors"):
                transform(wrong)(1.0)
    with pytest.raises(TypeError, match="must return Tensors.*NoneType"):
        jacobian(lambda x: None)(1.0)
    for transform in (grad, value_and_grad, jacobian):
        with pytest.raises(TypeError, match=r"grad\(f\)\(x\)"):
            transform(Tensor(1.0) * 2)
    for argument in (np.array([1, 2]), True, np.array([True])):
        with pytest.raises(TypeError, match="float"):
            grad(lambda x: (x * 1.0).sum())(argument)
    with pytest.raises(TypeError, match="str"):
        grad(lambda x: x)("abc")


def test_an_error_in_the_function_leaves_everything_as_it_was():
    def fail(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), no_grad():
        grad(fail)(1.0)
    assert recording()
    assert type(grad(lambda x: x * x)(3.0)) is np.float64


def test_works_under_no_grad():
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert jacobian(lambda x: x * x)(np.array([1.0, 2.0])).tolist() == [[2.0, 0.0], [0.0, 4.0]]
        assert not recording()
        assert type(grad(lambda x: x**3)(Tensor(2.0))) is Tensor
        assert not (Tensor(1.0) * 2).requires_grad


def test_the_name_and_documentation_of_the_function_stay():
    def energy(x):
        """The energy of x."""
        return x * x

    for transform in (grad, value_and_grad, jacobian):
        assert transform(energy).__name__ == "energy"
        assert transform(energy).__doc__ == "The energy of x."


# ------------------------------------------------------------------ jacobian


def test_jacobian_of_a_linear_map_is_its_matrix():
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(jacobian(lambda x: a @ x)(np.ones(3)), a)
    np.testing.assert_array_equal(
        jacobian(lambda x: x @ a)(np.ones((4, 2))).reshape(12, 8), np.kron(np.eye(4), a.T)
    )


def test_jacobian_of_polar_coordinates():
    r, phi = 2.0, 0.3
    found = jacobian(lambda q: np.stack([q[0] * np.cos(q[1]), q[0] * np.sin(q[1])]))(
        np.array([r, phi])
    )
    close(found, [[np.cos(phi), -r * np.sin(phi)], [np.sin(phi), r * np.cos(phi)]])


@pytest.mark.parametrize("x_shape", [(), (3,), (2, 3), (0,)])
def test_shape_of_the_jacobian(x_shape):
    for f, y_shape in [
        (lambda x: x.sum(), ()),
        (lambda x: x.reshape(-1) if x.size else x, (int(np.prod(x_shape)),)),
        (lambda x: x[None] * np.ones((2, *[1] * len(x_shape))), (2, *x_shape)),
    ]:
        found = jacobian(f)(np.ones(x_shape))
        assert np.shape(found) == (*y_shape, *x_shape)


def test_jacobian_of_several_arguments_and_structures():
    def f(p, s):
        return p["a"] * s + p["b"]

    found = jacobian(f, (0, 1))({"a": np.array([1.0, 2.0]), "b": np.array([0.0, 0.0])}, 3.0)
    assert found[0]["a"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
    assert found[0]["b"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found[1].tolist() == [1.0, 2.0]


def test_jacobian_of_a_gradient_is_the_hessian():
    """f = x²y + y³: H = [[2y, 2x], [2x, 6y]]."""

    def f(v):
        return v[0] ** 2 * v[1] + v[1] ** 3

    close(jacobian(grad(f))(np.array([2.0, 3.0])), [[6.0, 4.0], [4.0, 18.0]])


def test_gradient_through_a_jacobian():
    """det J of polar coordinates is r: its gradient is (1, 0)."""

    def determinant(q):
        j = jacobian(lambda q: np.stack([q[0] * np.cos(q[1]), q[0] * np.sin(q[1])]))(q)
        return j[0, 0] * j[1, 1] - j[0, 1] * j[1, 0]

    close(grad(determinant)(np.array([2.0, 0.3])), [1.0, 0.0])
    x = Tensor([1.0, 2.0])
    (jacobian(lambda x: x**3)(x)).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_jacobian_keeps_float32():
    found = jacobian(lambda x: x * x)(np.array([1.0, 2.0], dtype=np.float32))
    assert found.dtype == np.float32


# ------------------------------------------------------------------ threads


def test_threads_do_not_see_each_others_variables():
    def nested(x):
        return grad(lambda x: x * grad(lambda y: x + y)(x))(x) + grad(grad(lambda x: x**3))(x)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(nested, np.arange(1.0, 33.0)))
    close(found, 1 + 6 * np.arange(1.0, 33.0))


def test_a_thread_started_inside_a_transform_starts_afresh():
    found = []

    def f(x):
        thread = threading.Thread(target=lambda: found.append(grad(lambda y: y * y)(3.0)))
        thread.start()
        thread.join()
        return x * x

    assert grad(f)(2.0) == 4.0
    assert found == [6.0]


def test_gradients_of_what_is_computed_inside_a_transform():
    """A user may call `gradients` with recorded Tensors in the function itself."""

    def f(x):
        inner = gradients(x**3, x, create_graph=True)
        return inner * x

    close(grad(f)(2.0), 36.0)
