"""A network that solves y″ + 0.4·y′ + 4·y = 0, y(0) = 1, y′(0) = 0: a swing that dies away.

Its loss holds the first and the second derivative of the network by time, and training
differentiates through both. With y = 1 + tanh²(t)·network(t) both starting values are right already
(I. Lagaris, A. Likas, D. Fotiadis, IEEE Transactions on Neural Networks 9, 1998).
"""

import numpy as np

from autograd_nn import Tensor, compiled, jvp, value_and_grad
from autograd_nn.optimizers import Adam
from autograd_nn.optimizers.schedules import CosineDecay

DAMPING, STIFFNESS, END, STEPS = 0.4, 4.0, 4.0, 4000


def place(parameters, t):
    """y at times (N, 1): two layers of tanh, and the starting values put in."""
    w1, b1, w2, b2, w3 = parameters
    return 1 + np.tanh(t) ** 2 * (np.tanh(np.tanh(t @ w1 + b1) @ w2 + b2) @ w3)


def by_time(f):
    """The derivative of f at each of the times, which do not depend on one another."""
    return lambda t: jvp(f, (t,), (np.ones_like(t),))[1]


def loss(parameters, t):
    def y(t):
        return place(parameters, t)

    equation = by_time(by_time(y))(t) + DAMPING * by_time(y)(t) + STIFFNESS * y(t)
    return np.mean(equation**2)


def by_hand(t):
    rate = np.sqrt(STIFFNESS - DAMPING**2 / 4)
    swing = np.cos(rate * t) + DAMPING / (2 * rate) * np.sin(rate * t)
    return np.exp(-DAMPING / 2 * t) * swing


random = np.random.default_rng(0)
shapes = [(1, 20), (20,), (20, 20), (20,), (20, 1)]
parameters = [Tensor(random.normal(size=shape) * np.sqrt(2 / shape[0])) for shape in shapes]
times = np.linspace(0, END, 50)[:, None]
optimizer = Adam(CosineDecay(0.02, STEPS))
step = compiled(value_and_grad(loss))

for number in range(STEPS):
    value, slopes = step([p.data for p in parameters], times)
    optimizer.apply_gradients(zip(slopes, parameters, strict=True))
    if number % 1000 == 0:
        print(f"step {number:4}: loss {value:.6f}")

error = np.abs(place([p.data for p in parameters], times) - by_hand(times)).max()
print(f"Farthest from the solution by hand: {error:.5f}")
assert error < 0.001
