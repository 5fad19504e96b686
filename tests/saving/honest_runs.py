"""Files of runs as they should be: backups, runs of a sweep, recordings of steps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Input, Sequential, layers, set_random_seed
from autograd_nn.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    ReduceLROnPlateau,
    StepRecorder,
)
from autograd_nn.engine.errors import FileFormatError, StateError
from autograd_nn.runs.comparing import compare_runs
from autograd_nn.sweeping.grids import runs_of
from autograd_nn.sweeping.kept_runs import KeptRuns
from autograd_nn.sweeping.one_run import Trained
from autograd_nn.utils import PyDataset
from tests.saving.honest_files import WIDE, Honest

X, Y = np.ones((24, 12), np.float32), np.ones((24, 1), np.float32)


def files_of_runs(folder: Path) -> list[Honest]:
    """One of each kind, and backups of several moments."""
    return [
        _backup(folder, "between", _arrays),
        _backup(folder, "within", _arrays, stop=3),
        _backup(folder, "by_number", lambda: (_Numbered(),), stop=3),
        _backup(folder, "drawn", lambda: (_drawn(),), stop=3),
        _of_sweep(folder, "run"),
        _of_sweep(folder, "sweep"),
        _recording(folder),
    ]


# ---------------------------------------------------------------------- backups


class _Killed(Exception):
    """Ends a run."""


class _Own(Callback):
    """What a user's callback may keep."""

    def __init__(self, stop: int | None) -> None:
        self._stop = [stop]
        self.seen = 0
        self.words: dict[str, Any] = {"last": None}
        self.draws = np.random.default_rng(1)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        try:
            self.seen += 1
            self.words["last"] = f"batch {batch}"
            self.draws.random()
        except (TypeError, AttributeError) as error:
            # Attributes of one's own become what the file says; no reader knows what they should.
            raise StateError("The callback cannot go on from there.") from error
        if self._stop[0] is not None and self.seen > self._stop[0]:
            raise _Killed


class _Numbered(PyDataset):
    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0

    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> Any:
        return X[8 * number :][:8], Y[8 * number :][:8]

    def on_epoch_end(self) -> None:
        self.epochs += 1


def _drawn() -> Any:
    while True:
        yield X[:8], Y[:8]


def _arrays() -> tuple[Any, ...]:
    return X, Y, 8


def _trained(folder: Path, data: Callable[[], tuple[Any, ...]], stop: int | None) -> Any:
    """A model after two epochs, or what a backup leaves of them to do."""
    set_random_seed(3)
    model = Sequential(
        [
            Input((12,)),
            layers.Dense(WIDE, "relu"),
            layers.Dropout(0.2, seed=1),
            layers.BatchNormalization(),
            layers.Dense(WIDE),
            layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "auc"])
    callbacks = [
        # So that nothing is written while a changed file is read.
        BackupAndRestore(folder, "epoch" if stop is None else stop, delete_checkpoint=False),
        EarlyStopping("loss", patience=5, restore_best_weights=True),
        ReduceLROnPlateau("loss", patience=1),
        StepRecorder(),
        _Own(stop),
    ]
    steps = {} if len(data()) > 1 else {"steps_per_epoch": 3}
    model.fit(*data(), epochs=2, verbose=0, callbacks=callbacks, **steps)
    return model


def _backup(
    folder: Path, name: str, data: Callable[[], tuple[Any, ...]], stop: int | None = None
) -> Honest:
    """Of a run that was killed after so many batches, None after its end."""

    def read(path: Path) -> Any:
        return _trained(path.parent, data, stop and 100)

    place = folder / name / "run.npz"
    with contextlib.suppress(_Killed):
        _trained(place.parent, data, stop)
    model = read(place)
    return Honest(f"{name}/run.npz", place.read_bytes(), read, model, model.get_weights())


# ---------------------------------------------------------------------- others


def _of_sweep(folder: Path, name: str) -> Honest:
    """What says that a run is done, or of which sweep the runs are."""
    contents = {"build": [f"line {n}" for n in range(3000)], "floatx": "float32"}
    (run,) = runs_of({"units": [3]}, [0], lambda name: "build")
    losses = [float(x) for x in np.random.default_rng(0).random(20_000)]
    place = folder / f"of_{name}"
    kept = KeptRuns(place, contents)
    kept.keep(run, Trained({"loss": losses, "val_loss": losses}, 1.5, b"weights"))
    file = place / (f"{run.name}.json" if name == "run" else "sweep.json")
    other = {path.name: path.read_bytes() for path in place.iterdir() if path != file}

    def read(path: Path) -> Any:
        found = KeptRuns(path.parent, contents)
        if not found.has(run):
            raise FileFormatError("The run is not done, and is done again.")
        return found.row(run)["loss"] + found.result(run).seconds

    for beside, content in other.items():
        there = folder / "changed" / place.name / beside
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content)
    return Honest(f"{place.name}/{file.name}", file.read_bytes(), read)


def _recording(folder: Path) -> Honest:
    path = folder / "recording.json"
    set_random_seed(3)
    model = Sequential([Input((12,)), layers.Dense(5), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, 1, epochs=100, verbose=0, callbacks=[StepRecorder(path)])
    return Honest(path.name, path.read_bytes(), lambda changed: compare_runs(changed, path))
