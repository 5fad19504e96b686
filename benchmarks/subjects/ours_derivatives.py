"""autograd_nn's transforms: as they are called, by `compiled`, and as machine code."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from autograd_nn import (
    compiled,
    grad,
    hessian,
    hvp,
    jacobian,
    per_example_gradients,
    value_and_grad,
)
from autograd_nn.activations import relu, sigmoid, softplus
from autograd_nn.ops import softmax_cross_entropy
from benchmarks.functions import SMALL, network, network_loss, tanh_of_product
from benchmarks.measure import Ready
from benchmarks.problems import RELU_LARGE, regression, starting_point

# By the first word of an argument, how a function is run.
WAYS: dict[str, Callable[[Any], Any]] = {
    "eagerly": lambda f: f,
    "compiled": compiled,
    "jit": compiled(jit=True),
}


def small(argument: str) -> Ready:
    way, name = argument.split()
    written, x = SMALL[name]
    f = written(np)
    both = value_and_grad(f) if name != "ODE" else lambda y: (f(y), jacobian(f)(y))
    return _ready(way, both, x if x.ndim else float(x))


def logistic(way: str) -> Ready:
    x, y, w = regression()

    def loss(w: Any) -> Any:
        z = x @ w
        return np.mean(softplus(z) - y * z)

    return _ready(way, hessian(loss), w)


def network_hessian(way: str) -> Ready:
    x, y, w = network()
    return _ready(way, hessian(network_loss(x, y, sigmoid, softplus, np.mean)), w)


def tanh_jacobian(way: str) -> Ready:
    matrix, x = tanh_of_product()
    return _ready(way, jacobian(lambda x: np.tanh(matrix @ x)), x)


def large(argument: str) -> Ready:
    way, what = argument.split()
    x, labels, parameters = starting_point(RELU_LARGE)
    x, parameters = x.astype(float), [p.astype(float) for p in parameters]
    y = np.eye(RELU_LARGE.dims[-1])[labels]
    rng = np.random.default_rng(4)
    along = [rng.standard_normal(p.shape) for p in parameters]

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
        for W, b in hidden:
            x = relu(x @ W + b)
        return softmax_cross_entropy(x @ kernel + bias, y).mean()

    if what == "gradient":
        return _ready(way, grad(loss), parameters, x, y)
    if what == "hvp":
        product = lambda p, v: hvp(lambda p: loss(p, x, y), (p,), (v,))[0]  # noqa: E731
        return _ready(way, product, parameters, along)
    return _ready(way, per_example_gradients(loss), parameters, x, y)


def _ready(way: str, f: Any, *args: Any) -> Ready:
    run = WAYS[way](f)
    start = perf_counter()
    for _ in range(1 if way == "eagerly" else 2):
        result = run(*args)
    spent = perf_counter() - start
    parts = result if isinstance(result, (tuple, list)) else [result]
    first = np.concatenate([np.ravel(part) for part in parts])[:100].tolist()

    def call() -> float:
        run(*args)
        return 0.0

    return Ready(call, "" if way == "eagerly" else f"made in {spent:.1f} s", first=first)
