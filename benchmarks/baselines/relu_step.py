"""One training step by hand, relu and softmax with labels: `make_relu_step(dims, batch)` returns a function of no arguments that trains and returns the loss."""
import numpy as np


def make_relu_step(dims=(64, 25, 15, 10), batch=32, learning_rate=0.1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((batch, dims[0])).astype(np.float32)
    labels = rng.integers(dims[-1], size=batch)
    kernels = [(rng.standard_normal((a, b)) * np.sqrt(2 / a)).astype(np.float32) for a, b in zip(dims, dims[1:])]
    biases = [np.zeros(b, np.float32) for b in dims[1:]]
    lr = np.float32(learning_rate)
    rows = np.arange(batch)

    def step():
        activations = [x]
        for kernel, bias in zip(kernels[:-1], biases[:-1]):
            activations.append(np.maximum(activations[-1] @ kernel + bias, 0))
        z = activations[-1] @ kernels[-1] + biases[-1]
        z = z - z.max(1, keepdims=True)
        e = np.exp(z)
        total = e.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        g = e / total
        g[rows, labels] -= 1
        g /= np.float32(batch)
        for i in range(len(kernels) - 1, -1, -1):
            g_kernel, g_bias = activations[i].T @ g, g.sum(0)
            if i:
                g = (g @ kernels[i].T) * (activations[i] > 0)
            kernels[i] -= lr * g_kernel
            biases[i] -= lr * g_bias
        return loss

    return step
