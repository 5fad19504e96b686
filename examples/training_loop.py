"""A training loop by hand: the four lines that fit repeats, without and with an optimizer."""

import numpy as np

from autograd_nn import Sequential, datasets, no_grad
from autograd_nn.layers import Dense, Input
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.optimizers import SGD

x, y = datasets.make_moons(200, noise=0.1, seed=0)
y = y[:, None]


def network():
    return Sequential(
        [
            Input((2,)),
            Dense(16, activation="tanh", kernel_initializer="glorot_uniform", name="first"),
            Dense(1, activation="sigmoid", name="second"),
        ]
    )


by_hand, with_optimizer = network(), network()
with_optimizer.set_weights(by_hand.get_weights())
loss_of = BinaryCrossentropy()
rate = 0.5

for epoch in range(300):
    loss = loss_of(y, by_hand(x))  # forward: every operation is recorded
    loss.backward()  # backward: ∂loss/∂w into w.grad
    with no_grad():  # the update is no part of the graph
        for w in by_hand.trainable_weights:
            w -= rate * w.grad  # w ← w − α ∂loss/∂w
            w.zero_grad()  # otherwise the next backward adds to it
    if epoch % 100 == 0:
        print(f"epoch {epoch:3d}  loss {loss:.4f}")

optimizer = SGD(rate)
for _ in range(300):
    loss = loss_of(y, with_optimizer(x))
    optimizer.zero_grad(with_optimizer.trainable_weights)
    loss.backward()
    optimizer.step(with_optimizer.trainable_weights)
print(f"epoch 300  loss {loss:.4f}")

for a, b in zip(by_hand.get_weights(), with_optimizer.get_weights(), strict=True):
    assert np.allclose(a, b, atol=1e-4), abs(a - b).max()
accuracy = ((by_hand.predict(x, verbose=0) > 0.5) == y).mean()
print(f"both loops learned the same weights; accuracy {accuracy:.1%}")
assert accuracy >= 0.85, accuracy
