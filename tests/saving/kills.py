"""A process that saves is killed at a random moment: the file is whole each time.

python -m tests.saving.kills 200
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from autograd_nn import Input, Sequential
from autograd_nn.layers import Dense
from autograd_nn.models import load_model


def model_of(number: float) -> Sequential:
    """A model, all of whose weights are this number."""
    model = Sequential([Input((200,)), Dense(200), Dense(3)])
    model.compile("sgd", "mse")
    model.set_weights([np.full(w.shape, number, np.float32) for w in model.weights])
    return model


def faults_of(times: int, seed: int, folder: Path) -> list[str]:
    """Save over and over in a process that is killed, so many times; what was broken."""
    draw = random.Random(seed)
    path = folder / "m.npz"
    one, other = model_of(1.0), model_of(2.0)
    one.save(path)
    faults = []
    left = 0
    for n in range(times):
        child = os.fork()
        if not child:
            while True:
                other.save(path)
                one.save(path)
        time.sleep(draw.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left += len(list(folder.iterdir())) - 1
        try:
            values = {float(x) for w in load_model(path).get_weights() for x in np.unique(w)}
        except Exception as error:
            faults.append(f"{n}: {error}")
            continue
        if values not in ({1.0}, {2.0}):
            faults.append(f"{n}: the weights are a mixture, {values}")
    one.save(path)
    if (names := [file.name for file in folder.iterdir()]) != ["m.npz"]:
        faults.append(f"left behind after the next save: {names}")
    print(f"killed {times} times, {left} of them with an unfinished file beside the whole one")
    return faults


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        found = faults_of(int(sys.argv[1]), 0, Path(place))
    print("\n".join(found) or "no fault")
    sys.exit(bool(found))
