"""Three arms of a spiral: a linear classifier and a layer in between, gradients by hand."""

import numpy as np

rs = np.random.RandomState(0)
N, D, K, h = 20, 2, 3, 10
X, y = np.zeros((N * K, D)), np.zeros(N * K, dtype="uint8")
for j in range(K):
    ix = range(N * j, N * (j + 1))
    r = np.linspace(0.0, 1, N)
    t = np.linspace(j * 4, (j + 1) * 4, N) + rs.randn(N) * 0.2
    X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
    y[ix] = j
W, b = 0.01 * rs.randn(D, h), np.zeros((1, h))
W2, b2 = 0.01 * rs.randn(h, K), np.zeros((1, K))
step_size, reg = 1.0, 1e-3
num_examples = X.shape[0]

losses = []
for i in range(20):
    hidden_layer = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden_layer, W2) + b2
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    correct_logprobs = -np.log(probs[range(num_examples), y])
    data_loss = np.sum(correct_logprobs) / num_examples
    reg_loss = 0.5 * reg * np.sum(W * W) + 0.5 * reg * np.sum(W2 * W2)
    losses.append(data_loss + reg_loss)

    dscores = probs
    dscores[range(num_examples), y] -= 1
    dscores /= num_examples
    dW2 = np.dot(hidden_layer.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, W2.T)
    dhidden[hidden_layer <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)
    dW2 += reg * W2
    dW += reg * W
    W += -step_size * dW
    b += -step_size * db
    W2 += -step_size * dW2
    b2 += -step_size * db2

# The multiclass hinge loss of the same scores.
scores = X @ np.array([[0.5, -1.0, 0.2], [1.0, 0.3, -0.7]])
margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + 1)
margins[np.arange(len(y)), y] = 0
mask = (margins > 0).astype(float)
mask[np.arange(len(y)), y] = -mask.sum(axis=1)
results = {
    "losses": losses,
    "W": W,
    "b2": b2,
    "hinge": margins.sum(axis=1).mean(),
    "of hinge": X.T @ mask / len(y),
}
