"""A multilayer perceptron as a list of dicts, Huber's loss, natural gradients, meta-learning."""

import jax.numpy as jnp
import numpy as np
from jax import grad, hessian, jacrev, jit, value_and_grad

random = np.random.default_rng(1)


def init_mlp_params(layer_widths):
    params = []
    for n_in, n_out in zip(layer_widths[:-1], layer_widths[1:]):
        params.append(
            dict(
                weights=random.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in), biases=np.ones(n_out)
            )
        )
    return params


def forward(params, x):
    *hidden, last = params
    for layer in hidden:
        x = jnp.maximum(x @ layer["weights"] + layer["biases"], 0)
    return x @ last["weights"] + last["biases"]


def loss_fn(params, x, y):
    return jnp.mean((forward(params, x) - y) ** 2)


@jit
def update(params, x, y):
    grads = grad(loss_fn)(params, x, y)
    return [{key: p[key] - 0.01 * g[key] for key in p} for p, g in zip(params, grads)]


xs = random.normal(size=(40, 1))
ys = xs**2
params, losses = init_mlp_params([1, 8, 8, 1]), []
for _ in range(6):
    losses.append(loss_fn(params, xs, ys))
    params = update(params, xs, ys)


def huber(theta, delta=1.0):
    error = xs[:, 0] * theta[0] + theta[1] - ys[:, 0]
    small = jnp.abs(error) <= delta
    return jnp.mean(jnp.where(small, 0.5 * error**2, delta * (jnp.abs(error) - 0.5 * delta)))


theta = jnp.array([0.3, 0.4])
newton = theta - jnp.linalg.solve(hessian(huber)(theta), grad(huber)(theta))


def safe_log(x):
    return jnp.where(x > 0.0, jnp.log(jnp.where(x > 0.0, x, 1.0)), 0.0)


def maml(theta, alpha):
    inner = theta - alpha * grad(huber)(theta)
    return huber(inner)


def logistic_map(r, x, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def energy(positions):
    difference = positions[:, None, :] - positions[None, :, :]
    squared = jnp.sum(difference**2, axis=-1) + jnp.eye(len(positions))
    return jnp.sum(jnp.triu(squared**-6 - 2 * squared**-3, 1))


where = random.normal(size=(5, 3)) * 2
value, force = value_and_grad(energy)(where)
attention = lambda q, k, v: jnp.einsum(
    "qk,kd->qd",
    jnp.exp(q @ k.T / 2) / jnp.sum(jnp.exp(q @ k.T / 2), axis=1, keepdims=True),
    v,
)
q, k, v = random.normal(size=(3, 4, 4))
results = {
    "losses": losses,
    "newton": newton,
    "safe": grad(lambda x: jnp.sum(safe_log(x)))(jnp.array([0.0, 2.0])),
    "meta": [*grad(maml, (0, 1))(theta, 0.2)],
    "chaos": grad(logistic_map, (0, 1))(3.5, 0.3, 6),
    "energy": value,
    "force": force,
    "attention": grad(lambda k: jnp.sum(attention(q, k, v) ** 2))(k),
    "softmax": jacrev(lambda z: jnp.exp(z) / jnp.exp(z).sum())(jnp.array([1.0, 2.0, 3.0])),
    "sorted": grad(lambda x: jnp.sort(x)[1] * jnp.cumsum(x)[-1])(jnp.array([3.0, 1.0, 2.0])),
    "norm": grad(jnp.linalg.norm)(jnp.array([3.0, 4.0])),
    "inverse": grad(lambda m: jnp.trace(jnp.linalg.inv(m)))(jnp.array([[2.0, 1.0], [0.0, 3.0]])),
}
