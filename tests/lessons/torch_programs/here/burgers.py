"""The same with this library's `gradients`."""

import math
import random

import numpy as np

from autograd_nn import Tensor, gradients
from autograd_nn.optimizers import Adam

draw = random.Random(0)
matrix = lambda m, n: Tensor(
    [[draw.gauss(0, 1) / math.sqrt(m) for _ in range(n)] for _ in range(m)]
)
sizes = [2, 8, 8, 1]
weights = [matrix(m, n) for m, n in zip(sizes[:-1], sizes[1:])]
biases = [Tensor(np.zeros(n)) for n in sizes[1:]]
parameters = weights + biases
nu = 0.01 / math.pi


def net(x, t):
    h = np.concatenate([x, t], axis=1)
    for W, b in zip(weights[:-1], biases[:-1]):
        h = np.tanh(h @ W + b)
    return h @ weights[-1] + biases[-1]


def derivative(y, x):
    return gradients(y, [x], np.ones_like(y), create_graph=True)[0]


x = Tensor([[draw.uniform(-1, 1)] for _ in range(20)])
t = Tensor([[draw.uniform(0, 1)] for _ in range(20)])
x0 = np.linspace(-1, 1, 11)[:, None]
u0 = -np.sin(math.pi * x0)
t_edge = np.linspace(0, 1, 5)[:, None]


def losses_of():
    u = net(x, t)
    u_x, u_t = derivative(u, x), derivative(u, t)
    u_xx = derivative(u_x, x)
    residual = u_t + u * u_x - nu * u_xx
    start = net(x0, np.zeros_like(x0)) - u0
    edges = net(np.ones_like(t_edge), t_edge) ** 2 + net(-np.ones_like(t_edge), t_edge) ** 2
    return (residual**2).mean(), (start**2).mean(), edges.mean()


optimizer = Adam(learning_rate=0.01, epsilon=1e-8)
history = []
for _ in range(5):
    optimizer.zero_grad(parameters)
    parts = losses_of()
    loss = sum(parts)
    loss.backward()
    optimizer.step(parameters)
    history.append([part.item() for part in parts])
results = {
    "history": history,
    "of first": weights[0].grad,
    "after": net(x0, x0 * 0 + 0.5),
}
