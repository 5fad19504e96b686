"""Signals at any moment, as Ctrl-C is one."""

import gc
import random
import signal
from collections.abc import Callable
from typing import Any


class Interrupts:
    """Calls functions, each until a signal raises KeyboardInterrupt at a random moment.

    Parameters   seconds: the longest time before the signal
    """

    def __init__(self, seed: int, seconds: float = 0.002) -> None:
        self.count = 0  # of those that came before the function was done
        self._random = random.Random(seed)
        self._seconds = seconds

    def __call__(self, run: Callable[[], Any]) -> None:
        """Call ``run``, which is interrupted unless it is done before."""
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        gc.disable()  # what is raised in a callback of the collector is lost
        try:
            signal.setitimer(signal.ITIMER_REAL, self._random.uniform(1e-5, self._seconds))
            run()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            self.count += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            gc.enable()
