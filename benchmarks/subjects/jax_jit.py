"""JAX on the processor: the whole step compiled by `jit`, the old parameters' memory given back."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.functions import SMALL, network, network_loss, tanh_of_product
from benchmarks.measure import Ready
from benchmarks.problems import LEARNING_RATE, Network, read, regression, starting_point

Parameters = list[jax.Array]


def step(size: str) -> Ready:
    parameters, update = _training(read(size))
    compiled = jax.jit(update, donate_argnums=0)

    def call() -> float:
        nonlocal parameters
        parameters, loss = compiled(parameters)
        return loss.item()  # waits for the computation

    return Ready(call)


def scan(size: str) -> Ready:
    network = read(size)
    parameters, update = _training(network)
    steps = 200 if network.dims[0] < 100 else 20

    @partial(jax.jit, donate_argnums=0)
    def compiled(parameters: Parameters) -> tuple[Parameters, jax.Array]:
        return jax.lax.scan(lambda p, _: update(p), parameters, length=steps)

    parameters, losses = compiled(parameters)
    first = losses[:3].tolist()

    def call() -> float:
        nonlocal parameters
        parameters, losses = compiled(parameters)
        return losses[-1].item()

    return Ready(call, f"{steps} steps in one call", steps, first)


def hessian(_: str) -> Ready:
    jax.config.update("jax_enable_x64", True)
    x, y, w = map(jnp.asarray, regression())

    def loss(w: jax.Array) -> jax.Array:
        z = x @ w
        return jnp.mean(jax.nn.softplus(z) - y * z)

    return _ready(jax.hessian(loss), w)


def small(name: str) -> Ready:
    jax.config.update("jax_enable_x64", True)
    written, x = SMALL[name]
    f = written(jnp)
    both = jax.value_and_grad(f) if name != "ODE" else lambda y: (f(y), jax.jacrev(f)(y))
    return _ready(both, jnp.asarray(x))


def network_hessian(_: str) -> Ready:
    jax.config.update("jax_enable_x64", True)
    x, y, w = map(jnp.asarray, network())
    loss = network_loss(x, y, jax.nn.sigmoid, jax.nn.softplus, jnp.mean)
    return _ready(jax.hessian(loss), w)


def tanh_jacobian(_: str) -> Ready:
    jax.config.update("jax_enable_x64", True)
    matrix, x = map(jnp.asarray, tanh_of_product())
    return _ready(jax.jacrev(lambda x: jnp.tanh(matrix @ x)), x)


def _ready(f: Callable[..., Any], x: jax.Array) -> Ready:
    compiled = jax.jit(f)
    start = perf_counter()
    result = jax.block_until_ready(compiled(x))
    note = f"made in {perf_counter() - start:.1f} s"
    parts = result if isinstance(result, tuple) else [result]
    first = np.concatenate([np.ravel(part) for part in parts])[:100].tolist()

    def call() -> float:
        jax.block_until_ready(compiled(x))
        return 0.0

    return Ready(call, note, first=first)


def _training(network: Network) -> tuple[Parameters, Callable[[Parameters], Any]]:
    x, y, arrays = starting_point(network)
    x, y, parameters = jnp.asarray(x), jnp.asarray(y), [jnp.asarray(array) for array in arrays]
    loss_of = _sigmoid_loss if network.head == "sigmoid" else _softmax_loss

    def update(parameters: Parameters) -> tuple[Parameters, jax.Array]:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - LEARNING_RATE * g, parameters, gradients), loss

    return parameters, update


def _sigmoid_loss(parameters: Parameters, x: jax.Array, y: jax.Array) -> jax.Array:
    z = _logits(parameters, x, jax.nn.sigmoid)
    return jnp.mean(jax.nn.softplus(z) - y * z)


def _softmax_loss(parameters: Parameters, x: jax.Array, labels: jax.Array) -> jax.Array:
    z = _logits(parameters, x, jax.nn.relu)
    picked = jnp.take_along_axis(z, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(z, axis=1) - picked)


def _logits(parameters: Parameters, x: jax.Array, activation: Any) -> jax.Array:
    *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
    for W, b in hidden:
        x = activation(x @ W + b)
    return x @ kernel + bias
