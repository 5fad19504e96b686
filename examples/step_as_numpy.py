"""One training step of the tutorial network as plain NumPy: printed, saved, run by itself."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from autograd_nn import Sequential, set_random_seed
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy

set_random_seed(0)
(x, y), _ = load_digits(classes=(0, 1))
x, y = x[:32], y[:32, None]

model = Sequential(
    [
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ]
)
model.compile(loss=BinaryCrossentropy(), run_eagerly=True)

program = model.program(x, y)
print("As it was recorded, a line for each operation:\n")
print(program.plain.source)
print("What the planner makes of it:\n")
print(program.report())

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "step.py"
    program.save(path)
    lines = len(path.read_text(encoding="utf-8").splitlines())
    print(
        f"\nSaved, planned, as {path.name} of {lines} lines. Run by itself, without the library:\n"
    )
    command = [sys.executable, "-I", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(printed)

saved = [float(line.split()[1]) for line in printed.splitlines()]
as_written = [model.train_on_batch(x, y) for _ in saved]
print("by train_on_batch:", *(f"{loss:.6f}" for loss in as_written))

assert lines < 160
assert np.allclose(saved, as_written, atol=2e-6)
assert as_written[-1] < as_written[0]
