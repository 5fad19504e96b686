"""Linear regression with MeanSquaredError finds what the normal equations say."""

import numpy as np

from autograd_nn import Sequential, set_random_seed
from autograd_nn.layers import Dense
from autograd_nn.losses import MeanSquaredError
from autograd_nn.optimizers import SGD

set_random_seed(0)
random = np.random.default_rng(0)
x = random.normal(size=(200, 3)).astype("float32")
y = x @ np.float32([2.0, -1.0, 0.5]) + np.float32(3) + 0.1 * random.normal(size=200)

model = Sequential([Dense(units=1)])
model.compile(optimizer=SGD(learning_rate=0.1), loss=MeanSquaredError())
history = model.fit(x, y, epochs=60, batch_size=200, verbose=0)

kernel, bias = model.get_weights()
with_ones = np.column_stack([x, np.ones(len(x))])
best, residual, *_ = np.linalg.lstsq(with_ones, y, rcond=None)
print("learned           ", *(f"{v:.4f}" for v in [*kernel[:, 0], *bias]))
print("normal equations  ", *(f"{v:.4f}" for v in best))
print(
    f"mean squared error {history.history['loss'][-1]:.5f}, "
    f"smallest possible {residual[0] / 200:.5f}"
)

assert np.allclose([*kernel[:, 0], *bias], best, atol=1e-3)
assert history.history["loss"][-1] >= residual[0] / 200 - 1e-6
