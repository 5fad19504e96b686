"""What a callback is, and how the callbacks of a run are called."""

from __future__ import annotations

from typing import Any

from autograd_nn.data import Data
from autograd_nn.engine.errors import ArgumentTypeError

Logs = dict[str, float] | None


class Callback:
    """Subclass it and write the hooks you need; ``self.model`` is the model.

    ``logs`` is a dict, at the end of something with the loss and the metrics by name. Set
    ``self.model.stop_training = True`` to stop: after the step in a hook of batches, and after the
    epoch elsewhere. What is put into the logs of an epoch is kept in the History.

    `BackupAndRestore` keeps the attributes that a callback changes while it trains, where they are
    numbers, texts, arrays, random generators, metrics, callbacks, lists, tuples or dicts of them,
    or objects of classes of the same package. A callback with other state, such as an open file,
    may give it by ``get_state()``, and take it by ``set_state(state)``, which is called after
    ``on_train_begin``; a state holds numbers, texts, arrays, and lists, tuples and dicts of them.

    Example

    >>> class Tell(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: loss {logs['loss']:.2f}")
    >>> Tell().on_epoch_end(0, {"loss": 0.5})
    epoch 0: loss 0.50
    """

    model: Any = None
    params: dict[str, Any] = {}

    _keeps_the_run = False

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


class ToldTogether(Callback):
    """What has several callbacks, and tells them what it is told itself of a run."""

    callbacks: list[Callback]

    def set_model(self, model: Any) -> None:
        """Tell all of them."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Tell all of them."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_data(self, data: Data) -> None:
        """Tell all of them."""
        for callback in self.callbacks:
            callback.set_data(data)


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
    """One callback or a list of them as a list, or what is wrong with it.

    Of several that are told together it has each: what they change is that of each.
    """
    if value is None:
        return []
    found: list[Callback] = []
    for callback in value if isinstance(value, (list, tuple)) else [value]:
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
        found += callback.callbacks if isinstance(callback, ToldTogether) else [callback]
    return found
