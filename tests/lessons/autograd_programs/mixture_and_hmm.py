"""A mixture of Gaussians and a hidden Markov model: log-sum-exp, determinants, second products."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, value_and_grad
from autograd.scipy.special import logsumexp
from scipy.optimize import minimize

D, K, N = 2, 3, 30
rs = npr.RandomState(3)
data = np.concatenate([rs.randn(10, D) * 0.4 + center for center in ([0, 0], [3, 1], [-2, 3])])


def mvn_logpdf(x, mean, cov):
    half = np.linalg.cholesky(cov)
    scaled = np.linalg.solve(half, (x - mean).T)
    return (
        -0.5 * np.sum(scaled**2, axis=0) - np.sum(np.log(np.diag(half))) - D / 2 * np.log(2 * np.pi)
    )


def log_normalize(x):
    return x - logsumexp(x)


def unpack_params(params):
    log_proportions = log_normalize(params[:K])
    means = np.reshape(params[K : K + D * K], (K, D))
    lower_tris = np.reshape(params[K + D * K :], (K, D, D))
    return log_proportions, means, lower_tris


def objective(params):
    cluster_lls = []
    for log_proportion, mean, tri in zip(*unpack_params(params)):
        cov = np.dot(tri, tri.T) + 0.1 * np.eye(D)
        cluster_lls.append(log_proportion + mvn_logpdf(data, mean, cov))
    return -np.sum(logsumexp(np.vstack(cluster_lls), axis=0))


start = np.concatenate([rs.randn(K) * 0.1, rs.randn(D * K), np.tile(np.eye(D).ravel(), K)])
value, gradient = value_and_grad(objective)(start)
hvp = grad(lambda p, v: np.sum(grad(objective)(p) * v))
direction = rs.randn(len(start))
found = minimize(value_and_grad(objective), start, jac=True, method="L-BFGS-B",
                 options={"maxiter": 3})  # fmt: skip

# Expected counts of a hidden Markov model are the gradient of its log likelihood.
states, symbols = 3, 4
A, B = log_normalize(rs.randn(states, states)), log_normalize(rs.randn(states, symbols))
pi = log_normalize(rs.randn(states))
observed = rs.randint(symbols, size=12)


def hmm_log_likelihood(params):
    pi, A, B = params
    log_alpha = pi
    for y in observed:
        log_alpha = logsumexp(log_alpha[:, None] + A, axis=0) + B[:, y]
    return logsumexp(log_alpha)


counts = grad(hmm_log_likelihood)((pi, A, B))
results = {
    "value": value,
    "gradient": gradient,
    "product": hvp(start, direction),
    "after": found.fun,
    "counts": list(counts),
}
