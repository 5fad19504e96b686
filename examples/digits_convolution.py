"""A convolutional network on ten digits: kernels of 3 by 3 that look at 8 by 8 pixels.

It has fewer weights than one dense layer of 64 units on all pixels, and is right more often.
"""

import time

import numpy as np

from autograd_nn import Input, Sequential, datasets, set_random_seed, viz
from autograd_nn.layers import Conv2D, Dense, Flatten, MaxPooling2D
from autograd_nn.optimizers import Adam

set_random_seed(0)
(x, y), (x_test, y_test) = datasets.load_digits()
x, x_test = x.reshape(-1, 8, 8, 1), x_test.reshape(-1, 8, 8, 1)

model = Sequential(
    [
        Input((8, 8, 1)),
        Conv2D(8, 3, padding="same", activation="relu"),
        MaxPooling2D(),
        Conv2D(16, 3, padding="same", activation="relu"),
        MaxPooling2D(),
        Flatten(),
        Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=Adam(learning_rate=0.005),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
start = time.perf_counter()
history = model.fit(x, y, epochs=20, validation_split=0.1, verbose=0)
seconds = time.perf_counter() - start
model.summary()

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"20 epochs in {seconds:.1f} s: accuracy {accuracy:.1%} on {len(x_test)} digits never seen")

# One number of the first layer, before its bias: nine products, here of the middle of a digit.
convolution = model.layers[0]
seen = x_test[0, 3:6, 3:6, 0] * convolution.kernel.data[:, :, 0, 0]
recorded = convolution(x_test[:1])
terms = viz.zoom(recorded, (0, 4, 4, 0))
print(terms.text())
expected = max(seen.sum() + convolution.bias.data[0], 0)
np.testing.assert_allclose(recorded.data[0, 4, 4, 0], expected, rtol=1e-5, atol=1e-6)
assert accuracy >= 0.97, accuracy
