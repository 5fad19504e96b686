"""Derivatives of tanh up to the sixth, a sine by its series, Rosenbrock's valley."""

import autograd.numpy as np
from autograd import grad, hessian, jacobian
from scipy.optimize import minimize


def elementwise_grad(f):
    return grad(lambda x: np.sum(f(x)))


def tanh(x):
    return (1.0 - np.exp(-x)) / (1.0 + np.exp(-x))


x = np.linspace(-7, 7, 15)
curves, f = [], tanh
for _ in range(6):
    f = elementwise_grad(f)
    curves.append(f(x))


def taylor_sine(x):
    ans = currterm = x
    i = 0
    while np.abs(currterm) > 0.001:
        currterm = -currterm * x**2 / ((2 * i + 3) * (2 * i + 2))
        ans = ans + currterm
        i += 1
    return ans


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


path = []
found = minimize(
    rosenbrock, x0=np.array([0.0, 0.0]), jac=grad(rosenbrock), method="BFGS",
    callback=lambda x: path.append(rosenbrock(x)), options={"maxiter": 5},
)  # fmt: skip
spherical = lambda r: np.stack(
    [r[0] * np.sin(r[1]) * np.cos(r[2]), r[0] * np.sin(r[1]) * np.sin(r[2]), r[0] * np.cos(r[1])]
)
results = {
    "curves": curves,
    "sine": [grad(taylor_sine)(a) for a in (0.3, 1.2, np.pi)],
    "sine_twice": grad(grad(taylor_sine))(0.7),
    "hessian": hessian(rosenbrock)(np.array([0.5, 0.2])),
    "valley": [*path, *found.x],
    "jacobian": jacobian(spherical)(np.array([2.0, 0.5, 1.0])),
}
