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
from autograd_nn.optimizers import RMSprop

set_random_seed(0)
(x, y), _ = load_digits(classes=(0, 1))
x, y = x[:32], y[:32, None].astype("float32")

model = Sequential(
    [
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ]
)
optimizer = RMSprop(learning_rate=0.001)


def loss_of_the_batch():
    return BinaryCrossentropy()(y, model(x))


program = loss_of_the_batch().program(model.trainable_weights, optimizer, inputs={"x": x, "y": y})
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

by_hand = []
for _ in range(10):
    loss = loss_of_the_batch()
    loss.backward()
    optimizer.step(model.trainable_weights)
    optimizer.zero_grad(model.trainable_weights)
    by_hand.append(loss.item())
saved = [float(line.split()[1]) for line in printed.splitlines()]
print("by the library:", *(f"{value:.6f}" for value in by_hand))

assert lines < 150
assert np.allclose(saved, by_hand, atol=2e-6)
assert by_hand[-1] < by_hand[0]
