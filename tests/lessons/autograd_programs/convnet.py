"""A convolutional network whose parameters live in one long vector, cut up by shapes."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.scipy.special import logsumexp


class WeightsParser:
    """Places of named parameters in a flat vector."""

    def __init__(self):
        self.idxs_and_shapes = {}
        self.N = 0

    def add_weights(self, name, shape):
        start = self.N
        self.N += np.prod(shape)
        self.idxs_and_shapes[name] = (slice(start, self.N), shape)

    def get(self, vect, name):
        idxs, shape = self.idxs_and_shapes[name]
        return np.reshape(vect[idxs], shape)


def convolve(inputs, kernel):
    """Pictures (N, C, H, W), kernel (C, K, h, w), without padding."""
    h, w = kernel.shape[2:]
    rows, columns = inputs.shape[2] - h + 1, inputs.shape[3] - w + 1
    result = 0
    for i in range(h):
        for j in range(w):
            part = inputs[:, :, i : i + rows, j : j + columns]
            result = result + np.einsum("nchw,ck->nkhw", part, kernel[:, :, i, j])
    return result


class ConvLayer:
    def __init__(self, kernel_shape, num_filters):
        self.kernel_shape, self.num_filters = kernel_shape, num_filters

    def build_weights_dict(self, input_shape):
        self.parser = WeightsParser()
        self.parser.add_weights("params", (input_shape[0], self.num_filters) + self.kernel_shape)
        self.parser.add_weights("biases", (1, self.num_filters, 1, 1))
        output = tuple(A - k + 1 for A, k in zip(input_shape[1:], self.kernel_shape))
        return self.parser.N, (self.num_filters,) + output

    def forward_pass(self, inputs, param_vector):
        params = self.parser.get(param_vector, "params")
        biases = self.parser.get(param_vector, "biases")
        return convolve(inputs, params) + biases


class MaxPoolLayer:
    def __init__(self, pool_shape):
        self.pool_shape = pool_shape

    def build_weights_dict(self, input_shape):
        return 0, (input_shape[0],) + tuple(
            n // p for n, p in zip(input_shape[1:], self.pool_shape)
        )

    def forward_pass(self, inputs, param_vector):
        new_shape = inputs.shape[:2]
        for i in [0, 1]:
            pool_width, img_width = self.pool_shape[i], inputs.shape[i + 2]
            new_shape += (img_width // pool_width, pool_width)
        result = inputs.reshape(new_shape)
        return np.max(np.max(result, axis=3), axis=4)


class FullLayer:
    def __init__(self, size, final):
        self.size, self.final = size, final

    def build_weights_dict(self, input_shape):
        self.parser = WeightsParser()
        self.parser.add_weights("params", (int(np.prod(input_shape)), self.size))
        self.parser.add_weights("biases", (self.size,))
        return self.parser.N, (self.size,)

    def forward_pass(self, inputs, param_vector):
        params = self.parser.get(param_vector, "params")
        if inputs.ndim > 2:
            inputs = inputs.reshape((inputs.shape[0], np.prod(inputs.shape[1:])))
        out = np.dot(inputs, params) + self.parser.get(param_vector, "biases")
        return out - logsumexp(out, axis=1, keepdims=True) if self.final else np.tanh(out)


layers = [
    ConvLayer((3, 3), 3),
    MaxPoolLayer((2, 2)),
    ConvLayer((2, 2), 4),
    FullLayer(6, False),
    FullLayer(3, True),
]
parser, shape = WeightsParser(), (1, 10, 10)
for layer in layers:
    size, shape = layer.build_weights_dict(shape)
    parser.add_weights(layer, (size,))


def predictions(W_vect, inputs):
    cur_units = inputs
    for layer in layers:
        cur_units = layer.forward_pass(cur_units, parser.get(W_vect, layer))
    return cur_units


def loss(W_vect, X, T):
    log_prior = -0.5 * np.dot(W_vect, W_vect)
    return -log_prior - np.sum(predictions(W_vect, X) * T)


rs = npr.RandomState(2)
X, T = rs.randn(9, 1, 10, 10), np.eye(3)[np.arange(9) % 3]
W = rs.randn(parser.N) * 0.3
loss_grad = grad(loss)
cur_dir, losses = np.zeros(parser.N), []
for _ in range(4):
    losses.append(loss(W, X, T))
    grad_W = loss_grad(W, X, T)
    cur_dir = 0.9 * cur_dir + 0.1 * grad_W
    W -= 0.05 * cur_dir
results = {"parameters": int(parser.N), "losses": losses, "gradient": grad_W[:40]}
