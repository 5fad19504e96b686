"""A recurrent network and an LSTM that read a text letter by letter, parameters in dicts."""

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, value_and_grad
from autograd.scipy.special import logsumexp

text = "the quick brown fox jumps over it. "
letters = sorted(set(text))
one_hot = np.eye(len(letters))[[letters.index(c) for c in text]]
sequence = np.stack([one_hot[i : i + 8] for i in range(0, 24, 8)], axis=1)  # time, batch, letter


def sigmoid(x):
    return 0.5 * (np.tanh(x) + 1.0)


def concat_and_multiply(weights, *args):
    cat_state = np.hstack(args + (np.ones((args[0].shape[0], 1)),))
    return np.dot(cat_state, weights)


def rnn_predict(params, inputs):
    hiddens = np.repeat(params["init hiddens"], inputs.shape[1], axis=0)
    output = []
    for input in inputs:
        hiddens = np.tanh(concat_and_multiply(params["change"], input, hiddens))
        activations = concat_and_multiply(params["predict"], hiddens)
        output.append(activations - logsumexp(activations, axis=1, keepdims=True))
    return output


def lstm_predict(params, inputs):
    hiddens = np.repeat(params["init hiddens"], inputs.shape[1], axis=0)
    cells = np.repeat(params["init cells"], inputs.shape[1], axis=0)
    output = []
    for input in inputs:
        change = np.tanh(concat_and_multiply(params["change"], input, hiddens))
        forget = sigmoid(concat_and_multiply(params["forget"], input, hiddens))
        ingate = sigmoid(concat_and_multiply(params["ingate"], input, hiddens))
        outgate = sigmoid(concat_and_multiply(params["outgate"], input, hiddens))
        cells = cells * forget + ingate * change
        hiddens = outgate * np.tanh(cells)
        activations = concat_and_multiply(params["predict"], hiddens)
        output.append(activations - logsumexp(activations, axis=1, keepdims=True))
    return output


def log_likelihood(predict, params, inputs, targets):
    logprobs = predict(params, inputs)
    loglik = 0.0
    num_time_steps, num_examples, _ = inputs.shape
    for t in range(num_time_steps - 1):
        loglik += np.sum(logprobs[t] * targets[t + 1])
    return loglik / (num_time_steps * num_examples)


rs = npr.RandomState(0)
n, state = len(letters), 5
names = ["change", "forget", "ingate", "outgate"]
params = {
    "init hiddens": rs.randn(1, state) * 0.3,
    "init cells": rs.randn(1, state) * 0.3,
    "predict": rs.randn(state + 1, n) * 0.3,
    **{name: rs.randn(n + state + 1, state) * 0.3 for name in names},
}


def training_loss(params, iter):
    return -log_likelihood(lstm_predict, params, sequence, sequence)


losses = []
for i in range(4):
    loss, gradient = value_and_grad(training_loss)(params, i)
    losses.append(loss)
    params = {key: value - 0.5 * gradient[key] for key, value in params.items()}
simple = {key: params[key] for key in ("init hiddens", "change", "predict")}
of_simple = grad(lambda p: -log_likelihood(rnn_predict, p, sequence, sequence))(simple)
results = {"losses": losses, "change": of_simple["change"][-6:], "forget": params["forget"][-2:]}
