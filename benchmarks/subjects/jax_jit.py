"""JAX on the processor: the whole step compiled by `jit`, the old parameters' memory given back."""

import jax
import jax.numpy as jnp

from benchmarks.measure import Ready
from benchmarks.works import LEARNING_RATE, starting_point


def _loss(parameters: list[jax.Array], x: jax.Array, y: jax.Array) -> jax.Array:
    *hidden, (kernel, bias) = zip(parameters[::2], parameters[1::2], strict=True)
    for W, b in hidden:
        x = jax.nn.sigmoid(x @ W + b)
    z = x @ kernel + bias
    return jnp.mean(jax.nn.softplus(z) - y * z)


def _update(
    parameters: list[jax.Array], x: jax.Array, y: jax.Array
) -> tuple[list[jax.Array], jax.Array]:
    loss, gradients = jax.value_and_grad(_loss)(parameters, x, y)
    return jax.tree.map(lambda p, g: p - LEARNING_RATE * g, parameters, gradients), loss


def step(size: str) -> Ready:
    x, y, parameters = jax.tree.map(jnp.asarray, starting_point(size))
    update = jax.jit(_update, donate_argnums=0)

    def call() -> float:
        nonlocal parameters
        parameters, loss = update(parameters, x, y)
        return loss.item()  # waits for the computation

    return Ready(call)
