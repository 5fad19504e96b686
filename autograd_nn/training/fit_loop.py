"""The loop of ``fit``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd_nn.callbacks.callback import Callback, Hooks
from autograd_nn.callbacks.history import History, beginning
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.taking import warn_outside
from autograd_nn.progress import shown
from autograd_nn.settings import floatx, seed
from autograd_nn.training.batches import Arrays, Batches, epoch_of, is_validated
from autograd_nn.training.configuration import Training
from autograd_nn.training.evaluating import evaluated
from autograd_nn.training.gradient_norms import GradientNorms
from autograd_nn.training.one_step import Batch, RunningValues
from autograd_nn.training.own_code import has_own_code
from autograd_nn.training.validation import said_by_the_model


class FitLoop:
    """The loop of one ``fit``: epochs, batches, validation, callbacks."""

    def __init__(
        self,
        model: Any,
        training: Training,
        data: Arrays | Batches,
        validation: Arrays | Batches | None,
        record_gradients: bool = False,
        validation_epochs: Any = 1,
        again: Sequence[Callable[[], None]] = (),
    ) -> None:
        self.model = model
        self.training = training
        self.data = data
        self.validation = validation
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
        # What copies data once more that somebody may have changed since; see `Form`.
        self._again = again

    def train(self, epochs: range, callbacks: list[Callback], verbose: int) -> History:
        """Every epoch, until the last or until ``model.stop_training``."""
        steps = self.data.steps
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
        first = self.data.first()
        told = self._told(epochs, callbacks)
        history.beginning = beginning(first, self.model.weights, self.data.size, told)
        for callback in callbacks:
            callback.set_data(first)
        # Callbacks of the library change no data. Who takes the arrays of the run changes those.
        own = [one for one in callbacks if has_own_code(one)]
        if not own or any(type(one).set_data is not Callback.set_data for one in own):
            self._again = ()
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
        data, validation = self.data, self.validation
        return {
            "time": time.time(),
            "seed": seed(),
            "floatx": floatx(),
            "training": self.training,
            "optimizer": optimizer,
            "samples": len(data.data.x) if isinstance(data, Arrays) else None,
            "validation_samples": (
                len(validation.data.x) if isinstance(validation, Arrays) else None
            ),
            "epochs": epochs,
            "steps": self.params["steps"],
            "shuffle": data.shuffle,
            "callbacks": callbacks,
        }

    def epoch(self, epoch: int, hooks: Hooks) -> dict[str, float]:
        """One pass over the data, and over those for validation."""
        for copy_again in self._again:
            copy_again()
        values = self.values = self.stepper.values()
        watching = hooks.of_batches("train_batch", "batch")
        taken, order = 0, None
        if self.backup is not None:
            taken, order = self.backup.epoch_begun(epoch, self.data.order)
        else:
            order = self.data.order()
        try:
            if not (taken and self.model.stop_training):
                self._steps(epoch, order, taken, values, watching)
        except ValueError as error:
            self.stepper.leave()
            if isinstance(self.data, Arrays):
                x, size = self.data.data.x, self.data.size
                raise said_by_the_model(self.model, x, size, error) from None
            raise  # said of each batch as it came
        finally:
            if self._is_seen:
                self.stepper.leave()
        logs = values.logs()
        if self.validation is not None and is_validated(epoch, self.validation_epochs):
            hooks.call("on_test_begin")
            self.validation.start_again()
            found = evaluated(self.model, self.training, self.validation, hooks)
            hooks.call("on_test_end", logs=found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        return logs

    def _steps(
        self, epoch: int, order: Any, taken: int, values: RunningValues, watching: list[Callback]
    ) -> None:
        """The steps of an epoch: at once where only the losses are wanted, at its end."""
        data = self.data
        # Not where a callback may change something between them.
        arrays = data if isinstance(data, Arrays) and not (taken or watching) else None
        if self._is_seen or self._gathered is None:
            self.stepper.enter()
            if arrays is not None:
                self._gathered = self.stepper.gathered(arrays.data, arrays.size, self._gathered)
        gathered = None if arrays is None else self._gathered
        if gathered is None:
            batches = map(Batch, epoch_of(data, self.training.shared, order, taken))
            taken = self._batches(epoch, batches, values, watching, taken)
            if not data.is_checked:
                self.params["steps"] = taken
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
        has_unseen = not (self.data.is_checked or self.model.has_own("train_step"))
        number = taken - 1
        for number, batch in enumerate(batches, taken):
            if watching:
                for callback in watching:
                    callback.on_train_batch_begin(number, {})
                stepper.enter()
            if has_unseen:
                loss, data, output = stepper.on_batch(batch.data, f"batch {number + 1} ")
            else:
                loss, data, output = stepper.step(batch)
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

    def _warn_nan(self, epoch: int, batch: int) -> None:
        self.has_warned = True
        warn_outside(
            f"The loss became NaN in epoch {epoch + 1}, batch {batch + 1}: the weights are of no "
            "use from here on. A smaller learning_rate or clipnorm=1.0 may help; draw the model "
            "to see where.",
            RuntimeWarning,
        )
