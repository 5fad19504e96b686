"""The loop of ``fit``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from autograd_nn.callbacks.callback import Callback, Hooks
from autograd_nn.callbacks.history import History, beginning
from autograd_nn.data import Data
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.taking import warn_outside
from autograd_nn.progress import shown
from autograd_nn.settings import floatx, generator, seed
from autograd_nn.training.batches import (
    Batches,
    first_of,
    is_validated,
    number_of_steps,
)
from autograd_nn.training.configuration import Training
from autograd_nn.training.evaluating import evaluated
from autograd_nn.training.gradient_norms import GradientNorms
from autograd_nn.training.one_step import Batch, RunningValues
from autograd_nn.training.validation import let_in_between, said_by_the_model


class FitLoop:
    """The loop of one ``fit``: epochs, batches, validation, callbacks."""

    def __init__(
        self,
        model: Any,
        training: Training,
        data: Data | Batches,
        validation: Data | Batches | None,
        batch_size: int,
        validation_batch_size: int,
        shuffle: bool,
        record_gradients: bool = False,
        validation_epochs: Any = 1,
    ) -> None:
        self.model = model
        self.training = training
        self.data: Any = data
        self.validation = validation
        self.batch_size = batch_size
        self.validation_batch_size = validation_batch_size
        self.shuffle = shuffle
        self.validation_epochs = validation_epochs
        self.parameters = model.trainable_weights
        self.norms = GradientNorms(self.parameters) if record_gradients else None
        self.has_warned = False
        from autograd_nn.training.stepper import stepper_of  # what it imports takes time

        self.stepper = stepper_of(model, training)
        self._gathered: Any = None
        self.params: dict[str, Any] = {}
        self.values: Any = None
        # The callback that keeps where the run is, in a file.
        self.backup: Any = None
        # Whether anybody's code runs between two epochs, which may look or change something.
        self._is_seen = True

    def train(self, epochs: range, callbacks: list[Callback], verbose: int) -> History:
        """Every epoch, until the last or until ``model.stop_training``."""
        steps = number_of_steps(self.data, self.batch_size)
        history = self.model.history = History()
        bars = shown(verbose)
        self.params = {"verbose": verbose, "epochs": epochs.stop, "steps": steps}
        # It keeps what the others have become by then.
        backups = [callback for callback in callbacks if callback._keeps_the_run]
        if backups:
            callbacks = [callback for callback in callbacks if not callback._keeps_the_run]
            if len(backups) > 1:
                raise ArgumentError("`callbacks` must have one BackupAndRestore, it has several.")
            (self.backup,) = backups
        hooks = Hooks([*callbacks, *bars, *backups], self.model, self.params)
        history.set_model(self.model)
        history.set_params(self.params)
        first = first_of(self.data)
        told = self._told(epochs, callbacks)
        history.beginning = beginning(first, self.model.weights, self.batch_size, told)
        for callback in callbacks:
            callback.set_data(first)
        self.stepper.find_metrics()  # they are set back, and read
        watched = bool(callbacks or backups or self.stepper.held)
        self._is_seen = watched or self.validation is not None
        self.model.stop_training = False
        logs: dict[str, float] = {}
        start = time.perf_counter()
        if not self.parameters and not self.model.has_own("train_step"):
            warn_outside(
                "The model has no trainable weights: nothing will change. "
                "Set layer.trainable = True where it should.",
            )
        try:
            with recorded():
                hooks.call("on_train_begin")
                left = epochs
                if self.backup is not None:
                    left = self.backup.begun(self, callbacks, epochs)
                for epoch in left:
                    hooks.call("on_epoch_begin", epoch)
                    logs = self.epoch(epoch, hooks)
                    # The history is complete also where a callback raises, and holds what they add.
                    try:
                        hooks.call("on_epoch_end", epoch, logs=logs)
                    finally:
                        recorded_norms = self.norms.taken() if self.norms is not None else {}
                        history.on_epoch_end(epoch, logs | recorded_norms)
                    if self.backup is not None:
                        self.backup.keep_epoch(epoch)
                    if self.model.stop_training:
                        break
                if epochs and self.training.optimizer.use_ema:
                    self.stepper.leave()
                    self.training.optimizer.finalize_variable_values(self.parameters)
                hooks.call("on_train_end", logs=logs)
        finally:
            self.stepper.leave()
            history.seconds = time.perf_counter() - start
            for bar in bars:
                getattr(bar, "close", int)()
        return history

    def _told(self, epochs: range, callbacks: list[Callback]) -> dict[str, Any]:
        """For the ledger: what it cannot find out when somebody asks for it; 5 µs of a ``fit``."""
        try:
            optimizer = self.training.optimizer.get_config()
        except Exception:  # of one's own, and wanted for nothing but the ledger
            optimizer = {}
        validation = self.validation
        return {
            "time": time.time(),
            "seed": seed(),
            "floatx": floatx(),
            "training": self.training,
            "optimizer": optimizer,
            "samples": None if isinstance(self.data, Batches) else len(self.data.x),
            "validation_samples": len(validation.x) if isinstance(validation, Data) else None,
            "epochs": epochs,
            "steps": self.params["steps"],
            "shuffle": self.shuffle,
            "callbacks": callbacks,
        }

    def epoch(self, epoch: int, hooks: Hooks) -> dict[str, float]:
        """One pass over the data, and over those for validation."""
        values = self.values = self.stepper.values()
        watching = hooks.of_batches("train_batch", "batch")
        taken, order = 0, None
        if self.backup is not None:
            taken, order = self.backup.epoch_begun(epoch, self._order)
        elif self.shuffle and not isinstance(self.data, Batches):
            order = generator("shuffle").permutation(len(self.data.x))
        try:
            if taken and self.model.stop_training:
                pass
            elif isinstance(self.data, Batches):
                shared = self.training.shared
                data = self.data
                each = data.epoch(taken) if shared is None else shared.in_step(data, taken)
                batches = map(Batch, each)
                self.params["steps"] = self._batches(epoch, batches, values, watching, taken)
            elif taken:
                self.stepper.enter()
                self._batches(epoch, self._rows(order, taken), values, watching, taken)
            else:
                self._steps(epoch, order, values, watching)
        except ValueError as error:
            self.stepper.leave()
            if isinstance(self.data, Batches):
                raise  # said of each as it came
            raise said_by_the_model(self.model, self.data.x, self.batch_size, error) from None
        finally:
            if self._is_seen:
                self.stepper.leave()
        logs = values.logs()
        if self.validation is not None and is_validated(epoch, self.validation_epochs):
            hooks.call("on_test_begin")
            if isinstance(self.validation, Batches):
                self.validation.start_again()
            found = evaluated(
                self.model, self.training, self.validation, self.validation_batch_size, hooks
            )
            hooks.call("on_test_end", logs=found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        return logs

    def _order(self) -> Any:
        """The order of the samples in an epoch, None for that in which they are given."""
        if not self.shuffle or isinstance(self.data, Batches):
            return None
        return generator("shuffle").permutation(len(self.data.x))

    def _steps(
        self, epoch: int, order: Any, values: RunningValues, watching: list[Callback]
    ) -> None:
        """The steps of an epoch: at once where only the losses are wanted, at its end."""
        if self._is_seen or self._gathered is None:
            self.stepper.enter()
            if self._gathered is None or not self.stepper.has(self._gathered):
                self._gathered = self.stepper.gathered(self.data, self.batch_size)
            else:
                self._gathered.refresh()
        gathered = None if watching else self._gathered  # a callback may change something
        if gathered is None:
            self._batches(epoch, self._rows(order), values, watching)
        elif self.norms or self.training.metrics:
            self._batches(epoch, gathered.batches(order), values, watching)
        else:
            losses = list(map(float, self.stepper.epoch(gathered.stretches(order))))
            values.add_losses(losses, gathered.sizes)
            if values.total != values.total and not self.has_warned:  # NaN is not even itself
                first_nan = next((n for n, loss in enumerate(losses) if loss != loss), None)
                if first_nan is not None:
                    self._warn_nan(epoch, first_nan)

    def _batches(
        self,
        epoch: int,
        batches: Iterable[Batch],
        values: RunningValues,
        watching: list[Callback],
        taken: int = 0,
    ) -> int:
        """The steps of an epoch batch by batch, with what is told and shown around each.

        Parameters   taken: how many steps of the epoch were taken before
        Returns      how many they were
        """
        stepper = self.stepper
        has_unseen = isinstance(self.data, Batches) and not self.model.has_own("train_step")
        number = taken - 1
        for number, batch in enumerate(batches, taken):
            if watching:
                for callback in watching:
                    callback.on_train_batch_begin(number, {})
                stepper.enter()
            if has_unseen:
                name = f"batch {number + 1} "
                loss, data, output = stepper.on_batch(batch.data, self._let_in, name)
            else:
                loss, output = stepper.step(batch)
                data = batch.data
            if watching or self.norms is not None:
                stepper.leave()
            values.add(loss, data.y, output, data.weight)
            if self.norms is not None:
                self.norms.add()
            if loss != loss and not self.has_warned:
                self._warn_nan(epoch, number)
            if watching:
                logs = values.logs()
                for callback in watching:
                    callback.on_train_batch_end(number, logs)
                if self.model.stop_training:
                    break
        return number + 1

    def _let_in(self, training: Training, data: Data, batch_size: int, name: str) -> Data:
        return let_in_between(self.model, training, data, name)

    def _rows(self, order: Any, taken: int = 0) -> Iterator[Batch]:
        """Every batch of the data, after those that were taken before."""
        x, y, weight = self.data
        size = self.batch_size
        w, shared = None, self.training.shared
        for start in range(taken * size, len(x), size):
            chosen = slice(start, start + size)
            if shared is not None:
                chosen = shared.rows(start, min(start + size, len(x)))
            if order is None:
                rows: Any = chosen
                yield Batch(self.data.rows(rows))
                continue
            rows = order[chosen]
            if weight is not None:
                w = weight.take(rows, axis=0)
            y_rows = None if y is None else y.take(rows, axis=0)
            yield Batch(Data(x.take(rows, axis=0), y_rows, w))

    def _warn_nan(self, epoch: int, batch: int) -> None:
        self.has_warned = True
        warn_outside(
            f"The loss became NaN in epoch {epoch + 1}, batch {batch + 1}: the weights are of no "
            "use from here on. A smaller learning_rate or clipnorm=1.0 may help; draw the model "
            "to see where.",
            RuntimeWarning,
        )
