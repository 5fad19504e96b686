"""Callbacks: your own code at fixed moments of training."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from autograd_nn.data import Data
from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError

__all__ = ["Callback", "EarlyStopping", "History"]

Logs = dict[str, float] | None


class Callback:
    """Subclass it and write the hooks you need; ``self.model`` is the model.

    ``logs`` is a dict, at the end of something with the loss and the metrics by name. Set
    ``self.model.stop_training = True`` to stop after the epoch.

    Example

    >>> class Tell(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: loss {logs['loss']:.2f}")
    >>> Tell().on_epoch_end(0, {"loss": 0.5})
    epoch 0: loss 0.50
    """

    model: Any = None
    params: dict[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Called first, with the model."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called next, with "verbose", "epochs" and "steps"."""
        self.params = params

    def set_data(self, data: Data) -> None:
        """Called next by ``fit``, with the samples it trains on: ``data.x``, ``.y``, ``.weight``.

        They are the arrays of the run itself, checked and without those split off for validation.
        """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch; not where an exception ended training."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After an epoch and its validation."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name of ``on_train_batch_end``."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a step, counted from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a step; ``logs`` are the running values of the epoch."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before an evaluation or validation."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After an evaluation or validation."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a batch is evaluated."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch is evaluated; ``logs`` are the running values."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Before ``predict`` takes the first batch."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """After the last batch of ``predict``."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of ``predict``."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of ``predict``; ``logs["outputs"]`` is what came out."""


class History(Callback):
    """What ``fit`` returns: the loss and the metrics of every epoch.

    ``history`` is a dict of lists of numbers, ``epoch`` the numbers of the epochs, from 0,
    ``seconds`` how long the run took, None before it ended. Copied or pickled it has the numbers
    and not the model.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.seconds: float | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "model": None}

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the values of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}: {values[-1]:.4g}" for name, values in self.history.items())
        return f"<History of {len(self.epoch)} epochs{'; last ' + last if last else ''}>"


class Hooks:
    """The callbacks of one run."""

    def __init__(self, callbacks: list[Callback], model: Any, params: dict[str, Any]) -> None:
        self.callbacks = callbacks
        for callback in callbacks:
            callback.set_model(model)
            callback.set_params(params)

    def call(self, hook: str, *arguments: Any, logs: Logs = None) -> None:
        """Call ``hook`` of every callback, with logs that are a dict also where there are none."""
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments, logs)

    def of_batches(self, *moments: str) -> list[Callback]:
        """The callbacks that have a hook of their own for batches: no other is told of them."""
        names = [f"on_{moment}_{end}" for moment in moments for end in ("begin", "end")]
        return [
            callback
            for callback in self.callbacks
            if any(
                getattr(type(callback), name) is not getattr(Callback, name)
                or name in vars(callback)
                for name in names
            )
        ]


def as_callbacks(value: Any) -> list[Callback]:
    """One callback or a list of them as a list, or what is wrong with it."""
    if value is None:
        return []
    given = list(value) if isinstance(value, (list, tuple)) else [value]
    for callback in given:
        if isinstance(callback, type) and issubclass(callback, Callback):
            raise ArgumentTypeError(
                f"`callbacks` must hold callbacks, got the class {callback.__name__}. "
                f"Write {callback.__name__}(…)."
            )
        if not isinstance(callback, Callback):
            raise ArgumentTypeError(
                f"`callbacks` must hold callbacks (subclasses of Callback), got {callback!r} "
                f"of type {type(callback).__name__}."
            )
    return given


_BETTER_UP = ("acc", "auc", "precision", "recall", "f1", "r2")
_BETTER_DOWN = ("loss", "error", "mse", "mae", "crossentropy")


class EarlyStopping(Callback):
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
        if not isinstance(monitor, str):
            raise ArgumentTypeError(f"`monitor` must be a string, got {monitor!r}.")
        self.monitor = monitor
        self.min_delta = number_within("min_delta", min_delta, 0, math.inf, high_open=True)
        self.patience = positive_integer("patience", patience, minimum=0)
        self.verbose = verbose
        self.mode = _direction(mode, monitor)
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = positive_integer("start_from_epoch", start_from_epoch, minimum=0)
        self.on_train_begin()

    def on_train_begin(self, logs: Logs = None) -> None:
        """Forget an earlier run."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best = -math.inf if self.mode == "max" else math.inf
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None
        self._has_warned = False

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare with the best so far, and stop when patience is at its end."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            self._warn_absent(logs or {})
            return
        if epoch < self.start_from_epoch:
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

    def _is_better(self, value: float, than: float) -> bool:
        if self.mode == "max":
            return value - self.min_delta > than
        return value + self.min_delta < than

    def _warn_absent(self, logs: dict[str, float]) -> None:
        if not self._has_warned:
            self._has_warned = True
            way_out = ""
            if self.monitor.startswith("val_"):
                way_out = " Give fit validation_data or validation_split."
            warnings.warn(
                f"EarlyStopping watches {self.monitor!r}, which is not among "
                f"{', '.join(sorted(logs))}: it does nothing.{way_out}",
                stacklevel=2,
            )


def _direction(mode: str, monitor: str) -> str:
    if mode in ("min", "max"):
        return mode
    if mode != "auto":
        raise ArgumentError(f"`mode` must be 'min', 'max' or 'auto', got {mode!r}.")
    if any(part in monitor for part in _BETTER_DOWN):
        return "min"
    if any(part in monitor for part in _BETTER_UP):
        return "max"
    raise ArgumentError(
        f"Whether {monitor!r} is better when small or when large cannot be told from its name: "
        "give `mode`, 'min' or 'max'."
    )
