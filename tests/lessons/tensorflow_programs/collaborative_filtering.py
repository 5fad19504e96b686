"""Films and viewers: features of both are learned at once, by a loop with a tape."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

random = np.random.default_rng(12)
films, viewers, features = 12, 7, 3
Y = random.integers(0, 6, (films, viewers)).astype(float)
R = random.integers(0, 2, (films, viewers)).astype(float)


def cofi_cost_func_v(X, W, b, Y, R, lambda_):
    j = (tf.linalg.matmul(X, tf.transpose(W)) + b - Y) * R
    return 0.5 * tf.reduce_sum(j**2) + (lambda_ / 2) * (tf.reduce_sum(X**2) + tf.reduce_sum(W**2))


Ymean = (np.sum(Y * R, axis=1) / (np.sum(R, axis=1) + 1e-12)).reshape(-1, 1)
Ynorm = Y - np.multiply(Ymean, R)
tf.random.set_seed(1234)
W = tf.Variable(random.normal(size=(viewers, features)), name="W")
X = tf.Variable(random.normal(size=(films, features)), name="X")
b = tf.Variable(random.normal(size=(1, viewers)), name="b")
optimizer = keras.optimizers.Adam(learning_rate=1e-1)
costs = []
for _ in range(8):
    with tf.GradientTape() as tape:
        cost_value = cofi_cost_func_v(X, W, b, Ynorm, R, 1.0)
    grads = tape.gradient(cost_value, [X, W, b])
    optimizer.apply_gradients(zip(grads, [X, W, b]))
    costs.append(float(cost_value))
p = np.matmul(X.numpy(), np.transpose(W.numpy())) + b.numpy()

w = tf.Variable(3.0)
x, y, alpha = 1.0, 1.0, 0.01
for _ in range(30):
    with tf.GradientTape() as tape:
        fwb = w * x
        costJ = (fwb - y) ** 2
    [dJdw] = tape.gradient(costJ, [w])
    w.assign_add(-alpha * dJdw)
results = {"costs": costs, "predictions": p + Ymean, "w": w.numpy()}
