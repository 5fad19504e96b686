"""The functions that lessons call, on numbers that are looked at afterwards."""

import tensorflow as tf

a = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
labels = tf.constant([0, 2])
assert a.dtype == tf.float32 and labels.dtype == tf.int32
results = {
    "reduced": [
        f(a, axis=1).numpy()
        for f in (tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod)
    ],
    "kept": tf.reduce_sum(a, axis=0, keepdims=True).numpy(),
    "deviation": [tf.math.reduce_std(a).numpy(), tf.math.reduce_variance(a).numpy()],
    "argmax": tf.argmax(a, axis=1).numpy(),
    "one_hot": tf.one_hot(labels, 4).numpy(),
    "cast": tf.cast(tf.constant([1.7, 2.2]), tf.int32).numpy(),
    "shape": tf.shape(a).numpy(),
    "moved": tf.transpose(a).numpy(),
    "joined": tf.concat([a, a * 2.0], axis=0).numpy(),
    "stacked": tf.stack([a, -a], axis=0).numpy(),
    "apart": [part.numpy() for part in tf.unstack(a)],
    "split": [part.numpy() for part in tf.split(a, 3, axis=1)],
    "gathered": tf.gather(a, [2, 0], axis=1).numpy(),
    "where": tf.where(a > 2.5, a, tf.zeros_like(a)).numpy(),
    "clipped": tf.clip_by_value(a, 2.0, 4.5).numpy(),
    "range": tf.range(5).numpy(),
    "range of three": tf.range(1, 10, 3).numpy(),
    "linspace": tf.linspace(0.0, 1.0, 5).numpy(),
    "eye": tf.eye(3).numpy(),
    "filled": tf.fill([2, 2], 7.0).numpy(),
    "tile": tf.tile(tf.constant([[1, 2]]), [2, 2]).numpy(),
    "expanded": tf.squeeze(tf.expand_dims(a, 0)).numpy(),
    "normalized": tf.linalg.l2_normalize(a, axis=1).numpy(),
    "norm": tf.norm(a).numpy(),
    "inverse": tf.linalg.inv(tf.constant([[2.0, 1.0], [1.0, 3.0]])).numpy(),
    "product": tf.matmul(a, a, transpose_b=True).numpy(),
    "einsum": tf.einsum("ij,kj->ik", a, a).numpy(),
    "activations": [
        f(a - 3.0).numpy()
        for f in (tf.nn.relu, tf.nn.sigmoid, tf.nn.softmax, tf.nn.tanh, tf.nn.leaky_relu)
    ],
    "entropies": [
        tf.nn.sigmoid_cross_entropy_with_logits(
            labels=tf.constant([0.0, 1.0]), logits=tf.constant([0.5, -2.0])
        ).numpy(),
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=a).numpy(),
    ],
    "rounded": tf.round(tf.constant([0.5, 1.5, 2.4])).numpy(),
    "power": tf.pow(a, 2.0).numpy(),
    "compared": tf.cast(tf.equal(tf.argmax(a, 1), [2, 1]), tf.float32).numpy(),
    "repeated": [x.numpy() for x in tf.data.Dataset.range(3).repeat(2)],
    "mapped": [
        x.numpy() for x in tf.data.Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: x * 2.0)
    ],
}
