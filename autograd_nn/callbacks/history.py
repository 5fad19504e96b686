"""History: what ``fit`` returns."""

from __future__ import annotations

from typing import Any

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.training.beginning import Beginning


class History(Callback):
    """What ``fit`` returns: the loss and the metrics of every epoch.

    ``history`` is a dict of lists of numbers, ``epoch`` the numbers of the epochs, from 0,
    ``seconds`` how long the run took, None before it ended. ``beginning`` has some samples and the
    first weights, for `viz.diagnose`. Copied or pickled it has the numbers alone.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.seconds: float | None = None
        self.beginning: Beginning | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "model": None, "beginning": None}

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the values of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}: {values[-1]:.4g}" for name, values in self.history.items())
        return f"<History of {len(self.epoch)} epochs{'; last ' + last if last else ''}>"
