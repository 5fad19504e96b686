"""Learning rates that change between epochs."""

from __future__ import annotations

import inspect
import math
from typing import Any, final

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.callbacks.monitored import Monitored
from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.optimizers.schedules.schedule import as_rate


@final
class LearningRateScheduler(Callback):
    """Before every epoch, set the learning rate to what a function says.

    The History keeps it as "learning_rate".

    Parameters   schedule: a function of the epoch, from 0, or of the epoch and the present rate
                 verbose: 1 to print a line for each epoch
    Raises       ArgumentTypeError where the function gives no number, or the optimizer has a
                 schedule of its own
    Example      Halved in every epoch

    >>> from autograd_nn import Sequential
    >>> from autograd_nn.layers import Dense
    >>> model = Sequential([Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> halved = LearningRateScheduler(lambda epoch, rate: rate / 2)
    >>> fitted = model.fit([[1.0]], [[1.0]], epochs=3, callbacks=[halved], verbose=0)
    >>> fitted.history["learning_rate"]
    [0.005, 0.0025, 0.00125]
    """

    @checked_keywords
    def __init__(self, schedule: Any, verbose: int = 0) -> None:
        if not callable(schedule):
            raise ArgumentTypeError(
                "`schedule` must be a function of the epoch, or of the epoch and the learning "
                f"rate, got {schedule!r} of type {type(schedule).__name__}."
            )
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _takes_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Ask the function, and set the rate."""
        optimizer = self.model.optimizer
        known = (epoch, float(optimizer.learning_rate)) if self._takes_rate else (epoch,)
        rate = self.schedule(*known)
        named = f"schedule{known}" if len(known) > 1 else f"schedule({epoch})"
        optimizer.learning_rate = as_rate(named, rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is set to {float(rate)}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Have it among the values of the epoch."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _takes_two(function: Any) -> bool:
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # it has no signature that could be read
        return True
    return True


@final
class ReduceLROnPlateau(Monitored):
    """Make the learning rate smaller when a value has not become better for a while.

    The History keeps the rate as "learning_rate".

    Formula      learning_rate = max(learning_rate * factor, min_lr)
    Parameters   monitor: the name in the logs, default "val_loss"
                 factor: 0 to below 1, default 0.1
                 patience: how many epochs without getting better are waited for, default 10
                 verbose: 1 to print a line when the rate is changed
                 mode: "min", "max", or "auto" to tell from the name
                 min_delta: what counts as better has to be better by more than this, default 0.0001
                 cooldown: so many epochs after a change nothing is counted, default 0
                 min_lr: the rate does not go below it, default 0
    Raises       ArgumentError where "auto" cannot tell which way is better
    """

    @checked_keywords
    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        self._watch(monitor, mode, min_delta)
        self.factor = number_within("factor", factor, 0, 1, high_open=True)
        self.patience = positive_integer("patience", patience, minimum=0)
        self.verbose = verbose
        self.cooldown = positive_integer("cooldown", cooldown, minimum=0)
        self.min_lr = number_within("min_lr", min_lr, 0, math.inf, high_open=True)
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget an earlier run."""
        self.wait = 0
        self.cooldown_counter = 0
        self._forget()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best so far, and change the rate when patience is at its end."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self._value(logs)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_better(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch, logs["learning_rate"])

    def _reduce(self, epoch: int, rate: float) -> None:
        if rate <= self.min_lr:
            return
        self.model.optimizer.learning_rate = rate = max(rate * self.factor, self.min_lr)
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is reduced to {rate}.")
        self.cooldown_counter = self.cooldown
        self.wait = 0
