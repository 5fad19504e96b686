"""Regression with k folds, without and with penalties, limits and dropout: overfitting."""

import keras
import numpy as np
from keras import layers
from keras.constraints import MaxNorm
from keras.optimizers.schedules import ExponentialDecay

random = np.random.default_rng(9)
x = random.normal(size=(90, 13))
y = x @ random.normal(size=13) + 0.1 * random.normal(size=90)
x = (x - x.mean(axis=0)) / x.std(axis=0)
start = [random.normal(size=s) * 0.3 for s in ((13, 8), (8,), (8, 1), (1,))]


def build_model():
    model = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
    model.build((None, 13))
    model.set_weights(start)
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k, scores = 3, []
size = len(x) // k
for i in range(k):
    val_x, val_y = x[i * size : (i + 1) * size], y[i * size : (i + 1) * size]
    rest = np.concatenate([x[: i * size], x[(i + 1) * size :]], axis=0)
    goals = np.concatenate([y[: i * size], y[(i + 1) * size :]], axis=0)
    model = build_model()
    model.fit(rest, goals, epochs=3, batch_size=16, verbose=0, shuffle=False)
    scores.append(model.evaluate(val_x, val_y, verbose=0)[1])

smaller = keras.Sequential(
    [
        keras.Input((13,)),
        layers.Dense(
            8,
            kernel_regularizer=keras.regularizers.L1L2(l1=1e-3, l2=1e-2),
            kernel_constraint=MaxNorm(1.0),
            activation="elu",
        ),
        layers.LeakyReLU(negative_slope=0.1),
        layers.Dropout(0.0),
        layers.Dense(1, kernel_initializer="he_normal", bias_regularizer="l2"),
    ]
)
smaller.set_weights(start)
schedule = ExponentialDecay(0.05, decay_steps=10, decay_rate=0.9)
smaller.compile(
    optimizer=keras.optimizers.SGD(learning_rate=schedule, momentum=0.9, nesterov=True),
    loss=keras.losses.Huber(),
)
history = smaller.fit(x, y, epochs=4, batch_size=30, shuffle=False, verbose=0)
norms = np.linalg.norm(smaller.get_weights()[0], axis=0)
results = {"scores": scores, "loss": history.history["loss"], "norms": norms}
