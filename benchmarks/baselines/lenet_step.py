"""One training step of LeNet by hand: `make_lenet_step(x, labels, parameters)` returns a function of no arguments that trains and returns the loss."""
import numpy as np


def convolved(x, kernel):
    height, width = x.shape[1] - kernel.shape[0] + 1, x.shape[2] - kernel.shape[1] + 1
    return sum(x[:, i:i + height, j:j + width] @ kernel[i, j] for i, j in np.ndindex(kernel.shape[:2]))


def kernel_gradient(x, g, size):
    height, width = g.shape[1:3]
    found = np.empty((size, size, x.shape[3], g.shape[3]), x.dtype)
    for i, j in np.ndindex(size, size):
        found[i, j] = np.tensordot(x[:, i:i + height, j:j + width], g, ((0, 1, 2), (0, 1, 2)))
    return found


def input_gradient(g, kernel, like):
    height, width = g.shape[1:3]
    found = np.zeros_like(like)
    for i, j in np.ndindex(kernel.shape[:2]):
        found[:, i:i + height, j:j + width] += g @ kernel[i, j].T
    return found


def pooled(x):
    n, height, width, channels = x.shape
    windows = x.reshape(n, height // 2, 2, width // 2, 2, channels).transpose(0, 1, 3, 5, 2, 4)
    return windows.reshape(*windows.shape[:4], 4)


def unpooled(g, winners, shape):
    n, height, width, channels = shape
    spread = (np.arange(4) == winners[..., None]) * g[..., None]
    spread = spread.reshape(n, height // 2, width // 2, channels, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    return spread.reshape(shape)


def make_lenet_step(x, labels, parameters, learning_rate=0.1):
    weights = [p.copy() for p in parameters]
    rows, batch = np.arange(len(x)), np.float32(len(x))

    def step():
        kept, a = [], x
        for kernel, bias in (weights[:2], weights[2:4]):
            z = convolved(a, kernel) + bias
            windows = pooled(np.maximum(z, 0))
            kept.append((a, z, windows.argmax(-1)))
            a = windows.max(-1)
        flat = a.reshape(len(x), -1)
        dense = [flat]
        for kernel, bias in zip(weights[4:8:2], weights[5:8:2]):
            dense.append(np.maximum(dense[-1] @ kernel + bias, 0))
        z = dense[-1] @ weights[8] + weights[9]
        z = z - z.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        g = e / total
        g[rows, labels] -= 1
        g /= batch
        gradients = [None] * 10
        for place in (8, 6, 4):
            inputs = dense[(place - 4) // 2]
            gradients[place], gradients[place + 1] = inputs.T @ g, g.sum(0)
            g = g @ weights[place].T
            if place > 4:
                g = g * (inputs > 0)
        g = g.reshape(a.shape)
        for place in (2, 0):
            inputs, z, winners = kept[place // 2]
            g = unpooled(g, winners, z.shape) * (z > 0)
            gradients[place] = kernel_gradient(inputs, g, weights[place].shape[0])
            gradients[place + 1] = g.sum((0, 1, 2))
            if place:
                g = input_gradient(g, weights[place], inputs)
        for weight, gradient in zip(weights, gradients):
            weight -= np.float32(learning_rate) * gradient
        return loss

    return step
