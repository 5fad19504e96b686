"""The loop of ``fit``."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd_nn.callbacks import Callback, History, Hooks
from autograd_nn.data import Data
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.progress import shown
from autograd_nn.settings import generator
from autograd_nn.training.configuration import Training
from autograd_nn.training.evaluating import evaluated
from autograd_nn.training.gradient_norms import GradientNorms
from autograd_nn.training.one_step import RunningValues, step

if TYPE_CHECKING:
    from autograd_nn.training.batches import Epoch
    from autograd_nn.training.replaying import Replay

# What takes the step of a batch, its y and its weights.
Batch = tuple[Callable[[], tuple[Any, Any]], Any, Any]


class FitLoop:
    """The loop of one ``fit``: epochs, batches, validation, callbacks."""

    def __init__(
        self,
        model: Any,
        training: Training,
        data: Data,
        validation: Data | None,
        batch_size: int,
        validation_batch_size: int,
        shuffle: bool,
        record_gradients: bool = False,
    ) -> None:
        self.model = model
        self.training = training
        self.data = data
        self.validation = validation
        self.batch_size = batch_size
        self.validation_batch_size = validation_batch_size
        self.shuffle = shuffle
        self.parameters = model.trainable_weights
        self.norms = GradientNorms(self.parameters) if record_gradients else None
        self.has_warned = False
        self.replay = replay_of(model, training) if self.parameters else None
        self._gathered: Epoch | None = None
        # Whether anybody's code runs between two epochs, which may look or change something.
        self._is_seen = True

    def train(self, epochs: range, callbacks: list[Callback], verbose: int) -> History:
        """Every epoch, until the last or until ``model.stop_training``."""
        steps = -(-len(self.data.x) // self.batch_size)
        history = self.model.history = History()
        bars = shown(verbose)
        params = {"verbose": verbose, "epochs": epochs.stop, "steps": steps}
        hooks = Hooks([*callbacks, *bars], self.model, params)
        history.set_model(self.model)
        history.set_params(params)
        for callback in callbacks:
            callback.set_data(self.data)
        self._is_seen = bool(callbacks) or self.validation is not None
        self.model.stop_training = False
        logs: dict[str, float] = {}
        start = time.perf_counter()
        if not self.parameters:
            warnings.warn(
                "The model has no trainable weights: nothing will change. "
                "Set layer.trainable = True where it should.",
                stacklevel=4,
            )
        try:
            with recorded():
                hooks.call("on_train_begin")
                for epoch in epochs:
                    hooks.call("on_epoch_begin", epoch)
                    logs = self.epoch(epoch, hooks)
                    # The history is complete also where a callback raises, and holds what they add.
                    try:
                        hooks.call("on_epoch_end", epoch, logs=logs)
                    finally:
                        recorded_norms = self.norms.taken() if self.norms is not None else {}
                        history.on_epoch_end(epoch, logs | recorded_norms)
                    if self.model.stop_training:
                        break
                hooks.call("on_train_end", logs=logs)
        finally:
            if self.replay is not None:
                self.replay.leave()
            history.seconds = time.perf_counter() - start
            for bar in bars:
                getattr(bar, "close", int)()
        return history

    def epoch(self, epoch: int, hooks: Hooks) -> dict[str, float]:
        """One pass over the data, and over those for validation."""
        order = generator("shuffle").permutation(len(self.data.x)) if self.shuffle else None
        values = RunningValues(self.training)
        watching = hooks.for_train_batches
        if self.replay is None:
            if self.parameters:
                self.parameters = self.model.trainable_weights  # a callback may freeze a layer
            self._steps(epoch, self._as_written(order), values, watching)
        else:
            self._replayed_steps(self.replay, epoch, order, values, watching)
        logs = values.logs()
        if self.validation is not None:
            hooks.call("on_test_begin")
            found = evaluated(
                self.model, self.training, self.validation, self.validation_batch_size, hooks
            )
            hooks.call("on_test_end", logs=found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        return logs

    def _steps(
        self, epoch: int, batches: Iterable[Batch], values: RunningValues, watching: list[Callback]
    ) -> None:
        """The steps of an epoch, with what is told and shown around each."""
        replay = self.replay if self.norms is not None or watching else None
        for batch, (take, y, weight) in enumerate(batches):
            for callback in watching:
                callback.on_train_batch_begin(batch, {})
            if replay is not None and watching:
                replay.enter()
            loss, output = take()
            if replay is not None:
                replay.leave()
            values.add(loss, y, output, weight)
            if self.norms is not None:
                self.norms.add()
            if loss != loss and not self.has_warned:
                self._warn_nan(epoch, batch)
            if watching:
                logs = values.logs()
                for callback in watching:
                    callback.on_train_batch_end(batch, logs)

    def _replayed_steps(
        self,
        replay: Replay,
        epoch: int,
        order: Any,
        values: RunningValues,
        watching: list[Callback],
    ) -> None:
        """The same by programs: gathered at once where every batch shape has its program."""
        if self._is_seen or self._gathered is None:
            replay.enter()
            if self._gathered is None or not replay.has(self._gathered.programs):
                self._gathered = replay.epoch_of(self.data, self.batch_size)
        try:
            if self._gathered is None or watching:  # a callback may change what programs depend on
                batches = ((partial(replay.step, *rows), *rows[1:]) for rows in self._rows(order))
                self._steps(epoch, batches, values, watching)
                return
            if not (self.norms or self.training.metrics):
                self._untold_steps(replay, epoch, self._gathered, order, values)
                return
            batches = (
                (partial(replay.run, batch.program, batch.arguments), batch.y, batch.weight)
                for batch in self._gathered.batches(order)
            )
            self._steps(epoch, batches, values, watching)
        finally:
            if self._is_seen:
                replay.leave()

    def _untold_steps(
        self, replay: Replay, epoch: int, gathered: Epoch, order: Any, values: RunningValues
    ) -> None:
        """Steps of which only the losses are wanted, at the end of the epoch."""
        losses = [float(loss) for loss in replay.run_all(gathered.stretches(order))]
        values.add_losses(losses, gathered.sizes)
        if values.total != values.total and not self.has_warned:  # NaN is not even itself
            first_nan = next((n for n, loss in enumerate(losses) if loss != loss), None)
            if first_nan is not None:
                self._warn_nan(epoch, first_nan)

    def _as_written(self, order: Any) -> Iterator[Batch]:
        for x, y, weight in self._rows(order):
            yield partial(step, self.model, self.training, self.parameters, x, y, weight), y, weight

    def _rows(self, order: Any) -> Iterator[tuple[Any, Any, Any]]:
        """x, y and weights of every batch."""
        x, y, weight = self.data
        size = self.batch_size
        w = None
        for start in range(0, len(x), size):
            if order is None:
                rows: Any = slice(start, start + size)
                x_batch, y_batch = x[rows], y[rows]
                if weight is not None:
                    w = weight[rows]
            else:
                rows = order[start : start + size]
                x_batch, y_batch = x.take(rows, axis=0), y.take(rows, axis=0)
                if weight is not None:
                    w = weight.take(rows, axis=0)
            yield x_batch if self.parameters else Tensor(x_batch), y_batch, w

    def _warn_nan(self, epoch: int, batch: int) -> None:
        self.has_warned = True
        warnings.warn(
            f"The loss became NaN in epoch {epoch + 1}, batch {batch + 1}: the weights are of no "
            "use from here on. A smaller learning_rate or clipnorm=1.0 may help; draw the model "
            "to see where.",
            RuntimeWarning,
            stacklevel=5,
        )


def replay_of(model: Any, training: Training) -> Replay | None:
    """How the steps of a model are replayed, None where they are taken as they are written."""
    if training.run_eagerly:
        return None
    if training.replay is None:
        from autograd_nn.training.replaying import Replay  # what it imports takes time

        training.replay = Replay(model, training)
    return training.replay
