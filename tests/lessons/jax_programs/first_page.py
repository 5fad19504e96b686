"""Derivatives of functions: of scalars, in pieces of arguments, of dicts, Jacobians, Hessians."""

import jax.numpy as jnp
import numpy as np
from jax import grad, hessian, jacfwd, jacrev, jit, jvp, value_and_grad, vjp


def sigmoid(x):
    return 0.5 * (jnp.tanh(x / 2) + 1)


def predict(W, b, inputs):
    return sigmoid(jnp.dot(inputs, W) + b)


inputs = jnp.array(
    [[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]]
)
targets = jnp.array([True, True, False, True])


def loss(W, b):
    preds = predict(W, b, inputs)
    label_probs = preds * targets + (1 - preds) * (1 - targets)
    return -jnp.sum(jnp.log(label_probs))


random = np.random.default_rng(0)
W, b = random.normal(size=3), random.normal()
W_grad, b_grad = grad(loss, (0, 1))(W, b)


def loss2(params_dict):
    preds = predict(params_dict["W"], params_dict["b"], inputs)
    label_probs = preds * targets + (1 - preds) * (1 - targets)
    return -jnp.sum(jnp.log(label_probs))


of_dict = grad(loss2)({"W": W, "b": b})
loss_value, Wb_grad = value_and_grad(loss, (0, 1))(W, b)
f = lambda W: predict(W, b, inputs)
y, u = jvp(f, (W,), (random.normal(size=3),))
_, vjp_fun = vjp(f, W)
(pulled,) = vjp_fun(random.normal(size=4))


def hvp(f, primals, tangents):
    return jvp(grad(f), primals, tangents)[1]


X = random.normal(size=(5, 6))
product = hvp(lambda X: jnp.sum(jnp.tanh(X) ** 2), (X,), (random.normal(size=(5, 6)),))


@jit
def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


def sum_logistic(x):
    return jnp.sum(1.0 / (1.0 + jnp.exp(-x)))


derivative = grad(jnp.tanh)
powers = lambda x: x**3 + 2 * x**2 - 3 * x + 1
orders = [powers]
for _ in range(4):
    orders.append(grad(orders[-1]))


@jit
def update(theta, x, y, lr=0.1):
    return theta - lr * grad(lambda t: jnp.mean((t[0] * x + t[1] - y) ** 2))(theta)


xs = random.normal(size=100)
ys = xs * 3 - 1 + 0.1 * random.normal(size=100)
theta = jnp.array([1.0, 1.0])
for _ in range(20):
    theta = update(theta, xs, ys)
results = {
    "W": W_grad,
    "b": b_grad,
    "dict": [of_dict["W"], of_dict["b"]],
    "value": loss_value,
    "jacobian": jacfwd(f)(W),
    "reverse": jacrev(f)(W),
    "hessian": hessian(lambda W: jnp.sum(f(W) ** 2))(W),
    "pushed": u,
    "pulled": pulled,
    "product": product,
    "selu": selu(jnp.arange(5.0) - 2),
    "logistic": grad(sum_logistic)(jnp.arange(3.0)),
    "tanh": [derivative(2.0), grad(grad(jnp.tanh))(2.0), grad(grad(grad(jnp.tanh)))(2.0)],
    "powers": [order(1.5) for order in orders],
    "theta": theta,
}
