"""A Gaussian process whose kernel's width is learnt, and logistic regression as a first page."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, value_and_grad
from scipy.optimize import minimize


def rbf_covariance(kernel_params, x, xp):
    output_scale = np.exp(kernel_params[0])
    lengthscales = np.exp(kernel_params[1:])
    diffs = np.expand_dims(x / lengthscales, 1) - np.expand_dims(xp / lengthscales, 0)
    return output_scale * np.exp(-0.5 * np.sum(diffs**2, axis=2))


def unpack_kernel_params(params):
    mean = params[0]
    cov_params = params[2:]
    noise_scale = np.exp(params[1]) + 0.0001
    return mean, cov_params, noise_scale


def predict(params, x, y, xstar):
    mean, cov_params, noise_scale = unpack_kernel_params(params)
    cov_f_f = rbf_covariance(cov_params, xstar, xstar)
    cov_y_f = rbf_covariance(cov_params, x, xstar)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    pred_mean = mean + np.dot(np.linalg.solve(cov_y_y, cov_y_f).T, y - mean)
    pred_cov = cov_f_f - np.dot(np.linalg.solve(cov_y_y, cov_y_f).T, cov_y_f)
    return pred_mean, pred_cov


def log_marginal_likelihood(params, x, y):
    mean, cov_params, noise_scale = unpack_kernel_params(params)
    cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
    prior_mean = mean * np.ones(len(y))
    sign, logdet = np.linalg.slogdet(cov_y_y)
    residual = y - prior_mean
    quadratic = np.dot(residual, np.linalg.solve(cov_y_y, residual))
    return -0.5 * (quadratic + logdet + len(y) * np.log(2 * np.pi))


rs = npr.RandomState(0)
X = np.concatenate([np.linspace(0, 3, 6), np.linspace(6, 8, 6)])[:, None] - 4.0
y = (np.cos(X) + rs.randn(*X.shape) / 20)[:, 0]
objective = lambda params: -log_marginal_likelihood(params, X, y)
init_params = 0.1 * rs.randn(4)
cov_params = minimize(
    value_and_grad(objective), init_params, jac=True, method="CG", options={"maxiter": 4}
)
pred_mean, pred_cov = predict(cov_params.x, X, y, np.linspace(-7, 7, 9)[:, None])


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2.0) + 1)


inputs = np.array(
    [[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]]
)
targets = np.array([True, True, False, True])


def training_loss(weights):
    preds = sigmoid(np.dot(inputs, weights))
    label_probabilities = preds * targets + (1 - preds) * (1 - targets)
    return -np.sum(np.log(label_probabilities))


training_gradient_fun = grad(training_loss)
weights = np.array([0.0, 0.0, 0.0])
first = training_loss(weights)
for _ in range(100):
    weights -= training_gradient_fun(weights) * 0.01
results = {
    "gradient": grad(objective)(init_params),
    "learnt": cov_params.fun,
    "mean": pred_mean,
    "deviation": np.sqrt(np.diag(pred_cov)),
    "losses": [first, training_loss(weights)],
    "weights": weights,
}
