"""Tapes: watched constants, persistent ones, tapes in tapes; and an equation with a derivative."""

import numpy as np
import tensorflow as tf

x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x * x
    z = tf.reduce_sum(y * y) + tf.math.log(tf.reduce_prod(x))
dz_dx, dy_dx, dz_dy = tape.gradient(z, x), tape.gradient(y, x), tape.gradient(z, y)
del tape

v = tf.Variable(1.5)
unused = tf.Variable(2.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        cubed = tf.sin(v) * v**3
    first = inner.gradient(cubed, v)
second = outer.gradient(first, v)
with tf.GradientTape() as tape:
    both = {"a": v * 2.0}
    found = tape.gradient(both["a"], {"v": v, "unused": unused})
assert found["unused"] is None

random = np.random.default_rng(15)
w1 = tf.Variable(random.normal(size=(1, 8)), dtype=tf.float32)
b1 = tf.Variable(tf.zeros([8]))
w2 = tf.Variable(random.normal(size=(8, 1)), dtype=tf.float32)
optimizer = tf.keras.optimizers.SGD(0.01)
t = tf.reshape(tf.linspace(0.0, 2.0, 20), [20, 1])
losses = []
for _ in range(5):
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(t)
            u = tf.matmul(tf.tanh(tf.matmul(t, w1) + b1), w2)
        u_t = inner.gradient(u, t)
        start = tf.matmul(tf.tanh(tf.matmul([[0.0]], w1) + b1), w2) - 1.0
        loss = tf.reduce_mean(tf.square(u_t + u)) + tf.reduce_sum(tf.square(start))
    grads = tape.gradient(loss, [w1, b1, w2])
    optimizer.apply_gradients(zip(grads, [w1, b1, w2]))
    losses.append(loss.numpy())
results = {
    "dz_dx": dz_dx.numpy(),
    "dy_dx": dy_dx.numpy(),
    "dz_dy": dz_dy.numpy(),
    "second": [first.numpy(), second.numpy(), found["v"].numpy()],
    "losses": losses,
}
