"""What other processes import: what is swept, and a callback that writes down who trained."""

import os
import time
from typing import Any

from autograd_nn import Model, Sequential
from autograd_nn.callbacks import Callback
from autograd_nn.datasets import make_moons
from autograd_nn.layers import Dense, Dropout
from autograd_nn.optimizers import Adam

X, Y = make_moons(60, noise=0.2, seed=0)

# 24 fits.
GRID = {"units": [2, 3, 4], "rate": [0.01, 0.02], "batch_size": [10, 20]}
SEEDS = [0, 1]
FIT: dict[str, Any] = {"epochs": 2, "validation_split": 0.2}


def build(units: int, rate: float) -> Model:
    model = Sequential([Dense(units, "tanh"), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile(Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


class WriteDown(Callback):
    """Appends "begun PID" and "ended PID" to a file, and takes its time in between."""

    def __init__(self, path: str, pause: float = 0.0) -> None:
        super().__init__()
        self.path, self.pause = path, pause

    def on_train_begin(self, logs: Any = None) -> None:
        self._write("begun")
        time.sleep(self.pause)

    def on_train_end(self, logs: Any = None) -> None:
        self._write("ended")

    def _write(self, what: str) -> None:
        with open(self.path, "a") as file:
            file.write(f"{what} {os.getpid()}\n")
