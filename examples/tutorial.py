"""The tutorial network: 25, 15 and 1 sigmoid units tell handwritten zeros from ones.

The program between the two lines is the Keras tutorial's; only its imports are changed.
"""

from autograd_nn import datasets, set_random_seed

set_random_seed(1)
(X, Y), (X_test, Y_test) = datasets.load_digits(classes=(0, 1))

# fmt: off
# ruff: noqa: E402
# ---------------------------------------------------------------------------
from autograd_nn import Sequential
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy

model = Sequential([
    Dense(units=25, activation='sigmoid'),
    Dense(units=15, activation='sigmoid'),
    Dense(units=1, activation='sigmoid'),
])
model.compile(loss=BinaryCrossentropy())
model.fit(X, Y, epochs=100)
# ---------------------------------------------------------------------------
# fmt: on

loss = model.evaluate(X, Y, verbose=0)
accuracy = ((model.predict(X_test, verbose=0)[:, 0] > 0.5) == Y_test).mean()
print(
    f"\nloss {loss:.4f} on the {len(X)} digits learned, "
    f"accuracy {accuracy:.1%} on {len(X_test)} digits never seen"
)
for weight in model.trainable_weights:
    largest = abs(weight.grad).max()
    print(f"{weight.name:<16} {str(weight.shape):<10} largest |gradient| {largest:.2e}")

assert loss < 0.01, loss
assert accuracy >= 0.98, accuracy
