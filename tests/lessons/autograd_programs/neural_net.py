"""A classifier as lists of weights and biases, its log posterior, mini-batches and Adam."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.scipy.special import logsumexp


def init_random_params(scale, layer_sizes, rs):
    return [
        (scale * rs.randn(m, n), scale * rs.randn(n))
        for m, n in zip(layer_sizes[:-1], layer_sizes[1:])
    ]


def neural_net_predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs - logsumexp(outputs, axis=1, keepdims=True)


def l2_norm(params):
    return sum(np.sum(W**2) + np.sum(b**2) for W, b in params)


def log_posterior(params, inputs, targets, L2_reg):
    log_prior = -L2_reg * l2_norm(params)
    log_lik = np.sum(neural_net_predict(params, inputs) * targets)
    return log_prior + log_lik


def accuracy(params, inputs, targets):
    target_class = np.argmax(targets, axis=1)
    predicted_class = np.argmax(neural_net_predict(params, inputs), axis=1)
    return np.mean(predicted_class == target_class)


rs = npr.RandomState(0)
labels = rs.randint(0, 3, 120)
images = rs.randn(120, 6) + 2.0 * np.eye(3)[labels] @ rs.randn(3, 6)
one_hot = lambda x, K: np.array(x[:, None] == np.arange(K)[None, :], dtype=int)
targets = one_hot(labels, 3)
params = init_random_params(0.3, [6, 8, 5, 3], npr.RandomState(1))
batch_size = 40
num_batches = int(np.ceil(len(images) / batch_size))


def objective(params, iter):
    idx = iter % num_batches
    batch = slice(idx * batch_size, (idx + 1) * batch_size)
    return -log_posterior(params, images[batch], targets[batch], 0.1)


objective_grad = grad(objective)
moments = [[np.zeros_like(part) for part in layer] for layer in params]
squares = [[np.zeros_like(part) for part in layer] for layer in params]
losses = []
for i in range(9):
    losses.append(objective(params, i))
    gradient = objective_grad(params, i)
    moments = [[0.9 * m + 0.1 * g for m, g in zip(ms, gs)] for ms, gs in zip(moments, gradient)]
    squares = [
        [0.999 * v + 0.001 * g**2 for v, g in zip(vs, gs)] for vs, gs in zip(squares, gradient)
    ]
    params = [
        tuple(
            p - 0.02 * (m / (1 - 0.9 ** (i + 1))) / (np.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
            for p, m, v in zip(ps, ms, vs)
        )
        for ps, ms, vs in zip(params, moments, squares)
    ]
results = {
    "losses": losses,
    "accuracy": accuracy(params, images, targets),
    "last": params[-1][0],
}
