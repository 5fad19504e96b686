"""A training that is gone on with: ``mpiexec -n 2 python going_on.py FOLDER BATCHES SOURCE RANK``.

One rank is killed after so many batches of the first rank, 0 for none; the first rank writes the
weights at the end.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import autograd_nn
from autograd_nn import Input, Sequential
from autograd_nn.callbacks import BackupAndRestore, Callback, ReduceLROnPlateau
from autograd_nn.distribution import DataParallel
from autograd_nn.layers import Dense, Dropout

X = np.random.default_rng(1).normal(size=(50, 5)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)
folder, after, source = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
distribution = DataParallel()
processes = [os.getpid()]
if distribution.size > 1:
    processes = distribution.ranks.of_all(os.getpid())


class Kills(Callback):
    """Ends a rank."""

    def __init__(self) -> None:
        self._seen = 0

    def get_state(self) -> Any:
        return None

    def set_state(self, state: Any) -> None:
        pass

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._seen += 1
        if self._seen == after:
            (folder / "killed").write_text(repr(time.time()))
            os.kill(processes[int(sys.argv[4])], signal.SIGKILL)


class Numbers:
    """Batches by number."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, number: int) -> Any:
        rows = slice(10 * number, 10 * number + 10)
        return X[rows], Y[rows]


def endlessly() -> Iterator[Any]:
    """Batches that can only be gone through."""
    draw = np.random.default_rng(2)
    while True:
        rows = draw.integers(len(X), size=10)
        yield X[rows], Y[rows]


autograd_nn.set_random_seed(3)
model = Sequential(
    [
        Input((5,)),
        Dense(8, activation="tanh"),
        Dropout(0.3),
        Dropout(0.2, seed=1),
        Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"], distribution=distribution)
callbacks = [
    BackupAndRestore(folder / "backup", 3),
    ReduceLROnPlateau("loss", patience=0, min_delta=0.05),
    Kills(),
]
data: dict[str, Any] = {
    "arrays": {"x": X, "y": Y, "batch_size": 10},
    "numbers": {"x": Numbers()},
    "generator": {"x": endlessly(), "steps_per_epoch": 5},
}
model.fit(**data[source], epochs=4, verbose=0, callbacks=callbacks)
if distribution.rank == 0:
    np.savez(folder / "end.npz", *model.get_weights())
    (folder / "history").write_text(repr(model.history.history))
