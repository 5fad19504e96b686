"""An operation of one's own and a layer of one's own: both take part like those of the library."""

import numpy as np

from autograd_nn import Operation, Sequential, Tensor, check_gradients, datasets, set_random_seed
from autograd_nn.layers import Dense, Layer

# An operation: its value, and one rule for each input. g is ∂L/∂(out).
bump = Operation(
    "bump",
    value=lambda x: np.exp(-x * x),
    gradients=(lambda g, out, x: g * out * (-2 * x),),
)
x = Tensor([0.0, 0.5, 1.0], name="x")
bump(x).sum().backward()
print("bump′ at 0, ½, 1:", x.grad)
assert np.allclose(x.grad, -2 * x.data * np.exp(-(x.data**2)))
print(check_gradients(bump, np.array([0.0, 0.5, 1.0]), order=2))

# A rule that is wrong is found, with both numbers.
wrong = Operation("wrong", value=lambda x: x * x, gradients=(lambda g, out, x: g * x,))
try:
    check_gradients(wrong, 3.0)
except AssertionError as error:
    print(error)
else:
    raise SystemExit("the wrong rule was not found")


# A layer: weights in build, the formula in call.
class Bumps(Layer):
    """Distances to learned centres, through a bump: what a radial basis network is made of."""

    def __init__(self, units, name=None):
        super().__init__(name=name)
        self.units = units

    def build(self, input_shape):
        self.centres = self.add_weight((self.units, input_shape[-1]), "random_normal", "centres")

    def call(self, inputs):
        offsets = np.expand_dims(inputs, 1) - self.centres  # (N, 1, I) − (units, I)
        return bump(((offsets**2).sum(axis=-1) + 1e-6) ** 0.5)


set_random_seed(3)
points, labels = datasets.make_circles(300, noise=0.05, seed=1)
model = Sequential([Bumps(12), Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.optimizer.learning_rate = 0.05
history = model.fit(points, labels, epochs=60, verbose=0)
accuracy = history.history["accuracy"][-1]
print(f"two circles told apart by {model.layers[0].units} bumps: accuracy {accuracy:.1%}")
assert accuracy >= 0.95, accuracy
