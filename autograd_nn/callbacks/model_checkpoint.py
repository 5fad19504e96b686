"""Files of a model while it is trained."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, final

import numpy as np

from autograd_nn.callbacks.callback import Logs
from autograd_nn.callbacks.monitored import Monitored
from autograd_nn.engine.argument_checks import (
    checked_keywords,
    number_within,
    positive_integer,
    true_or_false,
)
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.taking import warn_outside


@final
class ModelCheckpoint(Monitored):
    """Save the model after each epoch, or where it has become better.

    Each file is written whole or not at all. What is better in a later ``fit`` is compared with all
    before. `BackupAndRestore` is what goes on with a run that was killed.

    Parameters   filepath: as of ``model.save``, ending in ``.npz``, ``.keras`` or ``.h5``; its
                 folder is made. It may have the number of the epoch, from 1, of the batch, and
                 what is in the logs: "models/{epoch:02d}-{val_loss:.3f}.npz"
                 monitor: the name in the logs, default "val_loss"
                 verbose: 1 to print a line for each file
                 save_best_only: only where the value is better than ever before. Where there is
                 none, every time, with a warning
                 save_weights_only: as ``model.save_weights``, ending in ``.npz``, ``.safetensors``
                 or ``.weights.h5``
                 mode: "min", "max", or "auto" to tell from the name
                 save_freq: after each "epoch" (default), or after so many batches
                 initial_value_threshold: what has to be bettered from the start
    Raises       ArgumentError where "auto" cannot tell which way is better; where ``filepath`` has
                 a name that is not in the logs
    """

    @checked_keywords
    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        from autograd_nn.saving.by_extension import OF_MODELS, OF_WEIGHTS, extension_of

        if not isinstance(filepath, (str, os.PathLike)):
            raise ArgumentTypeError(f"`filepath` must be the path of a file, got {filepath!r:.80}.")
        self.filepath = os.fspath(filepath)
        self.save_best_only = true_or_false("save_best_only", save_best_only)
        self.save_weights_only = true_or_false("save_weights_only", save_weights_only)
        known = OF_WEIGHTS if self.save_weights_only else OF_MODELS
        if extension_of(os.path.basename(self.filepath)) not in known:
            raise ArgumentError(
                f"`filepath` must end in {' or '.join(known)}, got {self.filepath!r}"
                f"{' with save_weights_only=True' if self.save_weights_only else ''}."
            )
        if self.save_best_only:
            self._watch(monitor, mode, 0)
        else:  # which way is better does not matter
            self._watch(monitor, mode if mode != "auto" else "min", 0)
        self.verbose = verbose
        self._forget()
        if initial_value_threshold is not None:
            self.best = number_within(
                "initial_value_threshold", initial_value_threshold, -math.inf, math.inf
            )
        if save_freq != "epoch":
            save_freq = positive_integer("save_freq", save_freq)
            self.on_train_batch_end = self._count_batch  # type: ignore[method-assign]
        self.save_freq = save_freq
        self._epoch = self._batches = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Know the number, for the name of a file."""
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save, or not."""
        if self.save_freq == "epoch":
            self._save({"epoch": epoch + 1, **(logs or {})}, logs or {})

    def _count_batch(self, batch: int, logs: Logs = None) -> None:
        self._batches += 1
        if self._batches >= self.save_freq:
            self._batches = 0
            names = {"epoch": self._epoch + 1, "batch": batch + 1, **(logs or {})}
            self._save(names, logs or {})

    def _save(self, names: dict[str, Any], logs: dict[str, Any]) -> None:
        before = self.best
        if self.save_best_only and not self._is_best(logs):
            return
        try:
            path = Path(self.filepath.format(**names))
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise ArgumentError(
                f"`filepath` {self.filepath!r} cannot be filled in, {error!r}: there are "
                f"{', '.join(names)}."
            ) from error
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        if self.verbose:
            better = (
                f"{self.monitor} from {before:.5g} to {self.best:.5g}, "
                if self.save_best_only
                else ""
            )
            print(f"Epoch {names['epoch']}: {better}saved as {path}.")

    def _is_best(self, logs: dict[str, Any]) -> bool:
        value = logs.get(self.monitor)
        if value is None or np.ndim(value):
            if not self._has_warned:
                self._has_warned = True
                what = (
                    "which is no single number"
                    if value is not None
                    else (f"which is not among {', '.join(sorted(logs))}")
                )
                warn_outside(
                    f"ModelCheckpoint watches {self.monitor!r}, {what}: it saves every time.",
                )
            return True
        if not self._is_better(value, self.best):
            return False
        self.best = float(value)
        return True
