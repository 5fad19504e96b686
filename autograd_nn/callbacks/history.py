"""History: what ``fit`` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.training.beginning import Beginning

if TYPE_CHECKING:
    from autograd_nn.runs.ledger import Ledger


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
