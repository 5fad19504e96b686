"""The same with Tensors: the backward pass is one call."""

import numpy as np

from autograd_nn import Tensor, no_grad

rs = np.random.RandomState(0)
N, D, K, h = 20, 2, 3, 10
X, y = np.zeros((N * K, D)), np.zeros(N * K, dtype="uint8")
for j in range(K):
    ix = range(N * j, N * (j + 1))
    r = np.linspace(0.0, 1, N)
    t = np.linspace(j * 4, (j + 1) * 4, N) + rs.randn(N) * 0.2
    X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
    y[ix] = j
W, b = Tensor(0.01 * rs.randn(D, h)), Tensor(np.zeros((1, h)))
W2, b2 = Tensor(0.01 * rs.randn(h, K)), Tensor(np.zeros((1, K)))
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
    loss = data_loss + reg_loss
    losses.append(loss.item())

    for p in (W, b, W2, b2):
        p.grad = None
    loss.backward()
    with no_grad():
        for p in (W, b, W2, b2):
            p += -step_size * p.grad

V = Tensor([[0.5, -1.0, 0.2], [1.0, 0.3, -0.7]])
scores = X @ V
margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + 1)
hinge = margins.sum(axis=1).mean() - 1  # each true class counts 1
hinge.backward()
results = {"losses": losses, "W": W.data, "b2": b2.data, "hinge": hinge.data, "of hinge": V.grad}
