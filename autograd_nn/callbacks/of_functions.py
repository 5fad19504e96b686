"""Callbacks made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion


@final
class LambdaCallback(Callback):
    """A callback of functions, each under the name of the hook that it is.

    Parameters   on_epoch_end and every other hook of Callback: a function of what that is called
                 with, such as (epoch, logs) or (batch, logs) or (logs); None for none
    Raises       ArgumentTypeError for what is no hook, with the nearest name
    Example

    >>> told = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> told.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(self, **hooks: Callable[..., Any] | None) -> None:
        known = [name for name in vars(Callback) if name.startswith("on_")]
        for name, function in hooks.items():
            if name not in known:
                raise ArgumentTypeError(
                    f"LambdaCallback() has no argument `{name}`.{suggestion(name, known)}"
                )
            if function is not None:
                if not callable(function):
                    raise ArgumentTypeError(f"`{name}` must be a function, got {function!r}.")
                setattr(self, name, function)


@final
class LogTo(Callback):
    """Tell the values of every epoch, or of every step, to a tracker of any kind.

    Parameters   log: a function log(step, values); values is a dict of numbers by name
                 each: "epoch" (default), where step is the number of the epoch, or "batch", where
                 it is the number of steps that the optimizer has made
    Example      Trackers want their arguments in one order or another:

                     LogTo(lambda step, values: wandb.log(values, step=step))
                     LogTo(lambda step, values: mlflow.log_metrics(values, step=step), each="batch")

    >>> LogTo(lambda step, values: print(step, values)).on_epoch_end(3, {"loss": 0.5})
    3 {'loss': 0.5}
    """

    @checked_keywords
    def __init__(self, log: Callable[[int, dict[str, float]], Any], each: str = "epoch") -> None:
        if not callable(log):
            raise ArgumentTypeError(
                f"`log` must be a function log(step, values), got {log!r} of type "
                f"{type(log).__name__}. Write LogTo(lambda step, values: …)."
            )
        if each not in ("epoch", "batch"):
            raise ArgumentError(f"`each` must be 'epoch' or 'batch', got {each!r}.")
        self.log = log
        self.each = each
        if each == "batch":  # a hook of batches costs something where there is one
            self.on_train_batch_end = self._tell_step  # type: ignore[method-assign]

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Tell the values of the epoch."""
        if self.each == "epoch":
            self.log(epoch, dict(logs or {}))

    def _tell_step(self, batch: int, logs: Logs = None) -> None:
        self.log(self.model.optimizer.iterations, dict(logs or {}))
