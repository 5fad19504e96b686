"""A variational autoencoder and a pair of adversaries, by functions of lists of weights."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad

rs = npr.RandomState(0)


def init_net_params(scale, layer_sizes):
    return [
        [scale * rs.randn(m, n), scale * rs.randn(n)]
        for m, n in zip(layer_sizes[:-1], layer_sizes[1:])
    ]


def relu(x):
    return np.maximum(0, x)


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1.0)


def net_predict(params, inputs):
    for W, b in params[:-1]:
        inputs = relu(np.dot(inputs, W) + b)
    outW, outb = params[-1]
    return np.dot(inputs, outW) + outb


# The autoencoder: noise is drawn beforehand.
latent_dim, data_dim = 2, 8
images = (rs.rand(16, data_dim) < 0.4).astype(float)
noise = rs.randn(16, latent_dim)
encoder = init_net_params(0.3, [data_dim, 6, 2 * latent_dim])
decoder = init_net_params(0.3, [latent_dim, 6, data_dim])


def diag_gaussian_log_density(x, mu, log_std):
    parts = -0.5 * ((x - mu) / np.exp(log_std)) ** 2 - log_std - 0.5 * np.log(2 * np.pi)
    return np.sum(parts, axis=-1)


def bernoulli_log_density(targets, unnormalized_logprobs):
    t2 = targets * 2 - 1
    label_probabilities = -np.logaddexp(0, -unnormalized_logprobs * t2)
    return np.sum(label_probabilities, axis=-1)


def vae_lower_bound(params, data):
    encoder, decoder = params
    out = net_predict(encoder, data)
    q_means, q_log_stds = out[:, :latent_dim], out[:, latent_dim:]
    latents = noise * np.exp(q_log_stds) + q_means
    q_latents = diag_gaussian_log_density(latents, q_means, q_log_stds)
    p_latents = diag_gaussian_log_density(latents, 0, 0 * q_log_stds)
    likelihood = bernoulli_log_density(data, net_predict(decoder, latents))
    return np.mean(p_latents + likelihood - q_latents)


bounds, params = [], (encoder, decoder)
for _ in range(3):
    bounds.append(vae_lower_bound(params, images))
    gradients = grad(vae_lower_bound)(params, images)
    params = tuple(
        [[p + 0.1 * g for p, g in zip(ps, gs)] for ps, gs in zip(net, of_net)]
        for net, of_net in zip(params, gradients)
    )

# The adversaries: one climbs where the other descends.
gen_params, dsc_params = init_net_params(0.5, [3, 5, 2]), init_net_params(0.5, [2, 5, 1])
real = rs.randn(12, 2) + np.array([2.0, -1.0])
start = rs.rand(12, 3)


def logsigmoid(x):
    return x - np.logaddexp(0, x)


def gan_objective(gen_params, dsc_params):
    fake = net_predict(gen_params, start)
    logprobs_fake = net_predict(dsc_params, fake)
    logprobs_real = net_predict(dsc_params, real)
    return np.mean(logprobs_real) - np.mean(logprobs_fake), np.mean(
        logsigmoid(logprobs_real) + logsigmoid(-logprobs_fake)
    )


values = []
both_grad = grad(lambda g, d: gan_objective(g, d)[1], (0, 1))
for _ in range(3):
    values.append(gan_objective(gen_params, dsc_params)[1])
    g_gen, g_dsc = both_grad(gen_params, dsc_params)
    gen_params = [[p - 0.1 * g for p, g in zip(ps, gs)] for ps, gs in zip(gen_params, g_gen)]
    dsc_params = [[p + 0.1 * g for p, g in zip(ps, gs)] for ps, gs in zip(dsc_params, g_dsc)]
results = {
    "bounds": bounds,
    "decoder": params[1][-1][1],
    "values": values,
    "generator": gen_params[-1][1],
}
