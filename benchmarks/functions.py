"""Functions that are differentiated in every library: written once, for a module like NumPy."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.problems import Array, regression

Written = Callable[[Any], Callable[[Any], Any]]

_LOGITS = np.log([0.2, 0.5, 0.3])
_MEANS = np.array([-1.0, 0.0, 2.0])
_DEVIATIONS = np.array([0.5, 1.0, 0.7])


def _mixture(lib: Any) -> Callable[[Any], Any]:
    heights = _LOGITS - np.log(_DEVIATIONS) - 0.5 * np.log(2 * np.pi)

    def log_density(x: Any) -> Any:
        z = (x - _MEANS) / _DEVIATIONS
        terms = heights - 0.5 * z * z
        largest = lib.max(terms)
        return largest + lib.log(lib.sum(lib.exp(terms - largest)))

    return log_density


def _lorenz(lib: Any) -> Callable[[Any], Any]:
    return lambda y: lib.stack(
        [10.0 * (y[1] - y[0]), y[0] * (28.0 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]
    )


def _rosenbrock(lib: Any) -> Callable[[Any], Any]:
    return lambda x: lib.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _logistic(lib: Any) -> Callable[[Any], Any]:
    x, y, _ = regression()
    x, y = x[:20, :5], y[:20]

    def loss(w: Any) -> Any:
        z = x @ w if isinstance(lib, ModuleType) else lib.dot(x, w)
        return lib.mean(lib.log1p(lib.exp(-lib.abs(z))) + lib.maximum(z, 0) - y * z)

    return loss


def _recursion(lib: Any) -> Callable[[Any], Any]:
    def last(x: Any) -> Any:
        y = x
        for _ in range(50):
            y = lib.sin(y) + 0.5 * x
        return y

    return last


def _spline(lib: Any) -> Callable[[Any], Any]:
    def total(x: Any) -> Any:
        right = lib.where(x < 2, x - 2 / 3, 0.25 * x * x + 1 / 3)
        inner = lib.where(x < 0, 0.5 * x * x, lib.where(x < 1, x * x * x / 3, right))
        return lib.sum(lib.where(x < -1, -x - 0.5, inner))

    return total


SMALL: dict[str, tuple[Written, Array]] = {
    "mixture": (_mixture, np.float64(0.3)),
    "ODE": (_lorenz, np.array([1.0, 2.0, 3.0])),
    "Rosenbrock": (_rosenbrock, np.random.default_rng(0).standard_normal(10)),
    "logistic": (_logistic, 0.1 * np.arange(5.0)),
    "recursion": (_recursion, np.float64(0.7)),
    "spline": (_spline, np.linspace(-2, 3, 20)),
}
"""By name, the function for a library, and where it is differentiated.

A mixture's log density, the right-hand side of Lorenz's equations, of which the Jacobian is wanted,
Rosenbrock's function of 10, a logistic loss of 20 by 5, 50 steps of a scalar recursion, a spline.
"""


def value_and_slopes(name: str) -> tuple[float, ...]:
    """The value and the gradient, or the Jacobian by rows, from central differences."""
    written, x = SMALL[name]
    f = written(np)
    slopes = []
    for place in range(x.size):
        step = np.zeros(x.size)
        step[place] = 1e-6
        step = step.reshape(x.shape)
        slopes.append((np.asarray(f(x + step)) - f(x - step)) / 2e-6)
    return *map(float, np.ravel(f(x))), *map(float, np.ravel(np.stack(slopes, -1)))


def tanh_of_product() -> tuple[Array, Array]:
    """The matrix (200, 50) and the point of the function whose Jacobian is measured."""
    x, _, w = regression()
    return 0.3 * x, w


NETWORK = (64, 25, 15, 1)


def network() -> tuple[Array, Array, Array]:
    """100 samples, their labels, and the 2,031 parameters of 64-25-15-1 in one array, float64."""
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((100, 64)), (rng.random((100, 1)) > 0.5).astype(float)
    sizes = zip(NETWORK, NETWORK[1:], strict=False)
    parts = [np.append(rng.standard_normal(i * o) / np.sqrt(i), np.zeros(o)) for i, o in sizes]
    return x, y, np.concatenate(parts)


def network_loss(x: Array, y: Array, sigmoid: Any, softplus: Any, mean: Any) -> Any:
    """Its mean cross-entropy, of the parameters in one array."""

    def loss(w: Any) -> Any:
        a, start = x, 0
        for inputs, outputs in zip(NETWORK, NETWORK[1:], strict=False):
            stop = start + inputs * outputs
            z = a @ w[start:stop].reshape((inputs, outputs)) + w[stop : stop + outputs]
            a, start = sigmoid(z), stop + outputs
        return mean(softplus(z) - y * z)

    return loss
