"""Epochs by hand: `make_epoch(x, y, kernels, biases, batch, learning_rate, softmax)` returns a function of the order of the samples that trains and returns the mean loss."""
import numpy as np


def make_epoch(x, y, kernels, biases, batch, learning_rate=0.1, softmax=False):
    step = softmax_step if softmax else sigmoid_step
    lr = np.float32(learning_rate)

    def epoch(order):
        total = 0.0
        for i in range(0, len(order), batch):
            rows = order[i:i + batch]
            total += len(rows) * step(x[rows], y[rows], kernels, biases, lr)
        return total / len(order)

    return epoch


def sigmoid_step(x, y, kernels, biases, lr):
    a = [x]
    for kernel, bias in zip(kernels, biases):
        a.append(1 / (1 + np.exp(-(a[-1] @ kernel + bias))))
    p = np.clip(a[-1], 1e-7, 1 - 1e-7)
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    g = (a[-1] - y) / np.float32(y.size)
    for i in range(len(kernels) - 1, -1, -1):
        g_kernel, g_bias = a[i].T @ g, g.sum(0)
        if i:
            g = (g @ kernels[i].T) * a[i] * (1 - a[i])
        kernels[i] -= lr * g_kernel
        biases[i] -= lr * g_bias
    return float(loss)


def softmax_step(x, labels, kernels, biases, lr):
    rows = np.arange(len(x))
    a = [x]
    for kernel, bias in zip(kernels[:-1], biases[:-1]):
        a.append(np.maximum(a[-1] @ kernel + bias, 0))
    z = a[-1] @ kernels[-1] + biases[-1]
    z = z - z.max(1, keepdims=True)
    e = np.exp(z)
    total = e.sum(1, keepdims=True)
    loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
    g = e / total
    g[rows, labels] -= 1
    g /= np.float32(len(x))
    for i in range(len(kernels) - 1, -1, -1):
        g_kernel, g_bias = a[i].T @ g, g.sum(0)
        if i:
            g = (g @ kernels[i].T) * (a[i] > 0)
        kernels[i] -= lr * g_kernel
        biases[i] -= lr * g_bias
    return float(loss)
