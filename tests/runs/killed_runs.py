"""A process that trains is killed at random moments, and started again each time.

python -m tests.runs.killed_runs 50
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Input, Sequential, set_random_seed
from autograd_nn.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from autograd_nn.layers import BatchNormalization, Dense, Dropout, GaussianNoise
from autograd_nn.utils import PyDataset

KINDS = {"eager": {"run_eagerly": True}, "planned": {}, "jit": {"jit_compile": True}}
SOURCES = ("arrays", "numbers", "generator")
EPOCHS, BATCH, SAMPLES = 5, 16, 200

_draw = np.random.default_rng(7)
X = _draw.normal(size=(SAMPLES, 6)).astype(np.float32)
Y = (X[:, :1] * X[:, 1:2] > 0).astype(np.float32)


class Shuffled(PyDataset):
    """Batches by number, which it shuffles itself."""

    def __init__(self) -> None:
        super().__init__()
        self.places = np.arange(SAMPLES)

    def __len__(self) -> int:
        return -(-SAMPLES // BATCH)

    def __getitem__(self, number: int) -> Any:
        places = self.places[number * BATCH : (number + 1) * BATCH]
        return X[places] + np.random.normal(0, 0.01, (len(places), 6)), Y[places]

    def on_epoch_end(self) -> None:
        np.random.shuffle(self.places)


def endless() -> Iterator[Any]:
    """Batches without an end, drawn at random."""
    source = np.random.default_rng(3)
    while True:
        places = source.integers(SAMPLES, size=BATCH)
        yield X[places], Y[places]


class Counts(Callback):
    """A callback with a state of its own, by which the weights depend on all batches before."""

    def __init__(self) -> None:
        self.batches, self.losses = 0, []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1
        self.losses.append(logs["loss"])
        if self.batches % 11 == 0:
            bias = self.model.layers[-1].bias
            bias.assign_add(np.full(1, np.float32(np.mean(self.losses)) / 100))


def trained(kind: str, source: str, folder: Path | None, save_freq: Any) -> Sequential:
    """The model of a run, which keeps where it is in a folder, and goes on from there."""
    set_random_seed(1)
    np.random.seed(2)
    model = Sequential(
        [
            Input((6,)),
            GaussianNoise(0.1),
            Dense(16, activation="relu"),
            BatchNormalization(),
            Dropout(0.3, seed=4),
            Dense(8, activation="tanh"),
            Dropout(0.2),
            Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc"], **KINDS[kind])
    callbacks: list[Callback] = [
        EarlyStopping("val_loss", patience=2, restore_best_weights=True),
        ReduceLROnPlateau("loss", patience=1, min_delta=0.05),
        Counts(),
    ]
    if folder is not None:
        path = str(folder / "models" / "{epoch}-{val_loss:.3f}.npz")
        callbacks.insert(0, BackupAndRestore(folder / "backup", save_freq))
        callbacks.insert(1, ModelCheckpoint(path, save_best_only=True))
    how = {"epochs": EPOCHS, "verbose": 0, "callbacks": callbacks, "validation_data": (X, Y)}
    if source == "arrays":
        model.fit(X, Y, batch_size=BATCH, **how)
    elif source == "numbers":
        model.fit(Shuffled(), **how)
    else:
        model.fit(endless(), steps_per_epoch=12, **how)
    return model


def faults_of(
    times: int, kind: str, source: str, seed: int, folder: Path, save_freq: Any = 1
) -> list[str]:
    """Kill a process that trains so many times; where it ended otherwise than one that was not."""

    def started(place: Path, keeps: bool) -> int:
        """A process that trains; this one never does, so that nothing is inherited."""
        place.mkdir(exist_ok=True)
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            model = trained(kind, source, place if keeps else None, save_freq)
            (place / "history").write_text(repr(model.history.history))
            model.save_weights(place / "end.npz")
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)

    began = time.perf_counter()
    expected = folder / f"{kind}_{source}"
    assert os.waitpid(started(expected, False), 0)[1] == 0
    seconds = time.perf_counter() - began
    draw = random.Random(seed)
    faults: list[str] = []
    killed = inside = ended = 0
    while killed < times or not ended:
        place = folder / f"{kind}_{source}_{ended}"
        child = started(place, True)
        if killed < times:
            time.sleep(draw.uniform(0, 1.5 * seconds))
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if status == signal.SIGKILL:
            killed += 1
            inside += (place / "backup" / "run.npz").exists()
            continue
        ended += 1
        if status:
            return [*faults, f"{kind} {source}: a process ended with the status {status}"]
        if weights_in(place) != weights_in(expected):
            faults.append(f"{kind} {source}: the run {ended} has other weights")
        if (place / "history").read_text() != (expected / "history").read_text():
            faults.append(f"{kind} {source}: the run {ended} has another history")
        shutil.rmtree(place)
    print(f"{kind}, {source}: killed {times} times, {inside} of them with a backup to go on from")
    return faults


def weights_in(place: Path) -> list[bytes]:
    """All weights at the end of a run, bit for bit."""
    with np.load(place / "end.npz") as found:
        return [array.tobytes() for array in found.values()]


def main() -> None:
    """All kinds, each killed so many times."""
    times = int(sys.argv[1])
    kinds = sys.argv[2:3] or [*KINDS]
    sources = sys.argv[3:4] or [*SOURCES]
    warnings.simplefilter("ignore")
    found: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        for kind in kinds:
            for source in sources:
                found += faults_of(times, kind, source, 0, Path(place))
    print("\n".join(found) or "no fault")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
