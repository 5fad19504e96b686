"""History: what ``fit`` returns, and what it keeps of the beginning of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.data import Data
from autograd_nn.several import Several

if TYPE_CHECKING:
    from autograd_nn.runs.ledger import Ledger

SAMPLES = 2_000_000
"""Samples are kept up to so many bytes of x: all of a small data set, a part of a large one."""

WEIGHTS = 1_000_000
"""Weights are kept of models with up to so many numbers."""


class Beginning(NamedTuple):
    """Copies of samples, evenly from all of them, and of the weights before the first step.

    ``weights`` is None where there are too many, ``is_whole`` says whether all samples are there.
    ``told`` is what the ledger is made of when somebody asks for it.
    """

    data: Data
    batch_size: int
    is_whole: bool
    weights: list[Any] | None
    told: dict[str, Any]


def beginning(data: Data, weights: list[Any], batch_size: int, told: dict[str, Any]) -> Beginning:
    """Keep what a run begins with, as far as it is small."""
    count = len(data.x)
    arrays = data.x.arrays if type(data.x) is Several else [data.x]
    bytes_of_one = max(sum(x.nbytes for x in arrays) // count, 1)
    kept = min(count, max(SAMPLES // bytes_of_one, 1))
    size = sum(weight.size for weight in weights)
    if kept == count:  # a copy of everything takes a tenth of the time that chosen rows take
        samples = Data(*(None if part is None else part.copy() for part in data))
    else:
        samples = data.rows(np.linspace(0, count - 1, kept).astype(int))
    return Beginning(
        samples,
        batch_size,
        kept == count,
        [weight._data.copy() for weight in weights] if size <= WEIGHTS else None,
        told,
    )


class History(Callback):
    """What ``fit`` returns: the loss and the metrics of every epoch.

    ``history`` is a dict of lists of numbers, ``epoch`` the numbers of the epochs, from 0,
    ``seconds`` how long the run took, None before it ended. ``beginning`` has some samples and the
    first weights, for `viz.diagnose`; copied or pickled it is left out. ``ledger`` says what the
    run was made with, and ``steps`` has what a `StepRecorder` recorded.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.seconds: float | None = None
        self.beginning: Beginning | None = None
        self.steps: dict[str, Any] | None = None
        self._ledger: Ledger | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "model": None, "beginning": None, "_ledger": self.ledger}

    @property
    def ledger(self) -> Ledger | None:
        """Seeds, versions, hashes of the data, and every choice of ``compile`` and ``fit``, the
        defaults in force, too. It is None before ``fit``."""
        if self.beginning is None:
            return self._ledger
        from autograd_nn.runs.ledger import ledger_of, went_on  # few programs look at it

        ledger = ledger_of(self)
        return ledger if self._ledger is None else went_on(self._ledger, ledger)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the values of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}: {values[-1]:.4g}" for name, values in self.history.items())
        return f"<History of {len(self.epoch)} epochs{'; last ' + last if last else ''}>"
