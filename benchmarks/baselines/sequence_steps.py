"""A training step on sequences by hand, cell by cell: `make_sequence_step(kind, x, y, parameters)`, kind "lstm", "gru" or "bag", returns a function of no arguments that trains and returns the loss."""
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(x, kernel, recurrent, bias):
    n, steps, _ = x.shape
    units = len(recurrent)
    h, c, kept = np.zeros((n, units), x.dtype), np.zeros((n, units), x.dtype), []
    for t in range(steps):
        z = x[:, t] @ kernel + h @ recurrent + bias
        i, f, o = sigmoid(z[:, :units]), sigmoid(z[:, units:2 * units]), sigmoid(z[:, 3 * units:])
        new = np.tanh(z[:, 2 * units:3 * units])
        before, c = c, f * c + i * new
        kept.append((h, before, i, f, new, o, np.tanh(c)))
        h = o * kept[-1][-1]

    def back(dh):
        dc = np.zeros_like(dh)
        d_kernel, d_recurrent, d_bias = np.zeros_like(kernel), np.zeros_like(recurrent), np.zeros_like(bias)
        for t in reversed(range(steps)):
            h, before, i, f, new, o, seen = kept[t]
            dc = dc + dh * o * (1 - seen * seen)
            dz = np.concatenate([dc * new * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - new * new), dh * seen * o * (1 - o)], 1)
            d_kernel += x[:, t].T @ dz
            d_recurrent += h.T @ dz
            d_bias += dz.sum(0)
            dh, dc = dz @ recurrent.T, dc * f
        return [d_kernel, d_recurrent, d_bias]

    return h, back


def gru(x, kernel, recurrent, bias):
    n, steps, _ = x.shape
    units = len(recurrent)
    h, kept = np.zeros((n, units), x.dtype), []
    for t in range(steps):
        a, b = x[:, t] @ kernel + bias[0], h @ recurrent + bias[1]
        gates = sigmoid(a[:, :2 * units] + b[:, :2 * units])
        z, r, of_state = gates[:, :units], gates[:, units:], b[:, 2 * units:]
        new = np.tanh(a[:, 2 * units:] + r * of_state)
        kept.append((h, z, r, of_state, new))
        h = z * h + (1 - z) * new

    def back(dh):
        d_kernel, d_recurrent, d_bias = np.zeros_like(kernel), np.zeros_like(recurrent), np.zeros_like(bias)
        for t in reversed(range(steps)):
            h, z, r, of_state, new = kept[t]
            dc = dh * (1 - z) * (1 - new * new)
            dz, dr = dh * (h - new) * z * (1 - z), dc * of_state * r * (1 - r)
            da, db = np.concatenate([dz, dr, dc], 1), np.concatenate([dz, dr, dc * r], 1)
            d_kernel += x[:, t].T @ da
            d_recurrent += h.T @ db
            d_bias += np.stack([da.sum(0), db.sum(0)])
            dh = db @ recurrent.T + dh * z
        return [d_kernel, d_recurrent, d_bias]

    return h, back


def bag(x, table):
    def back(dh):
        gradient = np.zeros_like(table)
        np.add.at(gradient, x, np.broadcast_to(dh[:, None] / x.shape[1], (*x.shape, table.shape[1])))
        return [gradient]

    return table[x].mean(1), back


def make_sequence_step(kind, x, y, parameters, learning_rate=0.1):
    weights = [p.copy() for p in parameters]
    layer = {"lstm": lstm, "gru": gru, "bag": bag}[kind]

    def step():
        *inner, kernel, bias = weights
        out, back = layer(x, *inner)
        wrong = out @ kernel + bias - y
        g = 2 * wrong / wrong.size
        gradients = [*back(g @ kernel.T), out.T @ g, g.sum(0)]
        for weight, gradient in zip(weights, gradients):
            weight -= learning_rate * gradient
        return (wrong * wrong).mean()

    return step
