"""Logistic regression written out, then the same thing as a network of one unit.

p = σ(x·w + b), J = mean of −y log p − (1 − y) log(1 − p), w ← w − α ∂J/∂w
"""

import numpy as np

from autograd_nn import Sequential, Tensor, datasets, no_grad
from autograd_nn.layers import Dense, Input
from autograd_nn.losses import binary_crossentropy
from autograd_nn.optimizers import SGD

(x, y), (x_test, y_test) = datasets.load_digits(classes=(3, 8))
y, y_test = (y == 8).astype("float32")[:, None], (y_test == 8).astype("float32")[:, None]
rate, steps = 0.5, 200

# Written out.
w = Tensor(np.zeros((64, 1), "float32"), name="w")
b = Tensor(np.zeros(1, "float32"), name="b")
for step in range(steps):
    z = x @ w + b
    loss = binary_crossentropy(y, z, from_logits=True).mean()
    w.zero_grad()
    b.zero_grad()
    loss.backward()
    if step == 0:
        by_formula = x.T @ (0.5 - y) / len(y)  # ∂J/∂w = xᵀ(p − y)/N, and p = ½ at w = 0
        assert np.allclose(w.grad, by_formula, atol=1e-6)
    with no_grad():
        w -= rate * w.grad
        b -= rate * b.grad
print(f"written out: loss {loss:.4f}")

# As a network.
model = Sequential([Input((64,)), Dense(1, activation="sigmoid", kernel_initializer="zeros")])
model.compile(optimizer=SGD(rate), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, batch_size=len(x), epochs=steps, verbose=0)
print(f"a network:   loss {history.history['loss'][-1]:.4f}")

kernel, bias = model.get_weights()
assert np.allclose(kernel, w.data, atol=1e-4), abs(kernel - w.data).max()
assert np.allclose(bias, b.data, atol=1e-4)
_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"accuracy {accuracy:.1%} on {len(x_test)} threes and eights never seen")
assert accuracy >= 0.95, accuracy
