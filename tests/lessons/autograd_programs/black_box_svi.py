"""Variational inference: a lower bound by samples drawn from the approximation, its gradient."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad

D, num_samples = 2, 50
rs = npr.RandomState(0)


def norm_logpdf(x, mean=0.0, std=1.0):
    return -0.5 * ((x - mean) / std) ** 2 - np.log(std) - 0.5 * np.log(2 * np.pi)


def log_density(x, t):
    mu, log_sigma = x[:, 0], x[:, 1]
    sigma_density = norm_logpdf(log_sigma, 0, 1.35)
    mu_density = norm_logpdf(mu, 0, np.exp(log_sigma))
    return sigma_density + mu_density


def unpack_params(params):
    mean, log_std = params[:D], params[D:]
    return mean, log_std


def gaussian_entropy(log_std):
    return 0.5 * D * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)


def variational_objective(params, t):
    mean, log_std = unpack_params(params)
    samples = noise[t] * np.exp(log_std) + mean
    return -(gaussian_entropy(log_std) + np.mean(log_density(samples, t)))


noise = rs.randn(8, num_samples, D)
gradient = grad(variational_objective)
params = np.concatenate([-1 * np.ones(D), -5 * np.ones(D)])
bounds = []
for t in range(8):
    g = gradient(params, t)
    params = params - 0.05 * g
    bounds.append(variational_objective(params, t))
results = {"bounds": bounds, "params": params, "gradient": g}
