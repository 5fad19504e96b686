"""Keras on the backend that KERAS_BACKEND names."""

import sys

import numpy as np
from keras import Sequential
from keras.layers import Dense
from keras.losses import BinaryCrossentropy

data = np.load(sys.argv[1])
model = Sequential(
    [
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ]
)
model.compile(loss=BinaryCrossentropy())
history = model.fit(data["X"], data["Y"], epochs=100, verbose=0)
print(history.history["loss"][-1])
