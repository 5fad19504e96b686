"""compiled(jit=True): what the function gives, from machine code, and a file of it."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from autograd_nn import (
    Operation,
    Tensor,
    compiled,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_example_gradients,
    special,
    stop_gradient,
    value_and_grad,
    vjp,
)
from autograd_nn.activations import softplus
from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.engine.structures import flatten
from autograd_nn.jit import compiling
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(6, 4))
SQUARE = RANDOM.normal(size=(4, 4))
MATRICES = RANDOM.normal(size=(3, 4, 4))
PLACES = np.array([2, 0, 2])
W, V = RANDOM.normal(size=(2, 4))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiling, "_compiled", {})  # of which a process has room for 28


def replayed(f, *args, **options):
    """The function as a program, of which the next call is a replay."""
    made = compiled(f, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made(*args)
        made(*args)
    return made


def mixture(x):
    terms = np.array([0.2, 0.5, 0.3]) - 0.5 * (x - np.array([-1.0, 0.0, 2.0])) ** 2
    largest = np.max(terms)
    return largest + np.log(np.sum(np.exp(terms - largest)))


def lorenz(y):
    return np.stack([10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def recursion(x):
    y = x
    for _ in range(50):
        y = np.sin(y) + x * 0.5
    return y


def spline(x):
    return np.sum(np.where(x < 0, 0.5 * x * x, np.where(x < 1, x**3 / 3, x - 2 / 3)))


def logistic(w):
    z = X @ w
    return np.mean(softplus(z) - 0.3 * z)


SCALAR_FUNCTIONS = {
    "mixture": (mixture, 0.3),
    "rosenbrock": (rosenbrock, RANDOM.normal(size=7)),
    "logistic": (logistic, W),
    "recursion": (recursion, 0.7),
    "spline": (spline, np.linspace(-1.5, 2.5, 9)),
    "batched products": (lambda t: np.sum(np.tanh(t @ t.swapaxes(-1, -2))), MATRICES),
    "one matrix": (lambda t: np.sum(np.sin(t @ SQUARE)), MATRICES),
    "turned": (lambda t: np.sum(np.sin(SQUARE.T @ t.swapaxes(-1, -2))), MATRICES),
    "vectors": (lambda w: np.dot(w, np.sin(w)), W),
    "joined": (lambda w: np.sum(np.concatenate([w[:2] ** 2, np.sin(w[1:])]) ** 2), W),
    "columns": (lambda m: np.sum(m[:, 1] * m[2, :] ** 3), SQUARE),
    "one element": (lambda m: m[1, 2] ** 2 * m[0, 0], SQUARE),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (place % 2))
        for place, name in enumerate(SCALAR_FUNCTIONS)
    ],
)
def test_a_gradient_is_that_of_central_differences_on_other_numbers(name):
    f, x = SCALAR_FUNCTIONS[name]
    made = replayed(value_and_grad(f), x, jit=True)
    other = x * 0.9 + 0.05
    value, slope = made(other)
    assert made.program.source.count("@njit")
    np.testing.assert_allclose(value, f(other), rtol=1e-12)
    by_differences = np.empty_like(slope)
    for place in np.ndindex(np.shape(x)):
        step = np.zeros(np.shape(x))
        step[place] = 1e-6
        by_differences[place] = (f(other + step) - f(other - step)) / 2e-6
    np.testing.assert_allclose(slope, by_differences, rtol=2e-7, atol=1e-7)


TRANSFORMED = {
    "jacobian": (lambda x: jacobian(lambda x: np.tanh(X @ x))(x), W),
    "jacobian of a system": (lambda y: (lorenz(y), jacobian(lorenz)(y)), W[:3]),
    "hessian": (hessian(logistic), W),
    "hessian with parts": (hessian(rosenbrock), W),
    "hessian of structures": (
        lambda w: hessian(lambda p: np.sum(np.tanh(X @ p["w"] + p["b"]) ** 2))({"w": w, "b": w[0]}),
        W,
    ),
    "hvp": (lambda x, v: hvp(lambda x: np.sum(np.sin(X @ x)), (x,), (v,)), W, V),
    "jvp": (
        lambda x, v: jvp(lambda x: np.sin(X @ x) * stop_gradient(np.cos(X @ x)), (x,), (v,)),
        W,
        V,
    ),
    "vjp": (lambda x, v: vjp(lambda x: np.sin(SQUARE @ x), x)[1](v), W, V),
    "examples": (per_example_gradients(lambda w, a: np.tanh(a @ w) ** 2), W, X),
    "third": (grad(lambda x: np.sum(hessian(lambda x: np.sum(np.sin(X @ x)))(x))), W),
}


@pytest.mark.parametrize(
    ("name", "jit"),
    [
        *((name, False) for name in TRANSFORMED),
        *(
            pytest.param(name, True, marks=[pytest.mark.slow] * (place % 2))
            for place, name in enumerate(TRANSFORMED)
        ),
    ],
)
def test_transforms_are_captured_and_agree_with_their_eager_selves(name, jit):
    f, *args = TRANSFORMED[name]
    made = replayed(f, *args, jit=jit)
    others = [x * 1.1 - 0.2 for x in args]
    found, expected = flatten(made(*others))[0], flatten(f(*others))[0]
    assert (len(found), "@njit" in made.program.source) == (len(expected), jit)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_hessian_of_many_blocks_of_seeds(jit):
    data = RANDOM.normal(size=(5, 20))

    def loss(w):
        return np.sum(np.tanh(np.tanh(data @ w[:80].reshape(20, 4)) @ w[80:]) ** 2)

    w = RANDOM.normal(size=84) * 0.3
    made = replayed(hessian(loss), w, jit=jit)
    np.testing.assert_allclose(made(w * 0.9), hessian(loss)(w * 0.9), rtol=1e-9, atol=1e-12)


def test_results_are_arrays_of_their_own():
    made = replayed(lambda x: (x, x[:2], X, x * 2, x * 2, np.ones(3)), W, jit=True)
    first = made(W)
    kept = [result.copy() for result in first]
    made(V)
    for one, (result, before) in enumerate(zip(first, kept, strict=True)):
        np.testing.assert_array_equal(result, before)
        assert result.flags.writeable
        assert not any(np.may_share_memory(result, x) for x in (W, X))
        assert not any(np.may_share_memory(result, x) for x in first[:one])


@pytest.mark.parametrize("turned", [lambda a: a[::-1], lambda a: np.array(a, ">f8")])
def test_arrays_that_lie_otherwise(turned):
    f = value_and_grad(rosenbrock)
    made = compiled(f, jit=True)
    for _ in range(3):
        value, slope = made(turned(W))
    expected = f(np.array(turned(W), float))
    np.testing.assert_allclose(value, expected[0])
    np.testing.assert_allclose(slope, expected[1])


def test_a_number_that_is_seen_otherwise():
    """Its axes reversed, which takes no key as an index does."""
    x = Tensor(np.float64(0.25), name="x")
    loss = np.transpose(np.exp(x)) * 3 + np.squeeze(np.exp(x))
    steps = plan(loss, [x], {}, Memory([x]), compile_steps=compiling.compiled_step)
    steps.memory.take_in()
    value, *results = steps.step()
    assert value == pytest.approx(4 * np.exp(0.25), rel=1e-14)
    assert steps.gradients(results)[x] == pytest.approx(4 * np.exp(0.25), rel=1e-14)


def test_arrays_from_outside_are_read_at_every_call():
    data = X.copy()
    made = replayed(value_and_grad(lambda w: np.sum((data @ w) ** 2)), W, jit=True)
    data[...] *= 2
    np.testing.assert_allclose(made(W)[0], 4 * np.sum((X @ W) ** 2))


def test_tensors_give_tensors_through_which_gradients_flow():
    made = replayed(lambda w: np.sum(np.sin(X @ w)), Tensor(W), jit=True)
    w = Tensor(W)
    (found,) = gradients(made(w) ** 2, [w])
    value = np.sum(np.sin(X @ W))
    np.testing.assert_allclose(found, 2 * value * (np.cos(X @ W) @ X))


def test_what_has_no_compiled_form_is_named_and_replayed_by_numpy():
    def cut(x):
        return x if x.max() < 9 else x / 2  # what is done depends on numbers

    own = Operation("cut", value=cut, gradients=(lambda g, out, x: g,))
    made = compiled(grad(lambda w: np.sum(own(w) ** 2)), jit=True)
    made(W)
    with pytest.warns(UserWarning, match=r"without being compiled: .*form of cut"):
        made(W)
    np.testing.assert_allclose(made(V), 2 * V)


def test_without_numba_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="jit"):
        compiled(jit=True)(lambda x: x)


@pytest.mark.parametrize(
    ("dtype", "scipy"),
    [
        (np.float64, True),
        pytest.param(np.float32, True, marks=pytest.mark.slow),
        pytest.param(np.float64, False, marks=pytest.mark.slow),
        pytest.param(np.float32, False, marks=pytest.mark.slow),
    ],
)
def test_a_file_needs_numpy_and_numba_only(tmp_path, scipy, dtype):
    data, w = X.astype(dtype), RANDOM.normal(size=(4, 3)).astype(dtype)

    def loss(w):
        return np.sum(np.tanh(data @ w)[:, :2] ** 2) + np.sum(w.T @ w)

    made = replayed(value_and_grad(loss), w, jit=True)
    made.program.save(tmp_path / "kept.py")
    np.save(tmp_path / "w.npy", w)
    script = (
        "import sys; sys.modules['autograd_nn'] = None\n"
        + ("" if scipy else "sys.modules['scipy'] = None\n")
        + "import numpy as np\nfrom kept import step\n"
        "value, slope = step(np.load('w.npy'))\nnp.savez('found.npz', value=value, slope=slope)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True)
    value, slope = value_and_grad(loss)(w)
    with np.load(tmp_path / "found.npz") as found:
        assert found["slope"].dtype == dtype
        np.testing.assert_allclose(found["value"], value, rtol=2e-6)
        np.testing.assert_allclose(found["slope"], slope, rtol=2e-5, atol=1e-5)


def test_a_file_that_is_run_prints_what_the_function_gives(tmp_path):
    made = replayed(lambda x: 3 * x, 2.0, jit=True)
    made.program.save(tmp_path / "kept.py")
    printed = subprocess.run(
        [sys.executable, "kept.py"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    # On the numbers that it was recorded with at last, which are nearby.
    assert float(printed) == pytest.approx(6, rel=1e-3)
    assert not (tmp_path / "kept.npz").exists()


@pytest.mark.slow
def test_a_file_of_matrices_and_special_functions_needs_scipy_beside(tmp_path):
    def loss(w):
        x = np.linalg.solve(SQUARE @ SQUARE.T + np.diag(w * w), w)
        return np.sum(special.erf(x[PLACES])) + np.linalg.slogdet(np.diag(w * w + 1))[1]

    made = replayed(value_and_grad(loss), W, jit=True)
    expected = value_and_grad(loss)(W)
    for found, one in zip(made(W), expected, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-10)
    made.program.save(tmp_path / "kept.py")
    np.save(tmp_path / "w.npy", W)
    script = (
        "import sys; sys.modules['autograd_nn'] = None\nimport numpy as np\n"
        "from kept import step\nvalue, slope = step(np.load('w.npy'))\n"
        "np.savez('found.npz', value=value, slope=slope)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True)
    with np.load(tmp_path / "found.npz") as kept:
        np.testing.assert_allclose(kept["value"], expected[0], rtol=1e-10)
        np.testing.assert_allclose(kept["slope"], expected[1], rtol=1e-10)
    # Kept on disk, it is found by another process, where SciPy's functions lie elsewhere.
    compiling._compiled.clear()
    again = replayed(value_and_grad(loss), W, jit=True)
    np.testing.assert_allclose(again(W)[1], expected[1], rtol=1e-10)
