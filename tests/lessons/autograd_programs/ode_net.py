"""A differential equation whose right side is a network, solved by Runge and Kutta's steps."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, jacobian

D, steps = 2, 12
t = np.linspace(0.0, 2.0, steps)
true_y0 = np.array([2.0, 0.0])


def odeint(func, y0, t, args=()):
    ys = [y0]
    for t0, t1 in zip(t[:-1], t[1:]):
        h, y = t1 - t0, ys[-1]
        k1 = func(y, t0, *args)
        k2 = func(y + h / 2 * k1, t0 + h / 2, *args)
        k3 = func(y + h / 2 * k2, t0 + h / 2, *args)
        k4 = func(y + h * k3, t1, *args)
        ys.append(y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.stack(ys)


def true_dynamics(y, t):
    true_A = np.array([[-0.1, 2.0], [-2.0, -0.1]])
    return np.dot(y**3, true_A)


def nn_predict(inputs, t, params):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.maximum(0, outputs)
    return outputs


def init_nn_params(scale, layer_sizes, rs):
    return [
        (rs.randn(insize, outsize) * scale, rs.randn(outsize) * scale)
        for insize, outsize in zip(layer_sizes[:-1], layer_sizes[1:])
    ]


def train_loss(params, iter):
    pred = odeint(nn_predict, true_y0, t, args=(params,))
    return np.mean(np.sum(np.abs(pred - true_y) ** 2, axis=1))


true_y = odeint(true_dynamics, true_y0, t * 0.2)
params = init_nn_params(0.3, [D, 6, D], npr.RandomState(0))
losses = []
for i in range(4):
    losses.append(train_loss(params, i))
    g = grad(train_loss)(params, i)
    params = [(W - 0.02 * gW, b - 0.02 * gb) for (W, b), (gW, gb) in zip(params, g)]
of_start = jacobian(lambda y0: odeint(nn_predict, y0, t, args=(params,))[-1])(true_y0)
results = {"true": true_y, "losses": losses, "of_start": of_start, "gradient": g[0][0]}
