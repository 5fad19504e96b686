"""Stopping when a value has not become better for a while."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.callbacks.callback import Logs
from autograd_nn.callbacks.monitored import Monitored
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer


@final
class EarlyStopping(Monitored):
    """Stop when a value has not become better for a while.

    Parameters   monitor: the name in the logs, default "val_loss"
                 min_delta: what counts as better has to be better by more than this
                 patience: how many epochs without getting better are waited for, default 0
                 verbose: 1 to print a line when training is stopped
                 mode: "min", "max", or "auto" to tell from the name
                 baseline: a value that has to be reached for the waiting to start afresh
                 restore_best_weights: put the weights of the best epoch back at the end
                 start_from_epoch: epochs before this one are not looked at
    Raises       ArgumentError where "auto" cannot tell which way is better
    """

    @checked_keywords
    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        self._watch(monitor, mode, min_delta)
        self.patience = positive_integer("patience", patience, minimum=0)
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = positive_integer("start_from_epoch", start_from_epoch, minimum=0)
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget an earlier run."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None
        self._forget()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best so far, and stop when patience is at its end."""
        value = self._value(logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._remember(epoch)
        self.wait += 1
        if self._is_better(value, self.best):
            self.best = value
            self._remember(epoch)
            if self.baseline is None or self._is_better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        """Put the best weights back, where that is wanted."""
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring the weights of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def _remember(self, epoch: int) -> None:
        self.best_epoch = epoch
        # Weights that are NaN already would be refused, and are nothing to come back to.
        if self.restore_best_weights and all(
            np.isfinite(weight._data).all() for weight in self.model.trainable_weights
        ):
            self.best_weights = self.model.get_weights()
