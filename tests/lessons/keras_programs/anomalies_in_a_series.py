"""An autoencoder of windows of a series: what it rebuilds badly is out of the ordinary."""

import keras
import numpy as np
from keras import layers

steps = 16
series = np.sin(np.arange(150) / 4)[:, None] + 0.1 * np.cos(np.arange(150))[:, None]
mean, deviation = series.mean(), series.std()
series = (series - mean) / deviation
windows = np.stack([series[i : i + steps] for i in range(len(series) - steps + 1)])

model = keras.Sequential(
    [
        layers.Input(shape=(windows.shape[1], windows.shape[2])),
        layers.Conv1D(filters=8, kernel_size=7, padding="same", strides=2, activation="relu"),
        layers.Dropout(rate=0.0),
        layers.Conv1D(filters=4, kernel_size=7, padding="same", strides=2, activation="relu"),
        layers.Conv1DTranspose(
            filters=4, kernel_size=7, padding="same", strides=2, activation="relu"
        ),
        layers.Conv1DTranspose(
            filters=8, kernel_size=7, padding="same", strides=2, activation="relu"
        ),
        layers.Conv1DTranspose(filters=1, kernel_size=7, padding="same"),
    ]
)
random = np.random.default_rng(8)
model.set_weights([random.normal(size=w.shape) * 0.2 for w in model.get_weights()])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss="mse")
history = model.fit(
    windows,
    windows,
    epochs=3,
    batch_size=32,
    validation_split=0.1,
    shuffle=False,
    verbose=0,
    callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, mode="min")],
)
rebuilt = model.predict(windows, verbose=0)
error = np.mean(np.abs(rebuilt - windows), axis=1)
results = {**history.history, "threshold": np.max(error), "shape": rebuilt.shape}
