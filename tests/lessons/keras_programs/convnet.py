"""Small pictures with stripes in two directions: two convolutions, pooling, dropout at the end."""

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(0)
y = random.integers(0, 2, 64)
x = random.normal(size=(64, 12, 12)) * 0.3
x[y == 0, ::2, :] += 1
x[y == 1, :, ::2] += 1
x = np.expand_dims(x.astype("float32"), -1)
y_hot = keras.utils.to_categorical(y, 2)

model = keras.Sequential(
    [
        keras.Input(shape=(12, 12, 1)),
        layers.Conv2D(4, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(6, kernel_size=(3, 3), padding="same", activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.0),
        layers.Dense(2, activation="softmax"),
    ]
)
model.summary()
model.set_weights([random.normal(size=w.shape) * 0.3 for w in model.get_weights()])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(
    x, y_hot, batch_size=16, epochs=3, validation_split=0.25, shuffle=False, verbose=0
)
score = model.evaluate(x, y_hot, verbose=0)
results = {**history.history, "score": score, "parameters": model.count_params()}
