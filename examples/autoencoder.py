"""An autoencoder of the digits: 64 pixels through 8 numbers and back, better than 8 axes can be.

The best that straight lines can do, 8 principal components, is computed beside it.
"""

import numpy as np

from autograd_nn import Input, Model, set_random_seed
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Adam

CODE = 8
(x_train, _), (x_test, labels) = load_digits()

set_random_seed(0)
pixels = Input((64,))
hidden = Dense(64, activation="relu")(pixels)
code = Dense(CODE, name="code")(hidden)
hidden = Dense(64, activation="relu")(code)
rebuilt = Dense(64, activation="sigmoid")(hidden)
autoencoder = Model(pixels, rebuilt)
encoder = Model(pixels, code)

autoencoder.compile(Adam(0.003), "mse")
history = autoencoder.fit(x_train, x_train, epochs=100, batch_size=32, verbose=0)
found = autoencoder.evaluate(x_test, x_test, verbose=0)

mean = x_train.mean(axis=0)
axes = np.linalg.svd(x_train - mean, full_matrices=False)[2][:CODE]
projected = (x_test - mean) @ axes.T @ axes + mean
straight = np.mean((projected - x_test) ** 2)
print(f"Mean squared error on new digits: {found:.4f}; {CODE} principal components: {straight:.4f}")
assert found < 0.8 * straight

# The code says which digit it is: that of the nearest one that was seen in training.
codes, of_training = encoder.predict(x_test), encoder.predict(x_train)
(_, y_train), _ = load_digits()
distances = ((codes[:, None] - of_training[None]) ** 2).sum(axis=2)
right = np.mean(y_train[distances.argmin(axis=1)] == labels)
print(f"The nearest code of a known digit names the digit in {right:.0%} of the cases.")
assert right > 0.9
