"""The values of every epoch as lines of a file."""

from __future__ import annotations

import csv
import os
from typing import Any, final

import numpy as np

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, FileFormatError


@final
class CSVLogger(Callback):
    """Write a table: a line for each epoch, and a column for each value of its logs.

    Every line is in the file when its epoch ends. The columns are those of the first epoch, sorted
    by name; a value that is missing later is "NA".

    Parameters   filename: where to; append: go on in a file that is there, default False
                 separator: between two columns, default ","
    Raises       ArgumentError where the file cannot be written
    """

    @checked_keywords
    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        if not isinstance(filename, (str, os.PathLike)):
            raise ArgumentTypeError(f"`filename` must be the path of a file, got {filename!r:.80}.")
        if not isinstance(separator, str) or len(separator) != 1:
            raise ArgumentTypeError(f"`separator` must be one character, got {separator!r}.")
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = true_or_false("append", append)
        self.keys: list[str] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin a new file, unless the one that is there goes on."""
        self.keys = None
        self._has_head = self.append and self._is_filled()
        if not self.append:
            self._write([], "w")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the line of the epoch, and before the first one the names."""
        logs = logs or {}
        lines: list[list[Any]] = []
        if self.keys is None:
            self.keys = sorted(logs)
            # Validation may come in a later epoch only.
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            if not self._has_head:
                lines.append(["epoch", *self.keys])
        lines.append([epoch, *(_shown(logs.get(key, "NA")) for key in self.keys)])
        self._write(lines, "a")

    def get_state(self) -> dict[str, Any]:
        """The names of the columns, and all that is in the file."""
        with open(self.filename, newline="", encoding="utf-8") as file:
            return {"keys": self.keys, "has_head": self._has_head, "written": file.read()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Have the file as it was then: a line written later is written again."""
        keys, has_head, written = state["keys"], state["has_head"], state["written"]
        is_list = keys is None or (isinstance(keys, list) and all(isinstance(x, str) for x in keys))
        if not is_list or not isinstance(written, str):
            raise FileFormatError("it has no columns and lines of a CSVLogger.")
        self.keys, self._has_head = keys, bool(has_head)
        with open(self.filename, "w", newline="", encoding="utf-8") as file:
            file.write(written)

    def _is_filled(self) -> bool:
        return os.path.exists(self.filename) and os.path.getsize(self.filename) > 0

    def _write(self, lines: list[list[Any]], mode: str) -> None:
        try:
            with open(self.filename, mode, newline="", encoding="utf-8") as file:
                csv.writer(file, delimiter=self.sep).writerows(lines)
        except OSError as error:
            raise ArgumentError(
                f"`filename` {self.filename!r} cannot be written: {error.strerror}."
            ) from error


def _shown(value: Any) -> Any:
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return f"[{', '.join(map(str, value))}]"
    return value
