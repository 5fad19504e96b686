"""A network that obeys Burgers' equation: derivatives of its output by its inputs in the loss."""

import math
import random

import torch

torch.set_default_dtype(torch.float64)
draw = random.Random(0)
matrix = lambda m, n: torch.tensor(
    [[draw.gauss(0, 1) / math.sqrt(m) for _ in range(n)] for _ in range(m)], requires_grad=True
)
sizes = [2, 8, 8, 1]
weights = [matrix(m, n) for m, n in zip(sizes[:-1], sizes[1:])]
biases = [torch.zeros(n, requires_grad=True) for n in sizes[1:]]
parameters = weights + biases
nu = 0.01 / math.pi


def net(x, t):
    h = torch.cat([x, t], dim=1)
    for W, b in zip(weights[:-1], biases[:-1]):
        h = torch.tanh(h @ W + b)
    return h @ weights[-1] + biases[-1]


def derivative(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


x = torch.tensor([[draw.uniform(-1, 1)] for _ in range(20)], requires_grad=True)
t = torch.tensor([[draw.uniform(0, 1)] for _ in range(20)], requires_grad=True)
x0 = torch.linspace(-1, 1, 11)[:, None]
u0 = -torch.sin(math.pi * x0)
t_edge = torch.linspace(0, 1, 5)[:, None]


def losses_of():
    u = net(x, t)
    u_x, u_t = derivative(u, x), derivative(u, t)
    u_xx = derivative(u_x, x)
    residual = u_t + u * u_x - nu * u_xx
    start = net(x0, torch.zeros_like(x0)) - u0
    edges = net(torch.ones_like(t_edge), t_edge) ** 2 + net(-torch.ones_like(t_edge), t_edge) ** 2
    return (residual**2).mean(), (start**2).mean(), edges.mean()


optimizer = torch.optim.Adam(parameters, lr=0.01)
history = []
for _ in range(5):
    optimizer.zero_grad()
    parts = losses_of()
    loss = sum(parts)
    loss.backward()
    optimizer.step()
    history.append([part.item() for part in parts])
results = {
    "history": history,
    "of first": weights[0].grad.tolist(),
    "after": net(x0, x0 * 0 + 0.5).tolist(),
}
