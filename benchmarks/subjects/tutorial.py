"""The tutorial program as a whole process: python -m benchmarks.subjects.tutorial DIGITS.npz

With `--write DIGITS.npz` it writes the digits 0 and 1 instead, for itself and for the baseline.
"""

import sys

import numpy as np

from autograd_nn import Sequential
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy


def main(path: str) -> None:
    """Train 100 epochs, as the baseline `seed_process.py` does by hand."""
    data = np.load(path)
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


def write(path: str) -> None:
    """Write X float32 (360, 64) and Y float32 (360, 1)."""
    from autograd_nn.datasets import load_digits

    train, test = load_digits(classes=(0, 1))
    x, labels = (np.concatenate(arrays) for arrays in zip(train, test, strict=True))
    np.savez(path, X=x, Y=labels.reshape(-1, 1).astype(np.float32))


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "--write" else main(sys.argv[1])
