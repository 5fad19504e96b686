"""A process that is forked off while another thread runs a program runs that program too."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, threading, warnings
import numpy as np
from autograd_nn import Tensor, compiled, ops, set_random_seed, settings

warnings.simplefilter("ignore", DeprecationWarning)  # of later Pythons, for threads and forks

@compiled
def squares(x):
    return (x ** 2).sum()

x = np.arange(3.0)
for _ in range(3):
    assert squares(x) == 5.0
inside, done = threading.Event(), threading.Event()

def held():
    turn = squares._by_kind[squares._last]._planned._turn
    with turn, settings._making, squares._lock, settings.own_randomness(1):
        inside.set()
        done.wait()

threading.Thread(target=held).start()
inside.wait()
child = os.fork()
if child == 0:
    signal.alarm(30)  # ends the process where it waits for a thread that is not there
    assert squares(2 * x) == 20.0
    set_random_seed(3)
    settings._streams.clear()
    settings.generator("weights")
    with settings.own_randomness(4):
        pass
    os._exit(0)
_, status = os.waitpid(child, 0)
done.set()
assert os.waitstatus_to_exitcode(status) == 0, status
# A lock that the forking thread itself holds is its own in the new process, too.
with settings.own_randomness(5):
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        with settings.own_randomness(6):
            pass
if child == 0:
    os._exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
print("both")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system forks no processes.")
def test_a_forked_process_waits_for_no_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "both\n", done.stderr
