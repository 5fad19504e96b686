"""One expression of numbers, differentiated three ways: by hand, by backward, by differences.

L = (tanh(w·x + b) − y)² + λ·w²
"""

import math

from autograd_nn import Tensor, check_gradients, grad

w, x, b, y, penalty = 0.6, -1.2, 0.3, 0.5, 0.1


def loss(w, x, b):
    from numpy import tanh

    return (tanh(w * x + b) - y) ** 2 + penalty * w**2


# By hand, with the chain rule: t = tanh(w·x + b)
t = math.tanh(w * x + b)
by_hand = {
    "w": 2 * (t - y) * (1 - t * t) * x + 2 * penalty * w,
    "x": 2 * (t - y) * (1 - t * t) * w,
    "b": 2 * (t - y) * (1 - t * t),
}

# By backward: each operation is recorded, and asked for its local derivative.
leaves = {"w": Tensor(w, name="w"), "x": Tensor(x, name="x"), "b": Tensor(b, name="b")}
L = loss(**leaves)
L.backward()

# By differences: move one number a little, both ways.
h = 1e-5
values = {"w": w, "x": x, "b": b}
by_difference = {
    name: (loss(**values | {name: value + h}) - loss(**values | {name: value - h})) / (2 * h)
    for name, value in values.items()
}

print(f"L = {L:.6f}\n      by hand     backward    differences")
for name in values:
    print(f"∂L/∂{name} {by_hand[name]:+.8f} {leaves[name].grad:+.8f} {by_difference[name]:+.8f}")
    assert math.isclose(leaves[name].grad, by_hand[name], rel_tol=1e-12)
    assert math.isclose(by_difference[name], by_hand[name], rel_tol=1e-8)

print("\nWhere the gradient of w comes from:\n")
print(L.draw(edges="receipt").text())
print("\n" + str(check_gradients(loss, w, x, b, order=2)))

# The second derivative is the gradient of the gradient.
second = grad(grad(loss))(w, x, b)
slope = 1 - t * t
assert math.isclose(
    second, 2 * x * x * slope * (slope - 2 * t * (t - y)) + 2 * penalty, rel_tol=1e-12
)
