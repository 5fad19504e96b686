"""Stopping where the loss is of no use any more."""

from __future__ import annotations

import math
from typing import final

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import StateError


@final
class TerminateOnNaN(Callback):
    """Stop with the first step whose loss is NaN or infinite.

    Parameters   raise_error: end with an error and not with a line of text, default False
    Raises       StateError where that is wanted
    """

    @checked_keywords
    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = true_or_false("raise_error", raise_error)

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the running loss of the epoch: with one bad step it is bad."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        said = f"Batch {batch}: the loss is {loss}"
        if self.raise_error:
            raise StateError(f"{said}. A smaller learning_rate or clipnorm=1.0 may help.")
        print(f"{said}: training is stopped.")
        self.model.stop_training = True
