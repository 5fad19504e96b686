"""A training that is killed in the middle of an epoch, and started again.

`BackupAndRestore` keeps where a run is. This program starts itself as another process, kills it,
starts it again until it ends, and compares the weights with those of a run that nobody killed: they
are the same, bit for bit, although the samples were shuffled and units dropped at random.
`compare_runs` then says where a third run, with another rate of dropout, parts from these.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from autograd_nn import Sequential, compare_runs, set_random_seed
from autograd_nn.callbacks import BackupAndRestore, ReduceLROnPlateau, StepRecorder
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense, Dropout


def train(folder, dropout=0.3):
    set_random_seed(7)
    (x, y), _ = load_digits()
    model = Sequential(
        [Dense(32, activation="relu"), Dropout(dropout), Dense(10, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    backup = BackupAndRestore(folder / "backup", save_freq=10)  # after every 10 batches
    rate = ReduceLROnPlateau("loss", factor=0.5, patience=1)
    steps = StepRecorder(folder / "steps.json")
    model.fit(x, y, epochs=6, verbose=0, callbacks=[rate, steps, backup])
    model.save_weights(folder / "end.npz")


def run_and_kill(folder, times):
    for kill in range(times + 1):
        process = subprocess.Popen([sys.executable, __file__, str(folder)])
        if kill < times:
            file = folder / "backup" / "run.npz"
            before = file.stat().st_mtime_ns if file.exists() else 0
            while not file.exists() or file.stat().st_mtime_ns == before:
                time.sleep(0.002)
                assert process.poll() is None, "it ended before it could be killed"
            process.kill()
            process.wait()
            print(f"killed, with a backup of {file.stat().st_size:,} bytes to go on from")
        else:
            assert process.wait() == 0


def weights_in(folder):
    with np.load(folder / "end.npz") as found:
        return list(found.values())


def main():
    with tempfile.TemporaryDirectory() as place:
        whole, killed, other = (Path(place, name) for name in ("whole", "killed", "other"))
        for folder in (whole, killed, other):
            folder.mkdir()
        train(whole)
        run_and_kill(killed, times=3)
        pairs = zip(weights_in(whole), weights_in(killed), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)
        found = compare_runs(whole / "steps.json", killed / "steps.json")
        print(found)
        assert found.is_same
        train(other, dropout=0.2)
        found = compare_runs(whole / "steps.json", other / "steps.json")
        print(found)
        assert (found.step, found.tensor) == (1, "loss")
        assert found.ledger == {"model.dropout.rate": (0.3, 0.2)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        train(Path(sys.argv[1]))
    else:
        main()
