"""autograd_nn: python autograd_nn_tutorial.py DIGITS.npz [--eagerly]"""

import sys

import numpy as np

from autograd_nn import Sequential
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy

data = np.load(sys.argv[1])
model = Sequential(
    [
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ]
)
if "--eagerly" in sys.argv:
    model.compile(loss=BinaryCrossentropy(), run_eagerly=True)
else:
    model.compile(loss=BinaryCrossentropy())
history = model.fit(data["X"], data["Y"], epochs=100, verbose=0)
print(history.history["loss"][-1])
