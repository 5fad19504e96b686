"""A training loop written out: batches of a dataset, a tape, metrics, losses of layers."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

random = np.random.default_rng(13)
x_train = random.normal(size=(50, 6)).astype("float32")
y_train = random.integers(0, 3, 50)

inputs = keras.Input(shape=(6,), name="digits")
x = layers.Dense(8, activation="relu", name="dense_1")(inputs)
outputs = layers.Dense(3, name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
optimizer = keras.optimizers.SGD(learning_rate=1e-1)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
train_dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).batch(16)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
        loss_value += sum(model.losses)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_acc_metric.update_state(y, logits)
    return loss_value


losses, accuracies, sizes = [], [], []
for epoch in range(3):
    for step, (x_batch_train, y_batch_train) in enumerate(train_dataset):
        losses.append(float(train_step(x_batch_train, y_batch_train)))
        sizes.append(int(x_batch_train.shape[0]))
    accuracies.append(float(train_acc_metric.result()))
    train_acc_metric.reset_state()
mixed = list(tf.data.Dataset.from_tensor_slices(x_train).shuffle(50).batch(10).take(2))
results = {
    "losses": losses,
    "accuracies": accuracies,
    "sizes": sizes,
    "mixed": [tuple(batch.shape) for batch in mixed],
    "weights": model.get_weights()[1],
}
